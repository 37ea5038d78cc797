/** @typedef {import("../types/page").Ask} Ask */

/** What the studio refused, or that it could not be reached. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {string} kind
   * @param {any} [answer]
   */
  constructor(message, kind, answer) {
    super(message);
    this.kind = kind;
    this.answer = answer;
  }
}

/**
 * @param {import("../types/page").Words} words
 * @param {import("../types/page").Dates} dates
 * @param {import("./presses").Presses} presses
 * @returns {Ask}
 */
export function createAsk(words, dates, presses) {
  return async (path, data, { method = data === undefined ? "GET" : "POST", signal, press } = {}) => {
    /** @type {Record<string, string>} */
    const headers = { "Content-Type": "application/json" };
    const key = press === undefined ? "" : presses.key(press);
    if (key) headers["Idempotency-Key"] = key;
    const request = { method, headers, body: data === undefined ? null : JSON.stringify(data), signal: signal ?? null };
    let response, answer;
    try {
      response = await fetch(`studio/${path}`, request);
      answer = await response.json();
    } catch (error) {
      if (signal?.aborted) throw error;
      /* no answer, or one of something that stands before the studio */
      throw new Refusal(words("unreachable"), "");
    }
    if (key && response.status < 500) presses.answered(key);
    if (response.ok) return answer;
    const reason = answer.shown ? dates.dated({ text: answer.shown, at: answer.again_at }) : answer.error;
    throw new Refusal(reason, answer.kind, answer);
  };
}
