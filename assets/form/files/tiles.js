/** @typedef {import("./collection").Collection} Collection */
/** @typedef {import("./collection").Entry} Entry */
/** @typedef {import("./collection").Job} Job */

import { linesOf } from "#form/files/findings";
import { nearest } from "#form/files/order";
import { button, h, keyed, refocus, setText } from "#shell/dom";

const SIGNS = { pass: "✓", advice: "i", disputed: "!", refused: "✕" };
const DRAGGED_PIXELS = 6;
const HELD_MS = 350;

/** @param {DataTransfer | null} data */
const hasFiles = (data) => Boolean(data && [...data.types].includes("Files"));

/**
 * The dot that tells a verdict, by colour and by sign.
 *
 * @param {import("./findings").Line["verdict"]} verdict
 */
export function dot(verdict) {
  return h("span", { class: "verdict-dot", data: { verdict }, "aria-hidden": "true" }, SIGNS[verdict]);
}

/**
 * @param {import("../../types/page").FormFileView} file
 */
export function picture(file) {
  const blank = () => h("span", { class: "media-blank" });
  if (!file.thumbnail) return blank();
  const image = h("img", { src: file.thumbnail, alt: "", draggable: false });
  image.draggable = false;
  image.addEventListener("error", () => image.replaceWith(blank()));
  return image;
}

/**
 * The files as small pictures in a row: one tab stop, the arrow keys go from one to the next.
 *
 * @param {object} given
 * @param {import("../../types/page").Page} given.page
 * @param {Collection} given.collection
 * @param {(number: number) => string} given.nameOf such as "Image 3"
 * @param {boolean} given.ordered whether their order means something
 * @param {((number: number) => void) | undefined} given.insertToken
 * @param {(entry: Entry) => void} given.open
 * @param {() => Node[]} given.last what stands behind them
 * @param {() => readonly Entry[]} [given.shown] in another order than theirs
 */
