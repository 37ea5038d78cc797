import assert from "node:assert/strict";
import { test } from "node:test";

import { moveEnd, moveStart, slide } from "#form/files/range";

const BOUNDS = { whole: 750, least: 30, most: 600 };

test("a handle stops where the stretch would be too short", () => {
  assert.deepEqual(moveStart({ start: 0, end: 150 }, 200, BOUNDS), { start: 120, end: 150 });
  assert.deepEqual(moveEnd({ start: 100, end: 150 }, 0, BOUNDS), { start: 100, end: 130 });
});

test("a handle takes the other one along where the stretch would be too long", () => {
  assert.deepEqual(moveEnd({ start: 0, end: 150 }, 700, BOUNDS), { start: 100, end: 700 });
  assert.deepEqual(moveStart({ start: 100, end: 700 }, 0, BOUNDS), { start: 0, end: 600 });
});

test("nothing leaves the video", () => {
  assert.deepEqual(moveStart({ start: 10, end: 150 }, -99, BOUNDS), { start: 0, end: 150 });
  assert.deepEqual(moveEnd({ start: 300, end: 450 }, 9999, BOUNDS), { start: 300, end: 750 });
  assert.deepEqual(slide({ start: 10, end: 160 }, -5, BOUNDS), { start: 0, end: 150 });
  assert.deepEqual(slide({ start: 10, end: 160 }, 9999, BOUNDS), { start: 600, end: 750 });
});

test("a stretch that slides keeps its length", () => {
  assert.deepEqual(slide({ start: 10, end: 160 }, 42, BOUNDS), { start: 42, end: 192 });
});
