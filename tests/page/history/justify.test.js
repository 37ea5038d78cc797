import assert from "node:assert/strict";
import test from "node:test";

import { grouped, justify, wishedHeight } from "#history/justify";

const SPACE = { width: 1384, height: 200, gap: 14 };

/** The boxes by the rows that a line break would make of them. */
function rowsOf(boxes, { width, gap }) {
  const rows = [[]];
  let used = 0;
  for (const box of boxes) {
    if (rows.at(-1).length > 0 && used + gap + box.width > width) {
      rows.push([]);
      used = 0;
    }
    used += box.width + (rows.at(-1).length > 0 ? gap : 0);
    rows.at(-1).push(box);
  }
  return rows;
}
const lengthOf = (row, gap) => row.reduce((all, box) => all + box.width, gap * (row.length - 1));

test("all rows but the last end at the edge, and a row has one height", () => {
  const ratios = Array.from({ length: 60 }, (_, at) => [16 / 9, 9 / 16, 1, 21 / 9][(at * 7) % 4]);
  for (const width of [296, 366, 800, 1384, 1500]) {
    const space = { ...SPACE, width, height: wishedHeight(width) };
    const rows = rowsOf(justify(ratios, space), space);
    for (const row of rows.slice(0, -1)) {
      const length = lengthOf(row, space.gap);
      assert.ok(length <= width && length > width - 0.02 * row.length, `${length} of ${width}`);
      assert.equal(new Set(row.map((box) => box.height)).size, 1);
      assert.ok(row[0].height > space.height * 0.55 && row[0].height < space.height * 1.9, String(row[0].height));
    }
  }
});

test("a last row that is nearly full reaches the edge, a short one is not stretched", () => {
  const [alone] = justify([16 / 9], SPACE);
  assert.deepEqual(alone, { width: 355.55, height: 200 });
  const four = justify([16 / 9, 16 / 9, 16 / 9, 16 / 9], SPACE);
  assert.ok(Math.abs(lengthOf(four, SPACE.gap) - SPACE.width) < 0.1);
});

test("what is added behind changes no row before", () => {
  const ratios = Array.from({ length: 40 }, (_, at) => [16 / 9, 9 / 16][at % 2]);
  const some = justify(ratios.slice(0, 24), SPACE);
  const more = justify(ratios, SPACE);
  const whole = rowsOf(some, SPACE).slice(0, -1).flat();
  assert.deepEqual(more.slice(0, whole.length), whole);
});

test("the narrowest and the widest stay within bounds, and none is no row", () => {
  const [tall, wide, odd] = justify([9 / 21, 50, Number.NaN], { ...SPACE, width: 5000 });
  assert.deepEqual([tall.width, wide.width, odd.width], [100, 480, 200]);
  assert.deepEqual(justify([], SPACE), []);
});

test("entries that follow each other are grouped by their name", () => {
  const groups = grouped(["a1", "a2", "b1", "a3"], (entry) => entry[0]);
  assert.deepEqual(groups, [
    { name: "a", entries: ["a1", "a2"] },
    { name: "b", entries: ["b1"] },
    { name: "a", entries: ["a3"] },
  ]);
});
