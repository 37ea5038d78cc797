import assert from "node:assert/strict";
import test from "node:test";

import { createAccounts } from "#money/accounts";
import { signal } from "#shell/signal";

const jobs = () => ({ begun: signal(), ended: signal() });
const view = (credits) => ({ live: true, accounts: [{ credits }] });

test("Accounts are known once they were told, and whoever listens hears of it", async () => {
  const accounts = createAccounts(async () => view("5 credits"), jobs());
  const heard = [];
  accounts.changed.on((one) => heard.push(one));
  assert.equal(accounts.view(), null);
  await accounts.load();
  assert.deepEqual(heard, [view("5 credits")]);
  assert.deepEqual(accounts.view(), view("5 credits"));
});

test("An answer that comes late does not undo what a newer one told", async () => {
  const answers = [];
  const ask = () => new Promise((resolve) => answers.push(resolve));
  const accounts = createAccounts(ask, jobs());
  const [first, second] = [accounts.load({ credits: true }), accounts.load()];
  answers[1](view("new"));
  await second;
  answers[0](view("old"));
  assert.deepEqual(await first, view("new"));
  assert.deepEqual(accounts.view(), view("new"));
});
