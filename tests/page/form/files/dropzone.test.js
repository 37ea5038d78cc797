import assert from "node:assert/strict";
import { test } from "node:test";

import { kindOf } from "#form/files/dropzone";

test("a file is what its type says, or its name where systems know no better", () => {
  assert.equal(kindOf({ type: "image/png", name: "a" }), "image");
  assert.equal(kindOf({ type: "video/quicktime", name: "a.mov" }), "video");
  assert.equal(kindOf({ type: "", name: "IMG_1.HEIC" }), "image");
  assert.equal(kindOf({ type: "application/json", name: "record.json" }), "");
  assert.equal(kindOf({ type: "text/plain", name: "notes.txt" }), "");
  assert.equal(kindOf({ type: "image/png" }), "image", "while it is dragged it has no name");
});
