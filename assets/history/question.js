/** What the library is asked, as it stands in the address: fields that are empty are left out. */

/** @typedef {Record<string, string>} Question */

const NARROWING = ["mode", "model", "provider", "state", "tag", "from", "to", "favourite"];
const FIELDS = ["words", ...NARROWING, "sort", "list"];
/** A model is `<provider>/<id>`: two clouds may call theirs alike. */
const OF = "/";
const DAY = /^\d{4}-\d{2}-\d{2}$/;
export const NEWEST = "newest";

/**
 * @param {string} text the address behind `#history?`
 * @returns {Question}
 */
export function readQuestion(text) {
  const query = new URLSearchParams(text);
  return cleaned(Object.fromEntries(FIELDS.map((name) => [name, query.get(name) ?? ""])));
}

/** @param {Question} question */
export function cleaned(question) {
  const given = FIELDS.map((name) => /** @type {const} */ ([name, (question[name] ?? "").trim()]));
  return Object.fromEntries(given.filter(([name, value]) => value && says(name, value)));
}

/**
 * Whether a field says something by a value: anyone may write an address.
 *
 * @param {string} name
 * @param {string} value
 */
function says(name, value) {
  if (name === "from" || name === "to") return DAY.test(value) && !Number.isNaN(Date.parse(value));
  return name !== "sort" || value !== NEWEST;
}

/** @param {Question} question */
export function addressOf(question) {
  const query = String(new URLSearchParams(cleaned(question)));
  return query ? `#history?${query}` : "#history";
}

/** What stays of a question when all filters are taken off. @param {Question} question */
export function cleared(question) {
  return Object.fromEntries(Object.entries(cleaned(question)).filter(([name]) => name === "sort" || name === "list"));
}

/** How many filters beside the words are set. @param {Question} question */
export function countFilters(question) {
  return NARROWING.filter((name) => cleaned(question)[name]).length;
}

/** Whether it leaves something out. @param {Question} question */
export function isNarrow(question) {
  return Boolean(cleaned(question)["words"]) || countFilters(question) > 0;
}

/** By time, so that days are told apart. @param {Question} question */
export function isByTime(question) {
  return ["", NEWEST, "oldest"].includes(question["sort"] ?? "");
}

/**
 * The query of the studio's address; the days are those of the visitor's own calendar.
 *
 * @param {Question} question
 * @param {string | null} [after] the key that the page before gave
 */
export function queryOf(question, after) {
  const { from, to, model, ...others } = cleaned(question);
  const query = new URLSearchParams(others);
  query.delete("list");
  if (model) {
    const [provider, id] = model.includes(OF) ? model.split(OF) : [others["provider"], model];
    if (provider) query.set("provider", provider);
    query.set("model", id ?? "");
  }
  if (from) query.set("since", String(new Date(`${from}T00:00`).getTime() / 1000));
  if (to) query.set("until", String(new Date(`${to}T00:00`).setHours(24) / 1000));
  if (after) query.set("after", after);
  return query;
}

/** Two that are answered alike: how they are shown does not matter. @param {Question} one @param {Question} other */
export function sameQuestion(one, other) {
  return String(queryOf(one)) === String(queryOf(other));
}

/** @param {string} provider @param {string} id */
export function modelValue(provider, id) {
  return provider + OF + id;
}
