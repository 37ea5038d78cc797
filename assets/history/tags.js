/** What a visitor says of a job: a favourite, tags; and that it goes. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobPageView} JobPageView */

import { busy, button, h, refocus } from "#shell/dom";

const LONGEST_TAG = 40;

/**
 * @param {Page} page
 * @param {{ changes: import("./changes").Changes, renew: () => Promise<void>, remove: () => Promise<void> }} does
 */
export function createTags({ words }, { changes, renew, remove }) {
  const node = h("div", { class: "tags" });
  /** @type {JobPageView} */
  let job;

  /** @param {() => Promise<unknown>} change */
  async function changing(change) {
    await change();
    await renew();
  }
  /** @param {string} tag */
  function chip(tag) {
    /* When one is gone the next has the focus. */
    const off = button("×", () => changing(() => changes.tag([job.id], tag, false)), {
      label: words("history.tag.remove", { tag }),
      data: { key: "tag" },
    });
    return h("span", { class: "tag" }, tag, off);
  }
  function draw() {
    const star = button(
      `${job.favourite ? "★" : "☆"} ${words("history.favourite")}`,
      () => busy(star, () => changing(() => changes.favour([job.id], !job.favourite)), node),
      {
        class: "button",
        "aria-pressed": String(job.favourite),
        data: { key: "favourite" },
      },
    );
    const entry = h("input", {
      class: "text-field",
      placeholder: words("history.tag.name"),
      "aria-label": words("history.tag.name"),
      maxLength: LONGEST_TAG,
      data: { key: "tag-entry" },
    });
    const form = h("form", {}, entry);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (entry.value.trim()) changing(() => changes.tag([job.id], entry.value, true));
    });
    const bin = button(words("history.delete"), () => busy(bin, remove, node), {
      class: "button",
      data: { key: "delete" },
    });
    node.replaceChildren(star, ...job.tags.map(chip), form, ...(job.ended ? [bin] : []));
  }
  let shown = "";
  return {
    node,
    /** @param {JobPageView} news */
    update(news) {
      const key = JSON.stringify([news.id, news.favourite, news.tags, news.ended]);
      job = news;
      if (key === shown) return;
      shown = key;
      refocus(node, draw);
    },
  };
}
