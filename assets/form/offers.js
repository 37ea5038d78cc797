/** What a form offers, and what of its values a model can have. */

/** @typedef {import("../types/views").FormView} FormView */
/** @typedef {import("../types/views").ModelView} ModelView */
/** @typedef {import("../types/views").ParameterView} ParameterView */
/** @typedef {string | number | boolean | null} Value */

/**
 * What stands in a form, but for its files: the provider and the model, the prompt, the seed as it is typed, how many
 * videos, and the parameters by their names.
 *
 * @typedef {{ provider: string, model: string, prompt: string, seed: string, variants: number }} Own
 * @typedef {Record<string, Value> & Own} Values
 */

/** Values that are no parameters of a model. */
const OWN = new Set(["provider", "model", "prompt", "seed", "variants"]);

/**
 * The model that the values name, or the nearest there is: the provider's newest.
 *
 * @param {FormView} offer
 * @param {{ provider: Value, model: Value }} values
 * @returns {ModelView}
 */
export function modelOf(offer, values) {
  const { models } = providerOf(offer, values);
  const model = models.find((one) => one.id === values.model) ?? models[0];
  if (!model) throw new RangeError(`${offer.mode} has no model`);
  return model;
}

/**
 * @param {FormView} offer
 * @param {{ provider: Value }} values
 */
export function providerOf(offer, values) {
  const provider = offer.providers.find((one) => one.id === values.provider) ?? offer.providers[0];
  if (!provider) throw new RangeError(`${offer.mode} has no provider`);
  return provider;
}

/**
 * The form as it is at first.
 *
 * @param {FormView} offer
 * @returns {Values}
 */
export function defaults(offer) {
  const provider = providerOf(offer, { provider: null });
  const model = modelOf(offer, { provider: provider.id, model: null });
  const own = { provider: provider.id, model: model.id, prompt: "", seed: "", variants: 1 };
  return { ...own, ...parametersOf(model, {}) };
}

/**
 * The values that a model's parameters have, of those of `values` that it can have; else its own.
 *
 * @param {ModelView} model
 * @param {Record<string, Value>} values
 */
function parametersOf(model, values) {
  /** @type {Record<string, Value>} */
  const found = {};
  for (const [name, parameter] of Object.entries(model.parameters)) {
    const value = values[name];
    found[name] = value !== undefined && takes(parameter, value) ? value : parameter.default;
  }
  return found;
}

/**
 * @param {ParameterView} parameter
 * @param {Value} value
 */
function takes({ options, min, max }, value) {
  if (options) return options.includes(String(value));
  if (min !== undefined && max !== undefined) return typeof value === "number" && value >= min && value <= max;
  return typeof value === "boolean";
}

/**
 * The values with another model chosen: what it has too stays. `lost` are those that it cannot have and that were not
 * as they are at first, with what stands there now (undefined: it has no such setting).
 *
 * @param {FormView} offer
 * @param {Values} before
 * @param {{ provider: string, model: string }} chosen
 * @returns {{ values: Values, lost: { name: string, before: Value, after: Value | undefined }[] }}
 */
export function withModel(offer, before, chosen) {
  const model = modelOf(offer, chosen);
  const first = defaults(offer);
  const own = Object.fromEntries(Object.entries(before).filter(([name]) => OWN.has(name)));
  const parameters = parametersOf(model, before);
  const values = /** @type {Values} */ ({
    ...own,
    provider: providerOf(offer, chosen).id,
    model: model.id,
    ...parameters,
  });
  const lost = Object.entries(before)
    .filter(([name, value]) => !OWN.has(name) && value !== parameters[name] && value !== first[name])
    .map(([name, value]) => ({ name, before: value, after: parameters[name] }));
  return { values, lost };
}

/**
 * Values as far as they can be told without asking the studio; of all else the form has its own.
 *
 * @param {FormView} offer
 * @param {Record<string, any>} settings
 * @returns {Values}
 */
export function valuesOf(offer, settings) {
  const first = defaults(offer);
  const provider = providerOf(offer, { provider: settings.provider ?? first.provider });
  const model = modelOf(offer, { provider: provider.id, model: settings.model ?? null });
  const text = (/** @type {unknown} */ value) => (["string", "number"].includes(typeof value) ? String(value) : "");
  /* As scripts say "any". */
  const seed = settings.seed === -1 ? "" : text(settings.seed);
  return {
    provider: provider.id,
    model: model.id,
    prompt: text(settings.prompt),
    seed,
    variants: offer.variants.includes(Number(settings.variants)) ? Number(settings.variants) : 1,
    ...parametersOf(model, settings),
  };
}

/**
 * Whether all that earlier settings say of a form without files stands in `values`. Else the studio knows why not.
 *
 * @param {FormView} offer
 * @param {Record<string, any>} settings
 * @param {Values} values
 */
export function isAsWanted(offer, settings, values) {
  const elsewhere = new Set(["mode", "sent_prompt", "batch", ...offer.inputs.map((input) => input.field)]);
  return Object.entries(settings).every(([name, wanted]) => {
    const says = wanted !== null && wanted !== undefined && wanted !== "" && !(name === "seed" && wanted === -1);
    return !says || elsewhere.has(name) || String(values[name]) === String(wanted);
  });
}
