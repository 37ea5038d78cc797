/** @template T @typedef {import("../types/page").Signal<T>} Signal */

/**
 * A list of listeners. One that throws does not keep the news from the others.
 *
 * @template T
 * @returns {Signal<T>}
 */
export function signal() {
  /** @type {Set<(value: T) => void>} */
  const listeners = new Set();
  return {
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit(value) {
      for (const listener of [...listeners]) {
        try {
          listener(value);
        } catch (error) {
          reportError(error);
        }
      }
    },
  };
}
