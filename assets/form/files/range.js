/** The stretch of a video that is kept, in tenths of a second: what the handles of a filmstrip do. */

/**
 * @typedef {object} Bounds
 * @property {number} whole how long the video is
 * @property {number} least of the stretch
 * @property {number} most of the stretch
 */
/** @typedef {{ start: number, end: number }} Range */

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

/**
 * The beginning moves; the end goes with it where the stretch would become too long, and stops it where it would
 * become too short.
 *
 * @param {Range} range
 * @param {number} to
 * @param {Bounds} bounds
 * @returns {Range}
 */
export function moveStart(range, to, { least, most, whole }) {
  const start = clamp(to, 0, Math.min(whole, range.end) - least);
  return { start, end: Math.min(range.end, start + most) };
}

/**
 * @param {Range} range
 * @param {number} to
 * @param {Bounds} bounds
 * @returns {Range}
 */
export function moveEnd(range, to, { least, most, whole }) {
  const end = clamp(to, range.start + least, whole);
  return { start: Math.max(range.start, end - most), end };
}

/**
 * The stretch moves as a whole.
 *
 * @param {Range} range
 * @param {number} start
 * @param {Bounds} bounds
 * @returns {Range}
 */
export function slide(range, start, { whole }) {
  const length = range.end - range.start;
  const at = clamp(start, 0, whole - length);
  return { start: at, end: at + length };
}

/**
 * What is billed for a stretch: what goes in, and what comes out.
 *
 * @param {number} length
 * @param {number} keep what comes out at most
 */
export function billed(length, keep) {
  return length + Math.min(length, keep);
}
