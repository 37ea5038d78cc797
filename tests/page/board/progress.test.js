import assert from "node:assert/strict";
import test from "node:test";

import { progressOf, rangeOf } from "#board/progress";

const job = (changes = {}) => ({ state: "running", created_at: 1000, usual: { half: 100, most: 150 }, ...changes });
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

test("one clock counts from the press, whatever the step", () => {
  for (const [state, step] of [
    ["queued", 0],
    ["publishing", 0],
    ["submitting", 0],
    ["waiting", 0],
    ["running", 1],
    ["saving", 2],
  ]) {
    const progress = progressOf(job({ state }), 1075);
    assert.equal(progress.step, step);
    assert.equal(progress.seconds, 75);
    assert.equal(progress.part, 0.5);
  }
});

test("the ring is full at the time within which nine in ten were done, and then it is late", () => {
  assert.deepEqual(progressOf(job(), 1150), { step: 1, seconds: 150, part: 1, from: 100 / 150, late: false });
  assert.equal(progressOf(job(), 1151).late, true);
  assert.equal(progressOf(job(), 9999).part, 1);
});

test("where nothing usual is known nothing is made up", () => {
  const { part, late } = progressOf(job({ usual: null }), 99_999);
  assert.equal(part, null);
  assert.equal(late, false);
});

test("a clock of the browser's that goes wrong does not count backwards", () => {
  assert.equal(progressOf(job(), 900).seconds, 0);
});

test("a range whose ends read the same is one time", () => {
  assert.equal(rangeOf({ half: 70.2, most: 159.8 }, clock), "1:10–2:40");
  assert.equal(rangeOf({ half: 3.2, most: 3.4 }, clock), "0:03");
});
