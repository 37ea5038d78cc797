import assert from "node:assert/strict";
import test from "node:test";

import { isCJK, measure } from "#form/prompt/measure";
import { cases, charactersOf, everyCharacter, unitsOf } from "./cases.js";

test("a prompt is measured as the server measures it, and cut at an index of the textarea", () => {
  for (const { prompt, times, max_units, cjk_units, units, cut_at, over, near } of cases("measure")) {
    const text = prompt.repeat(times);
    const measured = measure(text, { max_units, cjk_units, over: "cut" });
    const cutAt = cut_at === null ? null : unitsOf(text, cut_at);
    assert.deepEqual(measured, { units, maxUnits: max_units, cutAt, over, near }, `${prompt} × ${times}`);
  }
});

test("a cut parts no character of two units", () => {
  const { cutAt } = measure("🐎".repeat(11), { max_units: 10, cjk_units: 2, over: "cut" });
  assert.equal(cutAt, 20);
});

test("the same characters count twice", () => {
  const cjk = charactersOf(cases("characters").cjk);
  const wrong = [...everyCharacter()].filter((code) => isCJK(String.fromCodePoint(code)) !== cjk.has(code));
  assert.deepEqual(wrong, []);
});
