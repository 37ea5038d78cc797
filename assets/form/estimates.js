/** @typedef {import("../types/views").EstimateView} EstimateView */

const PAUSE_MS = 150;
/** After an answer was lost; twice as long each time. */
const AGAIN_MS = 1000;
const LONGEST_MS = 30_000;

/**
 * Asks what a form costs when that can have changed: not for each key, and never twice for the same. Only the newest
 * answer is told. One that was lost is asked for again, with a growing pause, and at once when the studio can be
 * reached again.
 *
 * @param {object} given
 * @param {(values: unknown) => Promise<EstimateView>} given.ask
 * @param {(estimate: EstimateView) => void} given.tell
 * @param {() => void} given.lose is called when an answer was lost: what was told last is of other values
 * @param {(listener: () => void) => void} given.onBack hears when the studio may be reached again
 */
export function createEstimates({ ask, tell, lose, onBack }) {
  let asked = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let turn = 0;
  let losses = 0; /* in a row */
  /** Asks again for what was lost. @type {(() => void) | null} */
  let retry = null;

  /** @param {unknown} values @param {string} what */
  async function askNow(values, what) {
    const mine = ++turn;
    clearTimeout(timer);
    retry = null;
    try {
      const estimate = await ask(values);
      if (mine !== turn) return;
      asked = what;
      losses = 0;
      tell(estimate);
    } catch {
      if (mine !== turn) return;
      asked = ""; /* the next change asks without that pause */
      retry = () => askNow(values, what);
      timer = setTimeout(retry, Math.min(AGAIN_MS * 2 ** losses, LONGEST_MS));
      losses += 1;
      lose();
    }
  }
  onBack(() => {
    losses = 0;
    retry?.();
  });
  return {
    /**
     * @param {unknown} values all that a price can depend on
     * @param {{ again?: boolean }} [how] also if it is what was asked last
     */
    want(values, { again = false } = {}) {
      const what = JSON.stringify(values);
      if (what === asked && !again) return;
      asked = what;
      losses = 0;
      turn += 1; /* an answer that is on its way is of what the form was */
      clearTimeout(timer);
      retry = null;
      timer = setTimeout(() => askNow(values, what), PAUSE_MS);
    },
    /** What is known without asking. @param {unknown} values */
    known(values) {
      asked = JSON.stringify(values);
    },
  };
}
