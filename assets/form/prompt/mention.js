/** An image that is being named: `@` and what is typed behind it. */

import { findTokens } from "#form/prompt/tokens";

/**
 * What there is to name: an image of the form, with an address of its picture.
 *
 * @typedef {{ name: string, thumbnail?: string }} Picture
 */

/**
 * `start` is where the `@` stands, `query` what was typed behind it.
 *
 * @typedef {{ start: number, query: string }} Mention
 */

/* The wide one is what a Chinese keyboard types. No name of a place on the network is meant: ada@example.org. */
const MENTION = /(?<![\p{Script=Latin}0-9_.])[@＠]([\p{L}\p{N}][\p{L}\p{N} _.-]{0,30})?$/u;

/**
 * The mention that ends at the caret, or null.
 *
 * @param {string} text
 * @param {number} caret
 * @returns {Mention | null}
 */
export function mentionAt(text, caret) {
  const line = text.slice(text.lastIndexOf("\n", caret - 1) + 1, caret);
  const match = MENTION.exec(line);
  if (!match) return null;
  const start = caret - match[0].length;
  const isWhole = findTokens(text).some((token) => token.start === start && token.end < caret);
  return isWhole ? null : { start, query: match[1] ?? "" };
}

/**
 * The numbers of the pictures that a query means: by number, as “image 2” or “图2”, or by a part of the name.
 *
 * @param {readonly Picture[]} pictures
 * @param {string} query
 */
export function matching(pictures, query) {
  const wanted = plain(query);
  const numbers = pictures.map((_, index) => index + 1);
  return numbers.filter((number) => {
    const called = [`image${number}`, `图${number}`, `图片${number}`, String(number)];
    return called.some((name) => name.startsWith(wanted)) || plain(pictures[number - 1]?.name ?? "").includes(wanted);
  });
}

/** @param {string} text */
function plain(text) {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/gu, "");
}
