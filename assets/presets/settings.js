/** What a preset keeps, in words. */

/**
 * @param {import("../types/page").Words} words
 * @param {Record<string, any>} settings
 */
export function summary(words, { resolution, ratio, duration, seed = null, prompt }) {
  return [
    resolution,
    ratio,
    duration && words("seconds", { seconds: duration }),
    seed !== null && words("seed.chip", { seed }),
    prompt,
  ]
    .filter(Boolean)
    .join(" · ");
}

/**
 * @param {Record<string, any>} settings
 * @param {readonly string[]} names
 */
export function without(settings, names) {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
}
