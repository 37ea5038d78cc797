/** Where something that pops up stands: in the window, at what it belongs to, over or under it. */

const GAP = 6;
const MARGIN = 8;

/**
 * @param {HTMLElement} popup open, and at a fixed position
 * @param {DOMRect} rect of what it belongs to
 */
export function placeBeside(popup, rect) {
  const { width, height } = popup.getBoundingClientRect();
  // A phone's keyboard covers a part of the window.
  const view = window.visualViewport;
  const bottom = view ? view.offsetTop + view.height : window.innerHeight;
  const right = view ? view.offsetLeft + view.width : window.innerWidth;
  const under = rect.bottom + GAP;
  const over = rect.top - GAP - height;
  const top = under + height <= bottom - MARGIN || over < MARGIN ? under : over;
  const left = Math.max(MARGIN, Math.min(rect.left, right - MARGIN - width));
  popup.style.setProperty("--top", `${Math.round(top)}px`);
  popup.style.setProperty("--left", `${Math.round(left)}px`);
}
