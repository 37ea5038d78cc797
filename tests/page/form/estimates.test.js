import assert from "node:assert/strict";
import test from "node:test";

import { createEstimates } from "#form/estimates";

/* Answers come when the test says so. */
function created() {
  const asked = [];
  const told = [];
  const ask = (values) => new Promise((resolve, reject) => asked.push({ values, resolve, reject }));
  const back = [];
  const estimates = createEstimates({
    ask,
    tell: (estimate) => told.push(estimate),
    lose: () => told.push("unknown"),
    onBack: (listener) => back.push(listener),
  });
  return { asked, told, estimates, comeBack: () => back.forEach((listener) => listener()) };
}

async function passed(context, milliseconds = 150) {
  context.mock.timers.tick(milliseconds);
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

test.beforeEach((context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
});

test("many changes in a row are asked about once, as they are at last", async (context) => {
  const { asked, told, estimates } = created();
  for (let seconds = 3; seconds < 9; seconds += 1) {
    estimates.want({ seconds });
    await passed(context, 100);
  }
  assert.deepEqual(asked, []);
  await passed(context);
  assert.deepEqual(
    asked.map(({ values }) => values),
    [{ seconds: 8 }],
  );
  asked[0].resolve("the price");
  await passed(context);
  assert.deepEqual(told, ["the price"]);
});

test("what is known is not asked for, unless it is wanted again", async (context) => {
  const { asked, estimates } = created();
  estimates.known({ seconds: 5 });
  estimates.want({ seconds: 5 });
  await passed(context);
  assert.equal(asked.length, 0);
  estimates.want({ seconds: 5 }, { again: true });
  await passed(context);
  assert.equal(asked.length, 1);
  estimates.want({ seconds: 5 });
  await passed(context);
  assert.equal(asked.length, 1);
});

test("an answer about what the form was before is not told, whenever it comes", async (context) => {
  const { asked, told, estimates } = created();
  estimates.want({ seconds: 5 });
  await passed(context);
  estimates.want({ seconds: 6 });
  asked[0].resolve("old");
  await passed(context);
  asked[1].resolve("new");
  await passed(context);
  assert.deepEqual(told, ["new"]);
});

test("a change that is taken back has its price again", async (context) => {
  const { asked, told, estimates } = created();
  estimates.known({ seconds: 5 });
  estimates.want({ seconds: 6 });
  estimates.want({ seconds: 5 });
  await passed(context);
  assert.deepEqual(
    asked.map(({ values }) => values),
    [{ seconds: 5 }],
  );
  asked[0].resolve("the price");
  await passed(context);
  assert.deepEqual(told, ["the price"]);
});

test("without an answer the price is unknown, and the next change asks, also for the same", async (context) => {
  const { asked, told, estimates } = created();
  estimates.want({ seconds: 5 });
  await passed(context);
  asked[0].reject(new Error("unreachable"));
  await passed(context, 0);
  assert.deepEqual(told, ["unknown"]);
  estimates.want({ seconds: 5 });
  await passed(context);
  assert.equal(asked.length, 2);
});

test("what was lost is asked for again by itself, with a growing pause, until it is answered", async (context) => {
  const { asked, told, estimates } = created();
  estimates.want({ seconds: 5 });
  await passed(context);
  for (const [pause, count] of [
    [1000, 2],
    [2000, 3],
  ]) {
    asked.at(-1).reject(new Error("unreachable"));
    await passed(context, 0);
    await passed(context, pause - 1);
    assert.equal(asked.length, count - 1);
    await passed(context, 1);
    assert.equal(asked.length, count);
  }
  asked.at(-1).resolve("the price");
  await passed(context, 60_000);
  assert.equal(asked.length, 3);
  assert.deepEqual(told, ["unknown", "unknown", "the price"]);
});

test("what was lost is asked for at once when the studio can be reached again", async (context) => {
  const { asked, estimates, comeBack } = created();
  comeBack();
  estimates.want({ seconds: 5 });
  await passed(context);
  asked[0].reject(new Error("unreachable"));
  await passed(context, 0);
  comeBack();
  assert.equal(asked.length, 2);
  comeBack();
  await passed(context, 60_000);
  assert.equal(asked.length, 2);
});

test("the pause that has grown begins anew when the studio comes back while it is being asked", async (context) => {
  const { asked, estimates, comeBack } = created();
  estimates.want({ seconds: 5 });
  await passed(context);
  for (let losses = 0; losses < 6; losses += 1) {
    asked.at(-1).reject(new Error("unreachable"));
    await passed(context, 0);
    await passed(context, 30_000);
  }
  assert.equal(asked.length, 7);
  comeBack();
  asked.at(-1).reject(new Error("unreachable"));
  await passed(context, 0);
  await passed(context, 1000);
  assert.equal(asked.length, 8);
});
