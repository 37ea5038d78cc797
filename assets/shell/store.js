/** @typedef {import("../types/page").Store} Store */

/**
 * What the browser remembers under a prefix. In a private window, or a frame that may keep nothing, it forgets.
 *
 * @param {() => Storage} open throws where the browser forbids it
 * @returns {Store}
 */
export function createStore(open) {
  return {
    get(key) {
      try {
        return JSON.parse(open().getItem(`happyhorse.${key}`) ?? "null");
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        open().setItem(`happyhorse.${key}`, JSON.stringify(value));
      } catch {
        /* full or forbidden */
      }
    },
  };
}
