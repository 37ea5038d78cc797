/**
 * Width over height of an aspect ratio as settings name it, such as `16:9`; of what is none, that of a square.
 *
 * @param {string} text
 */
export function quotient(text) {
  const [, width = 1, height = 1] = /^(\d+):(\d+)$/.exec(text) ?? [];
  return Number(width) / Number(height);
}
