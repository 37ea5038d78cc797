/**
 * Several prompts in one field: a line of dashes begins another one (`studio/web/form/variants.py`), and each is
 * cleaned of what nobody writes (`studio/catalog/prompts.py`). Shared cases keep the page and the server together.
 */

import { applied, before } from "#form/prompt/edits";

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
  /** @type {Part[]} */
  const parts = [];
  for (let index = 0; index < bounds.length; index += 2) {
    const from = /** @type {number} */ (bounds[index]);
    const whole = text.slice(from, bounds[index + 1]);
    const trimmed = whole.trim();
    const start = from + whole.length - whole.trimStart().length;
    parts.push(part(trimmed, [start, start + trimmed.length, from, from + whole.length], edits, isBlank(whole)));
  }
  return parts;
}

/**
 * @param {string} text
 * @param {[start: number, end: number, from: number, to: number]} range in the cleaned field
 * @param {import("#form/prompt/edits").Edit[]} edits
 * @param {boolean} blank
 * @returns {Part}
 */
function part(text, range, edits, blank) {
  const [start, end, from, to] = edits.length
    ? /** @type {typeof range} */ (range.map((place) => before(place, edits)))
    : range;
  const inside = edits.filter((edit) => edit.start >= start && edit.end <= end);
  const own = inside.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }));
  return { text, start, end, from, to, blank, edits: own };
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
