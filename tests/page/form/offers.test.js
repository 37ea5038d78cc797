import assert from "node:assert/strict";
import test from "node:test";

import { defaults, isAsWanted, modelOf, providerOf, valuesOf, withModel } from "#form/offers";

const RATIOS = { look: "ratios", default: "16:9", options: ["16:9", "9:16"] };
const SECONDS = { look: "slider", default: 5, min: 3, max: 15 };
const NEWER = {
  id: "new",
  version: "1.1",
  parameters: {
    ratio: { ...RATIOS, options: [...RATIOS.options, "21:9"] },
    resolution: { look: "segments", default: "1080P", options: ["1080P", "480P"] },
    duration: SECONDS,
    watermark: { look: "switch", default: true },
  },
};
const OLDER = {
  id: "old",
  version: "1.0",
  parameters: {
    ratio: RATIOS,
    resolution: { look: "segments", default: "720P", options: ["720P"] },
    duration: { ...SECONDS, max: 10 },
    watermark: { look: "switch", default: true },
  },
};
const OTHER = { id: "bare", version: "1.0", parameters: { duration: SECONDS } };
const OFFER = {
  mode: "text-to-video",
  providers: [
    { id: "first", models: [NEWER, OLDER] },
    { id: "second", models: [OTHER] },
  ],
  inputs: [{ field: "references" }],
  variants: [1, 2, 3, 4],
};
const FIRST = { provider: "first", model: "new", prompt: "", seed: "", variants: 1 };
const PLAIN = { ...FIRST, ratio: "16:9", resolution: "1080P", duration: 5, watermark: true };

test("a form is at first as its newest model is", () => {
  assert.deepEqual(defaults(OFFER), PLAIN);
});

test("what is not offered any more is the first that is", () => {
  assert.equal(providerOf(OFFER, { provider: "gone" }).id, "first");
  assert.equal(modelOf(OFFER, { provider: "second", model: "gone" }).id, "bare");
  assert.equal(modelOf(OFFER, { provider: "first", model: "old" }).id, "old");
  assert.throws(() => providerOf({ ...OFFER, providers: [] }, PLAIN), RangeError);
  assert.throws(() => modelOf({ ...OFFER, providers: [{ id: "first", models: [] }] }, PLAIN), RangeError);
});

test("another model keeps all that it has too", () => {
  const before = { ...PLAIN, prompt: "A horse", seed: "7", variants: 2, ratio: "9:16", duration: 8, watermark: false };
  const { values, lost } = withModel(OFFER, before, { provider: "first", model: "old" });
  assert.deepEqual(values, { ...before, model: "old", resolution: "720P" });
  assert.deepEqual(lost, []); /* the resolution was as it is at first */
});

test("what another model cannot have becomes its own, and is told where it was chosen", () => {
  const before = { ...PLAIN, ratio: "21:9", resolution: "480P", duration: 15, watermark: false };
  const older = withModel(OFFER, before, { provider: "first", model: "old" });
  assert.deepEqual(older.lost, [
    { name: "ratio", before: "21:9", after: "16:9" },
    { name: "resolution", before: "480P", after: "720P" },
    { name: "duration", before: 15, after: 5 },
  ]);
  const other = withModel(OFFER, before, { provider: "second", model: "bare" });
  assert.deepEqual(other.values, { ...FIRST, provider: "second", model: "bare", duration: 15 });
  assert.deepEqual(
    other.lost.map(({ name, after }) => [name, after]),
    [
      ["ratio", undefined],
      ["resolution", undefined],
      ["watermark", undefined],
    ],
  );
});

test("settings of any time are had as far as they are some", () => {
  const wild = { provider: 5, model: [], prompt: null, seed: 7, variants: 9 };
  Object.assign(wild, { ratio: "1:3", duration: "8", watermark: "yes" });
  assert.deepEqual(valuesOf(OFFER, wild), { ...PLAIN, seed: "7" });
  assert.deepEqual(valuesOf(OFFER, {}), PLAIN);
  const good = { provider: "first", model: "old", prompt: "A", seed: "1", variants: 3, ratio: "9:16", duration: 3 };
  assert.deepEqual(valuesOf(OFFER, good), { ...good, resolution: "720P", watermark: true });
  assert.equal(valuesOf(OFFER, { seed: -1 }).seed, "");
});

test("values have one order, however they came to be: the key of a press is found again after a reload", () => {
  const changed = withModel(OFFER, { ...PLAIN, seed: "7" }, { provider: "first", model: "old" }).values;
  assert.deepEqual(Object.keys(valuesOf(OFFER, JSON.parse(JSON.stringify(changed)))), Object.keys(changed));
});

test("whether all that was wanted stands in the form is known without asking", () => {
  const wanted = { mode: "text-to-video", prompt: "A", duration: 7, ratio: "", seed: -1, watermark: null };
  const stands = (settings) => isAsWanted(OFFER, settings, valuesOf(OFFER, settings));
  assert.ok(stands(wanted));
  assert.ok(stands({ ...wanted, seed: 7, references: [] }));
  assert.ok(!stands({ ...wanted, duration: 99 }));
  assert.ok(!stands({ ...wanted, title: "x" }));
  assert.ok(!stands({ ...wanted, model: "gone" }));
});
