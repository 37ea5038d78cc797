/** What is done to jobs in the library, wherever they are shown: as many as the studio takes at once, and undone. */

/** @typedef {import("../types/page").Page} Page */

export const MOST_AT_ONCE = 200;

/**
 * @param {Page} page
 * @param {number} undoSeconds how long a deletion can be undone
 */
export function createLibraryChanges({ words, ask, notices }, undoSeconds) {
  /**
   * @param {string} action
   * @param {readonly string[]} ids
   * @param {object} [data]
   * @returns {Promise<string[]>} those that it was done to
   */
  async function carry(action, ids, data = {}) {
    /** @type {string[]} */
    const done = [];
    try {
      for (let from = 0; from < ids.length; from += MOST_AT_ONCE) {
        const some = ids.slice(from, from + MOST_AT_ONCE);
        const answer = await ask(`history/change/${action}`, { ids: some, ...data });
        done.push(...answer.ids);
      }
    } catch (error) {
      notices.say(words("action.failed", { reason: /** @type {Error} */ (error).message }), { alert: true });
    }
    return done;
  }
  /** @param {readonly string[]} ids */
  async function restore(ids) {
    const restored = await carry("restore", ids);
    if (restored.length > 0) notices.say(words("history.restored"));
    return restored;
  }

  return {
    carry,
    restore,
    /**
     * Deletes what can be, and offers to undo it; what cannot is told.
     *
     * @param {readonly string[]} ids
     * @param {object} [does]
     * @param {(gone: string[]) => void} [does.removed] is told before it is said
     * @param {(gone: string[]) => unknown} [does.undo] restores them
     * @returns {Promise<string[]>} those that are gone
     */
    async remove(ids, { removed, undo = restore } = {}) {
      const gone = await carry("delete", ids);
      const kept = gone.length < ids.length ? words("history.kept") : "";
      if (gone.length === 0) {
        if (kept) notices.say(kept);
        return gone;
      }
      removed?.(gone);
      const text = words.count("history.deleted", gone.length, { minutes: Math.round(undoSeconds / 60) });
      notices.say([text, kept].filter(Boolean).join(words("language.joint")), {
        offer: words("history.undo"),
        seconds: undoSeconds,
        act: () => undo(gone),
      });
      return gone;
    },
  };
}
