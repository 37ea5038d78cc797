const MARGIN = 12;
const GAP = 6;

/**
 * Puts an open menu below its button, above it where there is more room, and within the window.
 *
 * @param {HTMLElement} menu
 * @param {HTMLElement} opener
 */
export function place(menu, opener) {
  const at = opener.getBoundingClientRect();
  const { left, top } = position(at, menu.offsetWidth, menu.offsetHeight, innerWidth, innerHeight);
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}

/**
 * @param {{ left: number, top: number, bottom: number }} at where the button is
 * @param {number} width of the menu
 * @param {number} height
 * @param {number} across of the window
 * @param {number} down
 */
export function position(at, width, height, across, down) {
  const below = at.bottom + GAP;
  const above = at.top - GAP - height;
  const top = below + height <= down - MARGIN || above < MARGIN ? below : above;
  return {
    left: Math.max(MARGIN, Math.min(at.left, across - width - MARGIN)),
    top: Math.max(MARGIN, Math.min(top, down - height - MARGIN)),
  };
}
