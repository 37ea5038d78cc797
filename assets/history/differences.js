/** What several jobs have in common, and in what they differ. */

/** @typedef {import("../types/views").JobPageView} JobPageView */
/** @typedef {{ label: string, values: string[], differs: boolean }} Row */

const NONE = "–";

/**
 * @param {readonly Pick<JobPageView, "prompt" | "listed" | "inputs" | "video" | "cost">[]} jobs
 * @param {(key: string) => string} words
 * @returns {Row[]}
 */
export function differences(jobs, words) {
  const names = new Map(jobs.flatMap(({ listed }) => listed.map(({ name, label }) => [name, label])));
  const settings = [...names].map(([name, label]) =>
    row(label, jobs, ({ listed }) => listed.find((one) => one.name === name)?.value),
  );
  return [
    row(words("prompt"), jobs, ({ prompt }) => prompt),
    ...settings,
    row(words("job.inputs"), jobs, ({ inputs }) => inputs.map(({ name }) => name).join(", ")),
    row(words("job.size"), jobs, ({ video }) => video?.facts.slice(0, 3).join(" · ")),
    row(words("cost"), jobs, ({ cost }) => cost),
  ].filter(({ values }) => values.some((value) => value !== NONE));
}

/**
 * @template Job
 * @param {string} label
 * @param {readonly Job[]} jobs
 * @param {(job: Job) => string | undefined} valueOf
 * @returns {Row}
 */
function row(label, jobs, valueOf) {
  const values = jobs.map((job) => valueOf(job) || NONE);
  return { label, values, differs: new Set(values).size > 1 };
}
