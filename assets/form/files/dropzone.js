/** @typedef {import("./files").FilesInput} FilesInput */
/** @typedef {"image" | "video" | ""} Kind */

import { h } from "#shell/dom";

/**
 * What a file is, by its type or its name: not every system knows what a phone's picture is.
 *
 * @param {{ type: string, name?: string }} file
 * @returns {Kind}
 */
export function kindOf({ type, name = "" }) {
  if (/\.json$/i.test(name)) return "";
  if (/\.(hei[cf]|avif)$/i.test(name)) return "image";
  const [kind] = type.split("/");
  return kind === "image" || kind === "video" ? kind : "";
}

/** @param {EventTarget | null} target */
function isEditable(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea"));
}

/**
 * Files that are pasted or dropped anywhere on the page go where they belong: a picture to the open form's input that
 * has room for it; a video or a record that has settings of ours fills the form in; another video is one to edit.
 *
 * @param {import("../../types/page").Page} page
 * @param {object} given
 * @param {(kind: "image" | "video") => FilesInput | null} given.target the open form's input for such files
 * @param {(kind: "image" | "video") => Promise<FilesInput | null>} given.open opens a form that has one
 * @param {(file: File) => Promise<boolean>} given.restore whether the file had settings, or was told why not
 */
export function installDropzone(page, { target, open, restore }) {
  const { words } = page;
  const told = h("div", { class: "drop-note", role: "status", hidden: true });
  document.body.append(told);
  let silence = 0;
  /** @type {HTMLElement | null} */
  let lit = null;

  /** @param {FilesInput | null} input */
  function light(input) {
    const node = input?.element ?? null;
    if (lit === node) return;
    lit?.classList.remove("over");
    node?.classList.add("over");
    lit = node;
  }
  function hush() {
    clearTimeout(silence);
    told.hidden = true;
    light(null);
  }
  /** @param {DataTransfer} data */
  function tell(data) {
    /* names are hidden until it is dropped; some systems hide the types as well */
    const kinds = [...data.items].filter((item) => item.kind === "file").map((item) => kindOf(item));
    const kind = kinds.find((one) => one) ?? "";
    const input = kind ? target(kind) : null;
    light(input);
    const key = input?.replaces() ? "drop.replace" : "drop.add";
    told.textContent = input ? words(key, { field: input.label }) : words("drop.any");
    told.hidden = false;
    clearTimeout(silence);
    /* leaving the window is told unreliably, going on being over it is not */
    silence = window.setTimeout(hush, 400);
  }

  /** @param {File[]} files */
  async function land(files) {
    hush();
    const pictures = files.filter((file) => kindOf(file) === "image");
    if (pictures.length) {
      await give("image", pictures);
      return;
    }
    const [first] = files;
    if (!first || (await restore(first))) return;
    if (kindOf(first) === "video") await give("video", [first]);
    else page.notices.say(words("drop.nowhere"));
  }
  /**
   * @param {"image" | "video"} kind
   * @param {File[]} files
   */
  async function give(kind, files) {
    const input = target(kind) ?? (await open(kind));
    if (input) input.add(files);
    else page.notices.say(words("drop.nowhere"));
  }

  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer || ![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    tell(event.dataTransfer);
  });
  document.addEventListener("drop", (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    hush();
    /* an input of files that it fell on has taken it */
    if (event.defaultPrevented || !files.length) return;
    event.preventDefault();
    void land(files);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    /* a word processor's clipboard has a picture of the text as well */
    const text = isEditable(event.target) && event.clipboardData?.types.includes("text/plain");
    if (event.defaultPrevented || !files.length || text) return;
    event.preventDefault();
    void land(files);
  });
}
