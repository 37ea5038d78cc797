/** One entry as a picture that moves while it is pointed at, and what there is to know at a glance. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").EntryView} EntryView */

import { h } from "#shell/dom";
import { unload } from "#shell/playback";

const PREVIEW_MS = 150;

/**
 * @param {Page} page
 * @param {EntryView} entry
 */
export function makeTile(page, entry) {
  const tile = h("div", {
    class: "tile",
    role: "option",
    "aria-selected": "false",
    "aria-keyshortcuts": "Enter Space F Delete",
    tabIndex: -1,
    data: { id: entry.id },
  });
  fillTile(page, tile, entry);
  let waiting = 0;
  tile.addEventListener("pointerenter", ({ pointerType }) => {
    if (pointerType !== "mouse" || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    waiting = window.setTimeout(() => preview(tile), PREVIEW_MS);
  });
  tile.addEventListener("pointerleave", ({ pointerType }) => {
    clearTimeout(waiting);
    if (pointerType === "mouse") still(tile);
  });
  return tile;
}

/**
 * @param {Page} page
 * @param {HTMLElement} tile
 * @param {EntryView} entry
 */
export function fillTile({ words, dates }, tile, entry) {
  const { prompt, mode, label, length, tags, favourite } = entry;
  const spoken = [favourite && words("history.is-favourite"), entry.tone === "done" && label].filter(Boolean);
  Object.assign(tile.dataset, { state: entry.state, tone: entry.tone });
  if (entry.preview) tile.dataset["preview"] = entry.preview;
  tile.replaceChildren(
    h("span", { class: "visually-hidden" }, spoken.join(", ")),
    h(
      "div",
      { class: "tile-picture" },
      entry.poster
        ? h("img", { src: entry.poster, alt: "", loading: "lazy", decoding: "async", draggable: false })
        : h("p", { class: "tile-reason" }, entry.reason || label),
      h("span", { class: "tick", "aria-hidden": "true" }, "✓"),
      h("span", { class: favourite ? "star on" : "star", "aria-hidden": "true" }, "★"),
      entry.preview && length && h("span", { class: "tile-length" }, length),
    ),
    h("p", { class: "tile-prompt" }, prompt || words(`tab.${mode}`)),
    h(
      "p",
      { class: "tile-facts" },
      entry.tone !== "done" && h("span", { class: "pill" }, label),
      h("time", { title: dates.moment(entry.created_at) }, dates.time(entry.created_at).replace(/(:\d\d):\d\d/, "$1")),
      entry.cost && h("span", {}, entry.cost),
      tags.length > 0 && h("span", { class: "tile-tags" }, ...tags.map((tag) => h("span", {}, tag))),
    ),
  );
}

/** Shows the video of a tile in the place of its poster, without sound. @param {HTMLElement} tile */
export function preview(tile) {
  const address = tile.dataset["preview"];
  if (!address || tile.querySelector("video")) return false;
  for (const video of document.querySelectorAll(".tile video")) still(video.closest(".tile"));
  const video = h("video", { muted: true, loop: true, playsInline: true, autoplay: true, src: address, tabIndex: -1 });
  tile.querySelector(".tile-picture")?.prepend(video);
  return true;
}

/** @param {Element | null} tile */
function still(tile) {
  const video = tile?.querySelector("video");
  if (!video) return;
  unload(video);
  video.remove();
}
