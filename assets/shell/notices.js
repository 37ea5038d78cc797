/** @typedef {import("../types/page").Notices} Notices */

import { button, h } from "#shell/dom";

const SECONDS = 12;

/**
 * One line at the foot of the page, and live regions for who listens only.
 *
 * @param {HTMLElement} body
 * @param {import("../types/page").Words} words
 * @returns {Notices}
 */
export function createNotices(body, words) {
  const box = h("div", { class: "notice", role: "status" });
  const spoken = h("div", { class: "visually-hidden", "aria-live": "polite" });
  body.append(box, spoken);
  let silence = 0;

  /** Where the focus was before it went to the notice. @type {Element | null} */
  let before = null;

  function hush() {
    const focused = box.contains(document.activeElement);
    box.replaceChildren();
    if (!focused) return;
    const there = before?.isConnected && before !== document.body ? before : document.querySelector(".places a");
    if (there instanceof HTMLElement) there.focus({ preventScroll: true });
  }
  return {
    say(text, { offer, act, seconds = SECONDS, alert = false } = {}) {
      clearTimeout(silence);
      if (!box.contains(document.activeElement)) before = document.activeElement;
      const go = () => {
        hush();
        act?.();
      };
      box.classList.toggle("alert", alert);
      box.replaceChildren(
        h("p", {}, text),
        ...(offer ? [button(offer, go, { class: "offer" })] : []),
        button("×", hush, { class: "close", label: words("close") }),
      );
      silence = window.setTimeout(hush, seconds * 1000);
    },
    speak(text) {
      spoken.textContent = "";
      requestAnimationFrame(() => {
        spoken.textContent = text;
      });
    },
  };
}
