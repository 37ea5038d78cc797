import assert from "node:assert/strict";
import test from "node:test";

import { createMeasuring, marksOf } from "#form/prompt/painting";
import { partsOf } from "#form/prompt/parts";

/** @type {import("#form/prompt/tokens").Naming} */
const NAMING = { token: "[Image #]", rewrites: "all", required: true };

/**
 * @param {string} field
 * @param {number} [most]
 */
function painted(field, most = 5000) {
  const parts = partsOf(field);
  /** @type {import("#form/prompt/measure").PromptLimit} */
  const limit = { max_units: most, cjk_units: 2, over: "cut" };
  const form = { limit, naming: NAMING, images: 2 };
  const prompts = createMeasuring()(field, form, parts);
  return { prompts, marks: marksOf(field, parts, prompts, true) };
}

test("a prompt is measured as it is sent, and the cut is found in what is written", () => {
  const field = "图1 rides\n---\n🐎 图2 rides off";
  const { prompts } = painted(field, 12);
  assert.deepEqual(
    prompts.map(({ sent }) => sent),
    ["[Image 1] rides", "🐎 [Image 2] rides off"],
  );
  assert.deepEqual(
    prompts.map(({ units }) => units),
    [15, 21],
  );
  assert.deepEqual(
    prompts.map(({ beyond, part }) => field.slice(beyond ?? 0, part.end)),
    ["des", "rides off"],
  );
});

test("names are marked with their numbers and the room beside them, and not in a mode without", () => {
  const { marks } = painted("[Image 1] (图2)，character3");
  const names = marks.map((mark) => mark.kind === "name" && [mark.number, mark.roomBefore, mark.roomAfter]);
  assert.deepEqual(names, [
    [1, true, true],
    [2, false, false],
    [3, false, true],
  ]);
  assert.deepEqual(marksOf("[Image 1]", partsOf("[Image 1]"), [], false), []);
});

test("a cut within a name is before it", () => {
  const { marks } = painted("so [Image 1] goes", 6);
  assert.deepEqual(
    marks.map(({ kind, start }) => [kind, start]),
    [
      ["beyond", 3],
      ["name", 3],
    ],
  );
});

test("dividers are numbered by the prompts that follow them", () => {
  /** @param {string} field */
  const numbers = (field) =>
    painted(field).marks.flatMap((mark) => (mark.kind === "divider" ? [[mark.start, mark.number, mark.count]] : []));
  assert.deepEqual(numbers("A\n---\nB"), [[2, 2, 2]]);
  assert.deepEqual(numbers("A\n---\n---\nB"), [
    [2, null, 2],
    [6, 2, 2],
  ]);
  assert.deepEqual(numbers("A\n---"), [[2, 2, 2]]);
  assert.deepEqual(numbers("---\nA"), [[0, 1, 1]]);
});
