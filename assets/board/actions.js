import { busy, button, h, refocus } from "#shell/dom";

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobView} JobView */

/** What gives up or risks money is asked about once more. */
const RISKS = new Map([
  ["send-anyway", "risk.send-anyway"],
  ["stop", "risk.stop"],
]);
const ENDING = ["cancel", "stop"];
const QUIET = new Set([...ENDING, "send-anyway"]);
const isButton = (/** @type {string} */ action) => action !== "adopt";

/**
 * The buttons of what can be done with a job now; with several together, what ends them.
 *
 * @param {Page} page
 * @param {object} context
 * @param {(reason: string) => void} context.complain
 * @param {(job: JobView) => void} [context.made] is given a job that was sent in the place of this one
 */
export function stateActions(page, { complain, made }) {
  const { words, jobs } = page;
  const node = h("div", { class: "state-actions" });
  let shown = "";
  /** @type {readonly JobView[]} */
  let all = [];

  /**
   * @param {string} action
   * @param {HTMLButtonElement} pressed
   * @param {unknown} [body]
   */
  async function act(action, pressed, body) {
    const those = having(action);
    complain("");
    await busy(
      pressed,
      () => Promise.all(those.map((job) => carry(job, action, body))),
      node.closest("article") ?? node,
    );
  }
  /** @param {JobView} job @param {string} action @param {unknown} body */
  async function carry({ id }, action, body) {
    try {
      const answer = await jobs.act(id, action, body);
      if (answer.id !== id) made?.(answer);
    } catch (error) {
      complain(/** @type {Error} */ (error).message);
    }
  }
  /** @param {string} action */
  const having = (action) => all.filter(({ actions }) => actions.includes(action));
  /** @param {string} action */
  const nameOf = (action) => words(having(action).length > 1 ? `action.${action}.all` : `action.${action}`);
  const offered = () => {
    const [first] = all;
    if (!first) return [];
    return all.length > 1 ? ENDING.filter((action) => having(action).length) : first.actions.filter(isButton);
  };

  function draw() {
    refocus(node, () => node.replaceChildren(...offered().map(buttonOf)));
  }
  /** @param {string} action */
  function buttonOf(action) {
    const look = QUIET.has(action) ? "button" : "button strong";
    const pressed = button(nameOf(action), () => (RISKS.has(action) ? askRisk(action) : act(action, pressed)), {
      class: look,
      data: { key: action, action },
    });
    return pressed;
  }
  /** @param {string} action */
  function askRisk(action) {
    const take = button(nameOf(action), () => act(action, take), { class: "button strong" });
    const leave = () => {
      draw();
      /** @type {HTMLElement | null} */ (node.querySelector(`[data-action="${action}"]`))?.focus();
    };
    const back = button(words("risk.leave"), leave, { class: "button" });
    const panel = h("div", { class: "risk", role: "group" }, h("p", {}, words(RISKS.get(action) ?? "")), take, back);
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      leave();
    });
    node.replaceChildren(panel);
    back.focus();
  }

  return {
    node,
    act,
    /** @param {readonly JobView[]} news */
    update(news) {
      const key = JSON.stringify(news.map(({ id, actions }) => [id, actions]));
      all = news;
      if (key === shown) return;
      shown = key;
      draw();
    },
  };
}
