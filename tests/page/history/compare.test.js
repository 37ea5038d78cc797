import assert from "node:assert/strict";
import test from "node:test";

import { differences } from "#history/differences";
import { frameAt, hasDrifted, isOver, placeIn } from "#history/sync";

const job = (more) => ({ prompt: "A horse", listed: [], inputs: [], video: null, cost: "free", ...more });
const words = (key) => key;

test("what differs is marked, and what no video has is left out", () => {
  const seed = (value) => [{ name: "seed", label: "Seed", value }];
  const rows = differences([job({ listed: seed("7") }), job({ listed: seed("8") }), job({})], words);
  assert.deepEqual(
    rows.map(({ label, differs }) => [label, differs]),
    [
      ["prompt", false],
      ["Seed", true],
      ["cost", false],
    ],
  );
  assert.deepEqual(rows[1].values, ["7", "8", "–"]);
});

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
