/**
 * One press, one idempotency key, so that nothing is bought twice: pressed again before an answer came, also after a
 * reload, it is the same press. What is answered is forgotten, and the next press is a new one.
 *
 * @typedef {ReturnType<typeof createPresses>} Presses
 */

const MOST = 20;

/** @param {import("../types/page").Store} store of the tab, so that two tabs are two presses */
export function createPresses(store) {
  /** @returns {[string, string][]} what was pressed for, and its key */
  const open = () => Object.entries(store.get("presses") ?? {});
  /** @param {[string, string][]} entries */
  const keep = (entries) => store.set("presses", Object.fromEntries(entries.slice(-MOST)));

  return {
    /**
     * @param {string} what stands for all that is asked
     * @returns {string}
     */
    key(what) {
      const entries = open();
      const key = entries.find(([name]) => name === what)?.[1] ?? drawn();
      keep([...entries.filter(([name]) => name !== what), [what, key]]);
      return key;
    },
    /** @param {string} key */
    answered(key) {
      keep(open().filter(([, other]) => other !== key));
    },
  };
}

/** 128 random bits: `crypto.randomUUID` is there on secure pages alone. */
function drawn() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
