/** What a prompt lets people say, and how long that takes. */

import { mentions } from "#form/prompt/vocabulary";

/**
 * What stands within quotation marks; `start` and `end` are around the marks.
 *
 * @typedef {{ start: number, end: number, text: string }} Quote
 */

/**
 * Lines that are spoken, and the least seconds that they take.
 *
 * @typedef {{ lines: number, seconds: number }} Speech
 */

const QUOTE = new RegExp(
  [
    "“([^”\n]+)”",
    '"([^"\n]+)"',
    "「([^」\n]+)」",
    "『([^』\n]+)』",
    "«([^»\n]+)»",
    // An apostrophe closes nothing where a letter follows it, and opens nothing where one stands before it.
    "‘((?:[^’\n]|’(?=\\p{L}))+)’",
    "(?<![\\p{L}\\p{N}])'((?:[^'\n]|'(?=\\p{L}))+)'(?![\\p{L}\\p{N}])",
  ].join("|"),
  "gu",
);
const SYLLABLE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*/gu;

/* The prompt guide's rule for Chinese: characters ÷ 4 × 1.2, and half a second to one more for a line. */
const SECONDS_PER_SYLLABLE = 1.2 / 4;
const SECONDS_AROUND_A_LINE = 0.5;
const WORDS_PER_SECOND = 2.5;
/* So many characters before a quote tell whether it is a sign that is read: a sign reads “OPEN”. */
const LEAD = 24;

/**
 * @param {string} text
 * @returns {Quote[]}
 */
export function quotes(text) {
  return Array.from(text.matchAll(QUOTE), (match) => {
    const inside = match.slice(1).find((group) => group !== undefined) ?? "";
    return { start: match.index, end: match.index + match[0].length, text: inside };
  });
}

/**
 * Characters that are a syllable each, and words of letters.
 *
 * @param {string} text
 */
export function counts(text) {
  const syllables = text.match(SYLLABLE)?.length ?? 0;
  const words = text.replace(SYLLABLE, " ").match(WORD)?.length ?? 0;
  return { syllables, words };
}

/**
 * The least seconds that it takes to say a line.
 *
 * @param {string} line
 */
export function secondsOf(line) {
  const { syllables, words } = counts(line);
  const around = syllables ? SECONDS_AROUND_A_LINE : 0;
  return syllables * SECONDS_PER_SYLLABLE + words / WORDS_PER_SECOND + around;
}

/**
 * @param {string} prompt
 * @returns {Speech}
 */
export function speech(prompt) {
  const found = quotes(prompt);
  const spoken = found.filter(({ start }, index) => {
    const from = Math.max(found[index - 1]?.end ?? 0, start - LEAD);
    return !mentions(prompt.slice(from, start), "writing");
  });
  return { lines: spoken.length, seconds: spoken.reduce((sum, { text }) => sum + secondsOf(text), 0) };
}
