/**
 * What can be made of a finished video: a frame or the whole of it as the input of the next one, or the same once more.
 */

import { menu } from "#board/menu";

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/page").Mode} Mode */
/** @typedef {import("../types/views").JobView} JobView */
/** @typedef {import("./menu").Item} Item */

const BRINGING_SECONDS = 4; /* about as long as it takes */

/**
 * @typedef {object} Continuing
 * @property {() => JobView} job
 * @property {() => number | null} at where the visitor has the player stand, in seconds; null where only the last
 *   frame can be meant
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
  const { words, ask, forms, jobs, notices } = page;
  const job = current();
  const seconds = at(); /* of the moment at which the menu opened */
  const moved = seconds !== null;
  const path = `jobs/${job.id}`;
  const thisFrame = () => ask(`${path}/frame?at=${seconds?.toFixed(3)}`, {});
  const lastFrame = () => ask(`${path}/frame`, {});
  const clip = () => ask(`${path}/clip`, {});

  /**
   * @param {string} key
   * @param {Mode} mode
   * @param {string} field
   * @param {() => Promise<{ sha256: string, name: string }>} file
   */
  const into = (key, mode, field, file) => {
    const act = () => {
      notices.say(words("continue.bringing", { mode: words(`tab.${mode}`) }), { seconds: BRINGING_SECONDS });
      return tried(() => forms.bring(mode, field, file));
    };
    return forms.has(mode) ? [{ label: words(key), act }] : [];
  };
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
    ...(moved ? into("continue.first-frame.this", "image-to-video", "first_frame", thisFrame) : []),
    ...into("continue.first-frame.last", "image-to-video", "first_frame", lastFrame),
    ...(moved ? into("continue.reference.this", "reference-to-video", "references", thisFrame) : []),
    ...into("continue.reference.last", "reference-to-video", "references", lastFrame),
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
