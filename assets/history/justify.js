/** Rows of pictures that all end at the same edge, each row of one height. */

/**
 * @typedef {object} Space
 * @property {number} width to be filled, in pixels
 * @property {number} height that a row is to have, more or less
 * @property {number} gap between two pictures
 */
/** @typedef {{ width: number, height: number }} Box */

const NARROWEST = 0.5;
const WIDEST = 2.4;
/** How much higher than wished a last row may be made to reach the edge; one that is shorter ends where it ends. */
const STRETCH = 1.25;

/**
 * A row ends where its height comes nearest to the one that is wished: so rows do not change when more are added behind
 * them. Widths are rounded down, so that a row always has room for them.
 *
 * @param {readonly number[]} ratios width to height
 * @param {Space} space
 * @returns {Box[]} in the same order
 */
export function justify(ratios, { width, height, gap }) {
  /** @type {Box[]} */
  const boxes = [];
  /** @type {number[]} */
  let row = [];
  const heightOf = (/** @type {readonly number[]} */ some) => (width - gap * (some.length - 1)) / sum(some);
  const near = (/** @type {number} */ one) => Math.abs(Math.log(Math.max(one, 1) / height));
  /** @param {number} high */
  function close(high) {
    for (const ratio of row) boxes.push({ width: floored(Math.min(ratio * high, width)), height: Math.round(high) });
    row = [];
  }
  for (const ratio of ratios.map(bounded)) {
    const longer = [...row, ratio];
    if (row.length > 0 && near(heightOf(row)) < near(heightOf(longer))) close(heightOf(row));
    row = [...row, ratio];
  }
  const full = heightOf(row);
  close(full <= height * STRETCH ? full : height);
  return boxes;
}

/** @param {number} ratio */
function bounded(ratio) {
  return Math.min(Math.max(Number.isFinite(ratio) ? ratio : 1, NARROWEST), WIDEST);
}

/** @param {readonly number[]} numbers */
function sum(numbers) {
  return numbers.reduce((all, one) => all + one, 0);
}

/** @param {number} length */
function floored(length) {
  return Math.floor(length * 100) / 100;
}

/** How high rows are wished to be in so much room. @param {number} width */
export function wishedHeight(width) {
  if (width < 560) return 126;
  return width < 1000 ? 170 : 200;
}

/**
 * Entries that follow each other and have the same name.
 *
 * @template T
 * @param {readonly T[]} entries
 * @param {(entry: T) => string} nameOf
 * @returns {{ name: string, entries: T[] }[]}
 */
export function grouped(entries, nameOf) {
  /** @type {{ name: string, entries: T[] }[]} */
  const groups = [];
  for (const entry of entries) {
    const name = nameOf(entry);
    const last = groups.at(-1);
    if (last?.name === name) last.entries.push(entry);
    else groups.push({ name, entries: [entry] });
  }
  return groups;
}
