import { quotient } from "#shell/ratio";

/** @typedef {import("../types/views").JobView} JobView */

/**
 * What stands in one tile of the strip: a job, or up to four that differ in nothing but their seed. Newest first.
 *
 * @typedef {object} Tile
 * @property {string} key stays while newer variants join
 * @property {JobView[]} jobs
 */

const MOST = 4;
const TOGETHER_SECONDS = 15;

/** @type {WeakMap<JobView, string>} */
const signatures = new WeakMap();

/** All that was asked for but the seed. @param {JobView} job */
function signature(job) {
  let known = signatures.get(job);
  if (known === undefined) {
    const settings = Object.entries(job.settings).filter(([name]) => name !== "seed");
    known = JSON.stringify([job.mode, job.model, settings.sort()]);
    signatures.set(job, known);
  }
  return known;
}

/** One in trouble stands alone: what happened to it is to be read. @param {JobView} job */
function joins(job) {
  return job.video !== null || job.tone === "under-way";
}

/**
 * The strip's tiles. Neighbours that differ in their seed alone are one, filled from the oldest on, so that one more
 * changes no tile but the first.
 *
 * @param {readonly JobView[]} jobs newest first
 * @returns {Tile[]}
 */
export function tilesOf(jobs) {
  /** @type {Tile[]} */
  const tiles = [];
  /** @type {JobView[]} */
  let run = [];
  function close() {
    const rest = run.length % MOST;
    const cuts = rest ? [run.slice(0, rest)] : [];
    for (let at = rest; at < run.length; at += MOST) cuts.push(run.slice(at, at + MOST));
    for (const cut of cuts) tiles.push({ key: cut.at(-1)?.id ?? "", jobs: cut });
    run = [];
  }
  for (const job of jobs) {
    const last = run.at(-1);
    if (last && !(joins(last) && joins(job) && signature(last) === signature(job))) close();
    run.push(job);
  }
  close();
  return tiles;
}

/** Whether they were asked for with one press. @param {readonly JobView[]} jobs */
export function begunTogether(jobs) {
  const times = jobs.map((job) => job.created_at);
  return jobs.length > 1 && Math.max(...times) - Math.min(...times) < TOGETHER_SECONDS;
}

const USUAL = 16 / 9;
/** Width over height of inputs, by the addresses of their thumbnails. @type {Map<string, number>} */
const inputs = new Map();

/**
 * Keeps what a thumbnail shows once it is loaded: nothing else tells the page of an input's shape.
 *
 * @param {HTMLImageElement} image
 * @param {string} address
 * @returns {boolean} whether it was not known
 */
export function noteInput({ naturalWidth, naturalHeight }, address) {
  if (inputs.has(address)) return false;
  inputs.set(address, naturalWidth / naturalHeight);
  return true;
}

/**
 * Width over height of a job's video, else of the one that was asked for, else of its input, which it follows.
 *
 * @param {JobView} job
 * @returns {number}
 */
export function ratioOf(job) {
  if (job.video) return job.video.width / job.video.height;
  const { ratio } = /** @type {Record<string, string | undefined>} */ (job.settings);
  return ratio ? quotient(ratio) : (inputs.get(job.thumbnail ?? "") ?? USUAL);
}
