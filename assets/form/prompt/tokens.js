/**
 * How a prompt speaks of its images: `studio/catalog/references.py` in the page. Shared cases keep the two together.
 *
 * Places are UTF-16 indices of a prompt that is cleaned (`#form/prompt/parts`).
 */

import { applied } from "#form/prompt/edits";
import { isCJK } from "#form/prompt/measure";

/** @typedef {"bracket" | "at" | "character" | "bare" | "chinese"} Notation */
/** @typedef {{ start: number, end: number, number: number, notation: Notation }} Token */
/** @typedef {{ kind: "none_used" | "unused" | "out_of_range", numbers: number[] }} TokenFinding */

/**
 * The new number of each old one that changed.
 *
 * @typedef {Readonly<Record<number, number>>} Moved
 */

/**
 * How a mode names its images: `token` is what is written, `#` being the number; `rewrites` which names become
 * `[Image 1]` in the prompt that is sent; `required` whether there must be images, and so names of them.
 *
 * @typedef {{ token: string, rewrites: "nothing" | "marked" | "all", required: boolean }} Naming
 */

const DIGIT = "[0-9０-９]";
const NUMBER = `${DIGIT}{1,3}`;
/* Python's ASCII letters, case ignored, are these too: the dotted and the dotless I of Turkish. */
const LETTER = "a-zİı";
const IMAGE = "[iİı]mage";
const CHINESE = "图[片像]?";
const NOT_IN_A_WORD = `(?![${LETTER}0-9０-９_])`;
const NOT_A_NUMBER = `(?![${LETTER}0-9０-９_]|[.:：]${DIGIT})`;
/* The character ends many words, of which no image is one: 地图 a map, 截图 a screenshot … */
const NOT_ANOTHER_WORD = "(?<![地截插附蓝草构版拼宏意企试贴配底海星挂绘制如])";

const TOKEN = new RegExp(
  [
    `[\\[［【]\\s*(?:${IMAGE}|${CHINESE})\\s*(?<bracket>${NUMBER})\\s*[\\]］】]`,
    `(?<![${LETTER}0-9_])@(?:${IMAGE}|${CHINESE})\\s?(?<at>${NUMBER})${NOT_IN_A_WORD}`,
    `(?<![${LETTER}0-9_])character(?<character>${NUMBER})${NOT_IN_A_WORD}`,
    `(?<![${LETTER}0-9_\\[@])${IMAGE}\\s?(?<bare>${NUMBER})(?!\\])${NOT_A_NUMBER}`,
    `${NOT_ANOTHER_WORD}${CHINESE}\\s?(?<chinese>${NUMBER})${NOT_A_NUMBER}`,
  ].join("|"),
  "giu",
);
/** @type {readonly Notation[]} */
const NOTATIONS = ["bracket", "at", "character", "bare", "chinese"];
const DIGITS = new RegExp(`${DIGIT}+`, "u");
const WIDE_ZERO = 0xff10;

/** @param {string} digits ASCII or wide */
function numberOf(digits) {
  return Number(digits.replace(/[０-９]/gu, (digit) => String(digit.charCodeAt(0) - WIDE_ZERO)));
}

/**
 * Every mention of an image, in the order of the text.
 *
 * @param {string} prompt
 * @returns {Token[]}
 */
export function findTokens(prompt) {
  return Array.from(prompt.matchAll(TOKEN), (match) => {
    const groups = /** @type {Record<string, string | undefined>} */ (match.groups);
    const notation = /** @type {Notation} */ (NOTATIONS.find((name) => groups[name] !== undefined));
    const number = numberOf(/** @type {string} */ (groups[notation]));
    return { start: match.index, end: match.index + match[0].length, number, notation };
  });
}

/**
 * What is odd about a prompt's tokens, with so many images beside it; it is advice.
 *
 * @param {string} prompt
 * @param {number} images
 * @returns {TokenFinding[]}
 */
