/** @typedef {import("../../types/page").FormFileView} FormFileView */
/** @typedef {import("../../types/page").Page} Page */
/** @typedef {ReturnType<typeof createFiles>} FilesInput */
/** @typedef {ReturnType<typeof import("#form/files/sheet").createSheet>} Sheet */

import { createCollection } from "#form/files/collection";
import { createLines } from "#form/files/lines";
import { createTiles } from "#form/files/tiles";
import { button, h } from "#shell/dom";
import { inTime } from "#shell/missing";

export const ACCEPTED = { image: "image/*,.heic,.heif,.avif", video: "video/*,.mov" };

/**
 * An input of files: each is sent, checked by the server, shown with what was found, and fixed on a click.
 *
 * @param {object} given
 * @param {Page} given.page
 * @param {import("../../types/page").Mode} given.mode
 * @param {string} given.field
 * @param {"image" | "video"} given.kind
 * @param {number} given.least how many it needs
 * @param {number} given.most how many it takes
 * @param {() => string} given.query `mode=…&field=…&provider=…&model=…`: whose rules count
 * @param {() => string} given.resolution of which the price is told
 * @param {(items: FormFileView[], moved: Record<number, number> | null) => void} given.onChange with the numbers that
 *   changed, which the prompt follows
 * @param {(number: number) => void} [given.insertToken] names a file in the prompt, where it can
 * @param {(files: File[]) => void} [given.onBatch] takes several pictures that came where one is wanted
 */
