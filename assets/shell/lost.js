/* Gradio tells of a lost connection in English alone, and not what became of a press. It loads the page anew when the
   studio is back; the form and the key of the press are remembered over that. */
(() => {
  const { words } = window.studio;
  function tell() {
    for (const text of document.querySelectorAll(".toast-wrap [data-testid=toast-text]")) {
      if (!text.textContent.startsWith("Connection to the server was lost")) continue;
      text.textContent = words("lost");
      const title = text.closest("[data-testid=toast-body]").querySelector(".toast-title");
      if (title) title.textContent = words("board.away");
    }
  }
  const look = new MutationObserver(() => {
    const toasts = document.querySelector(".toast-wrap");
    if (!toasts) return;
    look.disconnect();
    new MutationObserver(tell).observe(toasts, { childList: true, subtree: true });
    tell();
  });
  look.observe(document.documentElement, { childList: true, subtree: true });
})();
