/** What is done to entries: favourites, tags, deletions that can be undone. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").EntryView} EntryView */
/** @typedef {import("./listing").Listing} Listing */
/** @typedef {import("./selection").Selection} Selection */

import { createLibraryChanges } from "#shell/changes";

const LONGEST_TAG = 40;

/**
 * @param {Page} page
 * @param {Listing} listing
 * @param {Selection} selection
 * @param {number} undoSeconds
 */
export function createChanges(page, listing, selection, undoSeconds) {
  const { carry, restore, remove } = createLibraryChanges(page, undoSeconds);
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
      return remove(ids, {
        removed(gone) {
          listing.hide(gone, true);
          selection.take([], gone);
        },
        async undo(gone) {
          back([]);
          const restored = await restore(gone);
          listing.hide(restored, false);
          selection.set(
            chosen.filter(({ id }) => restored.includes(id)),
            true,
          );
          back(restored);
        },
      });
    },
  };
}

/** @typedef {ReturnType<typeof createChanges>} Changes */
