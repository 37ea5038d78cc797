/** What is done to entries: favourites, tags, deletions that can be undone. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").EntryView} EntryView */
/** @typedef {import("./listing").Listing} Listing */
/** @typedef {import("./selection").Selection} Selection */

import { MOST_AT_ONCE } from "#history/offers";

const LONGEST_TAG = 40;

/**
 * @param {Page} page
 * @param {Listing} listing
 * @param {Selection} selection
 * @param {number} undoSeconds
 */
export function createChanges({ words, ask, notices }, listing, selection, undoSeconds) {
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
  const known = (ids) => {
    const chosen = new Map(selection.entries().map((entry) => [entry.id, entry]));
    return ids.map((id) => listing.get(id) ?? chosen.get(id)).filter((entry) => entry !== undefined);
  };
  /** @param {readonly string[]} ids @param {(entry: EntryView) => Partial<EntryView>} other */
  function amend(ids, other) {
    const news = known(ids).map((entry) => ({ ...entry, ...other(entry) }));
    listing.take(news);
    selection.take(news, []);
  }

  return {
    /** @param {readonly string[]} ids @param {boolean} on */
    async favour(ids, on) {
      amend(await carry("favourite", ids, { on }), () => ({ favourite: on }));
    },
    /** Makes them favourites unless all are. @param {readonly string[]} ids */
    toggleFavourite(ids) {
      return this.favour(
        ids,
        known(ids).some((entry) => !entry.favourite),
      );
    },
    /** @param {readonly string[]} ids @param {string} text @param {boolean} on */
    async tag(ids, text, on) {
      const tag = text.trim().replace(/\s+/g, " ").slice(0, LONGEST_TAG);
      if (!tag) return;
      const done = await carry("tag", ids, { tag, on });
      amend(done, ({ tags }) => ({ tags: [...tags.filter((one) => one !== tag), ...(on ? [tag] : [])].sort() }));
    },
    /**
     * Deletes what can be; what cannot is told. `back` is called with what was restored.
     *
     * @param {readonly string[]} ids
     * @param {(ids: string[]) => void} back
     * @returns {Promise<string[]>} those that are gone
     */
    async remove(ids, back) {
      const chosen = known(ids).filter(({ id }) => selection.has(id));
      const gone = await carry("delete", ids);
      const kept = gone.length < ids.length ? words("history.kept") : "";
      if (gone.length === 0) {
        if (kept) notices.say(kept);
        return gone;
      }
      listing.hide(gone, true);
      selection.take([], gone);
      const text = words.count("history.deleted", gone.length, { minutes: Math.round(undoSeconds / 60) });
      notices.say([text, kept].filter(Boolean).join(words("language.joint")), {
        offer: words("history.undo"),
        seconds: undoSeconds,
        async act() {
          back([]);
          const restored = await carry("restore", gone);
          listing.hide(restored, false);
          selection.set(
            chosen.filter(({ id }) => restored.includes(id)),
            true,
          );
          if (restored.length > 0) notices.say(words("history.restored"));
          back(restored);
        },
      });
      return gone;
    },
  };
}

/** @typedef {ReturnType<typeof createChanges>} Changes */
