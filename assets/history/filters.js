/** What the library is asked, to be written and chosen: the words, the filters, the order, the way it is shown. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").ColumnView} ColumnView */
/** @typedef {import("./question").Question} Question */

import { button, h, icon } from "#shell/dom";
import { cleaned, countFilters, modelValue, NEWEST } from "#history/question";

/** What Python says of the library when the page is made. */
/**
 * @typedef {object} Props
 * @property {{ provider: string, id: string, version: string, mode: string }[]} models
 * @property {Record<string, string>} providers names by key
 * @property {string[]} modes
 * @property {string[]} states those of jobs that have ended
 * @property {ColumnView[]} columns
 * @property {string[]} sorts
 * @property {number} undo_seconds
 */

/** @typedef {[value: string, text: string]} Choice */

const TYPING_MS = 200;
const GRID = "M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z";
const LIST = "M4 6h16M4 12h16M4 18h16";
const SLIDERS = "M4 7h9m5 0h2M4 17h2m5 0h9M13 4.500v5M9 14.500v5";

/**
 * @param {Page} page
 * @param {Props} props
 * @param {(question: Question) => void} ask is told each change
 */
export function createFilters({ words }, props, ask) {
  /** @type {Map<string, HTMLInputElement | HTMLSelectElement>} */
  const fields = new Map();
  let pause = 0;

  /**
   * @template {HTMLInputElement | HTMLSelectElement} Field
   * @param {string} name
   * @param {Field} field
   */
  function named(name, field) {
    field.name = name;
    field.setAttribute("aria-label", words(`filter.${name}`));
    fields.set(name, field);
    return field;
  }
  /** @param {Choice} choice */
  const option = ([value, text]) => new Option(text, value);
  /** @param {string} name @param {Choice[]} choices */
  const chooser = (name, choices) =>
    named(name, h("select", {}, ...[/** @type {Choice} */ (["", words(`filter.${name}`)]), ...choices].map(option)));
  /** @param {string} name */
  const day = (name) =>
    h("label", { class: "day-of" }, words(`filter.${name}`), named(name, h("input", { type: "date" })));

  const models = chooser("model", []);
  const providers = Object.entries(props.providers);
  for (const [provider, name] of providers) {
    const own = props.models.filter((model) => model.provider === provider);
    const options = own.map(({ id, version, mode }) =>
      option([modelValue(provider, id), `${version} · ${words(`tab.${mode}`)}`]),
    );
    models.append(...(providers.length > 1 ? [h("optgroup", { label: name }, ...options)] : options));
  }
  /** @type {Choice[]} */
  const states = props.states.map((state) => [state, words(`state.${state}`)]);
  const tags = chooser("tag", []);
  const sort = named("sort", h("select", {}, ...props.sorts.map((name) => option([name, words(`sort.${name}`)]))));
  const entry = named("words", h("input", { type: "search", placeholder: words("filter.words"), maxLength: 200 }));
  const favourite = named("favourite", h("input", { type: "checkbox", value: "1" }));
  const filters = h(
    "div",
    { class: "filters", id: "library-filters" },
    chooser(
      "mode",
      props.modes.map((mode) => [mode, words(`tab.${mode}`)]),
    ),
    models,
    ...(providers.length > 1 ? [chooser("provider", providers)] : []),
    chooser("state", [["active", words("filter.active")], ...states]),
    tags,
    day("from"),
    day("to"),
    h("label", { class: "only" }, favourite, h("span", {}, `★ ${words("filter.favourite")}`)),
  );
  const counted = h("span", { class: "filters-count" });
  const opener = button(words("filter.open"), fold, {
    class: "filters-open",
    "aria-controls": filters.id,
    "aria-expanded": "false",
  });
  opener.prepend(icon(SLIDERS));
  opener.append(counted);
  const list = h("input", { type: "hidden", name: "list" });
  fields.set("list", list);
  const views = /** @type {const} */ ([
    ["", GRID, "view.grid"],
    ["1", LIST, "view.list"],
  ]).map(([value, path, key]) =>
    button(icon(path), () => show(value), { label: words(key), "aria-pressed": "false", data: { view: value } }),
  );
  const node = h(
    "form",
    { class: "search", role: "search" },
    h(
      "div",
      { class: "search-line" },
      entry,
      opener,
      sort,
      h("div", { class: "views", role: "group", "aria-label": words("filter.view") }, ...views),
    ),
    filters,
    list,
  );

  function fold() {
    const open = node.classList.toggle("open");
    opener.setAttribute("aria-expanded", String(open));
  }
  /** @param {string} value */
  function show(value) {
    list.value = value;
    changed(0);
  }
  /** @returns {Question} */
  function read() {
    const values = [...fields].map(([name, field]) => [name, isTick(field) && !field.checked ? "" : field.value]);
    return cleaned(Object.fromEntries(values));
  }
  function mark() {
    const question = read();
    const count = countFilters(question);
    counted.textContent = count > 0 ? String(count) : "";
    for (const field of filters.querySelectorAll("select, input")) {
      const { name } = /** @type {HTMLInputElement | HTMLSelectElement} */ (field);
      field.classList.toggle("set", Boolean(question[name]));
    }
    for (const view of views)
      view.setAttribute("aria-pressed", String(view.dataset["view"] === (question["list"] ?? "")));
  }
  /** @param {number} after */
  function changed(after) {
    mark();
    clearTimeout(pause);
    pause = window.setTimeout(() => ask(read()), after);
  }
  node.addEventListener("input", (event) => changed(event.target === entry ? TYPING_MS : 0));
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    changed(0);
  });

  /** An old address may name what is offered no more. @param {HTMLSelectElement} select @param {string} value */
  function offer(select, value) {
    if (value && ![...select.options].some((one) => one.value === value)) select.append(new Option(value, value));
  }
  return {
    node,
    read,
    /** @param {Question} question */
    fill(question) {
      clearTimeout(pause);
      for (const [name, field] of fields) {
        const value = question[name] ?? (name === "sort" ? NEWEST : "");
        if (isTick(field)) field.checked = Boolean(value);
        else {
          if (field instanceof HTMLSelectElement) offer(field, value);
          field.value = value;
        }
      }
      mark();
    },
    /** @param {string} name */
    sortBy(name) {
      sort.value = name;
      changed(0);
    },
    /** @param {readonly string[]} all */
    offerTags(all) {
      const chosen = tags.value;
      const names = [...new Set([...all, chosen])].filter(Boolean).sort();
      const before = [...tags.options].slice(1).map((one) => one.value);
      tags.hidden = names.length === 0;
      if (before.join("\n") === names.join("\n")) return;
      tags.replaceChildren(option(["", words("filter.tag")]), ...names.map((name) => option([name, name])));
      tags.value = chosen;
    },
    focus: () => entry.focus(),
  };
}

/** @param {HTMLInputElement | HTMLSelectElement} field @returns {field is HTMLInputElement} */
function isTick(field) {
  return field.type === "checkbox";
}
