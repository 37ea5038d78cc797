import assert from "node:assert/strict";
import test from "node:test";

import { after, applied, before, merged } from "#form/prompt/edits";

const TEXT = "0123456789";
const EDITS = [
  { start: 1, end: 2, text: "abc" },
  { start: 4, end: 7, text: "" },
  { start: 8, end: 8, text: "xy" },
];

test("edits are applied in the order of the text", () => {
  assert.equal(applied(TEXT, EDITS), "0abc237xy89");
  assert.equal(applied(TEXT, []), TEXT);
});

test("a place that no edit touches stays with its character, either way", () => {
  for (const index of [0, 2, 3, 7, 9]) {
    const moved = after(index, EDITS);
    assert.equal(applied(TEXT, EDITS)[moved], TEXT[index]);
    assert.equal(before(moved, EDITS), index);
  }
  assert.equal(after(10, EDITS), 11);
  assert.equal(before(11, EDITS), 10);
});

test("a place inside of an edit stays inside of its text", () => {
  assert.equal(after(5, EDITS), 6);
  assert.equal(before(3, EDITS), 2);
});

test("edits that are merged into one make the same text", () => {
  const one = merged(TEXT, EDITS);
  assert.deepEqual([one.start, one.end], [1, 8]);
  assert.equal(applied(TEXT, [one]), applied(TEXT, EDITS));
});
