/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/page").Mode} Mode */
/** @typedef {import("../types/page").Settings} Settings */
/** @typedef {import("../types/views").FormView} FormView */
/** @typedef {import("../types/views").EstimateView} EstimateView */
/** @typedef {import("../types/views").FileView} FileView */
/** @typedef {import("../types/views").LineView} LineView */
/** @typedef {import("./offers").Values} Values */
/** @typedef {ReturnType<typeof createForm>} Form */
/** @typedef {typeof import("#form/files/files").createFiles} CreateFiles */
/** @typedef {ReturnType<typeof import("#form/files/batch").createBatch>} Batch */

import { createBar } from "#form/bar";
import { createChips } from "#form/chips";
import { createEstimates } from "#form/estimates";
import { defaults, isAsWanted, modelOf, providerOf, valuesOf, withModel } from "#form/offers";
import { createPromptEditor } from "#form/prompt/editor";
import { createPresetsOpener } from "#presets/opener";
import { h, keyed, refocus } from "#shell/dom";
import { popover } from "#shell/floating";
import { inTime } from "#shell/missing";
import { asText } from "#shell/store";

const TWICE_MS = 1000;
const SENT_MS = 8000;

/**
 * The form of one mode. What stands in it is known here alone; the studio is asked what it costs, and gets it whole
 * when it is sent.
 *
 * @param {object} given
 * @param {Page} given.page
 * @param {FormView} given.offer
 * @param {CreateFiles | null} given.createFiles null for a form without inputs of files
 * @param {(settings: Settings) => void} given.remember keeps what stands in the form over a reload
 */
