import assert from "node:assert/strict";
import test from "node:test";

import { applied } from "#form/prompt/edits";
import { PHRASES, TOPICS, joined } from "#form/prompt/phrases";

/** @type {Array<[text: string, phrase: string, expected: string]>} `|` is the caret, before and after */
const JOINED = [
  ["|", "wide shot", "Wide shot|"],
  ["|", "全景", "全景|"],
  ["A horse runs|", "wide shot", "A horse runs, wide shot|"],
  ["A horse runs |", "wide shot", "A horse runs, wide shot|"],
  ["A horse runs,|", "wide shot", "A horse runs, wide shot|"],
  ["A horse runs, |", "wide shot", "A horse runs, wide shot|"],
  ["A horse runs.|", "wide shot", "A horse runs. Wide shot|"],
  ["A horse runs. |", "wide shot", "A horse runs. Wide shot|"],
  ["A horse runs. |Birds sing.", "wide shot", "A horse runs. Wide shot|. Birds sing."],
  ["A horse| runs", "wide shot", "A horse, wide shot|, runs"],
  ["A ho|rse runs", "wide shot", "A horse, wide shot|, runs"],
  ["[Ima|ge 1] runs", "wide shot", "[Image 1], wide shot|, runs"],
  ["A horse runs|, then stops", "wide shot", "A horse runs, wide shot|, then stops"],
  ["|a horse runs", "wide shot", "Wide shot|, a horse runs"],
  ["A horse runs\n---\n|", "wide shot", "A horse runs\n---\nWide shot|"],
  ["A horse runs|\n---\nA boat", "wide shot", "A horse runs, wide shot|\n---\nA boat"],
  ["一匹马在跑|", "全景", "一匹马在跑，全景|"],
  ["一匹马在跑，|", "全景", "一匹马在跑，全景|"],
  ["一匹马在跑。|", "全景", "一匹马在跑。全景|"],
  ["一匹马|在跑", "全景", "一匹马，全景|，在跑"],
  ["𠀀|𠀀", "全景", "𠀀，全景|，𠀀"],
  ["A horse|", "全景", "A horse, 全景|"],
];

test("a phrase joins what is there as one would write it", () => {
  for (const [marked, phrase, expected] of JOINED) {
    const caret = marked.indexOf("|");
    const edit = joined(marked.replace("|", ""), caret, phrase);
    const text = applied(marked.replace("|", ""), [edit]);
    assert.equal(`${text.slice(0, edit.caret)}|${text.slice(edit.caret)}`, expected);
  }
});

test("every topic of a mode has phrases, as many in one language as in the other", () => {
  for (const topic of Object.values(TOPICS).flat()) {
    assert.ok(PHRASES[topic].en.length >= 5);
    assert.equal(PHRASES[topic].en.length, PHRASES[topic].zh.length);
  }
});
