/**
 * Copies a text, and says whether the browser let it.
 *
 * @param {import("../types/page").Page} page
 * @param {string} text
 */
export async function copy({ words, notices }, text) {
  try {
    await navigator.clipboard.writeText(text);
    notices.say(words("copied"));
  } catch {
    notices.say(words("action.failed", { reason: words("copy.refused") }), { alert: true });
  }
}
