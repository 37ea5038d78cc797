import assert from "node:assert/strict";
import test from "node:test";

import { addressOf, cleared, countFilters, isNarrow, queryOf, readQuestion, sameQuestion } from "#history/question";

test("the address holds the question, and what it does not know is left out", () => {
  const question = readQuestion("words=horse&model=dashscope%2Fa&sort=newest&list=1&unknown=x");
  assert.deepEqual(question, { words: "horse", model: "dashscope/a", list: "1" });
  assert.deepEqual(readQuestion(addressOf(question).slice("#history?".length)), question);
  assert.equal(addressOf({ words: " ", sort: "newest" }), "#history");
});

test("what is no day is no question", () => {
  for (const day of ["x", "2026-13-01", "2026-11-1", "1", "{}"]) {
    assert.deepEqual(readQuestion(new URLSearchParams({ from: day, to: day }).toString()), {});
    assert.equal(String(queryOf({ from: day, to: day })), "");
  }
});

test("the studio is asked for a model of its provider, and for days as spans of time", () => {
  const query = queryOf({ model: "aivideoapi/edit-1", from: "2026-11-01", to: "2026-11-01", list: "1" }, "key");
  assert.deepEqual([query.get("provider"), query.get("model"), query.get("list")], ["aivideoapi", "edit-1", null]);
  assert.equal(Number(query.get("until")) - Number(query.get("since")), 86_400);
  assert.equal(query.get("after"), "key");
  assert.equal(String(queryOf({ model: "edit-1", provider: "dashscope" })), "provider=dashscope&model=edit-1");
});

test("filters are counted without the words and the order, and cleared with the words", () => {
  const question = { words: "horse", state: "failed", tag: "beach", sort: "oldest", list: "1" };
  assert.equal(countFilters(question), 2);
  assert.ok(isNarrow(question) && isNarrow({ words: "a" }) && !isNarrow({ sort: "longest", list: "1" }));
  assert.deepEqual(cleared(question), { sort: "oldest", list: "1" });
});

test("how the answer is shown makes no other question", () => {
  assert.ok(sameQuestion({ words: "a", list: "1" }, { words: "a " }));
  assert.ok(!sameQuestion({ words: "a" }, { words: "a", sort: "oldest" }));
});
