/** @typedef {import("../types/views").LedgerView} LedgerView */
/** @typedef {import("../types/views").LedgerLineView} LedgerLineView */
/** @typedef {import("../types/views").TestLineView} TestLineView */

import { createAccountRows } from "#money/rows";
import { button, h } from "#shell/dom";

/** @type {readonly (keyof LedgerLineView)[]} */
const PAID = ["day", "where", "model", "jobs", "estimate", "billed", "unknown"];
/** @type {readonly (keyof TestLineView)[]} */
const TESTS = ["day", "model", "jobs", "price"];
const FIGURES = new Set(["jobs", "estimate", "billed", "unknown", "price"]);

/**
 * The spending, in a dialog: the accounts, what the visitor's videos cost, and how near the limits are.
 *
 * @param {import("../types/page").Page} page
 * @param {{ addKey: () => void }} acts
 */
export function createSpending(page, { addKey }) {
  const { words, ask, dates, locale } = page;
  const days = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const body = h("div", { class: "spending-body" });
  const csv = h("a", { class: "button", href: "studio/money.csv", download: "", hidden: true }, words("money.csv"));
  const element = h("dialog", { class: "dialog money", "aria-labelledby": "spending-title" });
  const shut = button("×", () => element.close(), { class: "money-close", label: words("close") });
  const rows = createAccountRows(page, {
    addKey() {
      element.close();
      addKey();
    },
  });
  const title = h("h2", { id: "spending-title" }, words("money"));
  element.append(h("div", { class: "money-box" }, title, shut, rows, trouble, body, csv));
  /* A click beside the panel closes it. */
  element.addEventListener("click", (event) => {
    if (event.target === element) element.close();
  });

  /**
   * @template {LedgerLineView | TestLineView} Line
   * @param {Line[]} lines
   * @param {readonly (keyof Line & string)[]} columns those that say nothing are left out
   * @param {string} caption
   */
  function table(lines, columns, caption) {
    const kept = columns.filter((name) => lines.some((line) => line[name] !== ""));
    /** @param {string} name */
    const look = (name) => (FIGURES.has(name) ? { class: "figure" } : {});
    /** @param {Line} line @param {keyof Line & string} name */
    const text = (line, name) => (name === "day" ? days.format(new Date(`${line.day}T00:00Z`)) : String(line[name]));
    const heads = kept.map((name) => h("th", { scope: "col", ...look(name) }, words(`money.${name}`)));
    const sheet = lines.map((line) => h("tr", {}, ...kept.map((name) => h("td", look(name), text(line, name)))));
    const box = h("div", { class: "money-table", tabIndex: 0, role: "region", "aria-label": caption });
    box.append(h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...sheet)));
    return box;
  }

  /**
   * @param {string} heading
   * @param {string[]} sums
   * @param {HTMLElement} sheet
   */
  function part(heading, sums, sheet) {
    const lines = sums.map((text) => h("p", { class: "sum" }, text));
    return h("section", { class: "money-part" }, h("h3", {}, heading), ...lines, sheet);
  }

  /** @param {LedgerView} ledger */
  function draw({ lines, sums, tests, limits, period }) {
    const [videos, runs] = [words("money.videos"), words("money.tests")];
    const none = !lines.length && !tests.lines.length;
    body.replaceChildren(
      ...limits.map((limit) => h("p", { class: limit.near ? "limit near" : "limit" }, dates.dated(limit))),
      ...(lines.length ? [part(videos, sums, table(lines, PAID, videos))] : []),
      ...(tests.lines.length ? [part(runs, [tests.sum], table(tests.lines, TESTS, runs))] : []),
      h("p", { class: "money-period" }, none ? words("money.none") : period),
    );
    csv.hidden = none;
  }

  async function load() {
    try {
      draw(await ask("money"));
      await page.accounts.load({ credits: true });
      trouble.hidden = true;
    } catch (error) {
      trouble.textContent = words("action.failed", { reason: /** @type {Error} */ (error).message });
      trouble.hidden = false;
    }
  }
  return {
    element,
    open() {
      if (!element.open) element.showModal();
      load();
    },
  };
}
