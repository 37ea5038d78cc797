/** The entries that a question finds, as far as they were asked for, in their order. */

/** @typedef {import("../types/views").EntryView} EntryView */
/** @typedef {import("../types/views").HistoryPageView} HistoryPageView */
/** @typedef {import("./question").Question} Question */

import { signal } from "#shell/signal";
import { isNarrow, queryOf, sameQuestion } from "#history/question";

/** How many a question has; not exact: or more. @typedef {{ found: number, exact: boolean }} Count */

/**
 * @param {import("../types/page").Ask} ask
 * @param {(reason: string) => void} complain
 */
export function createListing(ask, complain) {
  /** @type {Question | null} */
  let question = null;
  /** The one that the entries answer. @type {Question | null} */
  let answered = null;
  /** @type {EntryView[]} */
  let entries = [];
  /** @type {string | null} */
  let next = null;
  /** @type {Count | null} */
  let count = null;
  /** @type {string[]} */
  let tags = [];
  /** What was deleted and may come back: it stays in its place. @type {Set<string>} */
  const hidden = new Set();
  let turn = 0;
  let loading = false;
  /** The request that is on its way, or was last. @type {Promise<void>} */
  let asked = Promise.resolve();
  const changed = /** @type {import("../types/page").Signal<void>} */ (signal());

  /** @param {string | null} [after] @returns {Promise<HistoryPageView>} */
  const pageAfter = (after) => ask(`history?${queryOf(question ?? {}, after)}`);

  /**
   * One request at a time: an answer that a later one has overtaken is thrown away.
   *
   * @param {() => Promise<() => void>} load gives what to do with the answer
   */
  function asking(load) {
    asked = answering(load, ++turn);
    return asked;
  }
  /** @param {() => Promise<() => void>} load @param {number} mine */
  async function answering(load, mine) {
    loading = true;
    try {
      const take = await load();
      if (mine !== turn) return;
      take();
    } catch (error) {
      if (mine === turn) complain(/** @type {Error} */ (error).message);
    } finally {
      if (mine === turn) {
        loading = false;
        changed.emit();
      }
    }
  }
  /** @param {HistoryPageView} page */
  function takeFirst(page) {
    if (page.count !== undefined) count = { found: page.count, exact: page.count_exact ?? true };
    tags = page.tags ?? tags;
  }
  /** @param {EntryView[]} list */
  function put(list) {
    entries = list;
    const here = new Set(list.map((entry) => entry.id));
    for (const id of hidden) if (!here.has(id)) hidden.delete(id);
  }

  const listing = {
    changed,
    question: () => question,
    isLoading: () => loading,
    hasMore: () => next !== null,
    tags: () => tags,
    /** Those that are shown. */
    entries: () => entries.filter((entry) => !hidden.has(entry.id)),
    /** @param {string} id */
    get: (id) => entries.find((entry) => entry.id === id),
    /** @param {string} id */
    shows: (id) => entries.some((entry) => entry.id === id) && !hidden.has(id),
    /** Of a question that leaves something out. @returns {Count | null} */
    count() {
      if (!count || !question || !isNarrow(question)) return null;
      return { ...count, found: Math.max(0, count.found - hidden.size) };
    },

    /**
     * Asks anew; what was found before stays until the answer is here.
     *
     * @param {Question} wanted
     */
    show(wanted) {
      question = wanted;
      return asking(async () => {
        const page = await pageAfter();
        return () => {
          answered = wanted;
          takeFirst(page);
          hidden.clear();
          put(page.jobs);
          next = page.next;
        };
      });
    },
    /** @param {Question} wanted */
    answers: (wanted) => question !== null && sameQuestion(question, wanted),
    more() {
      const after = next;
      if (after === null || loading) return Promise.resolve();
      return asking(async () => {
        const page = await pageAfter(after);
        return () => {
          put([...entries, ...without(page.jobs, entries)]);
          next = page.next;
        };
      });
    },
    /** Asks for the first page again, and keeps what follows it. */
    renew() {
      if (question && answered !== question) return listing.show(question);
      return asking(async () => {
        const page = await pageAfter();
        return () => {
          takeFirst(page);
          const list = renewed(entries, page.jobs, page.next === null);
          for (const { id } of page.jobs) hidden.delete(id);
          if (list.length === page.jobs.length) next = page.next;
          put(list);
        };
      });
    },
    /** Asks for all pages again, after a time in which nothing was heard. */
    reread() {
      if (question && answered !== question) return listing.show(question);
      return asking(async () => {
        let page = await pageAfter();
        const first = page;
        const list = [...page.jobs];
        while (page.next !== null && list.length < entries.length) {
          page = await pageAfter(page.next);
          list.push(...page.jobs);
        }
        const end = page.next;
        return () => {
          takeFirst(first);
          hidden.clear();
          put(list);
          next = end;
        };
      });
    },
    /** Takes entries as they are now, those that are in the list. @param {readonly EntryView[]} news */
    take(news) {
      const byId = new Map(news.map((entry) => [entry.id, entry]));
      entries = entries.map((entry) => byId.get(entry.id) ?? entry);
      tags = [...new Set([...tags, ...news.flatMap((entry) => entry.tags)])];
      changed.emit();
    },
    /** @param {Iterable<string>} ids @param {boolean} on */
    hide(ids, on) {
      for (const id of ids) {
        if (!on) hidden.delete(id);
        else if (entries.some((entry) => entry.id === id)) hidden.add(id);
      }
      changed.emit();
    },

    /**
     * The entry before (-1) or behind (1) another one, in the order of the list. Beyond its loaded end more is asked
     * for.
     *
     * @param {string} id
     * @param {-1 | 1} step
     * @returns {Promise<string | null>}
     */
    async beside(id, step) {
      const at = () => listing.entries().findIndex((entry) => entry.id === id);
      if (at() < 0) return neighbour(ask, id, step);
      const isLast = () => step > 0 && at() === listing.entries().length - 1 && next !== null;
      if (isLast() && loading) await asked;
      if (isLast()) await listing.more();
      return listing.entries()[at() + step]?.id ?? null;
    },
    /** Where it stands in the list, counted from 1; 0: it does not. @param {string} id */
    place: (id) => listing.entries().findIndex((entry) => entry.id === id) + 1,
  };
  return listing;
}