export function createTiles({
  page,
  collection,
  nameOf,
  ordered,
  insertToken,
  open,
  last,
  shown = collection.entries,
}) {
  const { words } = page;
  const element = h("div", { class: "media-tiles" });
  let current = "";
  /** What is dragged was not clicked. */
  let dragging = false;

  /** @param {Entry} entry */
  const numberOf = (entry) => collection.entries().indexOf(entry) + 1;
  /** @param {string} key */
  const tileOf = (key) => /** @type {HTMLElement | null} */ (element.querySelector(`[data-key="${CSS.escape(key)}"]`));
  /** @param {string} key */
  function focus(key) {
    current = key;
    rove();
    /** @type {HTMLElement | null | undefined} */ (tileOf(key)?.querySelector(".media-open"))?.focus();
  }
  /** One of them can be reached with Tab. */
  function rove() {
    const known = collection.entry(current) ? current : shown()[0]?.key;
    for (const node of element.querySelectorAll(".media-tile > .media-open")) {
      const tile = /** @type {HTMLElement} */ (node.parentElement);
      /** @type {HTMLElement} */ (node).tabIndex = tile.dataset.key === known ? 0 : -1;
    }
  }
  /** @param {Entry} entry */
  function remove(entry) {
    const list = shown();
    const at = list.indexOf(entry);
    const neighbour = list[at + 1] ?? list[at - 1];
    const had = tileOf(entry.key)?.contains(document.activeElement);
    collection.remove(entry.key);
    if (!had) return;
    if (neighbour) focus(neighbour.key);
    else /** @type {HTMLElement | null} */ (element.querySelector("button"))?.focus();
  }

  /** @param {Entry} entry */
  function make(entry) {
    const { key } = entry;
    const now = () => /** @type {Entry} */ (collection.entry(key));
    const opener = h("button", {
      type: "button",
      class: "media-open",
      onclick: () => {
        current = key;
        rove();
        if (!dragging) open(now());
      },
      onkeydown: (/** @type {KeyboardEvent} */ event) => pressed(event, now()),
    });
    const tile = h("div", { class: "media-tile" }, opener);
    if (insertToken) {
      const act = () => insertToken(numberOf(now()));
      tile.append(h("button", { type: "button", class: "media-number", tabIndex: -1, onclick: act }));
    }
    const away = h("button", { type: "button", class: "media-away", tabIndex: -1, onclick: () => remove(now()) }, "×");
    tile.append(away, h("span", { class: "media-part" }));
    tile.addEventListener("dragover", (event) => {
      if (!hasFiles(event.dataTransfer)) return;
      event.preventDefault();
      tile.classList.add("target");
    });
    tile.addEventListener("dragleave", () => tile.classList.remove("target"));
    tile.addEventListener("drop", (event) => {
      tile.classList.remove("target");
      const [file, ...more] = event.dataTransfer?.files ?? [];
      if (!file || more.length) return;
      event.preventDefault();
      collection.replace(key, file);
    });
    if (ordered) draggable(tile, opener);
    return tile;
  }
  /**
   * @param {HTMLElement} tile
   * @param {Entry} entry
   */
  function update(tile, entry) {
    const { file } = entry;
    const number = numberOf(entry);
    const what = nameOf(number);
    const [opener] = /** @type {HTMLCollectionOf<HTMLButtonElement>} */ (tile.children);
    if (!opener) return;
    const job = collection.jobOf(entry);
    const state = [file.sha256, file.verdict, job ? job.phase : "", number].join();
    if (tile.dataset.state !== state) {
      tile.dataset.state = state;
      tile.dataset.verdict = file.verdict;
      opener.replaceChildren(picture(file), job ? "" : dot(file.verdict));
    }
    tile.classList.toggle("busy", Boolean(job));
    tile.style.setProperty("--part", String(job?.part ?? 0));
    const [first] = linesOf(file);
    const verdict = words(`preflight.${file.verdict}`);
    const told = { what, name: file.name, verdict, text: first?.text ?? "" };
    const label = job ? doing(words, job) : words(first ? "files.tile.why" : "files.tile", told);
    opener.setAttribute("aria-label", label);
    opener.title = label;
    if (ordered && shown().length > 1) opener.setAttribute("aria-description", words("files.keys"));
    const badge = tile.querySelector(".media-number");
    if (badge) {
      setText(badge, String(number));
      name(badge, words("files.token", { number }));
    }
    name(/** @type {Element} */ (tile.querySelector(".media-away")), words("files.remove", { name: file.name }));
  }
  /**
   * @param {Element} node
   * @param {string} text
   */
  function name(node, text) {
    node.setAttribute("aria-label", text);
    /** @type {HTMLElement} */ (node).title = text;
  }

  /** @param {Job} job */
  function makeJob(job) {
    const text = doing(words, job);
    const box = h("div", { class: "media-tile coming", title: text, role: "group", "aria-label": text });
    if (job.preview)
      box.append(
        h("img", {
          src: job.preview,
          alt: "",
          onerror: (/** @type {Event} */ event) => /** @type {Element} */ (event.target).remove(),
        }),
      );
    box.append(
      h("span", { class: "media-part" }),
      button("×", job.cancel, { class: "media-away", label: words("action.cancel") }),
    );
    return box;
  }
  /**
   * @param {HTMLElement} box
   * @param {Job} job
   */
  function updateJob(box, job) {
    const text = doing(words, job);
    box.title = text;
    box.setAttribute("aria-label", text);
    box.dataset.phase = job.phase;
    box.style.setProperty("--part", String(job.part));
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Entry} entry
   */
  function pressed(event, entry) {
    const list = shown();
    const at = list.indexOf(entry);
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (step && (event.shiftKey || event.altKey) && ordered) {
      event.preventDefault();
      collection.move(at, at + step);
      focus(entry.key);
    } else if (step || event.key === "Home" || event.key === "End") {
      event.preventDefault();
      const to = event.key === "Home" ? 0 : event.key === "End" ? list.length - 1 : at + (step ?? 0);
      if (list[to]) focus(list[to].key);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      remove(entry);
    }
  }

  /**
   * A mouse drags at once, a finger after it was held still: else it scrolls the page.
   *
   * @param {HTMLElement} tile
   * @param {HTMLElement} opener
   */
  function draggable(tile, opener) {
    /** @type {{ x: number, y: number } | null} */
    let from = null;
    let timer = 0;
    function begin() {
      dragging = true;
      tile.classList.add("dragged");
    }
    /** @param {PointerEvent} event */
    function place(event) {
      const tiles = shown().map((entry) => tileOf(entry.key));
      const boxes = tiles.map((one) => (one === tile ? home : one?.getBoundingClientRect()) ?? new DOMRect());
      return nearest(boxes, event.clientX, event.clientY);
    }
    let home = new DOMRect();
    function mark(at = -1) {
      shown().forEach((entry, index) => tileOf(entry.key)?.classList.toggle("target", index === at));
    }
    function end() {
      clearTimeout(timer);
      from = null;
      tile.classList.remove("dragged");
      tile.style.translate = "";
      mark();
      /* the click that follows is part of it */
      setTimeout(() => {
        dragging = false;
      });
    }
    opener.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || shown().length < 2) return;
      from = { x: event.clientX, y: event.clientY };
      home = tile.getBoundingClientRect();
      opener.setPointerCapture(event.pointerId);
      if (event.pointerType !== "mouse") timer = window.setTimeout(begin, HELD_MS);
    });
    opener.addEventListener("pointermove", (event) => {
      if (!from) return;
      const [across, down] = [event.clientX - from.x, event.clientY - from.y];
      if (!dragging && Math.hypot(across, down) > DRAGGED_PIXELS) {
        if (event.pointerType === "mouse") begin();
        else end();
      }
      if (!dragging) return;
      tile.style.translate = `${across}px ${down}px`;
      mark(place(event));
    });
    opener.addEventListener("pointerup", (event) => {
      const key = tile.dataset.key ?? "";
      const at = shown().findIndex((entry) => entry.key === key);
      const to = dragging ? place(event) : at;
      end();
      if (to !== at) {
        collection.move(at, to);
        focus(key);
      }
    });
    opener.addEventListener("pointercancel", end);
    opener.addEventListener("contextmenu", (event) => dragging && event.preventDefault());
    /* A finger that drags does not scroll. */
    opener.addEventListener("touchmove", (event) => dragging && event.preventDefault(), { passive: false });
  }

  function draw() {
    refocus(element, () => {
      const coming = collection.jobs().filter((job) => !job.entry);
      const items = [...shown(), ...coming];
      for (const node of element.querySelectorAll(":scope > :not([data-key])")) node.remove();
      keyed(element, /** @type {(Entry | Job)[]} */ (items), {
        key: (item) => item.key,
        make: (item) => ("file" in item ? make(item) : makeJob(item)),
        update: (node, item) => ("file" in item ? update(node, item) : updateJob(node, item)),
      });
      element.append(...last());
      element.dataset.size = items.length > 4 ? "small" : "large";
      rove();
    });
  }
  return { element, draw, focus };
}

/**
 * What is being done to a file.
 *
 * @param {import("../../types/page").Words} words
 * @param {Job} job
 */
export function doing(words, job) {
  const { name } = job;
  if (job.phase === "queued") return words("files.queued", { name });
  if (job.phase === "checking") return words("files.checking", { name });
  const text = words(job.phase === "fixing" ? "files.mending" : "files.sending", { name });
  return `${text} · ${Math.round(job.part * 100)} %`;
}
