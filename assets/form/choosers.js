/** What the chips of a form open: a group of choices, a slider, a switch, a field for a number. */

/** @typedef {import("./offers").Value} Value */

import { h } from "#shell/dom";
import { quotient } from "#shell/ratio";

let groups = 0;

/**
 * @typedef {object} Choice
 * @property {Value} value
 * @property {string} label
 * @property {string} [note] in a quieter line
 * @property {Node} [picture]
 */

/**
 * Radio buttons: Tab passes them, the arrow keys choose.
 *
 * @param {{ label: string, choices: Choice[], value: Value, choose: (value: Value) => void, look?: string }} given
 * @returns {HTMLFieldSetElement}
 */
export function radios({ label, choices, value, choose, look = "segments" }) {
  const name = `choice-${groups++}`;
  return h(
    "fieldset",
    { class: `choices ${look}` },
    h("legend", {}, label),
    ...choices.map((choice) => {
      const chosen = choice.value === value;
      const input = h("input", { type: "radio", name, checked: chosen, onchange: () => choose(choice.value) });
      input.value = String(choice.value);
      const text = h("span", {}, choice.picture, choice.label, choice.note ? h("small", {}, choice.note) : null);
      return h("label", { class: "choice" }, input, text);
    }),
  );
}

/**
 * A range and its number, which change each other.
 *
 * @param {object} given
 * @param {string} given.label
 * @param {number} given.min
 * @param {number} given.max
 * @param {number} given.value
 * @param {string} given.unit
 * @param {(value: number) => void} given.choose
 * @returns {HTMLElement}
 */
export function slider({ label, min, max, value, unit, choose }) {
  const limits = { min: String(min), max: String(max), step: "1", value: String(value) };
  const range = h("input", { type: "range", ...limits, "aria-label": label, autofocus: true });
  const number = h("input", {
    type: "number",
    class: "text-field",
    ...limits,
    "aria-label": label,
    inputMode: "numeric",
  });
  range.addEventListener("input", () => {
    number.value = range.value;
    choose(Number(range.value));
  });
  number.addEventListener("input", () => {
    if (!number.validity.valid || number.value === "") return;
    range.value = number.value;
    choose(Number(number.value));
  });
  number.addEventListener("change", () => {
    number.value = range.value;
  });
  const field = h("label", { class: "number" }, number, h("span", {}, unit));
  return h(
    "div",
    { class: "slider" },
    h("b", {}, label),
    field,
    range,
    h("i", {}, String(min)),
    h("i", {}, String(max)),
  );
}

/**
 * @param {{ label: string, value: boolean, choose: (value: boolean) => void }} given
 * @returns {HTMLElement}
 */
export function toggle({ label, value, choose }) {
  const input = h("input", { type: "checkbox", role: "switch", checked: value });
  input.addEventListener("change", () => choose(input.checked));
  return h("label", { class: "toggle" }, input, h("span", {}, label));
}

/**
 * The outline of an aspect ratio, such as 16:9.
 *
 * @param {string} ratio
 */
export function ratioPicture(ratio) {
  const shape = quotient(ratio);
  return h("i", { class: "ratio", style: { "--w": Math.min(1, shape), "--h": Math.min(1, 1 / shape) } });
}
