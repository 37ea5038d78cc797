/** @typedef {import("../types/views").PresetView} PresetView */
/** @typedef {import("../types/views").StarterView} StarterView */
/** @typedef {import("../types/views").PresetsView} PresetsView */
/** @typedef {Record<string, any>} Settings */
/** @typedef {{ id?: string, name: string, settings: Settings }} Kept */

import { fillIn, given, UNDO_MS } from "#presets/fill";
import { summary, without } from "#presets/settings";
import { busy, button, h, icon } from "#shell/dom";
import { Refusal } from "#shell/ask";

const PENCIL = "M4 20l.8-3.6L16.5 4.7l2.8 2.8L7.6 19.2z";
const CROSS = "M6 6l12 12M18 6L6 18";

/**
 * The presets of a mode: settings that the visitor kept under a name, and starting points. Either fills the form in;
 * what it does not name, the files above all, stays as it is.
 *
 * @param {HTMLElement} menu where they are shown: a popover
 * @param {object} props
 * @param {import("../types/page").Page} props.page
 * @param {import("../types/page").Mode} props.mode
 * @param {() => Settings} props.current what stands in the form
 * @param {(settings: any) => Promise<void>} props.use fills it in
 * @returns {{ renew: () => void }} to be called whenever the menu opens
 */
