/** The page, put together: what its parts have in common is made here, and each part is given it. */

import { installDropzone } from "#form/files/dropzone";
import { createForms } from "#form/forms";
import { createAccounts } from "#money/accounts";
import { createAsk } from "#shell/ask";
import { createDates } from "#shell/dates";
import { h } from "#shell/dom";
import { guarded } from "#shell/guard";
import { header } from "#shell/header";
import { createHolds } from "#shell/holds";
import { createJobs } from "#shell/jobs";
import { translateLabels } from "#shell/labels";
import { inTime, tellMissing } from "#shell/missing";
import { createNotices } from "#shell/notices";
import { createNotifications } from "#shell/notifications";
import { createPresses } from "#shell/presses";
import { createRouter } from "#shell/router";
import { createStore } from "#shell/store";
import { bringStyles, stylesCome } from "#shell/styles";
import { createWords } from "#shell/words";
import { requireVisitor } from "#visitors/visitor";
import languages from "#words/languages";

/** @typedef {import("../types/page").Page} Page */

const UNSEEN_MS = 500;
const ASKED_AGAIN_MS = [500, 1500, 4000];

const wanted = (navigator.language || "en").toLowerCase();
const language = Object.keys(languages).find((name) => wanted === name || wanted.startsWith(`${name}-`)) ?? "en";
/* Dates are written in that language, and as the visitor's country writes them where the browser tells. */
const locale = navigator.languages.find((name) => name.toLowerCase().split("-")[0] === language) ?? language;
const { default: table } = await import(`#words/${language}`).catch((error) => {
  dispatchEvent(new Event("studio:missing")); /* shell/arrival.js has words of its own */
  throw error;
});

const words = createWords(table, language);
const dates = createDates(words, locale);
const tab = createStore(() => sessionStorage);
const ask = createAsk(words, dates, createPresses(tab));
const store = createStore(() => localStorage);
const jobs = createJobs(ask);
const shared = {
  language,
  locale,
  words,
  dates,
  ask,
  store,
  jobs,
  router: createRouter(window),
  holds: createHolds(),
  notices: createNotices(document.body, words),
  notifications: createNotifications(store),
  accounts: createAccounts(ask, jobs),
};

/**
 * What the forms offer. A page that begins while the studio is started anew asks again.
 *
 * @param {number[]} pauses milliseconds before each time but the first
 * @returns {Promise<any>}
 */
async function asked([pause, ...pauses]) {
  try {
    return await ask("forms");
  } catch (error) {
    if (pause === undefined) throw error;
    await new Promise((resolve) => setTimeout(resolve, pause));
    return asked(pauses);
  }
}

/** @type {Promise<Whole> | undefined} */
let making;
/** The page as its parts get it, once it is known what the forms offer; asked for again by a part that tries again. */
function whole() {
  making ??= asked(ASKED_AGAIN_MS).then(assemble, (error) => {
    making = undefined;
    throw error;
  });
  return making;
}

/** @param {{ forms: import("../types/views").FormView[] }} offered @returns {Whole} */
function assemble({ forms: offers }) {
  const page = /** @type {Page} */ ({ ...shared });
  const forms = createForms(page, offers);
  Object.assign(page, { forms: forms.api });
  followAccounts(page, forms);
  document.body.prepend(skipLink(forms));
  installDropzone(page, {
    target: (kind) => (page.router.area() === "create" ? forms.inputFor(kind) : null),
    open: forms.openFor,
    restore: async (file) => (await inTime(import("#history/restore"))).restoreSettings(page, file),
  });
  return { page, forms };
}

/** For whoever looks in from outside; asked for now, while Gradio starts. */
export const page = whole().then((all) => all.page);

translateLabels(/** @type {any} */ (shared));
tellMissing(/** @type {any} */ (shared));
requireVisitor(/** @type {any} */ (shared));

/** The first stop of the Tab key. @param {ReturnType<typeof createForms>} forms */
function skipLink(forms) {
  const link = h("a", { class: "skip", href: "#modes" }, words("skip"));
  link.addEventListener("click", (event) => {
    event.preventDefault();
    forms.focus();
  });
  return link;
}

/** Tells that a form is seen, or that none will come. @type {() => void} */
let tellForm;
/** Videos and pictures wait for that: whoever comes to write need not wait for them. @type {Promise<void>} */
const formStands = new Promise((resolve) => {
  tellForm = resolve;
});

/** @typedef {{ page: Page, forms: ReturnType<typeof createForms> }} Whole */
/** @type {Record<string, (made: Whole, element: HTMLElement, props: any) => void | Promise<void>>} */
const PARTS = {
  header: (made, element) => header(made.page, element),
  form: ({ forms }, element, { mode }) => forms.mount(element, mode),
  board: async (made, element, props) => {
    await formStands;
    const { board } = await inTime(import("#board/board"));
    board(made.page, element, props);
  },
  history: async (made, element, props) => {
    /* The library comes when it is looked at. */
    await reached(made.page, "history");
    const styles = [bringStyles("videos"), bringStyles("history")];
    const [{ history }] = await inTime(Promise.all([import("#history/history"), ...styles]));
    history(made.page, element, props);
  },
};

/**
 * Another account, other models and prices: the forms take what is offered now. What an account has left, and what a
 * job that began or ended leaves of a limit, may change what is said of a price.
 *
 * @param {Page} page
 * @param {ReturnType<typeof createForms>} forms
 */
function followAccounts({ accounts }, forms) {
  let known = "";
  let left = "";
  const forget = () => (left = "");
  jobs.begun.on(forget);
  jobs.ended.on(forget);
  accounts.changed.on(async ({ live, accounts: all }) => {
    const now = JSON.stringify([live, all.map((account) => account.name)]);
    const leftNow = JSON.stringify(all.map((account) => account.credits ?? []));
    if (known && known !== now) forms.offerAnew((await ask("forms")).forms);
    else if (known && left !== leftNow) forms.renew();
    [known, left] = [now, leftNow];
  });
}

/** Until the visitor is in an area of the page. @param {Page} page @param {string} area */
function reached({ router }, area) {
  return new Promise((resolve) => {
    const look = () => router.area() === area && resolve(undefined);
    router.onChange(look);
    look();
  });
}

/**
 * Draws a part into an element that Gradio gives it. One that fails says so in its place, and the others go on.
 *
 * @param {string} name
 * @param {HTMLElement} element
 * @param {any} props
 */
export async function mount(name, element, props) {
  await guarded(shared, element, async () => PARTS[name]?.(await whole(), element, props));
  if (name !== "form") return;
  if (element.childElementCount) await reveal();
  /* After the next picture; a page that nobody looks at has none. */
  requestAnimationFrame(() => setTimeout(tellForm));
  setTimeout(tellForm, UNSEEN_MS);
}

/** Shows the page in the place of its first paint, once its styles are there. */
async function reveal() {
  await stylesCome();
  document.documentElement.setAttribute("data-ready", "");
}
