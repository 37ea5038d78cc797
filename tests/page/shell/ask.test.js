import assert from "node:assert/strict";
import { createServer } from "node:http";
import test from "node:test";

import { createAsk, Refusal } from "#shell/ask";
import { createPresses } from "#shell/presses";
import { createStore } from "#shell/store";

const words = (/** @type {string} */ key, values = {}) => [key, ...Object.values(values)].join(" ");

/**
 * Asks a server that answers so, and gives what came of it.
 *
 * @param {number} status
 * @param {string} body
 */
async function answered(status, body) {
  const keys = /** @type {unknown[]} */ ([]);
  const server = createServer((request, response) => {
    keys.push(request.headers["idempotency-key"]);
    response.writeHead(status).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const presses = createPresses(
    createStore(() => {
      throw new Error("forbidden");
    }),
  );
  const ask = createAsk(/** @type {any} */ (words), /** @type {any} */ (null), presses, `http://127.0.0.1:${port}/`);
  const once = () => ask("send", {}, { press: "one" }).catch((error) => error);
  const first = await once();
  await once();
  server.closeAllConnections();
  server.close();
  return { told: first, isSamePress: keys[0] === keys[1] };
}

test("what the studio answers and refuses is told, and the next press is another", async () => {
  assert.deepEqual(await answered(200, '{"jobs": []}'), { told: { jobs: [] }, isSamePress: false });
  const { told, isSamePress } = await answered(400, '{"error": "Too long.", "kind": "invalid_request"}');
  assert.ok(told instanceof Refusal);
  assert.deepEqual([told.message, told.kind, isSamePress], ["Too long.", "invalid_request", false]);
});

test("what something before the studio answers is told as that, and the press stays the same", async () => {
  for (const [status, body, message] of /** @type {const} */ ([
    [200, "null", "unreachable"],
    [200, "{}", "unreachable"],
    [200, "[]", "unreachable"],
    [200, "<html>", "unreachable"],
    [401, '{"message": "no"}', "refused.before 401"],
    [404, "", "refused.before 404"],
    [413, '{"error": {"code": 1}}', "refused.before 413"],
    [429, '{"error": ""}', "refused.before 429"],
    [502, "<html>", "unreachable"],
  ])) {
    const { told, isSamePress } = await answered(status, body);
    assert.ok(told instanceof Refusal);
    assert.deepEqual([told.message, told.kind, isSamePress], [message, "", true], body);
  }
});
