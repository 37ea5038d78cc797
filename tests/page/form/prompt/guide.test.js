import assert from "node:assert/strict";
import test from "node:test";

import { guide } from "#form/prompt/guide";
import { VOCABULARY, mentions } from "#form/prompt/vocabulary";

/** @typedef {import("#form/prompt/guide").Mode} Mode */

/** @type {Array<[mode: Mode, prompt: string, missing: string | null]>} */
const MISSING = [
  ["text-to-video", "", null],
  ["text-to-video", "A horse", null],
  ["text-to-video", "一匹马", null],
  ["text-to-video", "A horse on a beach", "motion"],
  ["text-to-video", "A horse gallops", "scene"],
  ["text-to-video", "A horse gallops along a beach", "camera"],
  ["text-to-video", "A horse gallops along a beach, low tracking shot", "sound"],
  ["text-to-video", "A horse gallops along a beach, low tracking shot, waves roar", "light"],
  ["text-to-video", "A horse gallops along a beach at sunrise, low tracking shot, waves roar", "style"],
  ["text-to-video", "A horse gallops along a beach at sunrise, low tracking shot, waves roar, cinematic", null],
  ["text-to-video", "沙滩上的一匹马，静静的", "motion"],
  ["text-to-video", "一匹马在沙滩上奔跑", "camera"],
  ["text-to-video", "一匹马在沙滩上奔跑，低角度跟拍，海浪声，晨光，电影感", null],
  ["image-to-video", "The old stone lighthouse", "motion"],
  ["image-to-video", "She turns her head", "camera"],
  ["image-to-video", "她转过头来，镜头推近", "sound"],
  ["image-to-video", "她转过头来，镜头推近，风声", null],
  ["reference-to-video", "[Image 1] walks towards [Image 2]", "role"],
  ["reference-to-video", "[Image 1] is a knight, [Image 2] a horse. The knight walks", "camera"],
  ["video-edit", "Replace the boat with Image 1", "keep"],
  ["video-edit", "The sea and the sky stay the same", "change"],
  ["video-edit", "把船换成图1，其余不变", null],
];

test("the most useful of what is missing is asked for, and nothing of a prompt that has all", () => {
  for (const [mode, prompt, missing] of MISSING) {
    const hint = guide(prompt, { mode, images: 2, duration: 5 });
    assert.equal(hint?.key ?? null, missing && `prompt.guide.${missing}`, `${mode}: ${prompt}`);
  }
});

test("one image needs no word of what it shows", () => {
  const hint = guide("[Image 1] walks on", { mode: "reference-to-video", images: 1 });
  assert.equal(hint?.key, "prompt.guide.camera");
});

test("a picture that moves needs no description of what it shows", () => {
  const prompt = `她转过头来，镜头推近，风声。${"石墙上爬满了常春藤，".repeat(14)}`;
  assert.equal(guide(prompt, { mode: "image-to-video" })?.key, "prompt.guide.long");
});

test("lines that are longer than the video come before all else", () => {
  const prompt = "She says: “I have walked along this beach every single morning since the day that you left us.”";
  const hint = guide(prompt, { mode: "text-to-video", duration: 5 });
  assert.deepEqual(hint, { key: "prompt.guide.speech", values: { seconds: 7, duration: 5 } });
  assert.notEqual(guide(prompt, { mode: "text-to-video", duration: 10 })?.key, "prompt.guide.speech");
  assert.notEqual(guide(prompt, { mode: "text-to-video", duration: null })?.key, "prompt.guide.speech");
});

test("words are found in any ending that is meant, and within no other word", () => {
  assert.ok(mentions("Galloping home", "motion"));
  assert.ok(mentions("a LOW-ANGLE view", "camera"));
  assert.ok(mentions("over the\nshoulder", "camera"));
  assert.ok(!mentions("a panther", "camera"));
  assert.ok(!mentions("walnut", "motion"));
});

test("a vocabulary names each word once", () => {
  for (const { en, zh } of Object.values(VOCABULARY)) {
    for (const list of [en, zh]) {
      const words = list.trim().split(/\s+/u);
      assert.deepEqual(words, [...new Set(words)]);
    }
  }
});
