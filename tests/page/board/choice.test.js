import assert from "node:assert/strict";
import test from "node:test";

import { shownOf, yields } from "#board/choice";

const job = (id, changes = {}) => ({ id, created_at: 0, favourite: false, ...changes });
const one = { key: "3", jobs: [job("3")] };
const pair = { key: "1", jobs: [job("2"), job("1")] };

test("the newest stands on the stage until another is chosen", () => {
  assert.equal(shownOf([one, pair], null).job.id, "3");
  assert.equal(shownOf([one, pair], { id: "1", whole: false }).job.id, "1");
  assert.equal(shownOf([], null), null);
});

test("a tile stands there as a whole when it is chosen so, or has just been begun with one press", () => {
  assert.equal(shownOf([one, pair], { id: "1", whole: true }).job, null);
  assert.equal(shownOf([pair], null).job, null);
  assert.equal(shownOf([{ key: "1", jobs: [job("2", { created_at: 900 }), job("1")] }], null).job.id, "2");
});

test("of variants the one that was picked is shown", () => {
  assert.equal(shownOf([{ key: "1", jobs: [job("2"), job("1", { favourite: true })] }], null).job.id, "1");
});

test("a tile of one has no whole", () => {
  assert.equal(shownOf([one], { id: "3", whole: true }).job.id, "3");
});

test("what is gone gives way to the newest", () => {
  assert.equal(shownOf([one, pair], { id: "9", whole: false }).job.id, "3");
});

test("a new job takes the stage but from what plays, or what was chosen and is looked at", () => {
  const choice = { id: "1", whole: false };
  assert.equal(yields(null, { playing: false, focused: true }), true);
  assert.equal(yields(choice, { playing: false, focused: false }), true);
  assert.equal(yields(choice, { playing: false, focused: true }), false);
  assert.equal(yields(null, { playing: true, focused: false }), false);
});
