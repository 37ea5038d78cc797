import assert from "node:assert/strict";
import test from "node:test";

import { frameAt, hasDrifted, isOver, placeIn } from "#shell/playback";

test("a shorter video stands at its last frame while a longer one goes on", () => {
  assert.ok(isOver(3, 2.96) && !isOver(3, 2.9));
  assert.equal(placeIn(3, 5), 2.98);
  assert.equal(placeIn(5, 4), 4);
  assert.equal(placeIn(Number.NaN, 4), 0);
  assert.ok(hasDrifted(1.2, 1) && !hasDrifted(1.05, 1));
});

test("a step of a frame leads into the middle of the next one, and back to the same", () => {
  let at = 0;
  for (let frame = 1; frame <= 30; frame += 1) {
    at = frameAt(at, 24, 1);
    assert.equal(Math.floor(at * 24), frame);
  }
  assert.equal(Math.floor(frameAt(at, 24, -1) * 24), 29);
});
