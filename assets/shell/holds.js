/** @typedef {import("../types/page").Holds} Holds */
/** @typedef {import("../types/page").Hold} Hold */

import { signal } from "#shell/signal";

/**
 * What a form waits for before it may be sent: files on their way to it, settings that are being filled in. Until they
 * are there it would buy what the form was before.
 *
 * @returns {Holds}
 */
export function createHolds() {
  /** @type {Set<Hold>} */
  const holds = new Set();
  const changed = /** @type {import("../types/page").Signal<void>} */ (signal());
  return {
    changed,
    hold(mode, text, { field, cancel } = {}) {
      function release() {
        if (holds.delete(one)) changed.emit();
      }
      const one = { mode, text, field, cancel: cancel ?? release };
      holds.add(one);
      changed.emit();
      return release;
    },
    of: (mode) => [...holds].filter((one) => one.mode === "" || one.mode === mode),
  };
}
