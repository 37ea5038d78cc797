/** Changes of a text, and where a place in it is before and after them. Places are UTF-16 indices, as a textarea's. */

/**
 * What stands from `start` to `end` becomes `text`. A list of edits is in the order of the text and overlaps nowhere.
 *
 * @typedef {{ start: number, end: number, text: string }} Edit
 */

/**
 * @param {string} text
 * @param {readonly Edit[]} edits
 */
export function applied(text, edits) {
  let changed = "";
  let position = 0;
  for (const edit of edits) {
    changed += text.slice(position, edit.start) + edit.text;
    position = edit.end;
  }
  return changed + text.slice(position);
}

/**
 * Where the place `index` is after the edits. What was inside of one stays inside of its new text.
 *
 * @param {number} index
 * @param {readonly Edit[]} edits
 */
export function after(index, edits) {
  let shift = 0;
  for (const { start, end, text } of edits) {
    if (index <= start) break;
    if (index < end) return start + shift + Math.min(index - start, text.length);
    shift += text.length - (end - start);
  }
  return index + shift;
}

/**
 * Where the place `index` of the changed text was before the edits.
 *
 * @param {number} index
 * @param {readonly Edit[]} edits
 */
export function before(index, edits) {
  return createBefore(edits)(index);
}

/**
 * The same for many places, each behind the one before it: all of them take one pass over the edits.
 *
 * @param {readonly Edit[]} edits
 * @returns {(index: number) => number}
 */
export function createBefore(edits) {
  let shift = 0;
  let passed = 0;
  return (index) => {
    for (let edit = edits[passed]; edit; edit = edits[++passed]) {
      const { start, end, text } = edit;
      const begins = start + shift;
      if (index < begins || (index === begins && text)) break;
      if (index < begins + text.length) return Math.min(start + index - begins, end);
      shift += text.length - (end - start);
    }
    return index - shift;
  };
}

/**
 * The edits as one: a person undoes in one step what they did in one.
 *
 * @param {string} text
 * @param {readonly Edit[]} edits
 * @returns {Edit}
 */
export function merged(text, edits) {
  const start = edits[0]?.start ?? 0;
  const end = edits.at(-1)?.end ?? start;
  const inside = edits.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }));
  return { start, end, text: applied(text.slice(start, end), inside) };
}
