/** The list of pictures that opens on `@`. The textarea keeps the focus and says which one is meant (ARIA combobox). */

import { h } from "#shell/dom";
import { float } from "#shell/floating";

/** @typedef {import("#form/prompt/mention").Picture} Picture */
/** @typedef {import("#form/prompt/editor").Words} Words */

/**
 * @typedef {object} Picker
 * @property {HTMLElement} element
 * @property {() => boolean} isOpen
 * @property {(numbers: readonly number[], pictures: readonly Picture[], anchor: () => DOMRect) => void} show
 * @property {() => void} close
 * @property {(event: KeyboardEvent) => boolean} press whether the key was for the list
 */

/**
 * @param {{ words: Words, area: HTMLTextAreaElement, onchoose: (number: number) => void, onclose: () => void }} options
 *   `onclose`: it was sent away by Escape
 * @returns {Picker}
 */
export function createPicker({ words, area, onchoose, onclose }) {
  const element = h("div", {
    class: "popover prompt-picker",
    id: `${area.id}-pictures`,
    role: "listbox",
    "aria-label": words("prompt.pictures"),
    popover: "manual",
  });
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-haspopup", "listbox");
  area.setAttribute("aria-controls", element.id);
  /** @type {readonly number[]} */
  let shown = [];
  let active = 0;
  let rectOf = () => area.getBoundingClientRect();
  const placeAnew = float(element, { getBoundingClientRect: () => rectOf() });

  const isOpen = () => shown.length > 0;

  function close() {
    if (!isOpen()) return;
    shown = [];
    element.hidePopover();
    area.removeAttribute("aria-activedescendant");
  }

  /** @param {number} index */
  function activate(index) {
    active = (index + shown.length) % shown.length;
    [...element.children].forEach((one, place) => one.setAttribute("aria-selected", String(place === active)));
    const node = element.children[active];
    if (!node) return;
    area.setAttribute("aria-activedescendant", node.id);
    node.scrollIntoView({ block: "nearest" });
  }

  /** @param {number | undefined} number */
  function choose(number) {
    close();
    if (number !== undefined) onchoose(number);
  }

  /** @param {number} number @param {Picture | undefined} picture */
  function option(number, picture) {
    return h(
      "div",
      {
        role: "option",
        id: `${element.id}-${number}`,
        onpointerdown: (/** @type {Event} */ event) => event.preventDefault(), // the textarea keeps the focus
        onclick: () => choose(number),
      },
      picture?.thumbnail ? h("img", { src: picture.thumbnail, alt: "" }) : h("i"),
      h("b", {}, words("prompt.picture", { number })),
      h("span", {}, picture?.name),
    );
  }

  return {
    element,
    isOpen,
    close,
    show(numbers, pictures, anchor) {
      if (!numbers.length) {
        close();
        return;
      }
      const chosen = shown[active];
      shown = numbers;
      element.replaceChildren(...numbers.map((number) => option(number, pictures[number - 1])));
      rectOf = anchor;
      if (element.matches(":popover-open")) placeAnew();
      else element.showPopover();
      activate(Math.max(0, chosen === undefined ? 0 : numbers.indexOf(chosen)));
    },
    press(event) {
      const isOther = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing;
      if (!isOpen() || isOther) return false;
      if (event.key === "ArrowDown") activate(active + 1);
      else if (event.key === "ArrowUp") activate(active - 1);
      else if (event.key === "Enter" || event.key === "Tab") choose(shown[active]);
      else if (event.key === "Escape") [close, onclose].forEach((act) => act());
      else return false;
      return true;
    },
  };
}
