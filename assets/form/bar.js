/** @typedef {import("../types/page").Hold} Hold */
/** @typedef {import("../types/views").EstimateView} EstimateView */

import { button, h, setText } from "#shell/dom";

/**
 * The foot of a form: what it costs, and Generate. It keeps its place and its size whatever it says.
 *
 * @param {object} given
 * @param {import("../types/page").Page} given.page
 * @param {string} given.id of the button
 * @param {() => void} given.send
 */
export function createBar({ page, id, send }) {
  const { words } = page;
  /** @type {(() => void) | null} */
  let cancel = null;
  const amount = h("b", { class: "amount" });
  const about = h("button", { type: "button", class: "about" });
  const leave = button("", () => cancel?.(), { class: "quiet", hidden: true });
  const go = button(h("span", {}), send, { class: "generate primary", id, "aria-describedby": `${id}-price` });
  const text = /** @type {HTMLElement} */ (go.firstElementChild);
  go.append(h("kbd", { "aria-hidden": "true" }, /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘ ↵" : "Ctrl ↵"));
  const price = h("div", { class: "price", id: `${id}-price` }, amount, h("small", {}, about, leave));
  const element = h("div", { class: "bar" }, price, go);

  return {
    element,
    /** Opens what there is to know of the price. */
    about,
    /**
     * @param {EstimateView} estimate
     * @param {{ missing: string, hold: Hold | undefined, sending: boolean, outcome: string }} state
     *   `missing` is what has to be done first, `outcome` what came of the last press
     */
    draw(estimate, { missing, hold, sending, outcome }) {
      cancel = hold?.cancel ?? null;
      leave.hidden = !hold;
      setText(leave, hold ? words("hold.leave") : "");
      setText(amount, estimate.amount || words("price.none"));
      setText(about, hold ? hold.text : outcome || missing || aboutPrice(estimate));
      about.dataset.kind = hold ? "hold" : outcome ? "sent" : missing ? "missing" : "price";
      about.title = about.textContent ?? "";
      setText(text, nameOf(estimate));
      const waits = Boolean(missing || hold || sending);
      go.classList.toggle("busy", sending);
      go.setAttribute("aria-disabled", String(waits));
    },
  };

  /** @param {EstimateView} estimate */
  function nameOf({ live, count }) {
    if (count === 1) return words(live ? "generate" : "generate.test");
    return live ? words.count("generate.many", count) : words.count("generate.test.many", count);
  }
  /** @param {EstimateView} estimate */
  function aboutPrice({ sum, live, amount: total }) {
    if (!total) return words("price.unknown");
    const [formula = ""] = sum.split(" = ");
    return live ? formula : words("price.test", { formula });
  }
}
