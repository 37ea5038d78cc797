/** What is painted over a field: the names of images, the dividers, and what is beyond the limit. */

import { applied, before } from "#form/prompt/edits";
import { measure } from "#form/prompt/measure";
import { partsOf, promptsOf } from "#form/prompt/parts";
import { findTokens, sendings } from "#form/prompt/tokens";

/** @typedef {import("#form/prompt/parts").Part} Part */
/** @typedef {import("#form/prompt/measure").Measure} Measure */
/** @typedef {import("#form/prompt/tokens").Token} Token */

/**
 * A prompt of the field against the limit: as it is `sent`, and from where in the field it is beyond the limit.
 *
 * @typedef {Measure & { part: Part, sent: string, beyond: number | null }} Measured
 */

/**
 * What is painted from `start` to `end` of the field.
 *
 * A name has the `number` of its image; where space is beside it, it may be painted a little wider than its text. A
 * divider has the number of the prompt that begins below it, of `count`; null: none does.
 *
 * @typedef {{ kind: "name", start: number, end: number, number: number, text: string, roomBefore: boolean,
 *   roomAfter: boolean, isBeyond: boolean }} Name
 * @typedef {{ kind: "divider", start: number, end: number, number: number | null, count: number }} Divider
 * @typedef {{ kind: "beyond", start: number, end: number }} Beyond
 * @typedef {Name | Divider | Beyond} Mark
 */

/**
 * @typedef {object} Form what the prompt goes with
 * @property {import("#form/prompt/measure").PromptLimit} limit
 * @property {import("#form/prompt/tokens").Naming | null} naming null: this mode names no images
 * @property {number} images how many there are
 */

/**
 * Measures the prompts of a field as they are sent. It remembers the ones it measured last: of many, a key changes one.
 *
 * @returns {(field: string, form: Form, parts?: Part[]) => Measured[]}
 */
export function createMeasuring() {
  /** @type {Form | null} */
  let last = null;
  /** @type {Map<string, ReturnType<typeof measuredText>>} */
  let known = new Map();

  return (field, form, parts = partsOf(field)) => {
    const isSame = last?.limit === form.limit && last.naming === form.naming && last.images === form.images;
    const earlier = isSame ? known : new Map();
    known = new Map();
    last = form;
    return promptsOf(field, parts).map((part) => {
      const found = known.get(part.text) ?? earlier.get(part.text) ?? measuredText(part.text, form);
      known.set(part.text, found);
      const { edits, ...measured } = found;
      return { ...measured, part, beyond: beyondOf(part, found.cutAt, edits) };
    });
  };
}

/** @param {string} text @param {Form} form */
function measuredText(text, { limit, naming, images }) {
  const edits = sendings(text, images, naming);
  const sent = applied(text, edits);
  return { ...measure(sent, limit), sent, edits };
}

/** @param {Part} part @param {number | null} cutAt @param {import("#form/prompt/edits").Edit[]} edits */
function beyondOf(part, cutAt, edits) {
  return cutAt === null ? null : part.start + before(before(cutAt, edits), part.edits);
}

/**
 * @param {string} field
 * @param {Part[]} parts
 * @param {Measured[]} prompts
 * @param {boolean} hasImages whether this mode names images
 * @returns {Mark[]}
 */
export function marksOf(field, parts, prompts, hasImages) {
  const tokens = hasImages ? findTokens(field).filter(({ start, end }) => !field.slice(start, end).includes("\n")) : [];
  const beyond = prompts.flatMap(({ beyond: start, part }) => (start === null ? [] : [cut(start, part.end, tokens)]));
  return [...beyond, ...dividersOf(field, parts), ...tokens.map((token) => nameOf(field, token, beyond))];
}

/**
 * What will be cut begins before a name, not within it.
 *
 * @param {number} start
 * @param {number} end
 * @param {Token[]} tokens
 * @returns {Beyond}
 */
function cut(start, end, tokens) {
  const token = tokens.find((one) => one.start < start && start < one.end);
  return { kind: "beyond", start: token?.start ?? start, end };
}

/**
 * @param {string} field
 * @param {Token} token
 * @param {Beyond[]} beyond
 * @returns {Name}
 */
function nameOf(field, { start, end, number }, beyond) {
  const isRoom = (/** @type {string} */ character) => character === "" || /\s/u.test(character);
  return {
    kind: "name",
    start,
    end,
    number,
    text: field.slice(start, end),
    roomBefore: isRoom(field.charAt(start - 1)),
    roomAfter: isRoom(field.charAt(end)),
    isBeyond: beyond.some((one) => one.start <= start && start < one.end),
  };
}

/**
 * @param {string} field
 * @param {Part[]} parts
 * @returns {Divider[]}
 */
function dividersOf(field, parts) {
  const filled = parts.filter(({ blank }) => !blank).length;
  let number = 1;
  return parts.slice(1).flatMap((part, index) => {
    const { blank, to: start } = /** @type {Part} */ (parts[index]);
    if (!blank) number += 1;
    const begins = !part.blank || index + 2 === parts.length;
    const isLine = start === 0 || field[start - 1] === "\n"; // a textarea shows no other break as one
    if (!isLine) return [];
    const count = Math.max(filled, number);
    return [{ kind: "divider", start, end: part.from, number: begins ? number : null, count }];
  });
}
