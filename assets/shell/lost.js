/**
 * Gradio tells of a lost connection in English alone, and not what became of a press. It loads the page anew when the
 * studio is back; the form and the key of the press are remembered over that.
 *
 * @param {import("../types/page").Page} page
 */
export function translateLost({ words }) {
  function translate() {
    for (const text of document.querySelectorAll(".toast-wrap [data-testid=toast-text]")) {
      if (!text.textContent?.startsWith("Connection to the server was lost")) continue;
      text.textContent = words("lost");
      const title = text.closest("[data-testid=toast-body]")?.querySelector(".toast-title");
      if (title) title.textContent = words("lost.title");
    }
  }
  const look = new MutationObserver(() => {
    const toasts = document.querySelector(".toast-wrap");
    if (!toasts) return;
    look.disconnect();
    new MutationObserver(translate).observe(toasts, { childList: true, subtree: true });
    translate();
  });
  look.observe(document.documentElement, { childList: true, subtree: true });
}
