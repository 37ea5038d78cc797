/* global document, location, localStorage */

/** A page with nothing but the editor: its words are their keys and values, its pictures plain colours. */

import { createPromptEditor } from "#form/prompt/editor";

export { findTokens } from "#form/prompt/tokens";

const COLOURS = ["#3b82b0", "#b07a3b", "#b03b7a"];
const NAMES = ["knight.png", "chestnut horse.jpg", "海滩.webp"];
const picture = (/** @type {string} */ colour) =>
  `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path fill="${colour}" d="M0 0h9v9H0z"/></svg>`,
  )}`;

/** @type {Record<import("#form/prompt/guide").Mode, import("#form/prompt/tokens").Naming | null>} */
const NAMINGS = {
  "text-to-video": null,
  "image-to-video": null,
  "reference-to-video": { token: "[Image #]", rewrites: "all", required: true },
  "video-edit": { token: "Image #", rewrites: "nothing", required: false },
};

/** @type {string[]} */
export const changes = [];
/** Moments at which the painting was not what the textarea held. @type {string[]} */
export const late = [];

const search = new URLSearchParams(location.search);
const mode = /** @type {import("#form/prompt/guide").Mode} */ (search.get("mode") ?? "reference-to-video");
export const column = /** @type {HTMLElement} */ (document.getElementById("column"));
export const editor = createPromptEditor({
  id: "prompt",
  words: (key, values = {}) => [key, ...Object.values(values)].join(" "),
  language: search.get("language") === "zh" ? "zh" : "en",
  store: { get: (name) => localStorage.getItem(name), set: (name, value) => localStorage.setItem(name, value) },
  rules: {
    mode,
    limit: { max_units: Number(search.get("most") ?? 5000), cjk_units: 2, over: "cut" },
    provider: "Cloud",
    naming: NAMINGS[mode],
    required: true,
    most: 20,
  },
  images: COLOURS.map((colour, index) => ({ name: NAMES[index] ?? "", thumbnail: picture(colour) })),
  duration: 5,
  onChange: (value) => changes.push(value),
});
column.append(editor.element);

const mirror = /** @type {HTMLElement} */ (document.querySelector(".prompt-mirror"));

/** The text that the mirror has. */
export function mirrored() {
  return mirror.firstElementChild?.textContent?.replace(/(^|\n)\u200b$/u, "$1");
}

editor.area.addEventListener("input", () => {
  if (mirrored() !== editor.value) late.push(editor.value);
});

/** How high the text is in a textarea without any painting, and how high its mirror is. */
export function heights() {
  const plain = /** @type {HTMLTextAreaElement} */ (editor.area.cloneNode());
  plain.value = editor.value;
  plain.style.cssText = `position: absolute; height: 0; width: ${editor.area.getBoundingClientRect().width}px`;
  editor.area.parentElement?.append(plain);
  const height = mirror.firstElementChild?.getBoundingClientRect().height ?? 0;
  const found = { plain: plain.scrollHeight, mirrored: Math.round(height) };
  plain.remove();
  return found;
}
