import { Refusal } from "#shell/ask";
import { busy, button, h } from "#shell/dom";
import { isLost } from "#shell/missing";

/** @typedef {import("../types/page").Words} Words */

/**
 * Runs what draws a part of the page. Where that fails, the part says so in its place and the others go on. What was
 * lost on its way is tried again when the browser is online, and when asked to; of what else fails, nothing is known
 * that would mend it but a reload.
 *
 * @param {Words} words
 * @param {HTMLElement} element
 * @param {() => Promise<void> | void} draw runs anew for each try; it draws nothing before all is there
 */
export async function guarded(words, element, draw) {
  const failed = element.querySelector(":scope > .broken");
  try {
    await draw();
    failed?.remove();
  } catch (error) {
    reportError(error);
    const reload = button(words("part.again"), () => location.reload(), { class: "button" });
    const refused = error instanceof Refusal;
    const again = refused || isLost(error) ? tryAgain(words, () => guarded(words, element, draw)) : null;
    const reason = refused ? error.message : again && words("unreachable");
    const told = [h("p", {}, words("part.failed")), reason && h("small", {}, reason)];
    element.replaceChildren(h("div", { class: "broken", role: "alert" }, ...told, again, reload));
  }
}

/**
 * A button that is pressed by itself once the browser is online again.
 *
 * @param {Words} words
 * @param {() => Promise<void>} attempt
 */
function tryAgain(words, attempt) {
  const again = button(words("part.try"), () => busy(again, attempt), { class: "button" });
  addEventListener("online", () => again.isConnected && again.click(), { once: true });
  return again;
}
