import assert from "node:assert/strict";
import { test } from "node:test";

import { price } from "#form/files/prices";
import { billed } from "#form/files/range";

const YUAN = { amount: "0.9", sign: "¥", unit: "" };
const CREDITS = { amount: "27.5", sign: "", unit: "credits" };

test("a price is the seconds times the rate, to the hundredth", () => {
  assert.equal(price(YUAN, 300), "¥27.00");
  assert.equal(price(YUAN, 1), "¥0.09");
  assert.equal(price({ ...YUAN, amount: "1.6" }, 12_345_678), "¥1,975,308.48");
});

test("a half goes to the even hundredth, as in the studio", () => {
  assert.equal(price({ ...YUAN, amount: "0.05" }, 1), "¥0.00");
  assert.equal(price({ ...YUAN, amount: "0.05" }, 3), "¥0.02");
  assert.equal(price({ ...YUAN, amount: "0.0501" }, 1), "¥0.01");
});

test("a currency without a sign stands behind, without needless zeros", () => {
  assert.equal(price(CREDITS, 50), "137.5 credits");
  assert.equal(price(CREDITS, 40), "110 credits");
  assert.equal(price(CREDITS, 1), "2.75 credits");
});

test("what goes in is billed beside what comes out, which is cut off", () => {
  assert.equal(billed(240, 150), 390);
  assert.equal(billed(80, 150), 160);
});
