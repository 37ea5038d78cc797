/** The styles that the page begins with: its head asks for them as if to print, so that nothing waits for them. */
const first = /** @type {HTMLLinkElement} */ (document.getElementById("page-styles"));

/** Until they are there. Where they are lost, `shell/arrival.js` says so. @returns {Promise<void>} */
export function stylesCome() {
  return new Promise((resolve) => {
    if (first.media !== "print") resolve();
    else first.addEventListener("load", () => resolve(), { once: true });
  });
}

/** @type {Map<string, Promise<void>>} */
const asked = new Map();

/**
 * Brings styles that the page does not begin with; kept once they are there.
 *
 * @param {"files" | "videos" | "history" | "money"} name as `studio/web/shell/assets.py` puts them together
 * @returns {Promise<void>}
 */
export function bringStyles(name) {
  const known = asked.get(name);
  if (known) return known;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = import.meta.resolve(`#styles/${name}`);
  const come = /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      link.addEventListener("load", () => resolve());
      link.addEventListener("error", () => {
        asked.delete(name);
        link.remove();
        reject(new Error(`no styles ${name}`));
      });
    })
  );
  asked.set(name, come);
  document.head.append(link);
  return come;
}
