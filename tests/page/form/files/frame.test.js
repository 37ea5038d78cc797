import assert from "node:assert/strict";
import { test } from "node:test";

import { anchor, frameOf, ratioOf, shifted } from "#form/files/frame";

test("a ratio is read as fixes write it", () => {
  assert.equal(ratioOf("5/2"), 2.5);
  assert.equal(ratioOf("2"), 2);
});

test("a frame moves where the picture is too long", () => {
  assert.deepEqual(frameOf(1000, 200, 2.5), { axis: "across", part: 0.5 });
  assert.deepEqual(frameOf(200, 1000, 0.4), { axis: "down", part: 0.5 });
});

test("a frame stays inside", () => {
  const frame = frameOf(1000, 200, 2.5);
  assert.equal(shifted(frame, 0.5, 0.1), 0.7);
  assert.equal(shifted(frame, 0.5, 3), 1);
  assert.equal(shifted(frame, 0.5, -3), 0);
  assert.equal(shifted({ axis: "down", part: 1 }, 0.2, 1), 0.5, "there is no room to move in");
});

test("where it lies is told across and down", () => {
  assert.deepEqual(anchor(frameOf(1000, 200, 2.5), 1 / 3), [0.3333, 0.5]);
  assert.deepEqual(anchor(frameOf(200, 1000, 0.4), 1), [0.5, 1]);
});
