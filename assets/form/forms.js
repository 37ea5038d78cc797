/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/page").Mode} Mode */
/** @typedef {import("../types/page").Settings} Settings */
/** @typedef {import("../types/views").FormView} FormView */
/** @typedef {import("./form").Form} Form */

import { createForm } from "#form/form";
import { h } from "#shell/dom";
import { guarded } from "#shell/guard";
import { inTime } from "#shell/missing";
import { signal } from "#shell/signal";
import { asRecord, isObject } from "#shell/store";
import { bringStyles } from "#shell/styles";
import { steerTabs } from "#shell/tabs";

const DRAFTS = "forms";
const REMEMBER_MS = 250;
/** The drafts by their modes. */
const readDrafts = asRecord(/** @type {(draft: unknown) => draft is Settings} */ (isObject));
/** A tab is opened by Gradio, which does not hear a click while it starts. */
const FRAMES = 300;

/** What forms with inputs of files need besides. */
async function bringFiles() {
  const [{ createFiles }] = await inTime(Promise.all([import("#form/files/files"), bringStyles("files")]));
  return createFiles;
}

/**
 * The forms of all modes. Each is there before Gradio gives it a place, and is filled in whether or not its tab was
 * opened yet.
 *
 * @param {Page} page
 * @param {FormView[]} offers
 */
