/** The frame of a picture that is to get another ratio: how large it is, and where it lies. */

/**
 * @typedef {object} Frame
 * @property {"across" | "down"} axis the direction in which it can be moved
 * @property {number} part of the picture's length in that direction that it takes, 0 to 1
 */

/**
 * A ratio as fixes have it: `5/2`, `2.5`.
 *
 * @param {string | number} text
 */
export function ratioOf(text) {
  const [width, height = "1"] = String(text).split("/");
  return Number(width) / Number(height);
}

/**
 * @param {number} width of the picture
 * @param {number} height
 * @param {number} ratio that is wanted, width/height
 * @returns {Frame}
 */
export function frameOf(width, height, ratio) {
  const has = width / height;
  return has > ratio ? { axis: "across", part: ratio / has } : { axis: "down", part: has / ratio };
}

/**
 * Where the frame lies (0 keeps the beginning, 1 the end) after it was moved by a share of the picture's length.
 *
 * @param {Frame} frame
 * @param {number} place
 * @param {number} by
 */
export function shifted({ part }, place, by) {
  const room = 1 - part;
  return room <= 0 ? 0.5 : Math.min(1, Math.max(0, place + by / room));
}

/**
 * The two shares that the fix takes.
 *
 * @param {Frame} frame
 * @param {number} place
 * @returns {[number, number]}
 */
export function anchor({ axis }, place) {
  const share = Math.round(place * 10_000) / 10_000;
  return axis === "across" ? [share, 0.5] : [0.5, share];
}
