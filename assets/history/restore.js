/** Settings out of a video that was made here, or out of its record. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").RestoredView} RestoredView */

import { indexOf } from "#history/mp4";

const MOST = 32 * 1024 * 1024;

/**
 * Puts the settings of a file into the form of their mode, and tells what came of it.
 *
 * @param {Page} page
 * @param {File} file
 * @returns {Promise<boolean>} false: a video without any, which is a video like another
 */
export async function restoreSettings(page, file) {
  const { words, holds, forms, notices } = page;
  const isVideo = file.type.startsWith("video/");
  const release = holds.hold("", words("hold.filling"));
  try {
    const part = /\.json$/i.test(file.name) ? file : await indexOf(file);
    if (isVideo && part.size === 0) return false;
    const answer = part.size > MOST ? { error: words("restore.none") } : await read(part);
    if ("error" in answer) {
      if (isVideo) return false;
      notices.say(answer.error, { alert: true });
      return true;
    }
    const { settings, note } = answer;
    const mode = String(settings["mode"]);
    if (forms.has(mode)) {
      const filled = forms.use(settings);
      release(); /* the form waits for itself */
      await filled;
      notices.say([words("restore.done", { name: file.name }), note].filter(Boolean).join(words("language.joint")));
    } else notices.say(words("missing.form", { mode: words(`tab.${mode}`) }), { alert: true });
  } catch (error) {
    notices.say(words("action.failed", { reason: /** @type {Error} */ (error).message }), { alert: true });
  } finally {
    release();
  }
  return true;
}

/** @param {Blob} body @returns {Promise<RestoredView | { error: string }>} */
async function read(body) {
  const response = await fetch("studio/restore", { method: "POST", body });
  return response.json();
}
