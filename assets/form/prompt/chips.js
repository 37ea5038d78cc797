/** The row of topics under a prompt, each with a few phrases to choose from. */

import { PHRASES, TOPICS } from "#form/prompt/phrases";
import { button, h } from "#shell/dom";
import { popover } from "#shell/floating";

/** @typedef {import("#form/prompt/phrases").Topic} Topic */

/**
 * @typedef {object} Chips
 * @property {HTMLElement} element
 * @property {(mode: import("#form/prompt/guide").Mode) => void} setMode
 */

/**
 * @param {object} options
 * @param {import("#form/prompt/editor").Words} options.words
 * @param {import("#form/prompt/phrases").Language} options.language
 * @param {(phrase: string) => void} options.onchoose
 * @returns {Chips}
 */
export function createChips({ words, language, onchoose }) {
  const element = h("div", { class: "prompt-chips", role: "group", "aria-label": words("prompt.phrases") });

  /** @param {Topic} topic */
  function chip(topic) {
    const name = words(`prompt.topic.${topic}`);
    const list = h("div", { class: "popover prompt-phrases", role: "group", "aria-label": name });
    const opener = h("button", { type: "button", class: "prompt-chip", "aria-haspopup": "true" }, name);
    const phrases = PHRASES[topic][language].map((phrase) =>
      button(phrase, () => {
        list.hidePopover();
        onchoose(phrase);
      }),
    );
    list.append(...phrases);
    popover(opener, list);
    list.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const place = phrases.findIndex((one) => one === document.activeElement);
      phrases[(place + step + phrases.length) % phrases.length]?.focus();
    });
    opener.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      list.showPopover();
      phrases[0]?.focus();
    });
    return [opener, list];
  }

  return {
    element,
    setMode(mode) {
      element.replaceChildren(...TOPICS[mode].flatMap(chip));
    },
  };
}
