/** Phrases that a click writes into a prompt, by what they are about, and how they join what is there. */

import { isCJK } from "#form/prompt/measure";
import { findTokens } from "#form/prompt/tokens";

/** @typedef {import("#form/prompt/guide").Mode} Mode */
/** @typedef {"shot" | "camera" | "light" | "style" | "sound" | "motion" | "change" | "keep"} Topic */
/** @typedef {"en" | "zh"} Language */

/** @type {Readonly<Record<Mode, readonly Topic[]>>} */
export const TOPICS = {
  "text-to-video": ["shot", "camera", "light", "style", "sound"],
  "image-to-video": ["motion", "camera", "sound"],
  "reference-to-video": ["shot", "camera", "light", "style", "sound"],
  "video-edit": ["change", "keep", "light", "style"],
};

/** @type {Readonly<Record<Topic, Readonly<Record<Language, readonly string[]>>>>} */
export const PHRASES = {
  shot: {
    en: [
      "extreme close-up",
      "close-up",
      "medium shot",
      "wide shot",
      "low angle",
      "high angle",
      "over-the-shoulder shot",
      "bird's-eye view",
    ],
    zh: ["大特写", "特写", "中景", "全景", "低角度仰拍", "高角度俯拍", "过肩镜头", "鸟瞰视角"],
  },
  camera: {
    en: [
      "locked-off camera, no shake, no zoom, no cuts",
      "slow push-in",
      "slow pull-back",
      "tracking shot alongside",
      "the camera circles around",
      "pan from left to right",
      "crane shot rising",
      "handheld camera",
    ],
    zh: [
      "固定机位，不晃动、不推拉、不切换",
      "镜头缓缓推近",
      "镜头缓缓拉远",
      "侧面跟拍",
      "镜头环绕拍摄",
      "镜头由左向右横摇",
      "镜头升起",
      "手持镜头",
    ],
  },
  light: {
    en: [
      "golden hour",
      "soft morning light",
      "backlit, with a bright rim",
      "overcast, even light",
      "warm lamp light",
      "neon light at night",
      "moonlight",
      "hard light, deep shadows",
    ],
    zh: [
      "黄昏的金色光线",
      "柔和的晨光",
      "逆光，轮廓发亮",
      "阴天的均匀光线",
      "温暖的灯光",
      "夜晚的霓虹灯光",
      "月光",
      "硬光，阴影浓重",
    ],
  },
  style: {
    en: [
      "cinematic, 35mm film grain",
      "photorealistic",
      "documentary style",
      "hand-drawn animation",
      "3D animation",
      "ink painting",
      "stop-motion",
      "black and white",
    ],
    zh: [
      "电影感，35 毫米胶片颗粒",
      "写实风格",
      "纪录片风格",
      "手绘动画风格",
      "三维动画风格",
      "水墨画风格",
      "定格动画风格",
      "黑白影像",
    ],
  },
  sound: {
    en: [
      "natural ambient sound",
      "soft piano music",
      "orchestral music swells",
      "wind and distant birds",
      "city noise",
      "waves breaking",
      "no music",
      "no one speaks",
    ],
    zh: [
      "自然环境音",
      "轻柔的钢琴曲",
      "管弦乐渐强",
      "风声与远处鸟鸣",
      "城市的嘈杂声",
      "海浪拍岸声",
      "没有音乐",
      "无人说话",
    ],
  },
  motion: {
    en: [
      "turns and looks into the camera",
      "walks slowly forward",
      "smiles",
      "hair and clothes move in the wind",
      "everything else stays still",
      "in slow motion",
    ],
    zh: ["转身看向镜头", "缓缓向前走", "露出微笑", "头发和衣角随风飘动", "其余部分保持静止", "慢动作"],
  },
  change: {
    en: [
      "replace the background with",
      "change the clothes to",
      "change the season to winter",
      "turn day into night",
      "remove the people in the background",
      "turn it into an ink painting",
    ],
    zh: ["把背景换成", "把衣服换成", "把季节改成冬天", "把白天改成夜晚", "去掉背景里的人", "把画面变成水墨画"],
  },
  keep: {
    en: [
      "keep everything else unchanged",
      "keep the person's face and movement",
      "keep the camera move",
      "keep the composition",
      "keep the original sound",
    ],
    zh: ["其余一切保持不变", "人物的面容和动作保持不变", "镜头运动保持不变", "构图保持不变", "保留原声"],
  },
};

const WORD = /^[\p{L}\p{M}\p{N}'’_-]/u;
const SENTENCE_END = /[.!?。！？…]["”’」』)）]?$/u;
const OPEN_END = /[,，、;；:：—(（[【“‘「『-]$/u;

/**
 * How a phrase is written into a text: behind the word or the image's name in which the caret stands, with a comma to
 * what is beside it, and as a sentence of its own behind a sentence's end. `caret` is behind the phrase.
 *
 * @param {string} text
 * @param {number} caret
 * @param {string} phrase
 * @returns {import("#form/prompt/edits").Edit & { caret: number }}
 */
export function joined(text, caret, phrase) {
  const place = wordEnd(text, caret);
  const left = text.slice(text.lastIndexOf("\n", place - 1) + 1, place);
  const [right = ""] = text.slice(place).split("\n", 1);
  const written = left.trimEnd();
  const begins = written === "" || SENTENCE_END.test(written);
  const lead = begins ? opening(left, phrase) : comma(written, phrase, OPEN_END.test(written));
  const body = begins ? capitalized(phrase) : phrase;
  const next = right.trimStart();
  const follows = next !== "" && !/^\p{P}/u.test(next);
  const isSentence = follows && begins && /^\p{Lu}/u.test(next);
  const tail = isSentence ? ". " : follows ? comma(phrase, next) : "";
  const start = begins ? place : place - (left.length - written.length);
  const end = follows ? place + right.length - next.length : place;
  return { start, end, text: lead + body + tail, caret: start + lead.length + body.length };
}

/**
 * What parts a phrase from the sentence before it.
 *
 * @param {string} left
 * @param {string} phrase
 */
function opening(left, phrase) {
  return left === "" || /\s$/u.test(left) || isChinese(phrase) ? "" : " ";
}

/**
 * The comma between two, as the Chinese write it where both are Chinese; only the space of it when `isThere`.
 *
 * @param {string} left
 * @param {string} right
 * @param {boolean} [isThere]
 */
function comma(left, right, isThere = false) {
  if (isCJK([...left.slice(-2)].at(-1) ?? "") && isChinese(right)) return isThere ? "" : "，";
  return isThere ? " " : ", ";
}

/** @param {string} text whether it begins so */
function isChinese(text) {
  return isCJK([...text.slice(0, 2)][0] ?? "");
}

/** @param {string} phrase */
function capitalized(phrase) {
  return phrase.slice(0, 1).toUpperCase() + phrase.slice(1);
}

/**
 * @param {string} text
 * @param {number} caret
 */
function wordEnd(text, caret) {
  const token = findTokens(text).find(({ start, end }) => start < caret && caret < end);
  if (token) return token.end;
  const letterAt = (/** @type {number} */ place) => {
    const [one = ""] = text.slice(place, place + 2);
    return WORD.test(one) && !isCJK(one) ? one.length : 0;
  };
  let place = caret;
  if (place > 0 && letterAt(place - 1)) while (letterAt(place)) place += letterAt(place);
  return place;
}
