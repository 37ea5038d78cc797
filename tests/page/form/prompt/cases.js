/** The cases that Python goes through too (tests/catalog/test_prompt_cases.py): neither can change alone. */

import { readFileSync } from "node:fs";

/** @param {string} name */
export function cases(name) {
  return JSON.parse(readFileSync(new URL(`../../../data/prompts/${name}.json`, import.meta.url), "utf8"));
}

/**
 * Python counts characters, a textarea UTF-16 units: the index in the page of a character of a case.
 *
 * @param {string} text
 * @param {number} characters
 */
export function unitsOf(text, characters) {
  return [...text].slice(0, characters).join("").length;
}

/** @param {Array<[number, number]>} ranges */
export function charactersOf(ranges) {
  const codes = ranges.map(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
  return new Set(codes.flat());
}

/** Every code point that is a character by itself: a surrogate is half of one. */
export function* everyCharacter() {
  for (let code = 0; code < 0x110000; code++) if (code < 0xd800 || code > 0xdfff) yield code;
}
