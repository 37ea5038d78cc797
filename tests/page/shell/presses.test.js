import assert from "node:assert/strict";
import test from "node:test";

import { createPresses } from "#shell/presses";
import { createStore } from "#shell/store";

/** @param {Record<string, string>} [items] @returns {any} */
function storage(items = {}) {
  return {
    getItem: (/** @type {string} */ name) => items[name] ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => (items[name] = value),
  };
}
function forbidden() {
  throw new Error("denied");
}

test("what is pressed again before an answer came has the same key, also after a reload", () => {
  const kept = storage();
  const key = createPresses(createStore(() => kept)).key("one video");
  const reloaded = createPresses(createStore(() => kept));
  assert.notEqual(reloaded.key("another"), key);
  assert.equal(reloaded.key("one video"), key);
  reloaded.answered(key);
  assert.notEqual(reloaded.key("one video"), key);
});

test("a browser that stores nothing gives the same press the same key", () => {
  const full = { ...storage(), setItem: forbidden };
  for (const open of [forbidden, () => full]) {
    const presses = createPresses(createStore(open));
    const key = presses.key("one video");
    assert.equal(presses.key("one video"), key);
    presses.answered(key);
    assert.notEqual(presses.key("one video"), key);
  }
});

test("the newest twenty presses are remembered", () => {
  const presses = createPresses(createStore(() => storage()));
  const [first, second] = [presses.key("0"), presses.key("1")];
  for (let number = 2; number <= 20; number += 1) presses.key(String(number));
  assert.equal(presses.key("1"), second);
  assert.notEqual(presses.key("0"), first);
});
