/** @typedef {import("../types/page").Router} Router */

const LIBRARY = new Set(["history", "job", "compare"]);

/**
 * Where in the page we are stands in the address; the root element's `data-place` says which area that is.
 *
 * @param {Window} browser
 * @returns {Router}
 */
export function createRouter(browser) {
  function place() {
    const [, name = "", rest = ""] = browser.location.hash.match(/^#(\w*)[=?]?(.*)$/) ?? [];
    return { name, rest };
  }
  const area = () => (LIBRARY.has(place().name) ? "history" : "create");
  function follow() {
    browser.document.documentElement.dataset.place = area();
  }
  browser.addEventListener("hashchange", follow);
  follow();
  return {
    place,
    area,
    go(hash) {
      browser.location.hash = hash;
    },
    replace(hash) {
      try {
        browser.history.replaceState(null, "", hash);
      } catch {
        /* Safari allows a hundred in half a minute: the address stays behind, what the visitor does goes on */
      }
    },
    onChange(listener) {
      browser.addEventListener("hashchange", listener);
    },
  };
}
