import { isObject } from "#shell/store";

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
 * @param {string} [root] the address below which the studio is; the page's own
 * @returns {Ask}
 */
export function createAsk(words, dates, presses, root = "") {
  /** What an answer means that something before the studio gave, such as a proxy. @param {Response} response */
  function foreign({ status }) {
    return status >= 400 && status < 500 ? words("refused.before", { status }) : words("unreachable");
  }

  return async (path, data, { method = data === undefined ? "GET" : "POST", signal, press } = {}) => {
    /** @type {Record<string, string>} */
    const headers = { "Content-Type": "application/json" };
    const key = press === undefined ? "" : presses.key(press);
    if (key) headers["Idempotency-Key"] = key;
    const request = { method, headers, body: data === undefined ? null : JSON.stringify(data), signal: signal ?? null };
    let response;
    try {
      response = await fetch(`${root}studio/${path}`, request);
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Refusal(words("unreachable"), "");
    }
    const answer = await response.json().catch((error) => {
      if (signal?.aborted) throw error;
      return null;
    });
    if (!isStudios(response, answer)) throw new Refusal(foreign(response), "");
    if (key && response.status < 500) presses.answered(key);
    if (response.ok) return answer;
    const reason = answer.shown ? dates.dated({ text: answer.shown, at: answer.again_at }) : answer.error;
    throw new Refusal(reason, answer.kind, answer);
  };
}

/**
 * The studio answers with an object that says something, and refuses with a sentence.
 *
 * @param {Response} response
 * @param {unknown} answer
 */
function isStudios(response, answer) {
  if (!isObject(answer) || !Object.keys(answer).length) return false;
  return response.ok || (typeof answer["error"] === "string" && answer["error"] !== "");
}
