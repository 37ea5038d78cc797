/** @typedef {import("../types/views").EstimateView} EstimateView */

const PAUSE_MS = 150;

/**
 * Asks what a form costs when that can have changed: not for each key, and never twice for the same. Only the newest
 * answer is told.
 *
 * @param {{ ask: (values: unknown) => Promise<EstimateView>, tell: (estimate: EstimateView) => void }} given
 */
export function createEstimates({ ask, tell }) {
  let asked = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let turn = 0;

  /** @param {unknown} values @param {string} what */
  async function askNow(values, what) {
    const mine = ++turn;
    try {
      const estimate = await ask(values);
      if (mine === turn) tell(estimate);
    } catch {
      if (asked === what) asked = ""; /* the next change asks again, and a press is judged by the studio anyhow */
    }
  }
  return {
    /**
     * @param {unknown} values all that a price can depend on
     * @param {{ again?: boolean }} [how] also if it is what was asked last
     */
    want(values, { again = false } = {}) {
      const what = JSON.stringify(values);
      if (what === asked && !again) return;
      asked = what;
      turn += 1; /* an answer that is on its way is of what the form was */
      clearTimeout(timer);
      timer = setTimeout(() => askNow(values, what), PAUSE_MS);
    },
    /** What is known without asking. @param {unknown} values */
    known(values) {
      asked = JSON.stringify(values);
    },
  };
}