export function createPresets(menu, { page, mode, current, use }) {
  const { words, ask } = page;
  let forgetting = 0;
  let longest = 60;

  const own = h("div", { class: "presets-list" });
  const ownHead = h("h2", { hidden: true }, words("presets.own"));
  const starters = h("div", { class: "presets-list" });
  const starterHead = h("h2", { hidden: true }, words("presets.starters"));
  const said = h("p", { class: "presets-said", role: "status" });
  const form = saveForm();
  menu.append(form.element, ownHead, own, starterHead, starters, said);

  /**
   * A line in the menu; what it offers can be had for a while.
   *
   * @param {string} text
   * @param {string} [label]
   * @param {() => void} [act]
   */
  function say(text, label, act) {
    const offer = label ? [button(label, () => [hush(), act?.()], { class: "quiet" })] : [];
    said.replaceChildren(h("span", {}, text), ...offer);
    clearTimeout(forgetting);
    forgetting = window.setTimeout(hush, UNDO_MS);
  }
  function hush() {
    said.replaceChildren();
  }
  /** @param {() => Promise<unknown>} act */
  async function attempt(act) {
    try {
      await act();
    } catch (error) {
      say(words("action.failed", { reason: /** @type {Error} */ (error).message }));
    }
  }

  /* Filling in */

  /** @param {string} name @param {Settings} settings */
  async function take(name, settings) {
    menu.hidePopover();
    await fillIn(page, { name, mode, settings, before: current(), use });
  }

  /* Keeping */

  function nameField(value = "") {
    const label = words("name");
    const field = h("input", { class: "text-field", required: true, maxLength: longest, placeholder: label, value });
    field.setAttribute("aria-label", label);
    return field;
  }
  function saveForm() {
    const name = nameField();
    const prompt = h("input", { type: "checkbox", checked: true });
    const seed = h("input", { type: "checkbox", checked: true });
    const seedText = h("span");
    const seedChoice = h("label", {}, seed, seedText);
    const element = h("form", { class: "presets-save" }, h("h2", {}, words("presets.save")), name);
    const choices = h("div", { class: "presets-choices" });
    choices.append(h("label", {}, prompt, words("presets.with_prompt")), seedChoice);
    const save = h("button", { type: "submit", class: "button strong" }, words("save"));
    element.append(save, choices);
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      const left = [...(prompt.checked ? [] : ["prompt"]), ...(seed.checked ? [] : ["seed"])];
      const preset = { name: name.value, settings: without(current(), ["mode", ...left]) };
      busy(save, () => keep(preset));
    });
    return {
      element,
      name,
      draw() {
        const number = current()["seed"] ?? null;
        seedChoice.hidden = number === null;
        seedText.textContent = words("presets.with_seed", { seed: number ?? "" });
      },
    };
  }
  /** @param {Kept} preset */
  function keep(preset, replace = false) {
    return attempt(async () => {
      try {
        const saved = await ask("presets", { mode, name: preset.name, settings: preset.settings, replace });
        form.name.value = "";
        await load(saved.id);
        say(words("presets.saved", { name: saved.name }));
      } catch (error) {
        if (!(error instanceof Refusal) || error.kind !== "name_taken") throw error;
        say(error.message, words("presets.replace"), () => keep(preset, true));
      }
    });
  }
  /** @param {PresetView} preset @param {HTMLElement} item */
  function remove(preset, item) {
    const next = /** @type {HTMLElement | null} */ (item.nextElementSibling ?? item.previousElementSibling);
    return attempt(async () => {
      await ask(`presets/${preset.id}`, undefined, { method: "DELETE" });
      await load(next?.dataset["id"]);
      if (!own.firstElementChild) form.name.focus();
      say(words("presets.deleted", { name: preset.name }), words("history.undo"), () => keep(preset));
    });
  }
  /** @param {PresetView} preset @param {HTMLElement} item */
  function rename(preset, item) {
    const field = nameField(preset.name);
    const save = h("button", { type: "submit", class: "button" }, words("save"));
    const element = h("form", { class: "preset-rename" }, field, save);
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      const send = async () => {
        await ask(`presets/${preset.id}`, { name: field.value });
        await load(preset.id);
      };
      busy(save, () => attempt(send));
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      attempt(() => load(preset.id));
    });
    item.replaceChildren(element);
    field.select();
  }

  /* Drawing */

  /** @param {string} [focus] the preset that has the focus then */
  async function load(focus) {
    /** @type {PresetsView} */
    const found = await ask(`presets?mode=${mode}`);
    longest = found.longest;
    form.name.maxLength = longest;
    ownHead.hidden = !found.presets.length;
    starterHead.hidden = !found.starters.length;
    own.replaceChildren(...found.presets.map(ownRow));
    starters.replaceChildren(...found.starters.map(starterRow));
    if (!focus) return;
    const item = [...own.children].find((node) => /** @type {HTMLElement} */ (node).dataset["id"] === focus);
    /** @type {HTMLElement | undefined} */ (item?.firstElementChild)?.focus();
  }
  /** @param {PresetView} preset */
  function ownRow(preset) {
    const { name, settings } = preset;
    const item = h("div", { class: "preset", data: { id: preset.id } });
    const row = button(h("b", {}, name), () => attempt(() => take(name, settings)), { class: "preset-use" });
    row.append(h("span", {}, summary(words, settings)));
    row.addEventListener("keydown", (event) => {
      if (event.key === "Delete") remove(preset, item);
    });
    const pencil = button(icon(PENCIL), () => rename(preset, item), {
      class: "preset-act",
      label: words("presets.rename", { name }),
    });
    const cross = button(icon(CROSS), () => busy(cross, () => remove(preset, item), menu), {
      class: "preset-act",
      label: words("presets.delete", { name }),
    });
    item.append(row, pencil, cross);
    return item;
  }
  /** @param {StarterView} starter */
  function starterRow(starter) {
    const name = words(`starter.${starter.id}`);
    const start = () => attempt(async () => take(name, await given(page, starter)));
    const row = button(h("b", {}, name), () => busy(row, start), { class: "preset-use starter" });
    const pictures = starter.inputs.map(({ picture }) => h("img", { src: picture, alt: "", loading: "lazy" }));
    row.append(h("span", {}, starter.prompt), h("span", { class: "starter-pictures" }, ...pictures));
    return row;
  }

  /* Arrow keys go along all that can be chosen. */
  menu.addEventListener("keydown", (event) => {
    const all = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll(".preset-use")]);
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const typing = /** @type {Element} */ (event.target).closest(".text-field");
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, ...(typing ? {} : { Home: 0, End: all.length - 1 }) }[event.key];
    if (to === undefined || !all.length) return;
    event.preventDefault();
    if (to < 0 && at === 0) form.name.focus();
    else all[Math.max(0, Math.min(all.length - 1, to))]?.focus();
  });
  return {
    renew() {
      hush();
      form.draw();
      attempt(load);
    },
  };
}
