import assert from "node:assert/strict";
import { test } from "node:test";

import { setText } from "#shell/dom";

/* What a live region speaks: each change of its text, also one into the same. */
class Region {
  spoken = [];
  #text = "";

  get textContent() {
    return this.#text;
  }

  set textContent(text) {
    this.spoken.push(text);
    this.#text = text;
  }
}

test("a text that stays the same is not spoken once more", () => {
  const region = new Region();
  for (const text of ["Waiting", "Waiting", "Done", "Done"]) setText(region, text);
  assert.deepEqual(region.spoken, ["Waiting", "Done"]);
});
