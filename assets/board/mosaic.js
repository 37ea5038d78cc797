/** How pictures of different shapes fill a box without gaps. */

/**
 * Columns of equal height whose pictures have equal widths, together as close to the shape that is wanted as they can
 * be. Wide pictures come first.
 *
 * @template Item
 * @param {readonly Item[]} items
 * @param {(item: Item) => number} ratioOf width by height
 * @param {number} wanted
 * @returns {{ ratio: number, columns: { ratio: number, items: Item[] }[] }}
 */
export function mosaic(items, ratioOf, wanted) {
  const sorted = [...items].sort((one, other) => ratioOf(other) - ratioOf(one));
  const all = splits(sorted).map((groups) => {
    const columns = groups.map((group) => ({ items: group, ratio: 1 / sum(group.map((item) => 1 / ratioOf(item))) }));
    return { columns, ratio: sum(columns.map(({ ratio }) => ratio)) };
  });
  /* Twice as wide is as far away as half as wide. */
  const distance = (/** @type {{ ratio: number }} */ { ratio }) => Math.abs(Math.log(ratio / wanted));
  return all.reduce((best, one) => (distance(one) < distance(best) ? one : best));
}

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

/**
 * All ways to cut a list into pieces; there are 2 to the power of its cuts.
 *
 * @template Item
 * @param {Item[]} items
 * @returns {Item[][][]}
 */
function splits(items) {
  if (items.length < 2) return [items.length ? [items] : []];
  return items.flatMap((_, at) => {
    const head = items.slice(0, at + 1);
    const tail = items.slice(at + 1);
    return tail.length ? splits(tail).map((rest) => [head, ...rest]) : [[head]];
  });
}
