import assert from "node:assert/strict";
import { test } from "node:test";

import { filled } from "#form/prompt/pill";

test("where there is room, a pill has its picture and what the text says", () => {
  const tight = filled(3.8, { text: "Image 1", width: 3.6 }, 1, true);
  assert.deepEqual([tight.label, tight.picture], ["Image 1", 0.8]);
  assert.equal(filled(6, { text: "Image 1", width: 3.6 }, 1, true).picture, 1.12);
});

test("a narrow one has the number alone beside its picture", () => {
  const { label, picture, size } = filled(1.6, { text: "图1", width: 1.55 }, 1, true);
  assert.equal(label, "1");
  assert.ok(picture > 0.5 && picture + size * 0.6 <= 1.6);
});

test("without a picture it says what the text says", () => {
  assert.equal(filled(1.6, { text: "图9", width: 1.55 }, 9, false).label, "图9");
});

test("nothing is wider than the pill", () => {
  for (let room = 0.5; room < 8; room += 0.1) {
    for (const width of [1.2, 1.55, 2.6, 3.6, 5]) {
      const { label, picture, gap, size } = filled(room, { text: "said", width }, 1, true);
      if (label === "said") assert.ok(picture + gap + size * width <= room);
      else assert.ok(picture >= 0 && picture + gap + size * 0.6 * label.length <= room);
    }
  }
});
