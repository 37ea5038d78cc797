/** How long a provider counts a prompt: `studio/catalog/prompts.py` in the page. Shared cases keep the two together. */

/**
 * How long a prompt may be, as the catalog has it. A CJK character counts `cjk_units`, every other one unit.
 *
 * @typedef {{ max_units: number, cjk_units: number, over: "cut" | "refused" }} PromptLimit
 */

/**
 * How much of its limit a prompt uses. `cutAt` is the UTF-16 index of the first character beyond it, or null when all
 * fits; `over` are the units beyond; `near` says that nine tenths are used.
 *
 * @typedef {{ units: number, maxUnits: number, cutAt: number | null, over: number, near: boolean }} Measure
 */

const CJK = new RegExp(
  "[" +
    "\u1100-\u11ff" + // Hangul Jamo
    "\u2e80-\u303f" + // radicals, Kangxi, CJK punctuation
    "\u3040-\u30ff" + // Hiragana, Katakana
    "\u3100-\u31ff" + // Bopomofo, compatibility Jamo, strokes
    "\u3200-\u4dbf" + // enclosed, compatibility, extension A
    "\u4e00-\u9fff" + // unified ideographs
    "\ua960-\ua97f\uac00-\ud7ff" + // Hangul
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef" + // compatibility, full-width forms
    "\u{20000}-\u{3ffff}" + // extensions B and later
    "]",
  "u",
);

/** @param {string} character */
export function isCJK(character) {
  return CJK.test(character);
}

/**
 * @param {string} prompt
 * @param {PromptLimit} limit
 * @returns {Measure}
 */
export function measure(prompt, { max_units: maxUnits, cjk_units: cjkUnits }) {
  let units = 0;
  let index = 0;
  /** @type {number | null} */
  let cutAt = null;
  for (const character of prompt) {
    units += cjkUnits > 1 && isCJK(character) ? cjkUnits : 1;
    if (units > maxUnits) cutAt ??= index;
    index += character.length;
  }
  return { units, maxUnits, cutAt, over: Math.max(0, units - maxUnits), near: units >= 0.9 * maxUnits };
}
