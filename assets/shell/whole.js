import { button, h } from "#shell/dom";
import { asFlag } from "#shell/store";
import { hasStyles } from "#shell/styles";

const LATE_MS = 20_000;
const RELOADED = "reloaded";
/* The page's styles are a piece that may be missing too. */
const BAR = {
  position: "fixed",
  inset: "auto 0 0",
  "z-index": 99,
  display: "flex",
  "flex-wrap": "wrap",
  gap: "16px",
  "align-items": "center",
  "justify-content": "center",
  padding: "14px 18px",
  background: "CanvasText",
  color: "Canvas",
  font: "15px/1.4 system-ui, sans-serif",
};
const BUTTON = {
  padding: "8px 16px",
  border: "1px solid",
  "border-radius": "99px",
  background: "none",
  color: "inherit",
  font: "inherit",
  cursor: "pointer",
};

/**
 * Gradio comes in pieces of its own; where the network loses one, it may never give our forms their places. So the page
 * is loaded anew: by itself, once in a tab, while nobody has done anything in it; else when asked to. What is lost of
 * our own modules is seen in `shell/arrival.js` and `shell/missing.js`.
 *
 * @param {import("../types/page").Page} page
 * @param {import("../types/page").Store} tab what is remembered as long as the tab is open
 */
export function watchWhole({ words }, tab) {
  /** @type {HTMLElement | null} */
  let bar = null;
  let touched = false;
  const isWhole = () => hasStyles() && Boolean(document.querySelector("#studio :is(button.primary, [type=submit])"));

  function show() {
    if (bar) return;
    const again = button(words("incomplete.do"), () => location.reload(), { style: BUTTON });
    const shut = button("×", hide, { label: words("close"), style: { ...BUTTON, border: 0, "font-size": "22px" } });
    bar = h("div", { class: "incomplete", role: "alert", style: BAR }, words("incomplete"), again, shut);
    document.body.append(bar);
  }
  function hide() {
    bar?.remove();
    bar = null;
  }
  function showWhileLate() {
    if (bar || isWhole()) return;
    show();
    const look = new MutationObserver(() => {
      if (!isWhole()) return;
      look.disconnect();
      hide();
    });
    look.observe(document, { childList: true, subtree: true, attributeFilter: ["media"] });
  }
  /** Whether the page was loaded anew before; where the tab remembers nothing, nothing would end it. */
  function reloadedBefore() {
    const before = tab.get(RELOADED, asFlag);
    tab.set(RELOADED, true);
    return before === true || !tab.get(RELOADED, asFlag);
  }
  window.addEventListener("vite:preloadError", () => {
    if (touched || reloadedBefore()) show();
    else location.reload();
  });
  for (const deed of ["input", "keydown", "pointerdown", "drop"]) {
    window.addEventListener(deed, () => (touched = true), { capture: true, once: true });
  }
  setTimeout(showWhileLate, LATE_MS);
}
