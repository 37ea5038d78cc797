/* Runs before anything is drawn, so that no page flashes in the other colours: those that the visitor chose, which
   stand in the root's data-theme, else the system's, also when they change. Gradio sets the class itself at first. */
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  try {
    root.dataset.theme = /dark|light/.exec(localStorage.getItem("happyhorse.theme") ?? "")?.[0] ?? "";
  } catch {
    root.dataset.theme = "";
  }
  /* Until the styles are there the page has the browser's own colours of that theme. */
  for (const name of ["--bg", "--bg-dark"]) root.style.setProperty(name, "Canvas");
  /** @type {HTMLElement | null} */
  let body = null;
  const apply = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
    root.style.colorScheme = dark ? "dark" : "light";
    if (!document.body) return;
    if (document.body.classList.contains("dark") !== dark) document.body.classList.toggle("dark", dark);
    if (body === document.body) return;
    body = document.body;
    watch.observe(body, { attributes: true, attributeFilter: ["class"] });
  };
  const watch = new MutationObserver(apply);
  watch.observe(root, { childList: true, attributes: true, attributeFilter: ["data-theme"] });
  system.addEventListener("change", apply);
  apply();
})
