/** The library as a table. Its columns are the studio's: what a column is called and sorted by is declared there. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").EntryView} EntryView */
/** @typedef {import("../types/views").ColumnView} ColumnView */
/** @typedef {import("./selection").Selection} Selection */

import { button, h, keyed } from "#shell/dom";
import { NEWEST } from "#history/question";

/**
 * @param {Page} page
 * @param {Selection} selection
 * @param {readonly ColumnView[]} columns
 * @param {object} does
 * @param {(sort: string) => void} does.sort
 * @param {string} described id of the line that tells the keys
 */
export function createTable(page, selection, columns, { sort: sortBy }, described) {
  const { words, dates } = page;
  const heads = columns.map(makeHead);
  const body = h("tbody");
  const table = h(
    "table",
    { "aria-label": words("history"), "aria-describedby": described },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, h("span", { class: "visually-hidden" }, words("column.select"))),
        h("th", { scope: "col" }, words("column.prompt")),
        ...heads.map(({ node }) => node),
        h("th", { scope: "col" }, words("column.state")),
      ),
    ),
    body,
  );
  const node = h("div", { class: "table", tabIndex: -1 }, table);
  /** @type {WeakMap<HTMLElement, EntryView>} */
  const shown = new WeakMap();

  /** @param {ColumnView} column */
  function makeHead({ label, kind, sorts }) {
    const head = h("th", { scope: "col", class: kind });
    const [falling, rising] = sorts;
    const next = () => (head.getAttribute("aria-sort") === "descending" ? (rising ?? "") : (falling ?? ""));
    head.append(falling ? button(words(label), () => sortBy(next())) : words(label));
    return {
      node: head,
      /** @param {string} sort */
      update(sort) {
        const way = { [falling ?? "-"]: "descending", [rising ?? "-"]: "ascending" }[sort];
        if (way) head.setAttribute("aria-sort", way);
        else head.removeAttribute("aria-sort");
      },
    };
  }

  /** @param {EntryView} entry */
  function makeRow(entry) {
    const row = h("tr", { class: "tile row", data: { id: entry.id } });
    fill(row, entry);
    return row;
  }
  /** @param {HTMLElement} row @param {EntryView} entry */
  function fill(row, entry) {
    const title = entry.prompt || words(`tab.${entry.mode}`);
    const before = /** @type {HTMLElement | null} */ (row.querySelector("a"));
    const focused = before === document.activeElement && before !== null;
    const link = h("a", { href: `#job=${entry.id}`, class: "title", tabIndex: before?.tabIndex ?? -1 }, title);
    const poster = entry.poster
      ? h("img", { src: entry.poster, alt: "", loading: "lazy", decoding: "async", draggable: false })
      : h("span", { class: "blank" });
    const tick = h("input", {
      type: "checkbox",
      class: "tick",
      tabIndex: -1,
      "aria-label": words("history.select", { prompt: title.slice(0, 80) }),
    });
    const star = h("span", { class: entry.favourite ? "star on" : "star", "aria-hidden": "true" }, "★");
    const text = h(
      "span",
      { class: "tile-text" },
      link,
      entry.favourite && h("span", { class: "visually-hidden" }, words("history.is-favourite")),
      entry.tags.length > 0 && h("span", { class: "tile-tags" }, ...entry.tags.map((tag) => h("span", {}, tag))),
    );
    Object.assign(row.dataset, { state: entry.state, tone: entry.tone });
    row.replaceChildren(
      h("td", {}, h("label", { class: "tick-box" }, tick)),
      h("td", {}, h("div", { class: "film" }, h("span", { class: "tile-picture" }, poster, star), text)),
      ...columns.map(({ name, kind }) => h("td", { class: kind }, cell(entry.cells[name], kind))),
      h("td", {}, h("span", { class: "pill", title: entry.reason || false }, entry.label)),
    );
    if (focused) link.focus({ preventScroll: true });
  }
  /** @param {string | number | undefined} value @param {string} kind */
  function cell(value, kind) {
    if (kind === "moment" && typeof value === "number") return dates.moment(value);
    return value === undefined || value === "" ? "–" : String(value);
  }
  /** @param {HTMLElement} row */
  function mark(row) {
    const on = selection.has(row.dataset["id"] ?? "");
    row.classList.toggle("selected", on);
    const tick = row.querySelector("input");
    if (tick) tick.checked = on;
  }

  return {
    node,
    /** @param {readonly EntryView[]} entries @param {string} sort */
    show(entries, sort) {
      for (const head of heads) head.update(sort || NEWEST);
      keyed(body, entries, {
        key: (entry) => entry.id,
        make: makeRow,
        update(row, entry) {
          if (shown.has(row) && shown.get(row) !== entry) fill(row, entry);
          shown.set(row, entry);
          mark(row);
        },
      });
    },
    select() {
      for (const row of /** @type {Iterable<HTMLElement>} */ (body.children)) mark(row);
    },
  };
}
