import { button, h } from "#shell/dom";

/**
 * The pill in the header: test mode, or the accounts with what is left of them. It opens the spending.
 *
 * @param {import("../types/page").Page} page
 * @param {{ open: () => void, addKey: () => void }} acts
 */
export function createAccountPill({ words, accounts }, { open: show, addKey }) {
  const name = h("b");
  const left = h("span", { class: "credits" });
  const opener = button(null, show, { class: "spending-open", "aria-haspopup": "dialog", title: words("money.open") });
  opener.append(h("i", { "aria-hidden": "true" }), name, left);
  const add = button(words("key.add"), addKey, { class: "key-add", "aria-haspopup": "dialog", hidden: true });
  const element = h("div", { class: "account" }, opener, add);

  /** @param {import("../types/views").AccountsView} view */
  function draw(view) {
    const credits = view.accounts.flatMap((account) => account.credits ?? []);
    element.classList.toggle("live", view.live);
    name.textContent = view.live ? view.accounts.map((account) => account.name).join(" + ") : words("account.test");
    left.textContent = credits.join(" · ");
    add.hidden = view.live;
  }
  accounts.changed.on(draw);
  accounts.renew().catch(() => {}); /* the stage says when the studio cannot be reached */
  return element;
}
