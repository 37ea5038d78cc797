import { h } from "#shell/dom";

/** @typedef {import("./progress").Progress} Progress */

/**
 * The ring of a job under way: how much has passed of the time that it usually takes.
 *
 * @param {...HTMLElement} content
 */
export function createRing(...content) {
  return h("span", { class: "ring" }, ...content);
}

/** @param {HTMLElement} ring @param {Progress} progress */
export function fillRing(ring, { part, from, late }) {
  ring.classList.toggle("unknown", part === null);
  ring.classList.toggle("late", late);
  ring.style.setProperty("--part", (part ?? 0).toFixed(4));
  ring.style.setProperty("--from", from.toFixed(4));
}
