import assert from "node:assert/strict";
import test from "node:test";

import { mosaic } from "#board/mosaic";
import { quotient } from "#shell/ratio";

const arranged = (ratios, wanted) => mosaic(ratios, quotient, wanted);
const columns = (found) => found.columns.map(({ items }) => items);

test("two wide pictures stand beside a tall one", () => {
  const found = arranged(["16:9", "9:16", "16:9"], 1.45);
  assert.deepEqual(columns(found), [["16:9", "16:9"], ["9:16"]]);
  assert.ok(Math.abs(found.ratio - 1.45) < 0.01);
});

test("four wide pictures stand two by two", () => {
  assert.deepEqual(columns(arranged(["16:9", "16:9", "16:9", "16:9"], 1.45)), [
    ["16:9", "16:9"],
    ["16:9", "16:9"],
  ]);
});

test("where all is flat they stand in a row, where all is narrow in a column", () => {
  const ratios = ["16:9", "16:9", "9:16"];
  assert.equal(columns(arranged(ratios, 9)).length, 3);
  assert.equal(columns(arranged(ratios, 0.3)).length, 1);
});

test("columns are of one height, and as wide together as the whole", () => {
  const found = arranged(["4:3", "1:1", "16:9", "9:16"], 1.2);
  for (const { items, ratio } of found.columns) {
    const height = items.map((item) => 1 / quotient(item)).reduce((all, one) => all + one);
    assert.ok(Math.abs(ratio * height - 1) < 1e-9);
  }
  const width = found.columns.map(({ ratio }) => ratio).reduce((all, one) => all + one);
  assert.ok(Math.abs(width - found.ratio) < 1e-9);
});

test("one picture is all there is", () => {
  assert.deepEqual(columns(arranged(["9:16"], 1.45)), [["9:16"]]);
});
