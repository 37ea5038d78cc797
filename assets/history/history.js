/** All that was made: the library, from it the page of one job and the comparison of several. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").EntryView} EntryView */
/** @typedef {import("./filters").Props} Props */

import { readAddress } from "#shell/comparison";
import { h } from "#shell/dom";
import { createChanges } from "#history/changes";
import { createComparison } from "#history/compare";
import { createDetails } from "#history/details";
import { createLibrary } from "#history/library";
import { createListing } from "#history/listing";
import { createSelection } from "#history/selection";
import { MOST_AT_ONCE } from "#shell/changes";

/** Several jobs that change at once are asked for at once. */
const GATHER_MS = 60;

/**
 * @param {Page} page
 * @param {HTMLElement} element
 * @param {Props} props
 */
export function history(page, element, props) {
  const { words, ask, forms, jobs, router, notices } = page;
  const listing = createListing(ask, (reason) => notices.say(words("action.failed", { reason }), { alert: true }));
  const selection = createSelection();
  const changes = createChanges(page, listing, selection, props.undo_seconds);
  const library = createLibrary(page, props, { listing, selection, changes });
  const back = () => router.go(library.address());
  const details = createDetails(page, { listing, changes, back, remove: library.remove });
  const comparison = createComparison(page, { changes, back: leaveComparison });
  element.append(h("section", { class: "history" }, library.node, details.node, comparison.node));

  /** The states that were heard of, by the ids of the jobs. @type {Map<string, string>} */
  const heard = new Map();
  /** @type {Set<string>} */
  const wanted = new Set();
  let gathering = 0;

  jobs.changed.on(({ changed, cause }) => {
    if (cause === "snapshot" && listing.question() && !listing.isLoading()) listing.reread().then(selectionNews);
    for (const job of changed) {
      const before = listing.get(job.id)?.state ?? heard.get(job.id);
      heard.set(job.id, job.state);
      details.hear(job);
      if (cause !== "news" || before === job.state) continue;
      if (listing.get(job.id) || selection.has(job.id)) refresh(job.id);
      else library.outdate();
    }
    library.showCount();
  });
  jobs.amended.on(({ entries, gone }) => {
    listing.hide(gone, true);
    listing.hide(
      entries.map(({ id }) => id),
      false,
    );
    listing.take(entries);
    selection.take(entries, gone);
    if (entries.some(({ id }) => !listing.get(id))) library.outdate();
    details.amended(
      entries.map(({ id }) => id),
      gone,
    );
    library.showCount();
  });
  function selectionNews() {
    selection.take(listing.entries(), []);
  }
  /** @param {string} id */
  function refresh(id) {
    wanted.add(id);
    clearTimeout(gathering);
    gathering = window.setTimeout(async () => {
      const ids = [...wanted].slice(0, MOST_AT_ONCE);
      wanted.clear();
      try {
        const { jobs: entries } = await ask(`history/entries?ids=${ids.join()}`);
        listing.take(entries);
        selection.take(entries, []);
      } catch {
        library.outdate(); /* the network is away; the next look may find it */
      }
    }, GATHER_MS);
  }

  function leaveComparison() {
    if (readAddress(router.place().rest).from === "create") router.go(`create=${forms.shown()}`);
    else back();
  }
  let last = "";
  function go() {
    const { name, rest } = router.place();
    if (last === "history" && name !== last) library.leave();
    if (last === "job" && name === "history") library.lookAt(details.shown());
    last = name;
    library.node.hidden = name !== "history";
    details.node.hidden = name !== "job";
    comparison.node.hidden = name !== "compare";
    if (name === "history") library.enter(rest);
    details.show(name === "job" ? rest : "");
    const { ids, from } = readAddress(name === "compare" ? rest : "");
    comparison.show(ids, from);
  }
  router.onChange(go);
  go();
}
