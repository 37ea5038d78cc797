/* As browsers say it of a module, and shell/styles.js of a sheet. */
const LOST = /dynamically imported module|importing a module|^Error: no styles /i;

/** Whether a piece of the page was lost on its way. @param {unknown} error */
export function isLost(error) {
  return LOST.test(String(error));
}

/**
 * Pieces of the page that come when they are wanted may be lost on their way. Whoever pressed for one is told; the next
 * press asks for it again.
 *
 * @param {import("../types/page").Page} page
 */
export function tellMissing({ words, notices }) {
  window.addEventListener("unhandledrejection", (event) => {
    if (!isLost(event.reason)) return;
    event.preventDefault();
    notices.say(words("unreachable"), { alert: true });
  });
}
