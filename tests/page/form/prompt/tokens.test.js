import assert from "node:assert/strict";
import test from "node:test";

import { applied } from "#form/prompt/edits";
import { findTokens, insertion, lint, removal, renumber, sendings } from "#form/prompt/tokens";
import { cases, unitsOf } from "./cases.js";

/** @type {(rewrites: "nothing" | "marked" | "all") => import("#form/prompt/tokens").Naming} */
const naming = (rewrites) => ({ token: "[Image #]", rewrites, required: true });

/**
 * @param {string} prompt
 * @param {number} images
 * @param {"nothing" | "marked" | "all"} rewrites
 */
function sent(prompt, images, rewrites) {
  return applied(prompt, sendings(prompt, images, naming(rewrites)));
}

test("tokens are found, judged and rewritten as the server does it, at indices of the textarea", () => {
  for (const { prompt, images, tokens, lint: findings, renumbered, sent: expected } of cases("tokens")) {
    const found = findTokens(prompt).map(({ start, end, number, notation }) => [start, end, number, notation]);
    const inUnits = tokens.map((/** @type {[number, number, number, string]} */ [start, end, ...rest]) => [
      unitsOf(prompt, start),
      unitsOf(prompt, end),
      ...rest,
    ]);
    assert.deepEqual(found, inUnits, prompt);
    assert.deepEqual(
      lint(prompt, images).map(({ kind, numbers }) => [kind, numbers]),
      findings,
      prompt,
    );
    assert.equal(renumber(prompt, { 1: 2, 2: 3, 3: 1 }), renumbered, prompt);
    assert.equal(sent(prompt, images, "all"), expected.all, prompt);
    assert.equal(sent(prompt, images, "marked"), images ? expected.marked : prompt, prompt);
    assert.equal(sent(prompt, images, "nothing"), prompt);
  }
});

test("what is removed is named as if it had gone last, the others keep their images", () => {
  const moved = removal(2, 4);
  assert.deepEqual(moved, { 2: 4, 3: 2, 4: 3 });
  const left = renumber("[Image 1] [Image 2] [Image 3] character4", moved);
  assert.equal(left, "[Image 1] [Image 4] [Image 2] character3");
  assert.deepEqual(lint(left, 3), [{ kind: "out_of_range", numbers: [4] }]);
  assert.deepEqual(removal(3, 3), { 3: 3 });
});

/** @type {Array<[before: string, after: string, expected: string]>} `|` is the caret */
const INSERTIONS = [
  ["", "", "[Image 1] |"],
  ["A horse", "", "A horse [Image 1] |"],
  ["A horse ", "", "A horse [Image 1] |"],
  ["A horse", ", running", "A horse [Image 1]|, running"],
  ["A horse ", "runs", "A horse [Image 1] |runs"],
  ["A horse ", " runs", "A horse [Image 1] |runs"],
  ["骑着", "", "骑着[Image 1]|"],
  ["骑着", "奔跑", "骑着[Image 1]|奔跑"],
  ["骑着，", "奔跑", "骑着，[Image 1]|奔跑"],
  ["𠀀", "𠀀", "𠀀[Image 1]|𠀀"],
  ["🐎", "🐎", "🐎 [Image 1] |🐎"],
  ["(", ")", "([Image 1]|)"],
  ["one\n", "\ntwo", "one\n[Image 1]|\ntwo"],
];

test("a token is set off from letters, in Chinese not", () => {
  for (const [left, right, expected] of INSERTIONS) {
    const text = left + right;
    const edit = insertion(text, left.length, left.length, "[Image 1]");
    const written = applied(text, [edit]);
    assert.equal(`${written.slice(0, edit.caret)}|${written.slice(edit.caret)}`, expected);
  }
});

test("whatever it stands beside, an inserted token is found", () => {
  for (const token of ["[Image 2]", "Image 2"]) {
    for (const left of ["", "a", "1", "_", "马", "é", "@", "[", "Image 1", "图1", "\n", "🐎"]) {
      for (const right of ["", "a", "1", "马", ".", ".5", "]", ":3", "３", "：３", "。", "🐎"]) {
        const edit = insertion(left + right, left.length, left.length, token);
        const numbers = findTokens(applied(left + right, [edit])).map(({ number }) => number);
        assert.ok(numbers.includes(2), JSON.stringify([left, token, right]));
      }
    }
  }
});
