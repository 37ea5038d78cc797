/** @typedef {import("../types/views").AccountView} AccountView */

import { busy, button, h, keyed } from "#shell/dom";

/**
 * The accounts, above the spending: what is left of them, and whether their keys are good; or what test mode is.
 *
 * @param {import("../types/page").Page} page
 * @param {{ addKey: () => void }} acts
 */
export function createAccountRows(page, { addKey }) {
  const { words, ask, accounts } = page;
  const list = h("div", { class: "accounts" });
  const add = button(words("key.add"), addKey, { class: "button" });
  const test = h("div", { class: "test-mode", hidden: true }, h("p", {}, words("account.test.note")), add);
  const more = button(words("key.add.more"), addKey, { class: "button", hidden: true });
  const element = h("div", { class: "accounts-box" }, list, test, more);

  /** @param {AccountView} account */
  function make(account) {
    const answer = h("p", { class: "account-answer", role: "status" });
    const check = button(words("key.check"), () => busy(check, () => look(account.provider, answer)), {
      class: "button",
      "aria-label": words("key.check.of", { name: account.name }),
    });
    const acts = h("div", { class: "account-acts" }, check);
    if (account.removable) acts.append(removal(account, answer));
    return h("div", { class: "account-row" }, h("b"), h("span", { class: "account-credits" }), acts, answer);
  }
  /**
   * Removing a key takes a second press.
   *
   * @param {AccountView} account
   * @param {HTMLElement} answer
   */
  function removal({ provider, name }, answer) {
    const act = () => busy(sure, () => remove(provider, answer), element);
    const sure = button(words("key.remove.sure"), act, { class: "button" });
    const label = words("key.remove.of", { name });
    const first = button(words("key.remove"), confirm, { class: "button", "aria-label": label });
    function confirm() {
      answer.className = "account-answer";
      answer.replaceChildren(words("key.remove.note"), " ", sure);
      sure.focus();
    }
    return first;
  }
  /**
   * @param {string} provider
   * @param {HTMLElement} answer
   */
  async function remove(provider, answer) {
    try {
      await ask(`accounts/${provider}/key`, undefined, { method: "DELETE" });
      await accounts.renew();
    } catch (error) {
      answer.classList.add("bad");
      answer.textContent = /** @type {Error} */ (error).message;
    }
  }
  /**
   * @param {HTMLElement} node
   * @param {AccountView} account
   */
  function update(node, account) {
    const [name, credits] = /** @type {[HTMLElement, HTMLElement]} */ ([...node.children]);
    name.textContent = account.name;
    credits.textContent = account.credits ? words("account.left", { credits: account.credits }) : "";
  }
  /**
   * @param {string} provider
   * @param {HTMLElement} answer
   */
  async function look(provider, answer) {
    answer.className = "account-answer";
    answer.textContent = words("key.checking");
    try {
      const { good, text, said } = await ask(`accounts/${provider}/check`, {});
      answer.classList.add(good ? "good" : "bad");
      answer.replaceChildren(text, ...(said ? [h("small", {}, said)] : []));
    } catch (error) {
      answer.textContent = words("action.failed", { reason: /** @type {Error} */ (error).message });
    }
  }

  /** @param {import("../types/views").AccountsView} view */
  function draw(view) {
    test.hidden = view.live;
    list.hidden = !view.live;
    more.hidden = !view.live || !view.adding.here || !view.adding.clouds.length;
    keyed(list, view.live ? view.accounts : [], { key: (account) => account.provider, make, update });
  }
  accounts.changed.on(draw);
  const known = accounts.view();
  if (known) draw(known);
  return element;
}
