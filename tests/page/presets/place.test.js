import assert from "node:assert/strict";
import test from "node:test";

import { position } from "#presets/place";

const WINDOW = [1440, 900];

test("A menu stands below its button, with their left edges in line", () => {
  assert.deepEqual(position({ left: 100, top: 200, bottom: 224 }, 396, 400, ...WINDOW), { left: 100, top: 230 });
});

test("It stands above where there is room and none below", () => {
  assert.deepEqual(position({ left: 100, top: 700, bottom: 724 }, 396, 400, ...WINDOW), { left: 100, top: 294 });
});

test("It never leaves the window", () => {
  assert.deepEqual(position({ left: 350, top: 400, bottom: 424 }, 366, 640, 390, 844), { left: 12, top: 192 });
  assert.deepEqual(position({ left: 1400, top: 10, bottom: 34 }, 396, 876, ...WINDOW), { left: 1032, top: 12 });
});
