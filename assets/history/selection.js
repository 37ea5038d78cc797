/** The entries that are selected: kept by their ids, whatever the list shows. */

/** @typedef {import("../types/views").EntryView} EntryView */

import { signal } from "#shell/signal";

/** @typedef {ReturnType<typeof createSelection>} Selection */

export function createSelection() {
  /** @type {Map<string, EntryView>} */
  const chosen = new Map();
  const changed = /** @type {import("../types/page").Signal<void>} */ (signal());
  return {
    changed,
    /** @param {string} id */
    has: (id) => chosen.has(id),
    size: () => chosen.size,
    ids: () => [...chosen.keys()],
    entries: () => [...chosen.values()],
    /** @param {readonly EntryView[]} entries @param {boolean} on */
    set(entries, on) {
      for (const entry of entries) {
        if (on) chosen.set(entry.id, entry);
        else chosen.delete(entry.id);
      }
      changed.emit();
    },
    clear() {
      chosen.clear();
      changed.emit();
    },
    /**
     * Takes what changed of those that are selected.
     *
     * @param {readonly EntryView[]} news
     * @param {readonly string[]} gone
     */
    take(news, gone) {
      let other = false;
      for (const id of gone) other = chosen.delete(id) || other;
      for (const entry of news.filter(({ id }) => chosen.has(id))) {
        chosen.set(entry.id, entry);
        other = true;
      }
      if (other) changed.emit();
    },
  };
}
