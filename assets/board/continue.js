/**
 * What can be made of a finished video: a frame or the whole of it as the input of the next one, or the same once more.
 */

import { menu } from "#board/menu";

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/page").Mode} Mode */
/** @typedef {import("../types/views").JobView} JobView */
/** @typedef {import("./menu").Item} Item */

/**
 * @typedef {object} Continuing
 * @property {() => JobView} job
 * @property {() => number | null} at where the player stands, in seconds; null for the last frame
 * @property {(reason: string) => void} complain
 * @property {(job: JobView) => void} [made] is given the job that a press began
 * @property {boolean} [variation] whether it offers one: not where a button beside it does
 */

/**
 * @param {Page} page
 * @param {Continuing} context
 * @returns {Item[]}
 */
function continueItems(page, { job: current, at, complain, made, variation = true }) {
  const { words, ask, forms, jobs } = page;
  const job = current();
  const seconds = at(); /* of the moment at which the menu opened */
  const path = `jobs/${job.id}`;
  const frame = () => ask(`${path}/frame${seconds === null ? "" : `?at=${seconds.toFixed(3)}`}`, {});
  const clip = () => ask(`${path}/clip`, {});

  /**
   * @param {string} key
   * @param {Mode} mode
   * @param {string} field
   * @param {() => Promise<{ sha256: string, name: string }>} file
   */
  const into = (key, mode, field, file) =>
    forms.has(mode) ? [{ label: words(key), act: () => tried(() => forms.bring(mode, field, file)) }] : [];
  /** @param {() => Promise<unknown>} act */
  async function tried(act) {
    try {
      await act();
    } catch (error) {
      complain(/** @type {Error} */ (error).message);
    }
  }
  const again = async (/** @type {string} */ action) => made?.(await jobs.act(job.id, action));

  const price = { price: job.price };
  const repeats = [["continue.again", "again"], ...(variation ? [["variation", "again?seed=new"]] : [])];
  return [
    ...into("continue.first-frame", "image-to-video", "first_frame", frame),
    ...into("continue.reference", "reference-to-video", "references", frame),
    ...into("continue.edit", "video-edit", "video", clip),
    ...repeats.map(([key = "", action = ""]) => ({ label: words(key, price), act: () => tried(() => again(action)) })),
  ];
}

/**
 * The menu of them.
 *
 * @param {Page} page
 * @param {Continuing} context
 * @returns {HTMLElement}
 */
export function continueMenu(page, context) {
  const open = () => continueItems(page, context);
  return menu(page.words("continue"), open, { class: "button opens", "data-key": "continue" });
}
