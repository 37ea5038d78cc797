/* The page comes in some sixty pieces. Where the network loses one, Gradio shows a form without its button for ever. So
   the page is loaded anew: by itself, once in a tab, while nobody has done anything in it; else when asked to. */
(() => {
  const { words, make, button } = window.studio;
  const RELOADED = "happyhorse.reloaded";
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
    const close = button("×", "", () => bar.remove(), words("history.close"));
    close.style.cssText = "border:0;background:none;color:#fff;font-size:22px;cursor:pointer";
    bar.append(again, close);
    document.body.append(bar);
  }
  function tellWhileLate() {
    if (bar || isWhole()) return;
    tell();
    const look = new MutationObserver(() => { if (isWhole()) { look.disconnect(); bar.remove(); bar = null; } });
    look.observe(document.body, { childList: true, subtree: true });
  }
  function reloadedBefore() {
    try {
      const before = sessionStorage.getItem(RELOADED);
      sessionStorage.setItem(RELOADED, "yes");
      return Boolean(before);
    } catch { return true; /* private mode: nothing would end it */ }
  }
  window.addEventListener("vite:preloadError", () => (touched || reloadedBefore() ? tell() : location.reload()));
  for (const deed of ["input", "keydown", "pointerdown", "drop"]) {
    window.addEventListener(deed, () => { touched = true; }, { capture: true, once: true });
  }
  setTimeout(tellWhileLate, LATE_MS);
})();
