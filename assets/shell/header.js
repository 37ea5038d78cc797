/** @typedef {import("../types/page").Page} Page */

import { createAccountPill } from "#money/account";
import { createBell } from "#shell/bell";
import { readAddress } from "#shell/comparison";
import { button, h, icon } from "#shell/dom";
import { inTime } from "#shell/missing";
import { bringStyles } from "#shell/styles";
import table from "#words/languages";

const MOON = "M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z";
const GLOBE = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c4 4 4 14 0 18-4-4-4-14 0-18z";
const MORE = "M5 12h.01M12 12h.01M19 12h.01";
const HORSE =
  "M8.5 25.5c-.4-6 1.6-10.6 5.8-13.6l.5-4.4 3.1 2.7c4.3 1 7.2 4 8.4 8.7.4 1.5-.5 2.9-2 3" +
  "-1.2.1-2.1-.5-2.7-1.6l-.5-.9c-1.3.6-2.7.7-4.2.3 1 2.2.8 4.2-.5 5.8z";
/** What each language calls itself, and how it offers itself. */
const languages = /** @type {Record<string, { name: string, switch: string }>} */ (/** @type {unknown} */ (table));
const YEAR = 31_536_000;
/* Narrower, what is right of the places folds into a menu; as in header.css. */
const NARROW = "(width < 760px)";

/**
 * The line above the page: its name, its places, and what holds everywhere: accounts, notifications, language, theme.
 *
 * @param {Page} page
 * @param {HTMLElement} element
 */
export function header(page, element) {
  const { words } = page;
  /* The dialogs come when one is opened for the first time. */
  const dialogs = h("div", { class: "dialogs" });
  /** @type {Promise<{ addKey: () => void, open: () => void }> | undefined} */
  let fetching;
  function fetchDialogs() {
    fetching ??= inTime(Promise.all([import("#money/key"), import("#money/spending"), bringStyles("money")]))
      .then(make)
      .catch((error) => {
        fetching = undefined; /* the next press asks again */
        throw error;
      });
    return fetching;
  }
  /** @param {[typeof import("#money/key"), typeof import("#money/spending"), void]} modules */
  function make([keys, spendings]) {
    const key = keys.createKeyDialog(page);
    const spending = spendings.createSpending(page, { addKey: key.open });
    dialogs.append(spending.element, key.element);
    return { addKey: key.open, open: spending.open };
  }
  const addKey = async () => (await fetchDialogs()).addKey();
  const open = async () => (await fetchDialogs()).open();
  const tools = h("div", { class: "tools", id: "header-tools" });
  tools.append(createAccountPill(page, { open, addKey }), createBell(page), languageButton(page), themeButton(page));
  const more = button(icon(MORE), () => {}, { class: "tool more", label: words("menu") });
  const title = brand(words("title"));
  element.replaceChildren(h("header", { class: "top" }, title, places(page), more, tools, dialogs));
  fold(tools, more);
}

/** @param {string} name */
function brand(name) {
  const mark = icon(HORSE);
  mark.setAttribute("viewBox", "0 0 32 32");
  return h("div", { class: "brand" }, h("span", { class: "logo" }, mark), h("h1", {}, name));
}

/** @param {Page} page */
function places({ words, router }) {
  const names = ["create", "history"];
  const links = names.map((name) => h("a", { href: `#${name}` }, words(`place.${name}`)));
  function mark() {
    const { name, rest } = router.place();
    const area = name === "compare" ? readAddress(rest).from : router.area();
    links.forEach((link, index) => {
      if (area === names[index]) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    });
  }
  router.onChange(mark);
  mark();
  return h("nav", { class: "places", "aria-label": words("places") }, ...links);
}

/** @param {Page} page */
function languageButton({ language }) {
  const names = Object.keys(languages);
  const next = names[(names.indexOf(language) + 1) % names.length] ?? language;
  const { name = "", switch: label = "" } = languages[next] ?? {};
  function choose() {
    const place = location.protocol === "https:" ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax";
    document.cookie = `happyhorse-language=${next}; Path=${location.pathname}; Max-Age=${YEAR}; ${place}`;
    location.reload();
  }
  const element = button(icon(GLOBE), choose, { class: "tool language", label, lang: next });
  element.append(h("b", {}, name), h("span", {}, label));
  return element;
}

/** @param {Page} page */
function themeButton({ words, store }) {
  const root = document.documentElement;
  /* Who chooses what the system has goes with the system again. */
  function turn() {
    const dark = !document.body.classList.contains("dark");
    const chosen = dark === matchMedia("(prefers-color-scheme: dark)").matches ? null : dark ? "dark" : "light";
    store.set("theme", chosen);
    root.dataset.theme = chosen ?? "";
  }
  const label = words("theme.toggle");
  const element = button(icon(MOON), turn, { class: "tool theme", label });
  element.append(h("span", {}, label));
  return element;
}

/**
 * In a narrow window the tools are a menu that a button opens.
 *
 * @param {HTMLElement} tools
 * @param {HTMLButtonElement} more
 */
function fold(tools, more) {
  const narrow = matchMedia(NARROW);
  function apply() {
    more.hidden = !narrow.matches;
    tools.popover = narrow.matches ? "auto" : null;
    more.popoverTargetElement = narrow.matches ? tools : null;
  }
  narrow.addEventListener("change", apply);
  /* What opens a dialog, or is done with one press, leaves the menu: before, so that the focus has where to return. */
  function leave(/** @type {Event} */ event) {
    if (narrow.matches && /** @type {Element} */ (event.target).closest(".account, .bell")) tools.hidePopover();
  }
  tools.addEventListener("click", leave, { capture: true });
  apply();
}
