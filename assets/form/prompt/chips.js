/** The row of topics under a prompt, each with a few phrases to choose from. */

import { PHRASES, TOPICS } from "#form/prompt/phrases";
import { placeBeside } from "#form/prompt/popup";
import { button, h } from "#shell/dom";

/** @typedef {import("#form/prompt/phrases").Topic} Topic */

/**
 * @typedef {object} Chips
 * @property {HTMLElement} element
 * @property {(mode: import("#form/prompt/guide").Mode) => void} setMode
 */

/**
 * @param {object} options
 * @param {string} options.id
 * @param {import("#form/prompt/editor").Words} options.words
 * @param {import("#form/prompt/phrases").Language} options.language
 * @param {(phrase: string) => void} options.onchoose
 * @returns {Chips}
 */
export function createChips({ id, words, language, onchoose }) {
  const element = h("div", { class: "prompt-chips", role: "group", "aria-label": words("prompt.phrases") });

  /** @param {Topic} topic */
  function chip(topic) {
    const name = words(`prompt.topic.${topic}`);
    const list = h("div", { class: "prompt-phrases", id: `${id}-${topic}`, popover: "auto", role: "group" });
    list.setAttribute("aria-label", name);
    const opener = button(name, () => {}, { class: "prompt-chip", popovertarget: list.id, "aria-haspopup": "true" });
    const phrases = PHRASES[topic][language].map((phrase) =>
      button(phrase, () => {
        list.hidePopover();
        onchoose(phrase);
      }),
    );
    list.append(...phrases);
    list.addEventListener("toggle", (event) => {
      opener.setAttribute("aria-expanded", String(event.newState === "open"));
      if (event.newState === "open") placeBeside(list, opener.getBoundingClientRect());
    });
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