export function createForm({ page, offer, createFiles, remember }) {
  const { words } = page;
  const mode = /** @type {Mode} */ (offer.mode);
  const id = (/** @type {string} */ name) => `${offer.prefix}-${name}`;
  let values = defaults(offer);
  let estimate = offer.estimate;
  let sending = false;
  /** What came of the last press, until the form is touched. @type {{ text: string, failed: boolean } | null} */
  let outcome = null;
  /** What a change of the model or earlier settings could not keep. @type {string[]} */
  let notes = [];
  let pressed = -Infinity;
  let filling = 0;
  /** The files that the form is being filled in with: before they are here they are remembered too. @type {Settings} */
  let coming = {};

  const query = () => new URLSearchParams({ provider: values.provider, model: values.model, mode }).toString();
  const resolution = () => String(values["resolution"] ?? "");

  /* Files */
  const inputs = new Map(createFiles ? offer.inputs.map((one) => [one.field, filesInput(createFiles, one)]) : []);
  const leading = offer.inputs.find((input) => input.kind === "image" && input.most === 1);
  /** Several pictures, of each of which a video is made; few need it. @type {Batch | null} */
  let batch = null;

  /** @param {string} field */
  function queryOf(field) {
    return () => `${query()}&field=${field}`;
  }
  /** @param {CreateFiles} create @param {FormView["inputs"][number]} input */
  function filesInput(create, input) {
    const files = create({
      page,
      mode,
      field: input.field,
      kind: input.kind,
      least: input.least,
      most: input.most,
      query: queryOf(input.field),
      resolution,
      onChange(_items, moved) {
        if (moved && input.token) prompt.renumber(moved);
        delete coming[input.field];
        filesChanged();
      },
      ...(input.token ? { insertToken: (/** @type {number} */ number) => prompt.nameImage(number) } : {}),
      ...(input.most === 1 && input.kind === "image" ? { onBatch: startBatch } : {}),
    });
    files.element.id = id(input.field);
    return files;
  }
  function filesChanged() {
    showBatch();
    showPictures();
    changed({ keepNotes: true }); /* files are judged anew when another model is chosen, which the notes tell of */
  }
  const batched = () => batch?.items() ?? [];
  /** @param {File[]} files */
  async function startBatch(files) {
    if (!leading) return;
    const { field } = leading;
    const { createBatch } = await inTime(import("#form/files/batch"));
    const given = { page, mode, field, most: offer.most_batch, query: queryOf(field), resolution };
    batch ??= createBatch({ ...given, onChange: filesChanged });
    inputs.get(field)?.element.after(batch.element);
    batch.add(files);
    showBatch();
  }
  function showBatch() {
    const input = inputs.get(leading?.field ?? "");
    if (!batch || !input) return;
    const open = batch.room() < offer.most_batch;
    input.element.hidden = open;
    batch.element.hidden = !open;
  }
  const naming = offer.inputs.find((input) => input.token);
  function showPictures() {
    if (!naming) return;
    const items = inputs.get(naming.field)?.items() ?? [];
    prompt.setImages(
      items.map((file) => ({ name: file.name, ...(file.thumbnail ? { thumbnail: file.thumbnail } : {}) })),
    );
  }

  /* Prompt */
  const prompt = createPromptEditor({
    id: id("prompt"),
    words: /** @type {any} */ (words),
    language: /** @type {any} */ (page.language),
    store: { get: (name) => page.store.get(name, asText), set: (name, value) => page.store.set(name, value) },
    rules: rules(),
    onChange(text) {
      values.prompt = text;
      changed();
    },
  });
  function rules() {
    const model = modelOf(offer, values);
    const { required, ...limit } = model.prompt;
    return { mode, limit, provider: providerOf(offer, values).name, naming: model.naming, required, most: offer.most };
  }

  /* Settings */
  const chips = createChips({
    page,
    offer: () => offer,
    values: () => values,
    set(name, value) {
      values[name] = value;
      if (name === "resolution") for (const input of [...inputs.values(), batch]) input?.draw();
      changed();
      chips.draw();
    },
    choose,
  });
  /**
   * Another model, of what is offered now: what it cannot have is told.
   *
   * @param {{ provider: string, model: string }} chosen
   */
  function choose(chosen) {
    const { values: after, lost } = withModel(offer, values, chosen);
    values = after;
    notes = lost.map(lostSentence);
    prompt.setRules(rules());
    for (const input of inputs.values()) input.refresh();
    batch?.refresh();
    changed({ keepNotes: true });
    chips.draw();
  }
  /** @param {{ name: string, before: unknown, after: unknown }} lost */
  function lostSentence({ name, before, after }) {
    const label = words(/** @type {any} */ (name));
    if (after === undefined) return words("changed.without", { name: label, provider: providerOf(offer, values).name });
    const to = { before: String(before), after: String(after) };
    return words("changed", { name: label, model: modelOf(offer, values).version, ...to });
  }
  const presets = createPresetsOpener({
    page,
    mode,
    current: settings,
    async use(wanted) {
      const done = fill(wanted);
      prompt.focus();
      await done;
    },
  });

  /* What it costs, and sending it */
  const bar = createBar({ page, id: id("submit"), send });
  const about = h("div", { class: "popover desk-popover", role: "dialog", "aria-label": words("price.about") });
  bar.about.setAttribute("aria-haspopup", "dialog");
  popover(bar.about, about, { side: "above", fill: fillAbout });
  const findings = h("div", { class: "findings", id: id("findings") });
  const estimates = createEstimates({
    ask: (wanted) => page.ask(`forms/${mode}/estimate`, wanted),
    tell(answer) {
      estimate = answer;
      draw();
    },
    lose() {
      estimate = { ...estimate, price: "none", amount: "", sum: "", lines: [] };
      draw();
    },
    onBack(listener) {
      addEventListener("online", listener);
      document.addEventListener("visibilitychange", () => document.hidden || listener()); /* it heard no news */
      page.jobs.connection.on((how) => how !== "away" && listener());
    },
  });
  const { element: promptElement } = prompt;
  promptElement.id = id("prompt-box");
  const element = h(
    "section",
    { class: "desk", "aria-label": words(/** @type {any} */ (`form.${mode}`)) },
    ...[...inputs.values()].map((input) => input.element),
    promptElement,
    findings,
    chips.element,
    bar.element,
    presets,
    about,
  );

  /** @param {{ keepNotes?: boolean }} [how] */
  function changed({ keepNotes = false } = {}) {
    pressed = -Infinity;
    outcome = null;
    prompt.area.removeAttribute("aria-invalid");
    if (!keepNotes) notes = [];
    estimates.want(priced());
    prompt.setDuration(typeof values["duration"] === "number" ? values["duration"] : null);
    remember(settings());
    draw();
  }
  /** What the price can depend on: of the prompt how many it is, and whether anything is written. */
  function priced() {
    const written = prompt.prompts.filter(({ part }) => !part.blank).length;
    return { ...filled(), prompt: Array(written).fill("…").join("\n---\n") };
  }
  /** What stands in the form, as it is sent. */
  function filled() {
    const named = (/** @type {readonly { sha256: string, name: string }[]} */ files) =>
      files.map(({ sha256, name }) => ({ sha256, name }));
    const files = [...inputs].map(([field, input]) => [field, named(input.items())]);
    const several = named(batched());
    return { ...values, ...Object.fromEntries(files), ...(several.length ? { batch: several } : {}) };
  }
  /** @returns {Settings} */
  function settings() {
    const plain = /** @type {Settings} */ (filled());
    delete plain["batch"];
    const seed = /^\d+$/.test(values.seed) ? Number(values.seed) : null;
    return { ...plain, seed, ...coming, mode };
  }

  /** What has to be done before it can be sent, the first of it. */
  function missing() {
    /* What the studio alone knows, no writing helps. */
    return estimate.lines.find((line) => line.kind === "missing") ?? ownMissing();
  }
  /** The same as far as the page itself knows, so that it never lags behind what stands in the form. */
  function ownMissing() {
    const { required } = modelOf(offer, values).prompt;
    for (const { field, least } of offer.inputs) {
      const items = field === leading?.field && batched().length ? batched() : (inputs.get(field)?.items() ?? []);
      const refused = items.find((file) => file.verdict === "refused");
      if (items.length < least) return { text: words(/** @type {any} */ (`missing.${field}`)), about: field };
      if (refused) return { text: words("missing.fix", { name: refused.name }), about: field };
    }
    if (required && prompt.prompts.every(({ part }) => part.blank))
      return { text: words("missing.prompt"), about: "prompt" };
    if (prompt.prompts.length > offer.most) return { text: words("missing.fewer"), about: "prompt" };
    if (prompt.prompts.some((one) => one.over > 0)) return { text: words("missing.shorter"), about: "prompt" };
    return null;
  }
  function draw() {
    const [hold] = page.holds.of(mode);
    bar.draw(estimate, {
      missing: missing()?.text ?? "",
      hold,
      sending,
      outcome: outcome?.failed === false ? outcome.text : "",
    });
    /** @type {{ kind: string, text: string }[]} */
    const shown = [
      ...(outcome?.failed ? [{ kind: "error", text: outcome.text }] : []),
      ...notes.map((text) => ({ kind: "note", text })),
      ...estimate.lines
        .filter((line) => line.kind === "error" || line.kind === "warning")
        .map((line) => ({ kind: line.kind, text: page.dates.dated(line) })),
    ];
    /* What a press was refused for, the estimate may say as well. */
    const each = [...new Map(shown.map((one) => [`${one.kind} ${one.text}`, one])).values()];
    refocus(element, () => {
      keyed(findings, each, {
        key: ({ kind, text }) => `${kind} ${text}`,
        make: ({ kind, text }) => h("p", { class: `finding ${kind}`, role: kind === "error" ? "alert" : null }, text),
      });
    });
  }
  function fillAbout() {
    const lines = estimate.lines.filter((line) => line.kind === "facts");
    about.replaceChildren(
      h("h2", {}, words("price.about")),
      estimate.sum
        ? h("p", { class: "sum" }, estimate.live ? estimate.sum : words("price.sandbox", { sum: estimate.sum }))
        : "",
      ...lines.map((line) => h("p", {}, line.text)),
    );
  }

  async function send() {
    const now = performance.now();
    const [hold] = page.holds.of(mode);
    if (sending || hold || now - pressed < TWICE_MS) return;
    const first = missing();
    if (first) {
      page.notices.speak(first.text);
      focusOn(first.about);
      return;
    }
    sending = true;
    draw();
    const all = filled();
    try {
      const request = { values: all, price: estimate.price };
      const { jobs } = await page.ask(`forms/${mode}/send`, request, { press: id("send") + JSON.stringify(all) });
      if (batched().length && leading) {
        batch?.clear();
        inputs.get(leading.field)?.set([]); /* what stood there before is not what was sent */
      }
      tellSent(words.count("submitted", jobs.length));
      notes = [];
      page.jobs.take(jobs);
      pressed = performance.now();
    } catch (error) {
      const { message, answer } = /** @type {import("../types/page").Refusal} */ (error);
      outcome = { text: message, failed: true };
      estimates.want(priced(), { again: true });
      focusOn(answer?.fields?.[0] ?? "");
    } finally {
      sending = false;
      draw();
    }
  }
  /** Says what was sent, until the form is touched or it is old news. @param {string} text */
  function tellSent(text) {
    const told = (outcome = { text, failed: false });
    setTimeout(() => {
      if (outcome !== told) return;
      outcome = null;
      draw();
    }, SENT_MS);
    page.notices.speak(text);
  }
  /** @param {string} field */
  function focusOn(field) {
    const input = field === leading?.field && batched().length ? batch : inputs.get(field);
    if (field === "prompt") {
      prompt.area.setAttribute("aria-invalid", "true");
      prompt.focus();
    } else if (input) /** @type {HTMLElement | null} */ (input.element.querySelector("button"))?.focus();
    else chips.open(field);
  }

  /**
   * Fills the form in with settings of any time. What they do not name is as it is at first.
   *
   * @param {Settings} wanted
   */
  async function fill(wanted) {
    const mine = ++filling;
    const release = page.holds.hold(mode, words("hold.filling"), { cancel: () => stop() });
    const stop = () => {
      filling += 1;
      coming = {};
      release();
    };
    const named = offer.inputs.filter(({ field }) => wanted[field] && [wanted[field]].flat().length);
    coming = Object.fromEntries(named.map(({ field }) => [field, wanted[field]]));
    batch?.clear();
    for (const { field } of offer.inputs) if (!(field in coming)) inputs.get(field)?.set([]);
    /* What can be told at once is there at once. */
    show(valuesOf(offer, wanted), []);
    const at = { ...values };
    try {
      if (!named.length && isAsWanted(offer, wanted, values)) return;
      const settled = await page.ask(`forms/${mode}/settle`, wanted);
      if (mine !== filling) return;
      coming = {};
      for (const [field, files] of Object.entries(settled.files)) inputs.get(field)?.set(files);
      /* What was typed and chosen meanwhile stays. */
      const touched = Object.entries(values).filter(([name, value]) => value !== at[name]);
      show(
        /** @type {Values} */ ({ ...valuesOf(offer, settled.values), ...Object.fromEntries(touched) }),
        settled.sentences,
      );
    } catch (error) {
      if (mine !== filling) return;
      /* The files are still remembered as coming: after a reload they are asked for again. */
      notes = [/** @type {Error} */ (error).message];
      draw();
    } finally {
      release();
      showPictures();
    }
  }
  /** @param {Values} next @param {string[]} sentences */
  function show(next, sentences) {
    values = next;
    if (prompt.value !== next.prompt) prompt.value = next.prompt;
    prompt.setRules(rules());
    notes = sentences;
    changed({ keepNotes: true });
    chips.draw();
  }

  page.holds.changed.on(draw);
  estimates.known(priced());
  chips.draw();
  draw();
  return {
    element,
    mode,
    send,
    fill,
    settings,
    focus: prompt.focus,
    /** @param {"image" | "video"} kind */
    inputFor: (kind) =>
      [...inputs].map(([, input]) => input).find((input, at) => offer.inputs[at]?.kind === kind && input.room() > 0) ??
      [...inputs.values()].find((_, at) => offer.inputs[at]?.kind === kind) ??
      null,
    /** @param {string} field */
    single: (field) => offer.inputs.find((input) => input.field === field)?.most === 1,
    /** Asks anew what it costs, and whether the account has as much. */
    renew: () => estimates.want(priced(), { again: true }),
    /** Takes another offer: an account has come or gone. @param {FormView} next */
    offerAnew(next) {
      offer = next;
      choose(values);
      estimates.want(priced(), { again: true });
    },
  };
}
