import assert from "node:assert/strict";
import { test } from "node:test";

import { moved, nearest, placeOf, renumbering } from "#form/files/order";

test("nothing that stays where it is gets another number", () => {
  assert.equal(renumbering(["a", "b"], ["a", "b"]), null);
  assert.equal(renumbering(["a"], ["a", "b"]), null);
  assert.equal(renumbering([], ["a"]), null);
});

test("whoever moves takes the numbers along", () => {
  assert.deepEqual(renumbering(["a", "b", "c"], moved(["a", "b", "c"], 0, 2)), { 1: 3, 2: 1, 3: 2 });
  assert.deepEqual(renumbering(["a", "c"], ["a", "b", "c"]), { 2: 3 });
});

test("one that is removed is numbered as if it had gone last", () => {
  assert.deepEqual(renumbering(["a", "b", "c"], ["b", "c"]), { 1: 3, 2: 1, 3: 2 });
  assert.equal(renumbering(["a", "b"], ["a"]), null, "its number is already beyond");
  assert.deepEqual(renumbering(["a", "b", "c"], ["c"]), { 1: 2, 2: 3, 3: 1 });
});

test("no two files get one number, whatever happens at once", () => {
  const before = ["a", "b", "c", "d"];
  for (const after of [["d"], ["c", "x", "a"], ["x", "y", "b"], []]) {
    const numbers = before.map((_, index) => (renumbering(before, after) ?? {})[index + 1] ?? index + 1);
    assert.equal(new Set(numbers).size, before.length, JSON.stringify(after));
  }
});

test("files stand as they were chosen, not as they arrived", () => {
  const entries = [{ turn: 1 }, { turn: 4 }];
  assert.equal(placeOf(entries, 2), 1);
  assert.equal(placeOf(entries, 5), 2);
  assert.equal(placeOf([], 1), 0);
});

test("what is dropped lies where the middle is nearest", () => {
  const boxes = [0, 60, 120].map((left) => ({ left, top: 0, width: 50, height: 50 }));
  assert.equal(nearest(boxes, 20, 300), 0);
  assert.equal(nearest(boxes, 84, 25), 1);
  assert.equal(nearest(boxes, 900, 25), 2);
});
