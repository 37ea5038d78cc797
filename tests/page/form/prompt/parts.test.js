import assert from "node:assert/strict";
import test from "node:test";

import { applied } from "#form/prompt/edits";
import { cleaned, isBlank, partAt, partsOf, promptsOf } from "#form/prompt/parts";
import { cases, charactersOf, everyCharacter } from "./cases.js";

test("prompts are parted and cleaned as the server does it", () => {
  for (const { text, cleaned: clean, blank, prompts } of cases("parts")) {
    assert.equal(cleaned(text), clean, JSON.stringify(text));
    assert.equal(isBlank(text), blank, JSON.stringify(text));
    assert.deepEqual(
      promptsOf(text).map((prompt) => prompt.text),
      prompts,
      JSON.stringify(text),
    );
  }
});

test("a prompt's range in the field holds what becomes its text", () => {
  for (const { text } of cases("parts")) {
    for (const prompt of promptsOf(text)) {
      assert.equal(applied(text.slice(prompt.start, prompt.end), prompt.edits), prompt.text, JSON.stringify(text));
    }
  }
});

test("the same characters are blank, break a line, or are left out", () => {
  const { blank, line_feed: breaks, unwritten } = cases("characters");
  const kinds = { blank: charactersOf(blank), breaks: charactersOf(breaks), unwritten: charactersOf(unwritten) };
  const wrong = [...everyCharacter()].filter((code) => {
    const character = String.fromCodePoint(code);
    const clean = kinds.breaks.has(code) ? "\n" : kinds.unwritten.has(code) ? "" : character;
    return cleaned(character) !== clean || isBlank(character) !== kinds.blank.has(code);
  });
  assert.deepEqual(wrong, []);
});

test("places are UTF-16 indices of the field", () => {
  const [horse, rider] = promptsOf(" 🐎🐎\n---\n\ufeff𠀀 rides ");
  assert.deepEqual([horse?.start, horse?.end], [1, 5]);
  assert.deepEqual([rider?.start, rider?.end], [11, 19]);
});

test("the caret is in the part that is written at, blank or not", () => {
  const text = "A\n---\n\n---\nB";
  const parts = partsOf(text);
  assert.equal(partAt(parts, 0)?.text, "A");
  assert.equal(partAt(parts, 4)?.text, "A");
  assert.equal(partAt(parts, 6)?.blank, true);
  assert.equal(partAt(parts, text.length)?.text, "B");
});
