import assert from "node:assert/strict";
import test from "node:test";

import { quotient } from "#shell/ratio";

test("a ratio is width over height, and a square where none is named", () => {
  assert.equal(quotient("16:9"), 16 / 9);
  assert.equal(quotient("9:16"), 9 / 16);
  assert.equal(quotient(""), 1);
  assert.equal(quotient("auto"), 1);
});
