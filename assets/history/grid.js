/** The library as rows of pictures, by day. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").EntryView} EntryView */
/** @typedef {import("./selection").Selection} Selection */

import { h, keyed } from "#shell/dom";
import { grouped, justify, wishedHeight } from "#history/justify";
import { fillTile, makeTile } from "#history/tile";

const GAP = 14;
const NARROW_GAP = 8;
const NARROW = 560;

/**
 * @param {Page} page
 * @param {Selection} selection
 * @param {string} described id of the line that tells the keys
 */
export function createGrid(page, selection, described) {
  const { words, dates } = page;
  const node = h("div", { class: "days" });
  /** @type {WeakMap<HTMLElement, EntryView>} */
  const shown = new WeakMap();
  /** @type {{ name: string, entries: EntryView[] }[]} */
  let groups = [];
  let width = 0;
  let days = 0;

  /** Only what is other is written, and nothing is read: three hundred tiles are laid out in one go. */
  function lay() {
    if (width === 0) return;
    const gap = width < NARROW ? NARROW_GAP : GAP;
    const space = { width, height: wishedHeight(width), gap };
    node.style.setProperty("--gap", `${gap}px`);
    const tiles = /** @type {HTMLElement[]} */ ([...node.querySelectorAll(".tile")]);
    const boxes = groups.flatMap(({ entries }) =>
      justify(
        entries.map((entry) => entry.ratio),
        space,
      ),
    );
    for (const [at, tile] of tiles.entries()) {
      const box = boxes[at];
      const key = box ? `${box.width} ${box.height}` : "";
      if (!box || tile.dataset["box"] === key) continue;
      tile.dataset["box"] = key;
      tile.style.setProperty("--width", `${box.width}px`);
      tile.style.setProperty("--height", `${box.height}px`);
    }
  }
  new ResizeObserver(([entry]) => {
    const now = Math.floor(entry?.contentRect.width ?? 0);
    if (now === width) return;
    width = now;
    lay();
  }).observe(node);

  /** @param {{ name: string }} group */
  function makeDay({ name }) {
    const id = `library-day-${(days += 1)}`;
    const list = h("div", {
      class: "tiles",
      role: "listbox",
      "aria-multiselectable": "true",
      "aria-describedby": described,
      ...(name ? { "aria-labelledby": id } : { "aria-label": words("history") }),
    });
    return h("section", { class: "day" }, name && h("h3", { id }, name), list);
  }
  /** @param {HTMLElement} tile @param {EntryView} entry */
  function update(tile, entry) {
    if (shown.get(tile) !== entry) fillTile(page, tile, entry);
    shown.set(tile, entry);
    tile.setAttribute("aria-selected", String(selection.has(entry.id)));
  }

  return {
    node,
    /** @param {readonly EntryView[]} entries @param {boolean} byDay */
    show(entries, byDay) {
      groups = grouped(entries, (entry) => (byDay ? dates.day(entry.created_at) : ""));
      keyed(node, groups, {
        key: (group) => group.name || "all",
        make: makeDay,
        update(section, group) {
          keyed(/** @type {HTMLElement} */ (section.lastElementChild), group.entries, {
            key: (entry) => entry.id,
            make(entry) {
              const tile = makeTile(page, entry);
              shown.set(tile, entry);
              return tile;
            },
            update,
          });
        },
      });
      lay();
    },
    select() {
      for (const tile of /** @type {NodeListOf<HTMLElement>} */ (node.querySelectorAll(".tile"))) {
        tile.setAttribute("aria-selected", String(selection.has(tile.dataset["id"] ?? "")));
      }
    },
  };
}
