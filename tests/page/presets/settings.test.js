import assert from "node:assert/strict";
import test from "node:test";

import { summary, without } from "#presets/settings";

const words = (key, values) => `${key}:${Object.values(values).join()}`;

test("A preset says what it fills in, the seed too", () => {
  const settings = { resolution: "1080P", ratio: "3:4", duration: 5, seed: 0, prompt: "A horse" };
  assert.equal(summary(words, settings), "1080P · 3:4 · seconds:5 · seed.chip:0 · A horse");
});

test("What is not in it is not told", () => {
  assert.equal(summary(words, { ratio: "16:9", seed: null, prompt: "" }), "16:9");
  assert.equal(summary(words, {}), "");
});

test("What a visitor leaves out is not kept", () => {
  const settings = { mode: "text-to-video", prompt: "A horse", seed: 7 };
  assert.deepEqual(without(settings, ["mode", "seed"]), { prompt: "A horse" });
});
