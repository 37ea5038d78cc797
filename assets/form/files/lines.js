/** @typedef {import("./collection").Collection} Collection */
/** @typedef {import("./collection").Entry} Entry */
/** @typedef {import("./findings").Line} Line */

import { linesOf } from "#form/files/findings";
import { price } from "#form/files/prices";
import { billed } from "#form/files/range";
import { doing, dot } from "#form/files/tiles";
import { button, h, refocus } from "#shell/dom";
import { float } from "#shell/floating";

/**
 * The gravest finding in one line, with the button that fixes it; the others behind "2 more".
 *
 * @param {object} given
 * @param {import("../../types/page").Page} given.page
 * @param {Collection} given.collection
 * @param {(number: number) => string} given.nameOf
 * @param {(entry: Entry, number: number) => string} given.mark by which a line names its file; may be empty
 * @param {() => string} given.resolution
 */
export function createLines({ page, collection, nameOf, mark, resolution }) {
  const { words } = page;
  const box = h("div", { class: "media-line-box" });
  const list = h("div", {
    class: "popover media-all",
    popover: "auto",
    role: "group",
    "aria-label": words("files.more.title"),
  });
  const element = h("div", { class: "media-lines" }, box, list);

  /** All that is to be said, the gravest first. */
  function all() {
    return collection
      .entries()
      .filter((entry) => !collection.jobOf(entry))
      .flatMap((entry) => linesOf(entry.file).map((line) => ({ entry, line })))
      .sort((one, other) => one.line.rank - other.line.rank);
  }
  /**
   * @param {Entry} entry
   * @param {Line} line
   */
  function drawLine(entry, line) {
    const number = collection.entries().indexOf(entry) + 1;
    const { remedy } = line;
    const short = mark(entry, number);
    const what = short
      ? [h("b", { "aria-hidden": "true" }, short), h("span", { class: "visually-hidden" }, nameOf(number), ": ")]
      : [];
    const text = h("span", { class: "text", title: line.text }, ...what, line.text);
    const act = () => {
      if (list.matches(":popover-open")) list.hidePopover();
      if (remedy) collection.fix(entry.key, remedy.fixes);
    };
    const does = remedy && !remedy.label ? { title: entry.file.does.join(" · ") } : {};
    return h(
      "div",
      { class: "media-line", data: { verdict: line.verdict, key: `line-${entry.key}` } },
      dot(line.verdict),
      h("span", { class: "visually-hidden" }, words(`verdict.${line.verdict}`)),
      text,
      remedy && offerOf(page, entry.file, remedy, resolution(), act, does),
    );
  }
  /** @param {import("./collection").Job} job */
  function drawJob(job) {
    const line = h("div", { class: "media-line fixing", data: { key: job.entry ? `line-${job.entry.key}` : "" } });
    line.append(
      h("span", { class: "text" }, doing(words, job)),
      button(words("action.cancel"), job.cancel, { class: "quiet" }),
    );
    line.style.setProperty("--part", String(job.part));
    return line;
  }
  /** @param {string} text */
  function drawError(text) {
    const away = button("×", collection.dismiss, { class: "media-close", label: words("files.dismiss") });
    return h(
      "div",
      { class: "media-line error", data: { verdict: "refused" }, role: "alert" },
      dot("refused"),
      h("span", { class: "text" }, text),
      away,
    );
  }
  let errors = "";
  function draw() {
    const fixing = collection.jobs().filter((job) => job.entry);
    const told = collection.isJudging() ? [] : all();
    const [first, ...more] = told;
    const failed = collection.errors();
    refocus(box, () => {
      const lines = [...box.querySelectorAll(".error")];
      /* An alert that stands is not said again. */
      const kept = failed.join("\n") === errors ? lines : failed.map(drawError);
      errors = failed.join("\n");
      box.replaceChildren(...kept, ...fixing.map(drawJob));
      if (first) {
        const line = drawLine(first.entry, first.line);
        if (more.length) {
          const label = words.count("files.more", more.length);
          const others = button(`+${more.length}`, () => {}, { class: "quiet media-more", label });
          others.popoverTargetElement = list;
          line.append(others);
        }
        box.append(line);
      }
    });
    refocus(list, () => list.replaceChildren(...more.map(({ entry, line }) => drawLine(entry, line))));
    if (!more.length && list.matches(":popover-open")) list.hidePopover();
  }
  float(list, element);
  return { element, draw };
}

/**
 * The button of a remedy, and apart from it what the edit then costs: the fix itself is free.
 *
 * @param {import("../../types/page").Page} page
 * @param {import("../../types/page").FormFileView} file
 * @param {import("./findings").Remedy} remedy
 * @param {string} resolution
 * @param {() => unknown} act
 * @param {Record<string, unknown>} [properties] of the button
 */
export function offerOf({ words }, file, remedy, resolution, act, properties) {
  const press = button(remedy.label || words("fix.all"), act, { class: "button", ...properties });
  const trim = remedy.fixes.find((fix) => fix.name === "trim");
  const rate = file.trim?.rates[resolution];
  if (!file.trim || !trim || !rate) return press;
  const tenths = Math.round(Number(trim.length) * 10);
  const costs = price(rate, billed(tenths, file.trim.keep * 10));
  const title = words("fix.then.title", { price: costs });
  return h("span", { class: "media-offer" }, press, h("small", { title }, words("fix.then", { price: costs })));
}
