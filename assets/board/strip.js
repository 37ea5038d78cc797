import { STEPS, progressOf } from "#board/progress";
import { createRing, fillRing } from "#board/ring";
import { noteInput, ratioOf } from "#board/variants";
import { button, h, keyed, refocus, setText } from "#shell/dom";
import { inSync } from "#shell/playback";

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobView} JobView */
/** @typedef {import("./variants").Tile} Tile */
/** @typedef {import("./choice").Shown} Shown */

const POINT_MS = 150;
const MARGIN = 24;
const EXCERPT = 80;
const [NARROWEST, WIDEST] = [0.5625, 1.7778];

/**
 * The filmstrip: a list of posters of which one is on the stage. It has one stop for the Tab key, and arrows step.
 *
 * @param {Page} page
 * @param {object} does
 * @param {(tile: Tile) => void} does.choose
 * @param {(tile: Tile) => void} does.enter
 * @param {() => void} does.toggle
 * @param {() => void} does.reshaped is told when it has become known which shape a video will have
 */
export function createStrip(page, { choose, enter, toggle, reshaped }) {
  const { words, dates, jobs } = page;
  const named = { "aria-orientation": "horizontal", "aria-label": words("board") };
  const list = h("div", { class: "strip", role: "listbox", ...named });
  const older = button(words("board.older"), load, { class: "button strip-older", hidden: true });
  const end = h("p", { class: "strip-kept" });
  const element = h("div", { class: "strip-scroll" }, list, older, end);
  /** @type {Tile[]} */
  let tiles = [];
  /** @type {Shown | null} */
  let chosen = null;
  /** @type {{ node: HTMLElement, leave: () => void } | null} */
  let preview = null;
  let pointing = 0;
  let loading = false;

  const nodes = () => /** @type {HTMLElement[]} */ ([...list.children]);
  /** @param {Tile} tile */
  const nodeOf = (tile) => nodes().find((node) => node.dataset.key === tile.key);
  /** @param {EventTarget | null} target */
  const tileAt = (target) => {
    const node = /** @type {Element | null} */ (target)?.closest(".strip-tile");
    return tiles.find((tile) => tile.key === /** @type {HTMLElement | null} */ (node)?.dataset.key);
  };

  /** @param {Tile} tile */
  function made(tile) {
    const node = h("div", { class: "strip-tile", role: "option", tabIndex: -1 });
    node.dataset.key = tile.key;
    return node;
  }
  /** @param {HTMLElement} node @param {Tile} tile */
  function fill(node, tile) {
    const [first] = tile.jobs;
    if (!first) return;
    const isChosen = chosen?.tile.key === tile.key;
    const ratio = Math.min(WIDEST, Math.max(NARROWEST, ratioOf(first)));
    node.style.setProperty("--ratio", ratio.toFixed(4));
    node.dataset.tone = tile.jobs.some((job) => job.tone === "under-way") ? "under-way" : first.tone;
    node.setAttribute("aria-selected", String(isChosen));
    node.tabIndex = isChosen ? 0 : -1;
    node.setAttribute("aria-label", nameOf(tile));
    node.classList.toggle("group", tile.jobs.length > 1);
    node.dataset.count = String(tile.jobs.length);
    keyed(node, tile.jobs, { key: (job) => job.id, make: cell, update: fillCell });
  }
  /** @param {Tile} tile */
  function nameOf({ jobs: all }) {
    const [job] = all;
    if (!job) return "";
    const prompt = job.prompt.slice(0, EXCERPT) || words("prompt.none");
    const length = job.seconds ? dates.seconds(job.seconds) : "";
    const runs = job.tone === "under-way";
    const own = runs ? words(`progress.${STEPS[progressOf(job, jobs.now()).step] ?? "queued"}`) : job.label;
    const state = all.length > 1 ? words("variants.name", { count: all.length }) : own;
    return [state, length, prompt].filter(Boolean).join(", ");
  }
  function cell() {
    return h("span", { class: "strip-cell" });
  }
  /** @param {HTMLElement} node @param {JobView} job */
  function fillCell(node, job) {
    node.dataset.id = job.id;
    node.dataset.state = job.state;
    node.dataset.tone = job.tone;
    node.classList.toggle("picked", job.favourite);
    const look = JSON.stringify([job.video?.poster, job.thumbnail, job.tone, job.label, Boolean(job.video)]);
    if (node.dataset.look === look) return;
    node.dataset.look = look;
    const picture = job.video ? job.video.poster : job.thumbnail;
    const image = picture ? h("img", { loading: "lazy", decoding: "async", alt: "", src: picture }) : null;
    image?.addEventListener("error", () => image.remove());
    if (image && picture && !job.video) {
      image.classList.add("input");
      image.addEventListener("load", () => noteInput(image, picture) && reshaped());
    }
    const runs = job.tone === "under-way";
    const word = h("span", { class: "word" }, h("span", { class: "step" }, runs ? "" : job.label));
    node.replaceChildren(...[image, runs && createRing(), !job.video && word].filter((one) => one instanceof Node));
  }

  /** @param {number} now */
  function tick(now) {
    for (const tile of tiles) {
      for (const job of tile.jobs) {
        if (job.tone !== "under-way") continue;
        const node = nodeOf(tile)?.querySelector(`[data-key="${CSS.escape(job.id)}"]`);
        const ring = /** @type {HTMLElement | null} */ (node?.querySelector(".ring"));
        const word = /** @type {HTMLElement | null} */ (node?.querySelector(".word"));
        const step = word?.querySelector(".step");
        if (!ring || !word || !step) continue;
        const progress = progressOf(job, now);
        fillRing(ring, progress);
        setText(step, words(`progress.${STEPS[progress.step] ?? "queued"}`));
        word.dataset.clock = dates.clock(progress.seconds); /* shown by the style: it is no part of the tile's name */
      }
    }
  }

  /** Where it stands stays as it is, whatever comes before it. @param {() => void} change */
  function anchored(change) {
    const anchor = element.scrollLeft > 0 && nodes().find((node) => node.offsetLeft >= element.scrollLeft);
    const before = anchor ? anchor.offsetLeft : 0;
    change();
    if (anchor && anchor.isConnected) element.scrollLeft += anchor.offsetLeft - before;
  }
  /** @param {HTMLElement} node */
  function reveal(node) {
    const from = node.offsetLeft - MARGIN;
    const to = node.offsetLeft + node.offsetWidth + MARGIN - element.clientWidth;
    if (from < element.scrollLeft) element.scrollLeft = from;
    else if (to > element.scrollLeft) element.scrollLeft = to;
  }

  async function load() {
    if (loading || !jobs.more()) return;
    loading = true;
    older.setAttribute("aria-busy", "true");
    try {
      await jobs.loadOlder();
      setText(older, words("board.older"));
      watchEnd();
    } catch (error) {
      setText(older, words("action.failed", { reason: /** @type {Error} */ (error).message }));
    }
    loading = false;
    older.removeAttribute("aria-busy");
  }
  const near = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) load();
    },
    { root: element, rootMargin: "0px 800px" },
  );
  /** It tells of a change alone: where the end is in sight all the time it is asked anew. */
  function watchEnd() {
    near.unobserve(older);
    near.observe(older);
  }

  function stopPreview() {
    clearTimeout(pointing);
    preview?.leave();
    preview = null;
  }
  /** @param {HTMLElement} node @param {Tile} tile */
  function startPreview(node, tile) {
    const films = tile.jobs.flatMap((job) => {
      const place = node.querySelector(`[data-key="${CSS.escape(job.id)}"]`);
      if (!job.video || !place) return [];
      const silent = { muted: true, playsInline: true, preload: "auto" };
      const film = h("video", { class: "preview", ...silent, src: job.video.url });
      film.setAttribute("aria-hidden", "true");
      place.append(film);
      return [film];
    });
    const playback = inSync(films);
    playback.play();
    preview = {
      node,
      leave() {
        playback.leave();
        for (const film of films) film.remove();
      },
    };
  }
  /** @param {EventTarget | null} target */
  function point(target) {
    const tile = tileAt(target);
    const node = tile && nodeOf(tile);
    if (node === preview?.node) return;
    stopPreview();
    if (!tile || !node || !tile.jobs.some((job) => job.video)) return;
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    pointing = window.setTimeout(() => startPreview(node, tile), POINT_MS);
  }
  list.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch") point(event.target);
  });
  list.addEventListener("pointerleave", stopPreview);
  list.addEventListener("focusin", (event) => {
    const tile = tileAt(event.target);
    if (tile && tile.jobs.length > 1) point(event.target);
  });
  list.addEventListener("focusout", stopPreview);

  list.addEventListener("click", (event) => {
    const tile = tileAt(event.target);
    if (!tile) return;
    choose(tile);
    nodeOf(tile)?.focus({ preventScroll: true });
  });
  list.addEventListener("dblclick", (event) => {
    const tile = tileAt(event.target);
    if (tile) enter(tile);
  });
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = tiles.findIndex((tile) => tile.key === tileAt(event.target)?.key);
    const tile = tiles[at];
    if (!tile) return;
    const last = tiles.length - 1;
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key];
    if (next !== undefined) {
      const other = tiles[Math.min(Math.max(next, 0), last)];
      if (other && other !== tile) {
        choose(other);
        const node = nodeOf(other);
        node?.focus({ preventScroll: true });
        if (node) reveal(node);
      }
    } else if (event.key === "Enter") enter(tile);
    else if (event.key === " ") toggle();
    else return;
    event.preventDefault();
  });

  return {
    element,
    /** @param {string} text */
    say: (text) => setText(end, text),
    tick,
    /**
     * @param {Tile[]} all
     * @param {Shown | null} shown
     */
    draw(all, shown) {
      const before = chosen?.tile.key;
      tiles = all;
      chosen = shown;
      refocus(list, () => anchored(() => keyed(list, all, { key: (tile) => tile.key, make: made, update: fill })));
      older.hidden = !jobs.more();
      end.hidden = jobs.more();
      if (jobs.more()) near.observe(older);
      if (preview && !preview.node.isConnected) stopPreview();
      const node = shown && before !== shown.tile.key ? nodeOf(shown.tile) : null;
      if (node) reveal(node);
      tick(jobs.now());
    },
  };
}
