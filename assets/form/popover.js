import { h } from "#shell/dom";

const GAP = 6;
const EDGE = 8;

/**
 * A button, and a panel that it opens above all else; the browser closes it at Escape or a click elsewhere. The panel
 * is filled each time it opens.
 *
 * @param {HTMLButtonElement} opener
 * @param {{ label: string, fill: (panel: HTMLElement) => void }} how
 * @returns {HTMLElement} the panel, to be put behind the button
 */
export function popover(opener, { label, fill }) {
  const panel = h("div", { class: "popover", popover: "auto", role: "dialog", "aria-label": label });
  opener.popoverTargetElement = panel;
  opener.setAttribute("aria-haspopup", "dialog");
  panel.addEventListener("beforetoggle", (event) => {
    const opens = /** @type {ToggleEvent} */ (event).newState === "open";
    opener.setAttribute("aria-expanded", String(opens));
    if (opens) fill(panel);
  });
  panel.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "open") return;
    place(panel, opener);
    const chosen = panel.querySelector("[autofocus], [type=radio]:checked");
    const wanted = chosen ?? panel.querySelector("input, button, select, textarea");
    /** @type {HTMLElement | null} */ (wanted)?.focus({ preventScroll: true });
  });
  return panel;
}

/**
 * Beside its opener: above it where there is room, else below, and always within the window.
 *
 * @param {HTMLElement} panel
 * @param {HTMLElement} opener
 */
function place(panel, opener) {
  const at = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const above = at.top - GAP - height;
  const top = above >= EDGE ? above : Math.min(at.bottom + GAP, innerHeight - height - EDGE);
  panel.style.left = `${Math.max(EDGE, Math.min(at.left, innerWidth - width - EDGE))}px`;
  panel.style.top = `${Math.max(EDGE, top)}px`;
}
