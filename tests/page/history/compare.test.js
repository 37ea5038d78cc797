import assert from "node:assert/strict";
import test from "node:test";

import { differences } from "#history/differences";

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
