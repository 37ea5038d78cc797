/** @typedef {import("../../types/page").FormFileView} FormFileView */
/** @typedef {import("./collection").Entry} Entry */

import { createCollection } from "#form/files/collection";
import { gravity } from "#form/files/findings";
import { ACCEPTED } from "#form/files/files";
import { createLines } from "#form/files/lines";
import { createSheet } from "#form/files/sheet";
import { createTiles } from "#form/files/tiles";
import { button, h, setText } from "#shell/dom";

const AT_ONCE = 2;

/**
 * Many pictures, of each of which one video is made with the same prompt and settings. Those that cannot be sent stand
 * first.
 *
 * @param {object} given
 * @param {import("../../types/page").Page} given.page
 * @param {import("../../types/page").Mode} given.mode
 * @param {string} given.field that takes one of them
 * @param {number} given.most how many it takes
 * @param {() => string} given.query whose rules count
 * @param {() => string} given.resolution
 * @param {(items: FormFileView[]) => void} given.onChange an empty list when the batch is over
 */
export function createBatch({ page, mode, field, most, query, resolution, onChange }) {
  const { words } = page;
  const collection = createCollection({ page, mode, field, query, most, atOnce: AT_ONCE });
  const refused = () => collection.entries().filter((entry) => entry.file.verdict === "refused");
  const fixable = () => refused().filter((entry) => entry.file.fixes.length && !collection.jobOf(entry));
  const shown = () => [...collection.entries()].sort((one, other) => order(one) - order(other));
  const nameOf = (/** @type {number} */ number) => words("files.many.image", { number });

  let replacing = "";
  const picker = h("input", { type: "file", hidden: true, multiple: true, accept: ACCEPTED.image });
  picker.addEventListener("change", () => {
    const files = [...(picker.files ?? [])];
    picker.value = "";
    if (replacing && files[0]) collection.replace(replacing, files[0]);
    else collection.add(files);
    replacing = "";
    picker.multiple = true;
  });
  function pick(key = "") {
    replacing = key;
    picker.multiple = !key;
    picker.click();
  }

  const title = h("b", {});
  const away = h("span", { class: "media-refused" });
  const drop = button(words("batch.drop"), () => collection.remove(...refused().map((entry) => entry.key)), {
    class: "quiet",
  });
  const fixAll = button("", () => fixable().forEach((entry) => collection.fix(entry.key, entry.file.fixes)), {
    class: "button",
  });
  const head = h(
    "div",
    { class: "batch-head" },
    title,
    button(words("batch.add"), () => pick(), { class: "quiet" }),
    button(words("batch.clear"), clear, { class: "quiet" }),
  );
  const sum = h("div", { class: "batch-sum" }, away, fixAll, drop);
  const sheet = createSheet({
    page,
    collection,
    nameOf,
    several: () => true,
    insertToken: undefined,
    resolution,
    replace: pick,
    closed: (key) =>
      collection.entry(key) ? tiles.focus(key) : /** @type {HTMLElement} */ (head.querySelector("button")).focus(),
  });
  const tiles = createTiles({
    page,
    collection,
    nameOf,
    ordered: false,
    insertToken: undefined,
    open: (entry) => sheet.open(entry),
    last: () => [],
    shown,
  });
  const lines = createLines({ page, collection, nameOf, mark: (entry) => entry.file.name, resolution });
  const element = h(
    "section",
    { class: "media-files media-batch", role: "group", "aria-label": words("batch.name") },
    picker,
    head,
    tiles.element,
    sum,
    lines.element,
  );

  function clear() {
    for (const job of collection.jobs()) job.cancel();
    collection.remove(...collection.entries().map((entry) => entry.key));
    if (!collection.entries().length) onChange([]);
  }
  function draw() {
    const count = collection.entries().length + collection.jobs().filter((job) => !job.entry).length;
    setText(title, words.count("batch.title", count));
    setText(away, words.count("batch.refused", refused().length));
    setText(fixAll, words.count("batch.fix", fixable().length));
    sum.hidden = refused().length === 0;
    fixAll.hidden = fixable().length === 0;
    tiles.draw();
    lines.draw();
    sheet.draw();
  }
  collection.changed.on(({ what }) => {
    draw();
    if (what === "files") onChange(collection.entries().map((entry) => entry.file));
  });
  draw();
  return {
    element,
    items: () => collection.entries().map((entry) => entry.file),
    /** @param {readonly File[]} files */
    add: (files) => collection.add(files),
    refresh: () => collection.refresh(),
    draw,
    clear,
    room: () => collection.room(),
  };
}

/** @param {Entry} entry */
function order(entry) {
  return entry.file.verdict === "refused" ? 0 : gravity("pass");
}
