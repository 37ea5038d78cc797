import assert from "node:assert/strict";
import test from "node:test";

import { titleOf } from "#board/tab";

function words(key, { count, state, title } = {}) {
  const texts = {
    title: "Studio",
    "title.making": `(${count}) Generating · ${title}`,
    "title.ended": `${state} · ${title}`,
  };
  return texts[key];
}
const done = { label: "Done", tone: "done" };
const failed = { label: "Failed", tone: "bad" };

test("the tab says how many are being made, and then what became of them", () => {
  assert.equal(titleOf(0, [], words), "Studio");
  assert.equal(titleOf(2, [], words), "(2) Generating · Studio");
  assert.equal(titleOf(1, [done], words), "(1) Generating · Studio");
  assert.equal(titleOf(0, [done], words), "Done · Studio");
  assert.equal(titleOf(0, [done, failed], words), "(2) Failed · Studio");
});
