import { busy, button, h, refocus } from "#shell/dom";

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobView} JobView */

/** What gives up or risks money is asked about once more. */
const RISKS = new Map([
  ["send-anyway", "risk.send-anyway"],
  ["stop", "risk.stop"],
]);
const QUIET = new Set(["cancel", "stop", "send-anyway"]);

/**
 * The buttons of what can be done with a job now.
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
  /** @type {JobView | null} */
  let job = null;

  /**
   * @param {string} action
   * @param {HTMLButtonElement} pressed
   * @param {unknown} [body]
   */
  async function act(action, pressed, body) {
    const id = job?.id;
    if (!id) return;
    complain("");
    await busy(
      pressed,
      async () => {
        try {
          const answer = await jobs.act(id, action, body);
          if (answer.id !== id) made?.(answer);
        } catch (error) {
          complain(/** @type {Error} */ (error).message);
        }
      },
      node.closest("article") ?? node,
    );
  }

  function draw() {
    const actions = (job?.actions ?? []).filter((action) => action !== "adopt");
    refocus(node, () => node.replaceChildren(...actions.map(buttonOf)));
  }
  /** @param {string} action */
  function buttonOf(action) {
    const look = QUIET.has(action) ? "button" : "button strong";
    const name = words(`action.${action}`);
    const pressed = button(name, () => (RISKS.has(action) ? askRisk(action) : act(action, pressed)), {
      class: look,
      data: { key: action, action },
    });
    return pressed;
  }
  /** @param {string} action */
  function askRisk(action) {
    const take = button(words(`action.${action}`), () => act(action, take), { class: "button strong" });
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
    /** @param {JobView} news */
    update(news) {
      const key = `${news.id} ${news.actions.join()}`;
      job = news;
      if (key === shown) return;
      shown = key;
      draw();
    },
  };
}
