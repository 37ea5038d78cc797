/** The library: all that the visitor made, searched, sorted and selected, as pictures or as a table. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("./filters").Props} Props */
/** @typedef {import("./listing").Listing} Listing */
/** @typedef {import("./selection").Selection} Selection */
/** @typedef {import("./changes").Changes} Changes */
/** @typedef {import("./question").Question} Question */

import { button, h, setText } from "#shell/dom";
import { createBar } from "#history/bar";
import { createFilters } from "#history/filters";
import { createGrid } from "#history/grid";
import { listen } from "#history/keyboard";
import { addressOf, cleared, isByTime, isNarrow, readQuestion } from "#history/question";
import { createTable } from "#history/table";
import { preview } from "#history/tile";

const AHEAD = "600px";
const NEAR_TOP = 200;

/**
 * @param {Page} page
 * @param {Props} props
 * @param {{ listing: Listing, selection: Selection, changes: Changes }} parts
 */
export function createLibrary(page, props, { listing, selection, changes }) {
  const { words, router, jobs, notices } = page;
  const KEYS = "library-keys";
  /** Where one comes back to from a job's page. */
  let lastAddress = "#history";
  let scrolled = 0;
  let stale = false;

  const count = h("span", { class: "count" });
  const filters = createFilters(page, props, asked);
  const grid = createGrid(page, selection, KEYS);
  const table = createTable(page, selection, props.columns, { sort: (name) => filters.sortBy(name) }, KEYS);
  const items = h("div", { class: "items" }, grid.node, table.node);
  const clear = button(
    words("history.clear-filters"),
    () => {
      filters.fill(cleared(filters.read()));
      asked(filters.read());
      filters.focus();
    },
    { class: "button" },
  );
  const said = h("p", {});
  const nothing = h("div", { class: "nothing", hidden: true }, said, clear);
  const older = button(words("history.more"), () => listing.more(), { class: "button older", hidden: true });
  const keys = h("p", { class: "keys", id: KEYS }, words("history.keys"));
  const bar = createBar(page, { listing, selection, changes, remove });
  const title = h("h2", { tabIndex: -1 }, words("history"));
  const head = h("div", { class: "library-head" }, title, count);
  const node = h("div", { class: "library" }, head, filters.node, nothing, items, older, keys, bar.node);
  const isShown = () => !node.hidden;
  const isList = () => Boolean(filters.read()["list"]);

  /** @param {string[]} ids @returns {import("../types/views").EntryView[]} */
  const entriesOf = (ids) => ids.map((id) => listing.get(id)).filter((entry) => entry !== undefined);
  const focus = listen(items, {
    select: (ids, on) =>
      selection.set(on ? entriesOf(ids) : selection.entries().filter(({ id }) => ids.includes(id)), on),
    isSelected: (id) => selection.has(id),
    selected: () => selection.ids(),
    clear: () => selection.clear(),
    open: (id) => router.go(`job=${id}`),
    favour: (ids) => changes.toggleFavourite(ids),
    remove,
    preview,
    emptied: () => title.focus({ preventScroll: true }),
  });
  /** @param {string[]} ids */
  async function remove(ids) {
    const inBar = bar.node.contains(document.activeElement);
    await changes.remove(ids, (back) => {
      if (isShown()) focus.focus(back[0]);
    });
    if (inBar && bar.node.hidden) focus.focus();
  }

  /** @param {Question} question */
  function asked(question) {
    lastAddress = addressOf(question);
    router.replace(lastAddress);
    if (listing.answers(question)) draw();
    else listing.show(question).then(tellCount);
  }
  function tellCount() {
    if (!isShown()) return;
    notices.speak(countText() || words("history.empty"));
  }
  function countText() {
    const found = listing.count();
    const total = jobs.count();
    if (!found) return total > 0 ? words.count("history.count", total) : "";
    return words(found.exact ? "history.count.found" : "history.count.more", {
      count: found.found,
      total: Math.max(total, found.found),
    });
  }

  function draw() {
    const question = filters.read();
    const entries = listing.entries();
    const list = isList();
    focus.keeping(() => {
      grid.node.hidden = list;
      table.node.hidden = !list;
      if (list) table.show(entries, question["sort"] ?? "");
      else grid.show(entries, isByTime(question));
      /* Only one of them has items: a hidden one would be found by the keys. */
      if (list) grid.show([], false);
      else table.show([], "");
    });
    const none = entries.length === 0 && !listing.isLoading() && listing.question() !== null;
    const narrow = isNarrow(listing.question() ?? {});
    nothing.hidden = !none;
    clear.hidden = !narrow;
    if (none) setText(said, words(narrow ? "history.none" : "history.empty"));
    keys.hidden = entries.length === 0;
    older.hidden = !listing.hasMore();
    older.disabled = listing.isLoading();
    filters.offerTags(listing.tags());
    setText(count, countText());
    bar.update();
    watchEnd();
  }
  listing.changed.on(() => {
    if (isShown()) draw();
  });
  selection.changed.on(() => {
    const left = bar.node.contains(document.activeElement);
    node.classList.toggle("marking", selection.size() > 0);
    grid.select();
    table.select();
    bar.update();
    if (left && bar.node.hidden) focus.focus();
  });

  const sight = new IntersectionObserver(
    ([end]) => {
      if (end?.isIntersecting && isShown()) listing.more();
    },
    { rootMargin: AHEAD },
  );
  /** Asks again whether the end is in sight. */
  function watchEnd() {
    sight.unobserve(older);
    if (!older.hidden && !older.disabled) sight.observe(older);
  }

  /** What is new comes into the list while nobody is further down in it. */
  function renewIfNear() {
    if (!stale || !isShown() || window.scrollY > NEAR_TOP) return;
    stale = false;
    listing.renew();
  }
  window.addEventListener("scroll", renewIfNear, { passive: true });

  return {
    node,
    address: () => lastAddress,
    remove,
    /** Something is there that the list does not know. */
    outdate() {
      stale = true;
      renewIfNear();
    },
    showCount: () => setText(count, countText()),
    /** @param {string} rest of the address */
    enter(rest) {
      const question = readQuestion(rest);
      lastAddress = addressOf(question);
      filters.fill(question);
      /* What led here is gone with its page. */
      if (!document.activeElement?.checkVisibility()) title.focus({ preventScroll: true });
      if (!listing.answers(question)) {
        listing.show(question);
        return;
      }
      draw();
      if (stale) {
        stale = false;
        listing.renew();
      }
      requestAnimationFrame(() => {
        window.scrollTo(0, scrolled);
        if (listing.entries().length > 0) focus.focus();
      });
    },
    leave() {
      scrolled = window.scrollY;
    },
    /** The entry that was looked at last is the one that comes into view again. @param {string} id */
    lookAt(id) {
      if (listing.shows(id)) focus.lookAt(id);
    },
  };
}
