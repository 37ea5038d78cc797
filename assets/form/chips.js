/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").FormView} FormView */
/** @typedef {import("../types/views").ParameterView} ParameterView */
/** @typedef {import("./offers").Values} Values */
/** @typedef {import("./offers").Value} Value */

import { radios, ratioPicture, slider, toggle } from "#form/choosers";
import { modelOf, providerOf } from "#form/offers";
import { h, keyed, setText } from "#shell/dom";
import { popover } from "#shell/floating";

/** Ratios that people ask for; the others stand behind them. */
const USUAL = new Set(["16:9", "9:16", "1:1", "4:3", "3:4"]);

/**
 * @typedef {object} Chip a setting in short, and what opens when it is pressed
 * @property {string} name
 * @property {string} text
 * @property {string} label what it is a setting of
 * @property {Node} [picture]
 * @property {(panel: HTMLElement) => void} fill
 */

/**
 * The settings of a form as chips. What is rarely changed stands behind the last; what of it is not as it is at first
 * has a chip of its own, so that nothing acts unseen.
 *
 * @param {object} given
 * @param {Page} given.page
 * @param {() => FormView} given.offer
 * @param {() => Values} given.values
 * @param {(name: string, value: Value) => void} given.set
 * @param {(chosen: { provider: string, model: string }) => void} given.choose
 */
