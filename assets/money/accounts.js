/** @typedef {import("../types/page").Accounts} Accounts */
/** @typedef {import("../types/views").AccountsView} AccountsView */

import { signal } from "#shell/signal";

const SOON_MS = 500;

/**
 * Where new videos are made. Credits are taken when a task is made and come back when it fails, so they are asked for
 * when a job begins or ends; many ends in a moment are one question.
 *
 * @param {import("../types/page").Ask} ask
 * @param {import("../types/page").Jobs} jobs
 * @returns {Accounts}
 */
export function createAccounts(ask, jobs) {
  const changed = /** @type {Accounts["changed"]} */ (signal());
  /** @type {AccountsView | null} */
  let known = null;
  let asked = 0;
  let soon = 0;

  /** @type {Accounts["load"]} */
  async function load({ credits = false } = {}) {
    asked += 1;
    const turn = asked;
    const view = await ask(`accounts${credits ? "?credits" : ""}`);
    if (turn !== asked) return known ?? view;
    known = view;
    changed.emit(view);
    return view;
  }
  function refresh() {
    clearTimeout(soon);
    if (!known?.live) return;
    soon = window.setTimeout(() => {
      load({ credits: true }).catch(() => {}); /* the next job asks again */
    }, SOON_MS);
  }
  jobs.begun.on(refresh);
  jobs.ended.on(refresh);
  async function renew() {
    const { live } = await load();
    if (live) await load({ credits: true });
  }
  return { view: () => known, changed, load, renew };
}
