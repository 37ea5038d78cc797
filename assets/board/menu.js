import { button, h } from "#shell/dom";

/**
 * @typedef {object} Item
 * @property {string} label
 * @property {() => unknown} [act]
 * @property {string} [href] of an item that is a link
 * @property {boolean} [apart] in a tab of its own
 */

const GAP = 6;

/**
 * A button that opens a menu. Its items are made when it opens, so that they are those of the moment.
 *
 * @param {string} text
 * @param {() => Item[]} items
 * @param {Record<string, any>} [properties] of the button
 * @returns {HTMLElement}
 */
export function menu(text, items, properties = {}) {
  const list = h("div", { class: "menu-items", role: "menu", popover: "auto" });
  const opener = button(text, open, { "aria-haspopup": "menu", "aria-expanded": "false", ...properties });
  const box = h("div", { class: "menu" }, opener, list);
  let closedAt = 0;

  function open() {
    if (performance.now() - closedAt < 100) return; /* the press that closes it by being elsewhere */
    list.replaceChildren(...items().map(made));
    list.showPopover();
    place();
    entries()[0]?.focus();
  }
  /** Above the button, or below where there is more room; never beyond the window. */
  function place() {
    const at = opener.getBoundingClientRect();
    const { width, height } = list.getBoundingClientRect();
    const above = at.top - GAP - height;
    const left = Math.min(at.right - width, window.innerWidth - width - GAP);
    list.style.left = `${Math.max(GAP, left)}px`;
    const below = Math.max(GAP, Math.min(at.bottom + GAP, window.innerHeight - height - GAP));
    list.style.top = `${above >= GAP ? above : below}px`;
  }
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
        act?.();
      },
      about,
    );
  }
  const entries = () => /** @type {HTMLElement[]} */ ([...list.children]);
  /** @param {boolean} back whether the focus goes to the button */
  function close(back) {
    if (!list.matches(":popover-open")) return;
    list.hidePopover();
    if (back) opener.focus({ preventScroll: true });
  }

  list.addEventListener("toggle", (event) => {
    const isOpen = /** @type {ToggleEvent} */ (event).newState === "open";
    opener.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) closedAt = performance.now();
  });
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
  opener.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    open();
  });
  return box;
}
