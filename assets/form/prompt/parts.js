/**
 * Several prompts in one field: a line of dashes begins another one (`studio/web/form/variants.py`), and each is
 * cleaned of what nobody writes (`studio/catalog/prompts.py`). Shared cases keep the page and the server together.
 */

import { applied, createBefore } from "#form/prompt/edits";

/**
 * What stands between two dividers. `from` and `to` are all of it in the field, `start` and `end` what is left of it
 * without the space around; `text` is cleaned, as it is sent. `edits` are what cleaning does to `start`…`end`.
 *
 * @typedef {{ text: string, start: number, end: number, from: number, to: number, blank: boolean,
 *   edits: import("#form/prompt/edits").Edit[] }} Part
 */

const BREAK = /\r\n?|[\v\f\u0085\u2028\u2029]/u;
/* Control characters but for tab and line feed; what shows a text in another order than it has; no characters. */
const UNWRITTEN = /(?![\t\n])\p{Cc}|[\u202a-\u202e\ufeff\ufdd0-\ufdef\ufffe\uffff]/u;
const UNCLEAN = new RegExp(`(?<break>${BREAK.source})|${UNWRITTEN.source}`, "gu");
const DIVIDER = /^[ \t]*-{3,}[ \t]*$/gmu;
/* Besides what Unicode lists as ignorable by default: marks of annotations, and the empty Braille cell. */
const INVISIBLE = /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]*$/u;

/**
 * Whether nothing of the prompt can be seen.
 *
 * @param {string} prompt
 */
export function isBlank(prompt) {
  return INVISIBLE.test(prompt);
}

/**
 * @param {string} text
 * @returns {import("#form/prompt/edits").Edit[]}
 */
function cleanings(text) {
  return Array.from(text.matchAll(UNCLEAN), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
    text: match.groups?.break === undefined ? "" : "\n",
  }));
}

/**
 * The prompt without what nobody writes; every break of a line becomes a line feed.
 *
 * @param {string} text
 */
export function cleaned(text) {
  return applied(text, cleanings(text));
}

/**
 * All that the dividers of a field part, blank parts too: one more than there are dividers.
 *
 * @param {string} field
 * @returns {Part[]}
 */
export function partsOf(field) {
  const edits = cleanings(field);
  const text = applied(field, edits);
  const dividers = Array.from(text.matchAll(DIVIDER), (match) => [match.index, match.index + match[0].length]);
  const bounds = [0, ...dividers.flat(), text.length];
  const placeOf = createBefore(edits);
  let passed = 0;
  /** @type {Part[]} */
  const parts = [];
  for (let index = 0; index < bounds.length; index += 2) {
    const cleanFrom = /** @type {number} */ (bounds[index]);
    const whole = text.slice(cleanFrom, bounds[index + 1]);
    const trimmed = whole.trim();
    const cleanStart = cleanFrom + whole.length - whole.trimStart().length;
    const from = placeOf(cleanFrom);
    const start = placeOf(cleanStart);
    const end = placeOf(cleanStart + trimmed.length);
    const to = placeOf(cleanFrom + whole.length);
    /** @type {import("#form/prompt/edits").Edit[]} */
    const own = [];
    for (let edit = edits[passed]; edit && edit.end <= to; edit = edits[++passed]) {
      const isInside = edit.start >= start && edit.end <= end;
      if (isInside) own.push({ ...edit, start: edit.start - start, end: edit.end - start });
    }
    parts.push({ text: trimmed, start, end, from, to, blank: isBlank(whole), edits: own });
  }
  return parts;
}

/**
 * The prompts that are written in the field: at least one, which may be empty.
 *
 * @param {string} field
 * @param {Part[]} [parts]
 * @returns {Part[]}
 */
export function promptsOf(field, parts = partsOf(field)) {
  const prompts = parts.filter(({ blank }) => !blank);
  if (prompts.length) return prompts;
  const edits = cleanings(field);
  return [{ text: applied(field, edits), start: 0, end: field.length, from: 0, to: field.length, blank: true, edits }];
}

/**
 * The part in which the place `index` of the field is; on a divider, the one before it.
 *
 * @param {readonly Part[]} parts
 * @param {number} index
 */
export function partAt(parts, index) {
  return parts.findLast(({ from }) => from <= index) ?? parts[0];
}
