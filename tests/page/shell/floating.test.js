import assert from "node:assert/strict";
import test from "node:test";

import { positionOf } from "#shell/floating";

const view = { left: 0, top: 0, right: 1440, bottom: 900 };
const phone = { left: 0, top: 0, right: 390, bottom: 844 };
const anchor = { left: 100, top: 400, right: 180, bottom: 424 };
const size = { width: 300, height: 200 };

test("It stands below its anchor, with their left edges in line", () => {
  assert.deepEqual(positionOf(size, anchor, view, {}), { left: 100, top: 430 });
});

test("It stands above where that is wanted, and with the right edges in line", () => {
  const wide = { ...anchor, right: 600 };
  assert.deepEqual(positionOf(size, wide, view, { side: "above", align: "end" }), { left: 300, top: 194 });
});

test("It stands on the other side where only that has room", () => {
  const low = { ...anchor, top: 800, bottom: 824 };
  const high = { ...anchor, top: 60, bottom: 84 };
  assert.equal(positionOf(size, low, view, {}).top, 594);
  assert.equal(positionOf(size, high, view, { side: "above" }).top, 90);
});

test("It never leaves what is seen of the window, as far as it fits", () => {
  assert.deepEqual(positionOf({ width: 366, height: 640 }, { ...anchor, left: 350, right: 380 }, phone, {}), {
    left: 16,
    top: 196,
  });
  const keyboard = { left: 0, top: 120, right: 390, bottom: 520 };
  assert.equal(positionOf({ width: 300, height: 600 }, anchor, keyboard, {}).top, 128);
});
