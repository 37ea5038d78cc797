/** What floats above the page, at what it belongs to: menus, panels, lists. */

const GAP = 6;
const MARGIN = 8;

/**
 * @typedef {object} Box
 * @property {number} left
 * @property {number} top
 * @property {number} right
 * @property {number} bottom
 */

/**
 * @typedef {object} Placement
 * @property {"above" | "below"} [side] where it stands if it has room there; else it stands on the other side
 * @property {"start" | "end"} [align] whose edges are in line with the anchor's
 */

/** @typedef {{ getBoundingClientRect: () => DOMRect }} Anchor an element, or a place in a text */

/**
 * Has a button open a panel, filled anew each time; the browser closes it at Escape or a click elsewhere.
 *
 * @param {HTMLButtonElement} opener
 * @param {HTMLElement} panel
 * @param {Placement & { fill?: () => void, focus?: () => HTMLElement | null | undefined }} [how]
 *   `focus` is what has the focus once it is open
 */
export function popover(opener, panel, { fill, focus, ...placement } = {}) {
  panel.popover = "auto";
  opener.popoverTargetElement = panel;
  opener.setAttribute("aria-expanded", "false");
  panel.addEventListener("beforetoggle", ({ newState }) => {
    opener.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "open") fill?.();
  });
  panel.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") focus?.()?.focus({ preventScroll: true });
  });
  float(panel, opener, placement);
}

/**
 * Keeps a popover at its anchor while it is open, whatever is scrolled or changes its size. Styles may size it by the
 * anchor's width, `--anchor-width`.
 *
 * @param {HTMLElement} floating
 * @param {Anchor} anchor
 * @param {Placement} [placement]
 * @returns {() => void} places it anew, where the anchor is another
 */
export function float(floating, anchor, placement = {}) {
  let following = new AbortController();

  function place() {
    const at = anchor.getBoundingClientRect();
    const size = { width: floating.offsetWidth, height: floating.offsetHeight };
    const { left, top } = positionOf(size, at, visible(), placement);
    floating.style.setProperty("--anchor-width", `${at.width}px`);
    floating.style.left = `${left}px`;
    floating.style.top = `${top}px`;
  }
  function follow() {
    following.abort();
    following = new AbortController();
    const { signal } = following;
    window.addEventListener("scroll", place, { capture: true, passive: true, signal });
    for (const event of ["scroll", "resize"]) window.visualViewport?.addEventListener(event, place, { signal });
  }
  floating.addEventListener("beforetoggle", ({ newState }) => {
    if (newState !== "open") return;
    place();
    follow();
  });
  /* Before the first picture that shows it, then when its content changes; also when it closes or is taken away. */
  new ResizeObserver(() => {
    if (floating.matches(":popover-open")) place();
    else following.abort();
  }).observe(floating);
  return place;
}

/** What is seen of the window: a phone's keyboard covers a part of it. @returns {Box} */
function visible() {
  const view = window.visualViewport;
  if (!view) return { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  const { offsetLeft: left, offsetTop: top, width, height } = view;
  return { left, top, right: left + width, bottom: top + height };
}

/**
 * On the side that is wanted, on the other one where only that has room, and always within the window.
 *
 * @param {{ width: number, height: number }} size of what floats
 * @param {Box} at where the anchor is
 * @param {Box} view what is seen of the window
 * @param {Placement} placement
 */
export function positionOf({ width, height }, at, view, { side = "below", align = "start" }) {
  const above = at.top - GAP - height;
  const below = at.bottom + GAP;
  const fits = { above: above >= view.top + MARGIN, below: below + height <= view.bottom - MARGIN };
  const other = side === "above" ? "below" : "above";
  const top = (fits[side] || !fits[other] ? side : other) === "above" ? above : below;
  const left = align === "end" ? at.right - width : at.left;
  return {
    left: between(view.left + MARGIN, left, view.right - MARGIN - width),
    top: between(view.top + MARGIN, top, view.bottom - MARGIN - height),
  };
}

/** @param {number} least @param {number} value @param {number} most */
function between(least, value, most) {
  return Math.round(Math.max(least, Math.min(value, most)));
}
