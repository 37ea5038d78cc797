/** Settings that fill a form in from outside: a preset, a starting point. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/page").Settings} Settings */
/** @typedef {import("../types/views").StarterView} StarterView */

export const UNDO_MS = 20_000;

/**
 * Fills a form in and says so; for a while what stood there can be had back.
 *
 * @param {Page} page
 * @param {object} what
 * @param {string} what.name what the settings are called
 * @param {string} what.mode
 * @param {Settings} what.settings what they do not name stays
 * @param {Settings} what.before what stands in the form
 * @param {(settings: Settings) => Promise<void>} what.use
 */
export async function fillIn({ words, notices }, { name, mode, settings, before, use }) {
  await use({ ...before, ...settings, mode });
  const seed = settings["seed"];
  const random = seed === null || seed === undefined;
  const text = random ? words("presets.used", { name }) : words("presets.used.seed", { name, seed });
  const blank = Object.fromEntries(Object.keys(settings).map((key) => [key, null]));
  notices.say(text, {
    offer: words("history.undo"),
    act: () => use({ ...blank, ...before, mode }),
    seconds: UNDO_MS / 1000,
  });
}

/**
 * The settings of a starting point, whose files the visitor has then. Until they are there the form waits.
 *
 * @param {Page} page
 * @param {StarterView} starter
 * @returns {Promise<Settings>}
 */
export async function given({ ask, holds, words }, { id, mode }) {
  const release = holds.hold(/** @type {import("../types/page").Mode} */ (mode), words("hold.bringing"));
  try {
    return await ask(`starters/${id}`, {});
  } finally {
    release();
  }
}
