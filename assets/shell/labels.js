/* What Gradio calls its own parts, in English alone, for who listens. */
const LABELS = {
  "Gradio footer navigation": "gradio.footer",
};

/**
 * Gives Gradio's own parts their names in the visitor's language, whenever it draws some.
 *
 * @param {import("../types/page").Page} page
 */
export function translateLabels({ words }) {
  function translate() {
    for (const [label, key] of Object.entries(LABELS)) {
      if (words(key) === label) continue; /* written again it would be news again, for ever */
      for (const node of document.querySelectorAll(`[aria-label="${label}"]`)) {
        node.setAttribute("aria-label", words(key));
      }
    }
  }
  const drawn = { childList: true, subtree: true, attributeFilter: ["aria-label"] };
  new MutationObserver(translate).observe(document.body, drawn);
  translate();
}
