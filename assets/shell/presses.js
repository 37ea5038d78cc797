/**
 * One press, one idempotency key, so that nothing is bought twice: pressed again before an answer came, also after a
 * reload, it is the same press. What is answered is forgotten, and the next press is a new one.
 *
 * @typedef {ReturnType<typeof createPresses>} Presses
 */

import { asRecord } from "#shell/store";

const MOST = 20;
const readKeys = asRecord((key) => typeof key === "string");

/**
 * @param {import("../types/page").Store} store of the tab, so that two tabs are two presses. It is there for a reload:
 *   where it is full or forbidden, the page remembers all the same.
 */
export function createPresses(store) {
  /** The keys by what was pressed for, the last press at the end. */
  const open = new Map(Object.entries(store.get("presses", readKeys)));

  function keep() {
    for (const what of [...open.keys()].slice(0, -MOST)) open.delete(what);
    store.set("presses", Object.fromEntries(open));
  }

  return {
    /**
     * @param {string} what stands for all that is asked
     * @returns {string}
     */
    key(what) {
      const key = open.get(what) ?? drawn();
      open.delete(what);
      open.set(what, key);
      keep();
      return key;
    },
    /** @param {string} key */
    answered(key) {
      for (const [what, other] of open) if (other === key) open.delete(what);
      keep();
    },
  };
}

/** 128 random bits: `crypto.randomUUID` is there on secure pages alone. */
function drawn() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