/** @typedef {ReturnType<typeof createListing>} Listing */

/**
 * The next by time, of one that is in no list: its id is a key of both orders.
 *
 * @param {import("../types/page").Ask} ask
 * @param {string} id
 * @param {-1 | 1} step
 * @returns {Promise<string | null>}
 */
async function neighbour(ask, id, step) {
  /** @type {HistoryPageView} */
  const page = await ask(`history?${new URLSearchParams({ sort: step > 0 ? "newest" : "oldest", after: id })}`);
  return page.jobs[0]?.id ?? null;
}

/**
 * @template {{ id: string }} T
 * @param {readonly T[]} some
 * @param {readonly T[]} others
 */
function without(some, others) {
  const ids = new Set(others.map((entry) => entry.id));
  return some.filter((entry) => !ids.has(entry.id));
}

/**
 * A list whose first page was asked for anew. What stood behind the last of its entries that was known before still
 * follows; where none was known, nothing can be said of what follows.
 *
 * @template {{ id: string }} T
 * @param {readonly T[]} before
 * @param {readonly T[]} first
 * @param {boolean} whole whether nothing follows the first page
 * @returns {T[]}
 */
export function renewed(before, first, whole) {
  const ids = new Set(first.map((entry) => entry.id));
  const last = before.findLastIndex((entry) => ids.has(entry.id));
  if (whole || last < 0) return [...first];
  return [...first, ...before.slice(last + 1)];
}
