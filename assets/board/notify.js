import { button, h } from "#shell/dom";

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobView} JobView */

/**
 * The question whether news of videos that end while nobody looks are wanted: asked once, after the first finished
 * video was looked at.
 *
 * @param {Page} page
 */
export function createQuestion({ words, notifications }) {
  const node = h(
    "div",
    { class: "notify-ask", role: "status", hidden: true },
    h("span", {}, words("notify.ask")),
    button(words("notify.yes"), () => answer(notifications.enable), { class: "button strong" }),
    button(words("notify.no"), () => answer(notifications.disable), { class: "button" }),
  );

  /** @param {() => unknown} choose */
  async function answer(choose) {
    await choose();
    node.hidden = true;
  }
  notifications.changed.on(() => {
    if (notifications.asked()) node.hidden = true;
  });
  return {
    node,
    seen() {
      if (notifications.state() === "off" && !notifications.asked()) node.hidden = false;
    },
  };
}
