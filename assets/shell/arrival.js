/* A module may be lost on its way, and then none runs that could say so; without its styles the page would stay behind
   its first paint. It is loaded anew by itself, once in a tab; else it is said, and so is that no form came. What
   Gradio loses later, shell/whole.js sees. */
((/** @type {Record<string, { incomplete: string, again: string }>} */ texts) => {
  const before = "happyhorse.reloaded";
  const look = {
    position: "fixed",
    inset: "auto 0 0",
    padding: "14px 18px",
    background: "CanvasText",
    color: "Canvas",
    font: "15px/1.4 system-ui, sans-serif",
    textAlign: "center",
  };
  let heals = false;

  function say() {
    if (document.querySelector(".incomplete")) return;
    const { incomplete = "", again = "" } = texts[document.documentElement.lang] ?? {};
    const bar = document.createElement("div");
    const button = document.createElement("button");
    bar.className = "incomplete";
    bar.setAttribute("role", "alert");
    Object.assign(bar.style, look);
    button.textContent = again;
    button.style.marginInlineStart = "16px";
    button.addEventListener("click", () => location.reload());
    bar.append(incomplete, button);
    document.body.append(bar);
  }
  function heal() {
    if (heals) return undefined;
    heals = true;
    try {
      if (sessionStorage.getItem(before)) return say();
      sessionStorage.setItem(before, "true");
    } catch {
      return say(); /* nothing would end it */
    }
    return location.reload();
  }
  addEventListener("studio:missing", heal);
  setTimeout(() => {
    if (!document.querySelector("#studio textarea")) say();
  }, 25000);
  addEventListener(
    "error",
    ({ target }) => {
      if (!(target instanceof Element) || !target.matches("script[type=module], #page-styles")) return;
      if (document.body) heal();
      else addEventListener("DOMContentLoaded", heal);
    },
    true,
  );
})
