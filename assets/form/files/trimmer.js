import { price } from "#form/files/prices";
import { billed, moveEnd, moveStart, slide } from "#form/files/range";
import { button, h, setText } from "#shell/dom";

/** Frames in the strip that the studio makes. */
const FRAMES = 12;

/**
 * The strip of a video's frames with a handle at either end of what is kept; the price moves with them.
 *
 * @param {object} given
 * @param {import("../../types/page").Words} given.words
 * @param {import("../../types/views").FileView} given.file that has a trim
 * @param {() => string} given.resolution
 * @param {(seconds: number) => void} given.seek shows that moment
 * @param {(fixes: Record<string, unknown>[]) => void} given.apply
 */
export function createTrimmer({ words, file, resolution, seek, apply }) {
  const trim = /** @type {import("../../types/views").TrimView} */ (file.trim);
  const tenths = (/** @type {number} */ seconds) => Math.round(seconds * 10);
  /* The end may lie a few hundredths beyond the last tenth: then it is the end. */
  const whole = Math.floor((file.seconds ?? 0) * 10 + 1e-6);
  const bounds = { whole, least: tenths(trim.least), most: Math.min(tenths(trim.most), whole) };
  const keep = tenths(trim.keep);
  let range = { start: 0, end: Math.min(keep, whole) };
  const shown = (/** @type {number} */ value) => (value / 10).toFixed(1).replace(/\.0$/, "");
  const length = () => range.end - range.start;
  /** @param {number} of */
  function costs(of) {
    const rate = trim.rates[resolution()];
    return rate ? price(rate, billed(of, keep)) : "";
  }

  const cells = Array.from({ length: FRAMES }, (_, at) => h("span", { style: { "--at": at } }, h("i", {})));
  const strip = h("div", { class: "film-strip", "aria-hidden": "true" }, ...cells);
  /* whole: an address in a property is read relative to the sheet that uses it */
  const address = new URL(`studio/files/${file.sha256}/strip`, document.baseURI);
  strip.style.setProperty("--strip", `url("${address}")`);
  const start = handle("trim.start");
  const end = handle("trim.end");
  const kept = h("div", { class: "film-kept" });
  const rail = h("div", { class: "film-rail" }, strip, kept, start, end);
  const note = h("p", { class: "trim-note" });
  const cost = h("p", { class: "trim-cost" });
  const offers = h("div", { class: "media-ways" });
  const lengths = trim.offers.map((offer) => tenths(offer.seconds)).filter((of) => of < whole);
  const offered = lengths.map((of) => {
    const label = words("trim.offer", { seconds: shown(of) });
    return button(label, () => set({ start: 0, end: of }), { class: "button" });
  });
  offers.append(...offered);
  const go = button("", () => apply(fixes()), { class: "button strong" });
  const element = h(
    "section",
    { class: "trimmer", "aria-label": words("trim") },
    h("p", { class: "trim-title" }, words("trim.title", { keep: trim.keep })),
    rail,
    h("div", { class: "trim-notes" }, note, cost),
    h("div", { class: "trim-acts" }, offers, go),
  );

  /** @param {"trim.start" | "trim.end"} name */
  function handle(name) {
    return h("div", {
      class: "film-handle",
      role: "slider",
      tabIndex: 0,
      "aria-label": words(name),
      data: { end: name.slice(5) },
    });
  }
  /** @param {import("./range").Range} next */
  function set(next) {
    const moved = next.start !== range.start ? next.start : next.end;
    range = next;
    draw();
    seek(moved / 10);
  }
  function draw() {
    rail.style.setProperty("--from", String(range.start / whole));
    rail.style.setProperty("--to", String(range.end / whole));
    const now = costs(length());
    for (const [node, value, least, most] of /** @type {const} */ ([
      [start, range.start, 0, whole - bounds.least],
      [end, range.end, bounds.least, whole],
    ])) {
      node.setAttribute("aria-valuemin", String(least / 10));
      node.setAttribute("aria-valuemax", String(most / 10));
      node.setAttribute("aria-valuenow", String(value / 10));
      const told = { seconds: shown(value), length: shown(length()), price: now };
      node.setAttribute("aria-valuetext", words(now ? "trim.at.price" : "trim.at", told));
    }
    setText(note, words("trim.part", { start: shown(range.start), end: shown(range.end), length: shown(whole) }));
    /* The last offer is the longest video that is allowed: this one, where it is; to the last digit of its length. */
    const before = (file.seconds ?? 0) <= trim.most ? (trim.offers.at(-1)?.prices[resolution()] ?? "") : "";
    setText(cost, before && before !== now ? words("trim.price", { price: now, before }) : now);
    setText(go, words("trim.apply", { seconds: shown(length()) }));
    go.disabled = length() >= whole;
    for (const [at, of] of lengths.entries()) {
      offered[at]?.setAttribute("aria-pressed", String(range.start === 0 && range.end === of));
    }
  }
  function fixes() {
    const cut = {
      name: "trim",
      start: shown(range.start),
      length: shown(length()),
      within: [String(trim.least), String(trim.most)],
    };
    return [cut, ...trim.others];
  }

  /** @param {(at: number, from: import("./range").Range) => import("./range").Range} act */
  function dragged(act) {
    /** @type {{ x: number, range: import("./range").Range } | null} */
    let held = null;
    return {
      /** @param {PointerEvent} event */
      pointerdown(event) {
        if (event.button !== 0) return;
        event.preventDefault();
        event.stopPropagation();
        held = { x: event.clientX, range };
        const node = /** @type {HTMLElement} */ (event.currentTarget);
        node.setPointerCapture(event.pointerId);
        node.focus({ preventScroll: true });
      },
      /** @param {PointerEvent} event */
      pointermove(event) {
        if (!held) return;
        const { width } = rail.getBoundingClientRect();
        set(act(Math.round(((event.clientX - held.x) / width) * whole), held.range));
      },
      pointerup: () => void (held = null),
      pointercancel: () => void (held = null),
    };
  }
  /**
   * @param {HTMLElement} node
   * @param {Record<string, (event: any) => void>} listeners
   */
  function listen(node, listeners) {
    for (const [name, act] of Object.entries(listeners)) node.addEventListener(name, act);
  }
  listen(
    start,
    dragged((by, from) => moveStart(from, from.start + by, bounds)),
  );
  listen(
    end,
    dragged((by, from) => moveEnd(from, from.end + by, bounds)),
  );
  listen(
    kept,
    dragged((by, from) => slide(from, from.start + by, bounds)),
  );
  rail.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 10 : 1;
    const by = {
      ArrowLeft: -step,
      ArrowDown: -step,
      ArrowRight: step,
      ArrowUp: step,
      PageDown: -10,
      PageUp: 10,
      Home: -whole,
      End: whole,
    }[event.key];
    if (by === undefined || (event.target !== start && event.target !== end)) return;
    event.preventDefault();
    event.stopPropagation();
    set(event.target === start ? moveStart(range, range.start + by, bounds) : moveEnd(range, range.end + by, bounds));
  });
  draw();
  return { element, draw };
}
