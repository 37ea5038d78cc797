/** The facts of a job, in panels. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobPageView} JobPageView */
/** @typedef {import("../types/views").OutputFileView} OutputFileView */
/** @typedef {import("#shell/dom").Child} Child */

import { downloadLink } from "#board/download";
import { copy } from "#shell/clipboard";
import { button, h, setText } from "#shell/dom";

const KILO = 1024;

/**
 * @param {string} title
 * @param {...Child} content
 */
export function panel(title, ...content) {
  return h("section", { class: "panel" }, h("h3", {}, title), ...content);
}

/** @param {readonly [label: string, value: Child][]} pairs those without a value are left out */
function facts(pairs) {
  return h(
    "dl",
    { class: "facts-list" },
    ...pairs.filter(([, value]) => value).flatMap(([label, value]) => [h("dt", {}, label), h("dd", {}, value)]),
  );
}

/** @param {Page} page @param {string} text @param {string} what is copied, for who listens */
function copying(page, text, what) {
  const label = page.words("copy");
  return button(label, () => copy(page, text), {
    class: "quiet",
    "aria-label": `${label}: ${what}`,
    data: { key: `copy ${text}` },
  });
}

/**
 * What changes while the job goes on, anew each time; `tick` is called every second where a time runs.
 *
 * @param {Page} page
 * @param {JobPageView} job
 */
export function side(page, job) {
  const { words, dates, jobs } = page;
  const id = (/** @type {string} */ label, /** @type {string | null} */ value) =>
    value && h("span", { class: "id" }, h("code", {}, value), copying(page, value, label));
  const left = job.expires_at === null ? null : h("span", { class: "countdown" });
  const overview = panel(
    words("job.summary"),
    facts([
      [words("job.expires"), left],
      [words("job.created"), dates.moment(job.created_at)],
      [words("job.account"), job.account],
      [words("job.estimate"), job.estimate],
      [words("job.billed"), job.billed],
      [words("cost"), job.estimate ? "" : job.cost],
      [words("job.size"), job.video?.facts.join(" · ")],
      [words("job.task"), id(words("job.task"), job.task_id)],
      [words("job.request"), id(words("job.request"), job.request_id)],
    ]),
  );
  function tick() {
    const rest = (job.expires_at ?? 0) - jobs.now();
    if (left)
      setText(left, rest > 0 ? words("job.expires.in", { time: dates.clock(rest) }) : words("job.expires.over"));
  }
  if (left) tick();
  return {
    nodes: [overview, timeline(page, job), ...(job.files.length > 0 ? [files(page, job.files)] : [])],
    tick: left && tick,
  };
}

/** @param {Page} page @param {JobPageView} job */
function timeline({ words, dates }, job) {
  const begun = job.timeline[0]?.at ?? job.created_at;
  const lines = job.timeline.map(({ at, label, details }) =>
    h(
      "li",
      {},
      h("time", { title: dates.moment(at) }, dates.time(at)),
      h("b", {}, label),
      h("span", { class: "since" }, `+${dates.clock(at - begun)}`),
      ...details.map(([name, value]) => h("p", {}, [name, value].filter(Boolean).join(" "))),
    ),
  );
  return panel(words("job.timeline"), h("ol", { class: "timeline" }, ...lines));
}

/** @param {Page} page @param {readonly OutputFileView[]} all */
function files(page, all) {
  const { words, notices } = page;
  const complain = () => notices.say(words("unreachable"), { alert: true });
  const lines = all.map(({ name, url, bytes, sha256 }) =>
    h(
      "li",
      {},
      downloadLink(url, name, { complain, data: { key: name } }),
      h("span", {}, sizeOf(bytes)),
      h("code", { title: sha256 }, `sha256 ${sha256}`),
      copying(page, sha256, `SHA-256, ${name}`),
    ),
  );
  return panel(words("job.files"), h("ul", { class: "job-files" }, ...lines));
}

/** @param {number} bytes */
function sizeOf(bytes) {
  if (bytes < KILO * KILO) return `${Math.ceil(bytes / KILO)} KB`;
  return `${(bytes / KILO / KILO).toFixed(1)} MB`;
}

/** @param {Page} page @param {JobPageView} job */
export function inputs({ words }, job) {
  if (job.inputs.length === 0) return [];
  const links = job.inputs.map(({ label, name, content, thumbnail }) =>
    h(
      "a",
      { href: content, target: "_blank", rel: "noopener", title: name },
      h("img", { src: thumbnail, alt: name, loading: "lazy" }),
      h("span", {}, label),
    ),
  );
  return [panel(words("job.inputs"), h("div", { class: "job-inputs" }, ...links))];
}

/** @param {Page} page @param {JobPageView} job */
export function settings({ words }, job) {
  return panel(words("job.settings"), facts(job.listed.map(({ label, value }) => [label, value])));
}
