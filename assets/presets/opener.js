import { h } from "#shell/dom";
import { popover } from "#shell/floating";
import { inTime } from "#shell/missing";

/**
 * The button that opens the presets of a mode. What is in them comes when they are opened for the first time.
 *
 * @param {Parameters<typeof import("#presets/menu").createPresets>[1]} form
 * @returns {HTMLElement}
 */
export function createPresetsOpener(form) {
  const label = form.page.words("presets");
  const opener = h("button", { type: "button", class: "presets-open", "aria-haspopup": "dialog" }, label);
  const menu = h("div", { class: "popover presets-menu", role: "dialog", "aria-label": label });
  /** @type {ReturnType<typeof import("#presets/menu").createPresets> | undefined} */
  let presets;

  async function fill() {
    try {
      const { createPresets } = await inTime(import("#presets/menu"));
      presets ??= createPresets(menu, form);
      presets.renew();
    } catch (error) {
      menu.hidePopover();
      throw error;
    }
  }
  popover(opener, menu, { fill });
  return h("div", { class: "presets-box" }, opener, menu);
}
