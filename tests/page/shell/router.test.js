import assert from "node:assert/strict";
import test from "node:test";

import { createRouter } from "#shell/router";

test("a browser that lets the address stand still keeps nobody from going on", () => {
  const location = { hash: "#history?words=a" };
  const documentElement = { dataset: {} };
  const replaceState = () => {
    throw new Error("SecurityError");
  };
  const browser = { location, history: { replaceState }, document: { documentElement }, addEventListener() {} };
  const router = createRouter(/** @type {any} */ (browser));
  router.replace("#history?words=ab");
  assert.deepEqual(router.place(), { name: "history", rest: "words=a" });
});
