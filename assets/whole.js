/* The page comes in some sixty pieces. Where the network loses one, Gradio shows a form without its button for ever. So
   the page is loaded anew, once by itself while nobody has done anything in it, else when it is asked to. */
(() => {
  const { words, make, button } = window.studio;
  const RELOADED = "happyhorse.reloaded";
  const AGAIN_MS = 60000;
  const LATE_MS = 20000;
  const isWhole = () => Boolean(document.querySelector("button.primary"));
  let touched = false;
  let bar = null;

  function tell() {
    if (bar) return;
    bar = make("div", "incomplete", words("incomplete"));
    bar.setAttribute("role", "alert");
    /* The page's styles are a piece too. */
    bar.style.cssText = "position:fixed;inset:auto 0 0;z-index:99;display:flex;gap:16px;flex-wrap:wrap;align-items:center;justify-content:center;padding:14px 18px;background:#1d1a17;color:#fff;font:15px/1.4 system-ui,sans-serif";
    const again = button(words("incomplete.do"), "", () => location.reload());
    again.style.cssText = "padding:8px 16px;border:1px solid #fff;border-radius:99px;background:none;color:#fff;font:inherit;cursor:pointer";
    bar.append(again);
    document.body.append(bar);
  }
  function tellWhileLate() {
    if (bar || isWhole()) return;
    tell();
    const look = new MutationObserver(() => { if (isWhole()) { look.disconnect(); bar.remove(); bar = null; } });
    look.observe(document.body, { childList: true, subtree: true });
  }
  function reloadedLately() {
    try {
      const last = Number(sessionStorage.getItem(RELOADED));
      sessionStorage.setItem(RELOADED, Date.now());
      return Date.now() - last < AGAIN_MS;
    } catch { return true; /* private mode: nothing would end it */ }
  }
  window.addEventListener("vite:preloadError", () => (touched || reloadedLately() ? tell() : location.reload()));
  for (const deed of ["input", "keydown", "pointerdown", "drop"]) {
    window.addEventListener(deed, () => { touched = true; }, { capture: true, once: true });
  }
  setTimeout(tellWhileLate, LATE_MS);
})();
