import { button, h } from "#shell/dom";

/**
 * Runs what draws a part of the page. Where that fails, the part says so in its place and the others go on.
 *
 * @param {import("../types/page").Words} words
 * @param {HTMLElement} element
 * @param {() => Promise<void> | void} draw
 */
export async function guarded(words, element, draw) {
  try {
    await draw();
  } catch (error) {
    reportError(error);
    const again = button(words("part.again"), () => location.reload(), { class: "button" });
    const reason = error instanceof Error ? error.message : String(error);
    element.replaceChildren(
      h("div", { class: "broken", role: "alert" }, h("p", {}, words("part.failed")), h("small", {}, reason), again),
    );
  }
}
