/* A piece of the page may be lost on its way, and then no module may run that could say so: one of the studio's, the
   styles that the page begins with, or one of Gradio's, which may then never give the forms their places. The page is
   loaded anew by itself, once in a tab; else it is said, and so is that no form came in time. Pieces that come later,
   when they are wanted, are watched in shell/missing.js and shell/guard.js. */
((/** @type {Record<string, Record<"incomplete" | "again" | "close", string>>} */ texts) => {
  const before = "happyhorse.reloaded";
  const lateMs = 20000;
  /* The page's styles are a piece that may be missing. */
  const look = {
    position: "fixed",
    inset: "auto 0 0",
    zIndex: "99",
    display: "flex",
    flexWrap: "wrap",
    gap: "16px",
    alignItems: "center",
    justifyContent: "center",
    padding: "14px 18px",
    background: "CanvasText",
    color: "Canvas",
    font: "15px/1.4 system-ui, sans-serif",
  };
  const buttonLook = {
    padding: "8px 16px",
    border: "1px solid",
    borderRadius: "99px",
    background: "none",
    color: "inherit",
    font: "inherit",
    cursor: "pointer",
  };
  const { incomplete = "", again = "", close = "" } = texts[document.documentElement.lang] ?? {};
  let reloads = false;
  let touched = false;

  function isWhole() {
    const form = document.querySelector("#studio :is(button.primary, [type=submit])");
    return form && !document.querySelector("#page-styles[media=print]");
  }
  function button(/** @type {string} */ label, /** @type {() => void} */ act) {
    const made = document.createElement("button");
    made.textContent = label;
    made.addEventListener("click", act);
    Object.assign(made.style, buttonLook);
    return made;
  }
  function say() {
    if (document.querySelector(".incomplete")) return;
    const bar = document.createElement("div");
    const shut = button("×", () => bar.remove());
    bar.className = "incomplete";
    bar.setAttribute("role", "alert");
    Object.assign(bar.style, look);
    shut.setAttribute("aria-label", close);
    Object.assign(shut.style, { border: "0", fontSize: "22px" });
    bar.append(incomplete, button(again, () => location.reload()), shut);
    document.body.append(bar);
    if (isWhole()) return;
    const comes = new MutationObserver(() => {
      if (!isWhole()) return;
      comes.disconnect();
      bar.remove();
    });
    comes.observe(document, { childList: true, subtree: true, attributeFilter: ["media"] });
  }
  /** Takes the one time that a tab may be loaded anew by itself; where nothing is remembered, nothing would end it. */
  function takeReload() {
    try {
      if (sessionStorage.getItem(before)) return false;
      sessionStorage.setItem(before, "true");
      return true;
    } catch {
      return false;
    }
  }
  function heal() {
    if (reloads) return;
    reloads = takeReload();
    if (reloads) location.reload();
    else say();
  }
  for (const deed of ["input", "keydown", "pointerdown", "drop"]) {
    addEventListener(deed, () => (touched = true), { capture: true, once: true });
  }
  addEventListener("studio:missing", heal);
  /* Of Gradio's, at any time: what was begun in a form is not loaded away. */
  addEventListener("vite:preloadError", () => (touched && isWhole() ? say() : heal()));
  addEventListener(
    "error",
    ({ target }) => {
      if (!(target instanceof Element) || !target.matches("script[type=module], #page-styles")) return;
      if (document.body) heal();
      else addEventListener("DOMContentLoaded", heal);
    },
    true,
  );
  setTimeout(() => isWhole() || say(), lateMs);
})
