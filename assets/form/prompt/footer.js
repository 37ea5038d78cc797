/** The line under the text: what to do next on the left, how much of the limit is used on the right. */

import { button, h, icon, setText } from "#shell/dom";

/** @typedef {import("#form/prompt/editor").Words} Words */

/**
 * The one thing that is said: `level` is how much it matters, `act` what a press on `label` does.
 *
 * @typedef {{ text: string, level: "hint" | "advice" | "wrong", label?: string, act?: () => void }} Note
 */

/** @typedef {import("#form/prompt/measure").Measure} Measure */

/**
 * @typedef {object} Footer
 * @property {HTMLElement} element
 * @property {string} describedBy ids of what describes the field
 * @property {(note: Note | null) => void} setNote
 * @property {(measure: Measure) => void} setMeasure
 * @property {(isHelping: boolean) => void} setHelping
 */

const BULB = "M9 18h6M10 21h4M12 3a6 6 0 0 0-3.6 10.8c.6.5 1 1.2 1.1 2.2h5c.1-1 .5-1.7 1.1-2.2A6 6 0 0 0 12 3z";

/**
 * @param {{ id: string, words: Words, language: string, onhelp: () => void }} options `onhelp`: the helper
 *   is wanted, or no longer
 * @returns {Footer}
 */
export function createFooter({ id, words, language, onhelp }) {
  const numbers = new Intl.NumberFormat(language);
  const text = h("span", { id: `${id}-note` });
  const act = button("", () => current?.act?.(), { class: "prompt-act", hidden: true });
  const note = h("p", { class: "prompt-note" }, text, act);
  const help = button(icon(BULB), onhelp, { label: words("prompt.helper"), class: "prompt-help" });
  const count = h("span", { class: "prompt-count", id: `${id}-count` });
  const spoken = h("span", { class: "visually-hidden", role: "status" });
  /** @type {Note | null} */
  let current = null;
  let level = "ok";

  return {
    element: h("div", { class: "prompt-footer" }, note, help, count, spoken),
    describedBy: `${text.id} ${count.id}`,
    setNote(next) {
      current = next;
      setText(text, next?.text ?? "");
      note.dataset.level = next?.level ?? "hint";
      act.hidden = !next?.act;
      setText(act, next?.label ?? "");
    },
    setMeasure(measure) {
      const used = numbers.format(measure.units);
      const most = numbers.format(measure.maxUnits);
      setText(count, words("prompt.count", { used, most }));
      const now = measure.over ? "over" : measure.near ? "near" : "ok";
      count.dataset.level = now;
      // A screen reader hears when it gets serious, not every letter.
      if (now !== level) setText(spoken, now === "ok" ? "" : words(`prompt.${now}.spoken`, { used, most }));
      level = now;
    },
    setHelping(isHelping) {
      help.setAttribute("aria-pressed", String(isHelping));
      help.title = words(isHelping ? "prompt.helper.hide" : "prompt.helper.show");
    },
  };
}
