import assert from "node:assert/strict";
import test from "node:test";

import { quotes, secondsOf, speech } from "#form/prompt/speech";

test("lines are found in the quotation marks of many languages", () => {
  const text = `“one” "two" 「三」 『四』 «five» ‘six’ 'seven'`;
  assert.deepEqual(
    quotes(text).map((quote) => quote.text),
    ["one", "two", "三", "四", "five", "six", "seven"],
  );
});

test("an apostrophe is no quotation mark", () => {
  assert.deepEqual(quotes("The dogs' ball isn't here, it's Ada's"), []);
  assert.deepEqual(
    quotes("‘Don’t go’, he says").map(({ text }) => text),
    ["Don’t go"],
  );
  assert.deepEqual(
    quotes("'Don't go', he says").map(({ text }) => text),
    ["Don't go"],
  );
});

test("Chinese takes what the prompt guide says, English two and a half words a second", () => {
  assert.equal(secondsOf("我每天清晨都在这片海滩上散步，"), 14 * 0.3 + 0.5);
  assert.equal(secondsOf("one two three four five"), 2);
  assert.equal(secondsOf("……！"), 0);
});

test("what is written on a sign is not spoken", () => {
  assert.equal(speech("A sign reads “OPEN ALL NIGHT”").lines, 0);
  assert.equal(speech("招牌上写着“通宵营业”").lines, 0);
  assert.equal(speech("招牌上写着“通宵营业”，她说：“我们进去吧”").lines, 1);
  assert.equal(speech("He whispers “come”, she answers “no”").lines, 2);
});