export function lint(prompt, images) {
  const used = new Set(findTokens(prompt).map(({ number }) => number));
  const present = Array.from({ length: images }, (_, index) => index + 1);
  const beyond = [...used].filter((number) => number < 1 || number > images).sort((one, other) => one - other);
  const unused = present.filter((number) => !used.has(number));
  /** @type {TokenFinding[]} */
  const findings = beyond.length ? [{ kind: "out_of_range", numbers: beyond }] : [];
  if (unused.length) findings.push({ kind: unused.length === images ? "none_used" : "unused", numbers: unused });
  return findings;
}

/**
 * What renumbers the prompt after its images were reordered, each token in its own notation.
 *
 * @param {string} prompt
 * @param {Moved} moved
 */
export function renumberings(prompt, moved) {
  return rewritings(prompt, ({ number }, written) => written.replace(DIGITS, String(moved[number] ?? number)));
}

/**
 * @param {string} prompt
 * @param {Moved} moved
 */
export function renumber(prompt, moved) {
  return applied(prompt, renumberings(prompt, moved));
}

/**
 * How the numbers move when image `number` of `images` is removed: as if it had gone last. Its token then names an
 * image that is not there, which lint finds; it never comes to mean another one.
 *
 * @param {number} number
 * @param {number} images
 * @returns {Moved}
 */
export function removal(number, images) {
  const moved = { [number]: images };
  for (let later = number + 1; later <= images; later++) moved[later] = later - 1;
  return moved;
}

/**
 * What makes `[Image 1]` of the prompt's tokens before it is sent. What may be plain language is a token only if there
 * is such an image.
 *
 * @param {string} prompt
 * @param {number} images
 * @param {Naming | null} naming
 */
export function sendings(prompt, images, naming) {
  if (!naming || naming.rewrites === "nothing" || (naming.rewrites === "marked" && !images)) return [];
  const most = naming.rewrites === "all" ? images : 0;
  return rewritings(prompt, ({ number, notation }, written) => {
    const loose = notation === "bare" || notation === "chinese";
    return !loose || (number >= 1 && number <= most) ? `[Image ${number}]` : written;
  });
}

/**
 * @param {string} prompt
 * @param {(token: Token, written: string) => string} textOf
 * @returns {import("#form/prompt/edits").Edit[]}
 */
function rewritings(prompt, textOf) {
  const edits = findTokens(prompt).map((token) => {
    const written = prompt.slice(token.start, token.end);
    return { written, start: token.start, end: token.end, text: textOf(token, written) };
  });
  return edits.filter(({ written, text }) => written !== text).map(({ start, end, text }) => ({ start, end, text }));
}

const OPENING = /[\s({“‘"'—-]/u;
/* A digit behind the mark would make another number of the token's. */
const CLOSING = new RegExp(`^(?:\\s|[.,;:!?)}”’"'…](?!${DIGIT}))`, "u");
const NUMERIC = new RegExp(`^.?${DIGIT}`, "u");

/** @param {string} text Chinese, which needs no space before it */
function continues(text) {
  return isCJK([...text][0] ?? "") && !NUMERIC.test(text);
}

/**
 * How the token of an image is written between `start` and `end` of a text: set off from letters by a space, but in the
 * middle of Chinese not. `caret` is where one types on: behind the space that follows.
 *
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {string} token
 * @returns {import("#form/prompt/edits").Edit & { caret: number }}
 */
export function insertion(text, start, end, token) {
  const left = [...text.slice(Math.max(0, start - 2), start)].at(-1) ?? "";
  const right = text.slice(end, end + 2);
  const opens = left === "" || OPENING.test(left) || isCJK(left);
  const closes = right ? CLOSING.test(right) || continues(right) : isCJK(left);
  const inserted = `${opens ? "" : " "}${token}${closes ? "" : " "}`;
  const caret = start + inserted.length + (right.startsWith(" ") ? 1 : 0);
  return { start, end, text: inserted, caret };
}