export function createChips({ page, offer, values, set, choose }) {
  const { words } = page;
  const element = h("div", { class: "chips", role: "group", "aria-label": words("settings") });
  /** By the chip's name: what its panel is filled with when it opens. @type {Map<string, Chip>} */
  const shown = new Map();

  /** @param {string} name */
  const labelOf = (name) => words(/** @type {any} */ (words.has(`setting.${name}`) ? `setting.${name}` : name));
  /** @param {string} name @param {string} value */
  function optionOf(name, value) {
    const key = `option.${name}.${value}`;
    return words.has(key) ? words(/** @type {any} */ (key)) : value;
  }

  /** @returns {Chip[]} */
  function chips() {
    const { parameters } = modelOf(offer(), values());
    const entries = Object.entries(parameters);
    const ofParameters = entries
      .filter(([, one]) => one.look !== "switch")
      .map(([name, one]) => parameterChip(name, one));
    const isOther = (/** @type {string} */ name, /** @type {ParameterView} */ one) => values()[name] !== one.default;
    const switches = entries.filter(([, one]) => one.look === "switch");
    const changed = switches.filter(([name, one]) => isOther(name, one) || isOpen(name));
    return [
      ...ofParameters.sort((one, other) => rank(one) - rank(other)),
      modelChip(),
      variantsChip(),
      ...(values().seed || isOpen("seed") ? [moreChip("seed", seedText())] : []),
      ...changed.map(([name]) =>
        moreChip(name, words(/** @type {any} */ (values()[name] ? `switch.on.${name}` : `switch.off.${name}`))),
      ),
      moreChip("more", words("settings.more")),
    ];
  }
  const seedText = () => (values().seed ? words("seed.chip", { seed: values().seed }) : words("seed.placeholder"));
  /** A chip stays while what it has opened is: the focus may be there. @param {string} name */
  const isOpen = (name) => element.querySelector(`[data-name="${name}"] > :popover-open`) !== null;
  /** The shape of the picture comes first. @param {Chip} chip */
  const rank = (chip) => (chip.name === "ratio" ? 0 : 1);

  /** @param {string} name @param {ParameterView} parameter @returns {Chip} */
  function parameterChip(name, parameter) {
    const label = labelOf(name);
    const value = values()[name] ?? parameter.default ?? "";
    if (parameter.look === "slider") {
      const { min = 0, max = 0 } = parameter;
      const unit = words("seconds.unit");
      return {
        name,
        label,
        text: page.dates.seconds(Number(value)),
        fill: (panel) => {
          const slid = (/** @type {number} */ chosen) => set(name, chosen);
          panel.replaceChildren(slider({ label, min, max, value: Number(values()[name]), unit, choose: slid }));
        },
      };
    }
    const isRatio = parameter.look === "ratios";
    return {
      name,
      label,
      text: optionOf(name, String(value)),
      ...(isRatio ? { picture: ratioPicture(String(value)) } : {}),
      fill: (panel) =>
        panel.replaceChildren(...(isRatio ? ratios(name, parameter, panel) : [options(name, parameter, panel)])),
    };
  }
  /** @param {string} name @param {ParameterView} parameter @param {HTMLElement} panel */
  function options(name, parameter, panel) {
    const { rates } = modelOf(offer(), values());
    const choices = (parameter.options ?? []).map((value) => ({
      value,
      label: optionOf(name, value),
      ...(name === "resolution" && rates[value] ? { note: words("rate", { rate: rates[value] }) } : {}),
    }));
    return chooser(name, choices, panel, "segments");
  }
  /** @param {string} name @param {ParameterView} parameter @param {HTMLElement} panel */
  function ratios(name, { options: all = [], disputed = {} }, panel) {
    const choice = (/** @type {string} */ value) => ({
      value,
      label: value,
      picture: ratioPicture(value),
      ...(disputed[value] ? { note: words("disputed.short") } : {}),
    });
    const usual = all.filter((value) => USUAL.has(value));
    const rare = all.filter((value) => !USUAL.has(value));
    const nodes = [chooser(name, usual.map(choice), panel, "ratios")];
    if (!rare.length) return nodes;
    const open = rare.includes(String(values()[name]));
    const others = chooser(name, rare.map(choice), panel, "ratios", words("ratio.rare"));
    return [...nodes, h("details", { open }, h("summary", {}, words("ratio.rare")), others)];
  }
  /**
   * Radio buttons of one setting; whoever points is done with one press, whoever goes by keys is not.
   *
   * @param {string} name
   * @param {import("./choosers").Choice[]} choices
   * @param {HTMLElement} panel
   * @param {string} look
   * @param {string} [label]
   */
  function chooser(name, choices, panel, look, label = labelOf(name)) {
    const value = values()[name] ?? null;
    const group = radios({ label, choices, value, look, choose: (chosen) => set(name, chosen) });
    closeAfterPointer(group, panel);
    return group;
  }
  /** @param {HTMLElement} group @param {HTMLElement} panel */
  function closeAfterPointer(group, panel) {
    let pointed = false;
    group.addEventListener("pointerdown", () => {
      pointed = true;
    });
    group.addEventListener("keydown", () => {
      pointed = false;
    });
    group.addEventListener("click", (event) => {
      if (pointed && event.target instanceof HTMLInputElement) panel.hidePopover();
    });
  }

  /** @returns {Chip} */
  function modelChip() {
    const model = modelOf(offer(), values());
    const label = words("model");
    return {
      name: "model",
      label,
      text: model.version,
      fill(panel) {
        const several = offer().providers.length > 1;
        const resolution = String(values()["resolution"] ?? "");
        panel.replaceChildren(
          ...offer().providers.map((provider) => {
            const choices = provider.models.map((one) => ({
              value: one.id,
              label: one.version,
              note: one.rates[resolution]
                ? words("rate", { rate: one.rates[resolution] })
                : words("rate.none", { resolution }),
            }));
            const chosen = provider.id === values().provider ? values().model : null;
            const group = radios({
              label: several ? provider.account : label,
              choices,
              value: chosen,
              choose: (id) => choose({ provider: provider.id, model: String(id) }),
            });
            closeAfterPointer(group, panel);
            return group;
          }),
        );
      },
    };
  }
  /** @returns {Chip} */
  function variantsChip() {
    const label = words("variants");
    return {
      name: "variants",
      label,
      text: words.count("variants.chip", values().variants),
      fill(panel) {
        const choices = offer().variants.map((count) => ({ value: count, label: String(count) }));
        const group = radios({
          label,
          choices,
          value: values().variants,
          choose: (count) => set("variants", Number(count)),
        });
        closeAfterPointer(group, panel);
        panel.replaceChildren(group, h("p", { class: "hint" }, words("variants.hint")));
      },
    };
  }
  /** @param {string} name @param {string} text @returns {Chip} */
  function moreChip(name, text) {
    return { name, text, label: words("settings.more"), fill: fillMore };
  }
  /** @param {HTMLElement} panel */
  function fillMore(panel) {
    const { parameters, seed_max: most } = modelOf(offer(), values());
    const seed = h("input", {
      class: "text-field",
      value: values().seed,
      placeholder: words("seed.placeholder"),
      inputMode: "numeric",
      autocomplete: "off",
      maxLength: 20,
    });
    const wrong = h("p", { class: "hint wrong", role: "status" });
    seed.addEventListener("input", () => {
      const typed = seed.value.trim();
      const isSeed = typed === "" || (/^\d+$/.test(typed) && Number(typed) <= most);
      seed.setAttribute("aria-invalid", String(!isSeed));
      setText(wrong, isSeed ? "" : words("seed.wrong", { most: most.toLocaleString(page.locale) }));
      set("seed", typed);
    });
    const switches = Object.entries(parameters).filter(([, one]) => one.look === "switch");
    panel.replaceChildren(
      h("label", { class: "field" }, h("span", {}, words("seed")), seed),
      h("p", { class: "hint" }, words("seed.hint")),
      wrong,
      ...switches.map(([name]) =>
        toggle({ label: labelOf(name), value: Boolean(values()[name]), choose: (on) => set(name, on) }),
      ),
      h("p", { class: "hint" }, words("provider.chosen", { provider: providerOf(offer(), values()).account })),
    );
  }

  /** @param {Chip} chip */
  function make(chip) {
    const look = chip.name === "more" ? "chip quiet" : "chip";
    const opener = h("button", { type: "button", class: look, "aria-haspopup": "dialog" });
    const panel = h("div", { class: "popover desk-popover", role: "dialog", "aria-label": chip.label });
    popover(opener, panel, {
      side: "above",
      fill: () => shown.get(chip.name)?.fill(panel),
      focus: () =>
        panel.querySelector("[autofocus], [type=radio]:checked") ??
        panel.querySelector("input, button, select, textarea"),
    });
    panel.addEventListener("toggle", ({ newState }) => {
      if (newState === "closed") draw();
    });
    return h("span", { class: "chip-place", data: { name: chip.name } }, opener, panel);
  }
  /** @param {HTMLElement} place @param {Chip} chip */
  function update(place, chip) {
    const opener = /** @type {HTMLButtonElement} */ (place.firstElementChild);
    const text = h("span", {}, chip.text);
    opener.replaceChildren(...(chip.picture ? [chip.picture, text] : [text]));
    if (chip.name === "more") return;
    opener.setAttribute("aria-label", `${chip.label}: ${chip.text}`);
    opener.title = chip.label;
  }

  function draw() {
    const all = chips();
    shown.clear();
    for (const chip of all) shown.set(chip.name, chip);
    keyed(element, all, { key: (chip) => chip.name, make, update });
  }

  return {
    element,
    /** Opens what a setting is chosen in. @param {string} name */
    open(name) {
      const own = element.querySelector(`[data-name="${CSS.escape(name)}"]`);
      const place = own ?? (name === "seed" ? element.querySelector('[data-name="more"]') : null);
      /** @type {HTMLElement | null | undefined} */ (place?.querySelector(".popover"))?.showPopover();
    },
    draw,
  };
}
