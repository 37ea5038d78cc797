/** How a file reaches the studio and comes back checked: uploaded, fetched from an address, or fixed. */

/** @typedef {import("../../types/views").FileView} FileView */

/** Why a file did not come; `canceled` where the visitor wanted it so. */
export class NotReceived extends Error {
  canceled = false;
  /** The kind of the studio's refusal. */
  kind = "";
}

function canceled() {
  return Object.assign(new NotReceived("canceled"), { canceled: true });
}

/**
 * @param {File} file
 * @param {string} query whose rules count
 * @param {(part: number) => void} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<FileView>} rejects with NotReceived; without a message when the connection broke
 */
export function upload(file, query, onProgress, signal) {
  return new Promise((resolve, reject) => {
    /* fetch tells nothing of what has been sent so far */
    const request = new XMLHttpRequest();
    request.open("POST", `studio/files?${query}&name=${encodeURIComponent(file.name)}`);
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("loadend", () => {
      if (signal.aborted) reject(canceled());
      else settle(request.status === 200, request.responseText, resolve, reject);
    });
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/**
 * @param {boolean} ok
 * @param {string} text
 * @param {(file: FileView) => void} resolve
 * @param {(error: NotReceived) => void} reject
 */
function settle(ok, text, resolve, reject) {
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    /* an answer that was cut, or one of something that stands before the studio */
    reject(new NotReceived(""));
    return;
  }
  if (ok) resolve(answer);
  else reject(Object.assign(new NotReceived(answer.error ?? ""), { kind: answer.kind ?? "" }));
}

/**
 * @param {string} url
 * @param {string} query
 * @param {AbortSignal} signal
 * @returns {Promise<FileView>}
 */
export async function fetchFrom(url, query, signal) {
  const headers = { "Content-Type": "application/json" };
  const response = await answered(`studio/files/from-url?${query}`, {
    method: "POST",
    headers,
    body: JSON.stringify({ url }),
    signal,
  });
  return new Promise((resolve, reject) => settle(response.ok, response.text, resolve, reject));
}

/**
 * A file that is here already, by the rules of another model.
 *
 * @param {string} sha256
 * @param {string} query
 * @returns {Promise<FileView>}
 */
export async function judge(sha256, query) {
  const response = await answered(`studio/files/${sha256}?${query}`, {});
  return new Promise((resolve, reject) => settle(response.ok, response.text, resolve, reject));
}

/**
 * @param {string} address
 * @param {RequestInit} options
 */
async function answered(address, options) {
  try {
    const response = await fetch(address, options);
    return { ok: response.ok, text: await response.text() };
  } catch (error) {
    throw options.signal?.aborted ? canceled() : new NotReceived("", { cause: error });
  }
}

/**
 * A fixed copy. The studio answers in lines of JSON, progress first and the copy last; leaving cancels.
 *
 * @param {string} sha256
 * @param {readonly Record<string, unknown>[]} fixes
 * @param {string} query
 * @param {(part: number) => void} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<FileView>}
 */
export async function fix(sha256, fixes, query, onProgress, signal) {
  const headers = { "Content-Type": "application/json" };
  try {
    const response = await fetch(`studio/files/${sha256}/fix?${query}`, {
      method: "POST",
      headers,
      body: JSON.stringify({ fixes }),
      signal,
    });
    for await (const line of lines(response)) {
      /** @type {import("../../types/views").MendingView} */
      const news = JSON.parse(line);
      if (news.part !== undefined) onProgress(news.part);
      if (news.error !== undefined) throw new NotReceived(news.error);
      if (news.file) return news.file;
    }
  } catch (error) {
    if (signal.aborted) throw canceled();
    if (error instanceof NotReceived) throw error;
    throw new NotReceived("", { cause: error });
  }
  throw new NotReceived("");
}

/**
 * @param {Response} response
 * @returns {AsyncGenerator<string>}
 */
async function* lines(response) {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    text += value ?? "";
    const whole = text.split("\n");
    text = done ? "" : (whole.pop() ?? "");
    yield* whole.filter(Boolean);
    if (done) return;
  }
}
