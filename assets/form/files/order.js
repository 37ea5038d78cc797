/** The order of a form's files, which the prompt names by their numbers. */

/**
 * The new number of each file that has another one now; null when all stayed. One that is gone is numbered as if it had
 * gone last: what names it then names a file that is not there.
 *
 * @template Entry
 * @param {readonly Entry[]} before
 * @param {readonly Entry[]} after
 * @returns {Record<number, number> | null}
 */
export function renumbering(before, after) {
  /** @type {Record<number, number>} */
  const numbers = {};
  let beyond = after.length;
  before.forEach((entry, index) => {
    const place = after.indexOf(entry);
    const number = place < 0 ? (beyond += 1) : place + 1;
    if (number !== index + 1) numbers[index + 1] = number;
  });
  return Object.keys(numbers).length ? numbers : null;
}

/**
 * @template Item
 * @param {readonly Item[]} list
 * @param {number} from
 * @param {number} to
 * @returns {Item[]}
 */
export function moved(list, from, to) {
  const rest = [...list];
  rest.splice(to, 0, ...rest.splice(from, 1));
  return rest;
}

/**
 * Where a file belongs that was chosen as the `turn`-th: files stand as they were chosen, not as they arrived.
 *
 * @param {readonly { turn: number }[]} entries
 * @param {number} turn
 */
export function placeOf(entries, turn) {
  const later = entries.findIndex((entry) => entry.turn > turn);
  return later < 0 ? entries.length : later;
}

/**
 * The place of the rectangle whose middle is nearest to a point.
 *
 * @param {readonly { left: number, top: number, width: number, height: number }[]} boxes
 * @param {number} x
 * @param {number} y
 */
export function nearest(boxes, x, y) {
  let best = -1;
  let least = Infinity;
  boxes.forEach((box, index) => {
    const distance = Math.hypot(box.left + box.width / 2 - x, box.top + box.height / 2 - y);
    if (distance < least) [best, least] = [index, distance];
  });
  return best;
}
