import { Refusal } from "#shell/ask";
import { busy, button, h } from "#shell/dom";
import { answers, isLost } from "#shell/missing";

/**
 * Runs what draws a part of the page. Where that fails, the part says so in its place and the others go on. What was
 * lost on its way is tried again when the browser is online, and when asked to; of what else fails, nothing is known
 * that would mend it but a reload. Many browsers ask for a lost module only once in the life of a page: there, who asks
 * to try again has the page loaded anew.
 *
 * @param {Pick<import("../types/page").Page, "words" | "ask">} page
 * @param {HTMLElement} element
 * @param {() => Promise<void> | void} draw runs anew for each try; it draws nothing before all is there
 * @param {{ asked?: boolean }} [how] whether the visitor asked to try again
 */
export async function guarded(page, element, draw, { asked = false } = {}) {
  const { words } = page;
  const failed = element.querySelector(":scope > .broken");
  try {
    await draw();
    failed?.remove();
  } catch (error) {
    reportError(error);
    const lost = isLost(error);
    const isThere = lost && (await answers(page));
    if (asked && isThere) {
      location.reload();
      return;
    }
    const reload = button(words("part.again"), () => location.reload(), { class: "button" });
    const refused = error instanceof Refusal;
    const attempt = (/** @type {boolean} */ byHand) => guarded(page, element, draw, { asked: byHand });
    const again = refused || lost ? tryAgain(words, attempt) : null;
    const reason = refused ? error.message : lost && words(isThere ? "incomplete" : "unreachable");
    const told = [h("p", {}, words("part.failed")), reason && h("small", {}, reason)];
    element.replaceChildren(h("div", { class: "broken", role: "alert" }, ...told, again, reload));
  }
}

/**
 * A button that is pressed by itself once the browser is online again.
 *
 * @param {import("../types/page").Words} words
 * @param {(byHand: boolean) => Promise<void>} attempt
 */
function tryAgain(words, attempt) {
  const press = (/** @type {Event} */ { isTrusted }) => busy(again, () => attempt(isTrusted));
  const again = button(words("part.try"), press, { class: "button" });
  addEventListener("online", () => again.isConnected && again.click(), { once: true });
  return again;
}