export function createForms(page, offers) {
  const { words } = page;
  const onShown = /** @type {import("../types/page").Signal<Mode>} */ (signal());
  const drafts = page.store.get(DRAFTS, readDrafts);
  let remembering = 0;
  /** Modes whose drafts are still to be kept, the one worked on last at the end. @type {Set<string>} */
  const touched = new Set();

  /** Those that were made: a form is when it is first seen or filled in. @type {Map<string, Form>} */
  const forms = new Map();
  /** The elements that Gradio gave. @type {Map<string, HTMLElement>} */
  const places = new Map();
  const has = (/** @type {string} */ mode) => offers.some((offer) => offer.mode === mode);

  /** @param {string} mode */
  async function formOf(mode) {
    const offer = offers.find((one) => one.mode === mode);
    if (!offer) throw new Error(words("missing.form", { mode: words(`tab.${/** @type {Mode} */ (mode)}`) }));
    const createFiles = offer.inputs.length ? await bringFiles() : null;
    const made = forms.get(mode);
    if (made) return made;
    const form = createForm({ page, offer, createFiles, remember });
    forms.set(mode, form);
    const draft = drafts[mode];
    if (draft) form.fill(draft);
    return form;
  }
  /** The form worked on last comes last. @param {Settings} settings */
  function remember(settings) {
    const { mode = "" } = settings;
    drafts[mode] = settings;
    touched.delete(mode);
    touched.add(mode);
    clearTimeout(remembering);
    remembering = window.setTimeout(keep, REMEMBER_MS);
  }
  /** What was touched here, over what other tabs have left meanwhile. */
  function keep() {
    clearTimeout(remembering);
    if (!touched.size) return;
    const left = page.store.get(DRAFTS, readDrafts);
    for (const mode of touched) {
      delete left[mode];
      left[mode] = drafts[mode] ?? { mode };
    }
    touched.clear();
    page.store.set(DRAFTS, left);
  }
  window.addEventListener("pagehide", keep);

  /** @param {string} mode */
  const tabOf = (mode) => document.getElementById(`${offers.find((one) => one.mode === mode)?.prefix}-tab-button`);
  /** The last that was asked for; one asked for before gives up. */
  let opening = 0;
  /** The mode whose tab is being opened: what Gradio shows meanwhile nobody has chosen. */
  let onTheWay = "";
  /** @param {Mode} mode */
  function open(mode) {
    onTheWay = mode;
    attempt(mode, ++opening, FRAMES);
  }
  /** @param {Mode} mode @param {number} mine @param {number} frames */
  function attempt(mode, mine, frames) {
    if (mine !== opening) return;
    const tab = tabOf(mode);
    if (!frames || tab?.getAttribute("aria-selected") === "true") {
      onTheWay = "";
      follow();
      return;
    }
    tab?.click();
    requestAnimationFrame(() => attempt(mode, mine, frames - 1));
  }
  function follow() {
    const now = /** @type {Mode | undefined} */ (
      offers.map(({ mode }) => mode).find((mode) => tabOf(mode)?.getAttribute("aria-selected") === "true")
    );
    if (!now || now === shown || (onTheWay && now !== onTheWay)) return;
    const before = shown;
    shown = now;
    draw(shown);
    note(before, shown);
    onShown.emit(shown);
  }
  /** Each tab that is chosen is a place of its own, to which Back leads. @param {Mode} before @param {Mode} now */
  function note(before, now) {
    const { name, rest } = page.router.place();
    if ((name && name !== "create") || rest === now) return;
    if (!has(rest)) page.router.replace(`#create=${before}`);
    page.router.go(`#create=${now}`);
  }

  /** Puts a form where Gradio wants it. @param {string} mode */
  async function draw(mode) {
    const place = places.get(mode);
    if (!place || place.querySelector(":scope > :not(.broken)")) return;
    const none = words("missing.form", { mode: words(`tab.${/** @type {Mode} */ (mode)}`) });
    if (!has(mode)) place.replaceChildren(h("p", { class: "nothing" }, none));
    else await guarded(page, place, async () => place.replaceChildren((await formOf(mode)).element));
  }
  /** @param {Settings} settings */
  async function use(settings) {
    const mode = /** @type {Mode} */ (settings.mode ?? "text-to-video");
    const chosen = await formOf(mode);
    if (!["", "create"].includes(page.router.place().name)) page.router.go(`#create=${mode}`);
    open(mode);
    const filled = chosen.fill(settings);
    focusSoon(chosen);
    await filled;
  }
  /** A form is laid out when its tab is opened for the first time. @param {Form} chosen @param {number} [frames] */
  function focusSoon(chosen, frames = FRAMES) {
    if (chosen.element.offsetParent) chosen.focus();
    else if (frames) requestAnimationFrame(() => focusSoon(chosen, frames - 1));
  }

  document.addEventListener(
    "keydown",
    (event) => {
      const inPopover = event.target instanceof Element && event.target.closest("dialog, [popover]");
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || inPopover) return;
      const chosen = forms.get(shown);
      if (!chosen?.element.offsetParent) return;
      event.preventDefault();
      if (!event.repeat) chosen.send();
    },
    true,
  );

  /* Back and forward. */
  page.router.onChange(() => {
    const { name, rest } = page.router.place();
    if (name === "create" && has(rest) && (rest !== shown || onTheWay)) open(/** @type {Mode} */ (rest));
  });

  /* The form that was worked on last is open, or the one that the address names. */
  const { name, rest } = page.router.place();
  const last = Object.keys(drafts).filter(has).at(-1);
  const first = /** @type {Mode} */ ((name === "create" && has(rest) && rest) || last || offers[0]?.mode);
  let shown = first;

  /** @type {import("../types/page").Forms} */
  const api = {
    has,
    use,
    current: (mode) => forms.get(mode)?.settings() ?? drafts[mode] ?? { mode },
    async bring(mode, field, make) {
      let wanted = true;
      const cancel = () => {
        wanted = false;
        release();
      };
      const release = page.holds.hold(mode, page.words("hold.bringing"), { field, cancel });
      try {
        const file = await make();
        if (!wanted) return;
        const chosen = await formOf(mode);
        const before = chosen.single(field) ? [] : (chosen.settings()[field] ?? []);
        const filled = use({ ...chosen.settings(), [field]: [...before, file] });
        release();
        await filled;
      } finally {
        release();
      }
    },
    shown: () => shown,
    onShown,
  };
  return {
    api,
    /** The open form's input for files of a kind. @param {"image" | "video"} kind */
    inputFor: (kind) => forms.get(shown)?.inputFor(kind) ?? null,
    /** Opens the first form that takes such files. @param {"image" | "video"} kind */
    async openFor(kind) {
      const offer = offers.find(({ inputs }) => inputs.some((input) => input.kind === kind));
      if (!offer) return null;
      const chosen = await formOf(offer.mode);
      if (page.router.area() !== "create") page.router.go(`#create=${chosen.mode}`);
      open(chosen.mode);
      return chosen.inputFor(kind);
    },
    /**
     * Puts a form into the element that Gradio gives it.
     *
     * @param {HTMLElement} element
     * @param {string} mode
     */
    async mount(element, mode) {
      places.set(mode, element);
      if (mode !== shown && has(mode) && !opening) open(first);
      const tabs = element.closest("#tabs");
      if (tabs && !tabs.hasAttribute("data-followed")) {
        tabs.setAttribute("data-followed", "");
        steerTabs(/** @type {HTMLElement} */ (tabs));
        new MutationObserver(follow).observe(tabs, { subtree: true, attributeFilter: ["aria-selected"] });
      }
      if (mode === shown || !has(mode)) await draw(mode);
    },
    /** Credits have come or gone. */
    renew() {
      forms.get(shown)?.renew();
    },
    /** Goes to the form that is open, and puts the focus there. */
    focus() {
      const chosen = forms.get(shown);
      if (page.router.area() !== "create") page.router.go(`#create=${shown}`);
      if (chosen) focusSoon(chosen);
    },
    /** Takes what is offered now: a mode may have a form now, or none any more. @param {FormView[]} next */
    offerAnew(next) {
      offers = next;
      for (const offer of next) forms.get(offer.mode)?.offerAnew(offer);
      for (const [mode, place] of places) {
        const stands = Boolean(forms.get(mode)?.element.isConnected);
        if (stands === has(mode)) continue;
        place.replaceChildren();
        if (mode === shown || !has(mode)) draw(mode);
      }
      follow();
    },
  };
}
