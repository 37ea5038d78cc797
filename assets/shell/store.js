/** @typedef {import("../types/page").Store} Store */

/**
 * What the browser remembers under a prefix. In a private window, or a frame that may keep nothing, it forgets. What is
 * stored may be of an earlier version, or another hand: each reader makes of it what it knows, of null where there is
 * nothing.
 *
 * @param {() => Storage} open throws where the browser forbids it
 * @returns {Store}
 */
export function createStore(open) {
  /** @param {string} key @returns {unknown} */
  function stored(key) {
    try {
      return JSON.parse(open().getItem(`happyhorse.${key}`) ?? "null");
    } catch {
      return null;
    }
  }
  return {
    get: (key, read) => read(stored(key)),
    set(key, value) {
      try {
        open().setItem(`happyhorse.${key}`, JSON.stringify(value));
      } catch {
        /* full or forbidden */
      }
    },
  };
}

/** A reader of a text; null for anything else. @param {unknown} stored */
export function asText(stored) {
  return typeof stored === "string" ? stored : null;
}

/** A reader of a yes or no; null for anything else. @param {unknown} stored */
export function asFlag(stored) {
  return typeof stored === "boolean" ? stored : null;
}

/**
 * A reader of values by name: of those of another kind, and of anything else, nothing is left.
 *
 * @template T
 * @param {(value: unknown) => value is T} isOne
 * @returns {(stored: unknown) => Record<string, T>}
 */
export function asRecord(isOne) {
  return (stored) => {
    if (!isObject(stored)) return {};
    const known = Object.entries(stored).filter((entry) => isOne(entry[1]));
    return /** @type {Record<string, T>} */ (Object.fromEntries(known));
  };
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
