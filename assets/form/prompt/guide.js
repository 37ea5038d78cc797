/**
 * A helper without a model: what the public prompt guide asks of a prompt of each mode, and the one thing that helps
 * most of what is not there yet. It goes by words alone, so it asks and never refuses.
 */

import { counts, speech } from "#form/prompt/speech";
import { findTokens } from "#form/prompt/tokens";
import { mentions } from "#form/prompt/vocabulary";

/** @typedef {"text-to-video" | "image-to-video" | "reference-to-video" | "video-edit"} Mode */
/** @typedef {import("#form/prompt/vocabulary").Subject} Subject */

/**
 * What to say: the key of a word, and its values.
 *
 * @typedef {{ key: `prompt.guide.${string}`, values: Record<string, string | number> }} Hint
 */

/**
 * @typedef {{ mode: Mode, images?: number, duration?: number | null }} Circumstances
 */

/**
 * What a good prompt of a mode has, the most useful first.
 *
 * @type {Readonly<Record<Mode, readonly Subject[]>>}
 */
const GUIDE = {
  "text-to-video": ["subject", "motion", "scene", "camera", "sound", "light", "style"],
  "image-to-video": ["motion", "camera", "sound"],
  "reference-to-video": ["motion", "role", "camera", "sound", "style"],
  "video-edit": ["change", "keep"],
};

/* Before so much is written, what is missing is only not written yet. */
const LEAST_WEIGHT = 5;
/* The guide has 30 to 60 Chinese characters for a picture that moves: of twice as many, some describe the picture. */
const LONG_FOR_AN_IMAGE = 120;

/**
 * The one thing that would help the prompt most, or null.
 *
 * @param {string} prompt
 * @param {Circumstances} circumstances
 * @returns {Hint | null}
 */
export function guide(prompt, { mode, images = 0, duration = null }) {
  const weight = weightOf(prompt);
  if (weight < LEAST_WEIGHT) return null;
  const spoken = speech(prompt);
  if (duration && spoken.seconds > duration) {
    return { key: "prompt.guide.speech", values: { seconds: Math.ceil(spoken.seconds), duration } };
  }
  const missing = GUIDE[mode].find((subject) => !has(prompt, subject, images, spoken.lines));
  if (missing) return { key: `prompt.guide.${missing}`, values: {} };
  if (mode === "image-to-video" && weight > LONG_FOR_AN_IMAGE) return { key: "prompt.guide.long", values: {} };
  return null;
}

/**
 * How much is written, in Chinese characters: a word of letters is about two.
 *
 * @param {string} prompt
 */
function weightOf(prompt) {
  const { syllables, words } = counts(prompt);
  return syllables + 2 * words;
}

/**
 * @param {string} prompt
 * @param {Subject} subject
 * @param {number} images
 * @param {number} lines that are spoken
 */
function has(prompt, subject, images, lines) {
  if (subject === "sound") return lines > 0 || mentions(prompt, "sound");
  if (subject === "role") return images < 2 || isDeclared(prompt);
  return mentions(prompt, subject);
}

/* So much on either side of an image's name says what the image is. */
const BESIDE = 24;

/** @param {string} prompt whether it says of any of its images what the image shows */
function isDeclared(prompt) {
  const tokens = findTokens(prompt);
  if (!tokens.length) return true;
  return tokens.some(({ start, end }) => {
    const next = prompt.slice(end, end + BESIDE);
    const before = prompt.slice(Math.max(0, start - BESIDE / 3), start);
    return /^\s*[=:：(（—-]/u.test(next) || mentions(next, "role") || mentions(before, "role");
  });
}
