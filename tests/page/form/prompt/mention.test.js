import assert from "node:assert/strict";
import test from "node:test";

import { matching, mentionAt } from "#form/prompt/mention";

/** @type {Array<[text: string, mention: [start: number, query: string] | null]>} `|` is the caret */
const MENTIONS = [
  ["@|", [0, ""]],
  ["＠|", [0, ""]],
  ["A horse @|", [8, ""]],
  ["骑着@|", [2, ""]],
  ["🐎@h|", [2, "h"]],
  ["@Image 2| runs", [0, "Image 2"]],
  ["@Image 2 |", null],
  ["ada@example|", null],
  ["@ |", null],
  ["@\n|", null],
  ["a|@", null],
];

test("an @ that begins a word speaks of an image until its name is whole", () => {
  for (const [marked, expected] of MENTIONS) {
    const found = mentionAt(marked.replace("|", ""), marked.indexOf("|"));
    assert.deepEqual(found && [found.start, found.query], expected, marked);
  }
});

test("images are found by their numbers and names", () => {
  const pictures = [{ name: "Knight.png" }, { name: "chestnut horse.jpg" }, { name: "海滩.webp" }];
  const found = (/** @type {string} */ query) => matching(pictures, query);
  assert.deepEqual(found(""), [1, 2, 3]);
  assert.deepEqual(found("2"), [2]);
  assert.deepEqual(found("２"), [2]);
  assert.deepEqual(found("image 3"), [3]);
  assert.deepEqual(found("图1"), [1]);
  assert.deepEqual(found("KNI"), [1]);
  assert.deepEqual(found("海"), [3]);
  assert.deepEqual(found("zebra"), []);
});
