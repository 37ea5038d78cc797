/* The page's own modules, all at once so that none waits until another names it; behind the first paint, which they
   would keep waiting, and behind what Gradio begins with. A page that nobody looks at paints nothing. */
((/** @type {string[]} */ names) => {
  const { imports } = JSON.parse(document.querySelector("script[type=importmap]")?.textContent ?? "{}");
  let begun = false;

  function begin() {
    if (begun) return;
    begun = true;
    for (const name of names) {
      const link = document.createElement("link");
      document.head.append(Object.assign(link, { rel: "modulepreload", href: imports[name], fetchPriority: "low" }));
    }
    import("#shell/main").catch((error) => {
      reportError(error);
      dispatchEvent(new Event("studio:missing")); /* shell/arrival.js says so */
    });
  }
  requestAnimationFrame(() => setTimeout(begin));
  setTimeout(begin, 300);
})
