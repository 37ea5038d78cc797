import { begunTogether } from "#board/variants";

/** @typedef {import("../types/views").JobView} JobView */
/** @typedef {import("./variants").Tile} Tile */

/**
 * What the visitor chose: a job, or all variants of its tile. Null where he did not: then it is the newest.
 *
 * @typedef {{ id: string, whole: boolean } | null} Choice
 */

/**
 * @typedef {object} Shown
 * @property {Tile} tile
 * @property {JobView | null} job null where the tile stands on the stage as a whole
 */

/**
 * What stands on the stage; null where there is nothing.
 *
 * @param {readonly Tile[]} tiles
 * @param {Choice} choice
 * @returns {Shown | null}
 */
export function shownOf(tiles, choice) {
  const chosen = choice && tiles.find((tile) => tile.jobs.some((job) => job.id === choice.id));
  if (chosen) {
    const job = chosen.jobs.find((one) => one.id === choice.id) ?? null;
    return { tile: chosen, job: choice.whole && chosen.jobs.length > 1 ? null : job };
  }
  const [newest] = tiles;
  if (!newest) return null;
  const picked = newest.jobs.find((job) => job.favourite);
  const whole = !picked && begunTogether(newest.jobs);
  return { tile: newest, job: whole ? null : (picked ?? newest.jobs[0] ?? null) };
}

/**
 * Whether a job that begins takes the stage: not from what the visitor chose himself and looks at.
 *
 * @param {Choice} choice
 * @param {{ playing: boolean, focused: boolean }} now what the player does, and whether the focus is on stage or strip
 */
export function yields(choice, { playing, focused }) {
  return !playing && !(choice && focused);
}
