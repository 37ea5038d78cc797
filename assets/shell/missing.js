/* As browsers say it of a module, and shell/styles.js of a sheet. */
const LOST = /dynamically imported module|importing a module|^Error: no styles /i;

/** Whether a piece of the page was lost on its way. @param {unknown} error */
export function isLost(error) {
  return LOST.test(String(error));
}

/** Whether the studio answers, be it with a refusal. @param {Pick<import("../types/page").Page, "ask">} page */
export function answers({ ask }) {
  return ask("accounts").then(
    () => true,
    (/** @type {import("../types/page").Refusal} */ { kind }) => Boolean(kind),
  );
}

const LATE_MS = 15_000;

/**
 * What comes; or, when it has not come for long, an error as of what is lost: a connection can hang without one.
 *
 * @template T
 * @param {Promise<T>} coming
 * @returns {Promise<T>}
 */
export function inTime(coming) {
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error("importing a module takes too long")), LATE_MS);
  });
  return Promise.race([coming, late]);
}

/**
 * Pieces of the page that come when they are wanted may be lost on their way. Whoever pressed for one is told, and what
 * to do: while the studio cannot be reached, to press once more; else to load the page anew, since many browsers ask
 * for a lost module only once in the life of a page.
 *
 * @param {import("../types/page").Page} page
 */
export function tellMissing(page) {
  const { words, notices } = page;
  window.addEventListener("unhandledrejection", async (event) => {
    if (!isLost(event.reason)) return;
    event.preventDefault();
    if (document.querySelector(".incomplete")) return; /* shell/arrival.js has said so */
    const anew = { offer: words("incomplete.do"), act: () => location.reload() };
    if (await answers(page)) notices.say(words("incomplete"), { ...anew, alert: true });
    else notices.say(words("unreachable"), { alert: true });
  });
}
