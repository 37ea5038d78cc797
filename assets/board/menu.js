import { busy, button, h } from "#shell/dom";
import { popover } from "#shell/floating";

/**
 * @typedef {object} Item
 * @property {string} label
 * @property {() => unknown} [act] keeps the menu's button busy as long as its promise lasts
 * @property {string} [href] of an item that is a link
 * @property {boolean} [apart] in a tab of its own
 */

/**
 * A button that opens a menu. Its items are made when it opens, so that they are those of the moment.
 *
 * @param {string} text
 * @param {() => Item[]} items
 * @param {Record<string, any>} [properties] of the button
 * @returns {HTMLElement}
 */
export function menu(text, items, properties = {}) {
  const list = h("div", { class: "popover menu-items", role: "menu" });
  const opener = h("button", { type: "button", "aria-haspopup": "menu", ...properties }, text);
  const box = h("div", { class: "menu" }, opener, list);

  const entries = () => /** @type {HTMLElement[]} */ ([...list.children]);
  popover(opener, list, {
    side: "above",
    align: "end",
    fill: () => list.replaceChildren(...items().map(made)),
    focus: () => entries()[0],
  });

  /** @param {Item} item */
  function made({ label, act, href, apart }) {
    const about = { role: "menuitem", tabindex: "-1" };
    if (href) {
      const link = h("a", { ...about, href, ...(apart ? { target: "_blank", rel: "noopener" } : {}) }, label);
      link.addEventListener("click", () => close(true));
      return link;
    }
    return button(
      label,
      () => {
        close(true);
        busy(opener, async () => act?.(), null);
      },
      about,
    );
  }
  /** @param {boolean} back whether the focus goes to the button */
  function close(back) {
    if (!list.matches(":popover-open")) return;
    list.hidePopover();
    if (back) opener.focus({ preventScroll: true });
  }

  list.addEventListener("keydown", (event) => {
    const all = entries();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") {
      close(true);
      if (event.key === "Tab") return;
    } else if (next === undefined) return;
    else all[(next + all.length) % all.length]?.focus();
    event.preventDefault();
    event.stopPropagation(); /* it moves in the menu, or closes it alone */
  });
  opener.addEventListener("click", (event) => {
    if (opener.hasAttribute("aria-busy")) event.preventDefault();
  });
  opener.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    if (!opener.hasAttribute("aria-busy")) list.showPopover();
  });
  return box;
}