export function createFiles(given) {
  const { page, mode, field, kind, least, most, query, resolution, onChange, insertToken, onBatch } = given;
  const { words } = page;
  const single = most === 1;
  const collection = createCollection({ page, mode, field, query, most });
  const label = words(`files.${/** @type {"first_frame" | "references" | "video"} */ (field)}`);

  /** @param {number} number */
  function nameOf(number) {
    if (kind === "video") return words("files.one.video");
    return single ? words("files.one.image") : words("files.many.image", { number });
  }
  /** Which file the picker's replaces. */
  let replacing = "";
  const picker = h("input", { type: "file", hidden: true, accept: ACCEPTED[kind] });
  picker.addEventListener("change", () => {
    const chosen = [...(picker.files ?? [])];
    picker.value = "";
    const key = replacing;
    replaceNext("");
    if (key && chosen[0]) collection.replace(key, chosen[0]);
    else add(chosen);
  });
  /** @param {string} key of the file whose place is taken by what is picked next; empty: it is added */
  function replaceNext(key) {
    replacing = key;
    picker.multiple = !key && (!single || Boolean(onBatch));
  }
  function pick(key = "") {
    replaceNext(key);
    picker.click();
  }
  /** @param {readonly File[]} files */
  function add(files) {
    if (!files.length) return;
    if (single && files.length > 1 && onBatch) {
      onBatch([...files]);
      return;
    }
    const [there] = collection.entries();
    if (!single) collection.add(files);
    else if (files[0]) {
      for (const job of collection.jobs()) job.cancel();
      if (there) collection.replace(there.key, files[0]);
      else collection.add(files.slice(0, 1));
      if (files.length > 1) page.notices.say(words(`files.only.${kind}`));
    }
  }

  /** What there is to see of a file; it comes when the first is opened. @type {Sheet | null} */
  let sheet = null;
  /** @param {Parameters<Sheet["open"]>} which */
  async function openSheet(...which) {
    const { createSheet } = await inTime(import("#form/files/sheet"));
    sheet ??= createSheet({
      page,
      collection,
      nameOf,
      several: () => !single,
      insertToken,
      resolution,
      replace: pick,
      closed: (key) => (collection.entry(key) ? tiles.focus(key) : adder().focus()),
    });
    sheet.open(...which);
  }
  const tiles = createTiles({
    page,
    collection,
    nameOf,
    ordered: !single,
    insertToken,
    open: openSheet,
    last,
  });
  const lines = createLines({
    page,
    collection,
    nameOf,
    mark: (_, number) => (single ? "" : String(number)),
    resolution,
  });
  const address = createAddress();
  const element = h(
    "section",
    { class: "media-files", role: "group", "aria-label": label },
    picker,
    tiles.element,
    address.element,
    lines.element,
  );
  element.dataset.kind = kind;

  const adder = () =>
    /** @type {HTMLElement} */ (element.querySelector(".media-add") ?? element.querySelector("button"));

  /** What stands behind the tiles: the way to add one, and how many there are; beside a single file what it is. */
  function last() {
    /** @type {HTMLElement[]} */
    const nodes = [...incoming()];
    const [entry] = collection.entries();
    if (collection.room() > 0) {
      const first = !collection.entries().length && !collection.jobs().length;
      const what = words(/** @type {any} */ (`files.add.${field}`));
      const named = least ? what : words("files.add.optional", { what });
      const text = first ? named : words("files.add.more");
      const hint = h("small", {}, words(first ? "files.drop" : "files.drop.short"));
      nodes.push(
        button(
          h("span", {}, h("b", { "aria-hidden": "true" }, "+"), h("span", { class: "what" }, text), " ", hint),
          () => pick(),
          { class: "media-add" },
        ),
      );
    } else if (single && entry) {
      const facts = h("small", {}, entry.file.facts.join(" · "));
      const again = button(words("files.replace"), () => pick(entry.key), { class: "quiet" });
      nodes.push(h("div", { class: "media-about" }, h("span", { class: "name" }, entry.file.name), facts, again));
    }
    const more = h("div", { class: "media-more" });
    if (!single && collection.entries().length) {
      more.append(h("span", {}, words("files.count", { count: collection.entries().length, most })));
    }
    if (collection.room() > 0) more.append(address.opener);
    if (more.childNodes.length) nodes.push(more);
    element.classList.toggle(
      "without-files",
      !collection.entries().length && !collection.jobs().length && !incoming().length,
    );
    return nodes;
  }
  /** What is brought here from elsewhere in the page. */
  function incoming() {
    const own = new Set(collection.jobs().map((job) => job.cancel));
    return page.holds
      .of(mode)
      .filter((one) => one.field === field && !own.has(one.cancel))
      .map((one) => {
        const text = words("files.coming", { name: one.text });
        const cancel = button("×", one.cancel, { class: "media-away", label: words("action.cancel") });
        return h(
          "div",
          { class: "media-tile coming", title: text, role: "group", "aria-label": text, data: { phase: "checking" } },
          h("span", { class: "media-part" }),
          cancel,
        );
      });
  }

  function createAddress() {
    const input = h("input", {
      class: "text-field",
      type: "url",
      placeholder: words("files.url"),
      "aria-label": words("files.url"),
      required: true,
    });
    const form = h(
      "form",
      { class: "media-address", hidden: true, noValidate: true },
      input,
      h("button", { class: "button" }, words("files.url.add")),
    );
    form.append(button("×", () => show(false), { class: "media-close", label: words("close") }));
    const opener = button(words("files.url.open"), () => show(Boolean(form.hidden)), { class: "quiet" });
    /** @param {boolean} open */
    function show(open) {
      form.hidden = !open;
      opener.setAttribute("aria-expanded", String(open));
      (open ? input : opener).focus();
    }
    opener.setAttribute("aria-expanded", "false");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const url = input.value.trim();
      if (!url) return;
      await collection.addAddress(url);
      if (collection.errors().length) return;
      input.value = "";
      const held = form.contains(document.activeElement);
      form.hidden = true;
      opener.setAttribute("aria-expanded", "false");
      if (held) (opener.isConnected ? opener : adder()).focus();
    });
    form.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
    return { element: form, opener };
  }

  function draw() {
    tiles.draw();
    lines.draw();
    sheet?.draw();
  }
  element.addEventListener("dragover", (event) => {
    if ([...(event.dataTransfer?.types ?? [])].includes("Files")) event.preventDefault();
  });
  element.addEventListener("drop", (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (event.defaultPrevented || !files.length) return;
    event.preventDefault();
    add(files);
  });
  /* A set from outside is no news to the outside. */
  let silent = false;
  let told = "";
  collection.changed.on(({ what, moved }) => {
    draw();
    if (what !== "files" || silent) return;
    const items = collection.entries().map((entry) => entry.file);
    const now = JSON.stringify(items);
    if (now === told && !moved) return;
    told = now;
    onChange(items, moved);
  });
  page.holds.changed.on(draw);
  replaceNext("");
  draw();

  return {
    element,
    label,
    items: () => collection.entries().map((entry) => entry.file),
    /** @param {readonly FormFileView[]} items */
    set(items) {
      silent = true;
      collection.set(items);
      silent = false;
      told = JSON.stringify(items);
    },
    add,
    /** Judges all anew, by the chosen model. */
    refresh: () => collection.refresh(),
    /** Draws again what hangs on the resolution. */
    draw,
    /** How many more it takes; a single file gives way to another. */
    room: () => (single ? 1 : collection.room()),
    /** Whether what comes takes another's place. */
    replaces: () => single && collection.entries().length > 0,
  };
}
