import assert from "node:assert/strict";
import test from "node:test";

import { asFlag, asRecord, asText, createStore, isObject } from "#shell/store";

/** @param {string | null} stored */
function storeOf(stored) {
  return createStore(() => /** @type {any} */ ({ getItem: () => stored }));
}

test("a value of another kind is as if nothing were stored", () => {
  for (const stored of [null, "{{{", "null", "1", '"x"', "[]", "true", '{"a": 1}']) {
    const store = storeOf(stored);
    assert.equal(store.get("name", asText), stored === '"x"' ? "x" : null);
    assert.equal(store.get("name", asFlag), stored === "true" ? true : null);
    assert.deepEqual(store.get("name", asRecord(isObject)), {});
  }
});

test("of values by name those of another kind are left out", () => {
  const store = storeOf('{"a": {"prompt": "kept"}, "b": null, "c": [], "d": "x"}');
  assert.deepEqual(store.get("name", asRecord(isObject)), { a: { prompt: "kept" } });
});
