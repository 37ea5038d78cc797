/* As browsers say it of a module, and shell/styles.js of a sheet. */
const LOST = /dynamically imported module|importing a module|^Error: no styles /i;

/**
 * Pieces of the page that come when they are wanted may be lost on their way. Whoever pressed for one is told; the next
 * press asks for it again.
 *
 * @param {import("../types/page").Page} page
 */
export function tellMissing({ words, notices }) {
  window.addEventListener("unhandledrejection", (event) => {
    if (!LOST.test(String(event.reason))) return;
    event.preventDefault();
    notices.say(words("unreachable"), { alert: true });
  });
}
