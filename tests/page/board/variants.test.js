import assert from "node:assert/strict";
import test from "node:test";

import { begunTogether, noteInput, ratioOf, tilesOf } from "#board/variants";

let number = 0;

/** A finished video; of `changes`, `settings` are laid over the usual ones. */
function job({ settings = {}, ...changes } = {}) {
  number += 1;
  return {
    id: String(number).padStart(4, "0"),
    mode: "text-to-video",
    model: "m",
    tone: "done",
    video: { width: 1280, height: 720 },
    created_at: number * 100,
    settings: { prompt: "A horse", ratio: "16:9", seed: number, ...settings },
    ...changes,
  };
}
const sizes = (jobs) => tilesOf(jobs).map((tile) => tile.jobs.length);

test("neighbours that differ in their seed alone are one tile", () => {
  assert.deepEqual(sizes([job(), job(), job({ settings: { prompt: "A fox" } }), job()]), [2, 1, 1]);
});

test("the order of the settings does not matter, and no seed is a seed like any other", () => {
  const other = job();
  other.settings = Object.fromEntries(Object.entries(other.settings).reverse());
  const without = job();
  delete without.settings.seed;
  assert.deepEqual(sizes([job(), other, without]), [3]);
});

test("a tile has four at most, and one more changes only the first", () => {
  const jobs = [job(), job(), job(), job(), job(), job()];
  const before = tilesOf(jobs);
  assert.deepEqual(
    before.map((tile) => tile.jobs.length),
    [2, 4],
  );
  const after = tilesOf([job(), ...jobs]);
  assert.deepEqual(
    after.map((tile) => [tile.key, tile.jobs.length]),
    [
      [before[0].key, 3],
      [before[1].key, 4],
    ],
  );
});

test("a job in trouble stands alone, one under way does not", () => {
  const failed = job({ tone: "bad", video: null });
  assert.deepEqual(sizes([job(), failed, job()]), [1, 1, 1]);
  assert.deepEqual(sizes([job({ tone: "under-way", video: null }), job()]), [2]);
});

test("nothing makes no tile", () => {
  assert.deepEqual(tilesOf([]), []);
});

test("those of one press were begun together", () => {
  assert.equal(begunTogether([job({ created_at: 12 }), job({ created_at: 10 })]), true);
  assert.equal(begunTogether([job({ created_at: 500 }), job({ created_at: 10 })]), false);
  assert.equal(begunTogether([job()]), false);
});

test("the ratio is that of the video, else the one asked for, else its input's, else 16:9", () => {
  const follows = job({ video: null, thumbnail: "upright", settings: { ratio: undefined } });
  assert.equal(ratioOf(follows), 16 / 9);
  assert.equal(noteInput({ naturalWidth: 300, naturalHeight: 400 }, "upright"), true);
  assert.equal(noteInput({ naturalWidth: 300, naturalHeight: 400 }, "upright"), false);
  assert.equal(ratioOf(follows), 0.75);
  assert.equal(ratioOf(job({ video: { width: 720, height: 1280 } })), 0.5625);
  assert.equal(ratioOf(job({ video: null, settings: { ratio: "1:1" } })), 1);
  assert.equal(ratioOf(job({ video: null, settings: { ratio: undefined } })), 16 / 9);
});
