/** The one thing that the line under a prompt says, the gravest first. */

import { lint } from "#form/prompt/tokens";

/** @typedef {import("#form/prompt/painting").Measured} Measured */

/**
 * What is said; with the number of an `image` that a press names in the prompt, and with the prompt that is `measured`
 * where it is another one than that at the caret.
 *
 * @typedef {{ text: string, level: "hint" | "advice" | "wrong", label?: string, image?: number,
 *   measured?: Measured }} Said
 */

/**
 * @typedef {object} Situation
 * @property {readonly Measured[]} prompts
 * @property {Measured | undefined} current the prompt at the caret, if there is one
 * @property {import("#form/prompt/editor").Rules} rules
 * @property {number} images
 * @property {number | null} duration
 * @property {boolean} isHelping
 * @property {typeof import("#form/prompt/guide").guide | null} guide null: it is not here yet
 * @property {import("#form/prompt/editor").Words} words
 * @property {string} language
 */

/* So much of the end that a provider reads tells where it is. */
const TAIL = 12;

/**
 * @param {Situation} situation
 * @returns {Said | null}
 */
export function noteOf(situation) {
  return tooMany(situation) ?? tooLong(situation) ?? (situation.current ? odd(situation.current, situation) : null);
}

/**
 * @param {Situation} situation
 * @returns {Said | null}
 */
function tooMany({ prompts, rules, words, language }) {
  const { most } = rules;
  if (prompts.length <= most) return null;
  const count = prompts.length.toLocaleString(language);
  return { text: words("prompt.many", { count, most }), level: "wrong" };
}

/**
 * @param {Situation} situation
 * @returns {Said | null}
 */
function tooLong({ prompts, current, rules, words, language }) {
  const measured = current?.over ? current : prompts.find((prompt) => prompt.over > 0);
  if (!measured) return null;
  const over = measured.over.toLocaleString(language);
  if (measured !== current && prompts.length > 1) {
    const number = prompts.indexOf(measured) + 1;
    return { text: words("prompt.over.other", { number, over }), level: "wrong", measured };
  }
  const tail = [...measured.sent.slice(0, measured.cutAt ?? 0)].slice(-TAIL).join("").trim();
  const text = words(`prompt.over.${rules.limit.over}`, { over, provider: rules.provider, tail });
  return { text, level: "wrong", measured };
}

/**
 * @param {Measured} prompt
 * @param {Situation} situation
 * @returns {Said | null}
 */
function odd({ part }, { rules, images, duration, isHelping, guide, words }) {
  if (part.blank) return null;
  const findings = rules.naming ? lint(part.text, images) : [];
  const [wrong] = findings.filter(({ kind }) => kind === "out_of_range");
  if (wrong) return { text: numbered("prompt.lint.out_of_range", wrong.numbers, words), level: "wrong" };
  const [advice] = rules.naming?.required ? findings : [];
  if (advice) {
    const [image] = advice.numbers;
    const text = numbered(`prompt.lint.${advice.kind}`, advice.numbers, words);
    return { text, level: "advice", label: words("prompt.insert"), image };
  }
  const hint = isHelping && guide ? guide(part.text, { mode: rules.mode, images, duration }) : null;
  return hint && { text: words(hint.key, hint.values), level: "hint" };
}

/**
 * @param {string} key
 * @param {readonly number[]} numbers
 * @param {import("#form/prompt/editor").Words} words
 */
function numbered(key, numbers, words) {
  const count = numbers.length === 1 ? "one" : "many";
  return words(`${key}.${count}`, { numbers: numbers.join(words("prompt.lint.and")) });
}
