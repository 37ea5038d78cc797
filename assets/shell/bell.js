import { button, icon } from "#shell/dom";

const BELL = "M6 16.5v-6a6 6 0 0 1 12 0v6l1.5 2h-15zM10 21h4";

/**
 * Switches notifications on and off; where it can not, a press says why.
 *
 * @param {import("../types/page").Page} page
 */
export function createBell({ words, notices, notifications }) {
  const element = button(icon(BELL), press, { class: "tool bell" });
  const label = document.createElement("span");
  element.append(label);

  function draw() {
    const state = notifications.state();
    const text = {
      on: words("notify.on"),
      off: words("notify.off"),
      blocked: words("notify.blocked"),
      framed: words("notify.framed"),
      unsupported: "",
    }[state];
    element.hidden = state === "unsupported";
    element.dataset.state = state;
    element.title = text;
    label.textContent = words("notify");
    element.setAttribute("aria-label", words("notify"));
    element.setAttribute("aria-pressed", String(state === "on"));
  }
  async function press() {
    if (notifications.state() === "on") notifications.disable();
    else await notifications.enable();
    draw();
    notices.say(element.title);
  }
  notifications.changed.on(draw);
  draw();
  return element;
}
