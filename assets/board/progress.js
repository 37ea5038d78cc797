/** @typedef {import("../types/views").JobView} JobView */

export const STEPS = /** @type {const} */ (["queued", "making", "saving"]);

const STEP_OF = new Map([
  ["running", 1],
  ["saving", 2],
]);

/**
 * How far a job is, by one clock: that of the visitor, who has waited since he pressed.
 *
 * @typedef {object} Progress
 * @property {number} step 0 to 2, of `STEPS`
 * @property {number} seconds since the press
 * @property {number | null} part of the time within which nine in ten were done, 0 to 1; null where that is not known
 * @property {number} from the part at which half of them were done: it may be ready from here on
 * @property {boolean} late whether it takes longer than usual
 */

/**
 * @param {JobView} job
 * @param {number} now seconds since 1970
 * @returns {Progress}
 */
export function progressOf(job, now) {
  const seconds = Math.max(0, now - job.created_at);
  const step = STEP_OF.get(job.state) ?? 0;
  if (!job.usual) return { step, seconds, part: null, from: 1, late: false };
  const { half, most } = job.usual;
  return { step, seconds, part: Math.min(1, seconds / most), from: half / most, late: seconds > most };
}

/**
 * The usual range as a text: one time where both ends read the same.
 *
 * @param {{ half: number, most: number }} usual
 * @param {(seconds: number) => string} clock
 */
export function rangeOf({ half, most }, clock) {
  const [least, longest] = [clock(Math.round(half)), clock(Math.round(most))];
  return least === longest ? least : `${least}–${longest}`;
}
