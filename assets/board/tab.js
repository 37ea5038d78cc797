/** What the browser's tab says: how many videos are being made, and what became of them while nobody looked. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobView} JobView */

/**
 * @param {number} running
 * @param {readonly Pick<JobView, "label" | "tone">[]} ended while nobody looked, the last one last
 * @param {import("../types/page").Words} words
 * @returns {string}
 */
export function titleOf(running, ended, words) {
  const title = words("title");
  if (running) return words("title.making", { count: running, title });
  const last = ended.at(-1);
  if (!last) return title;
  const state = ended.length > 1 ? `(${ended.length}) ${last.label}` : last.label;
  return words("title.ended", { state, title });
}

/**
 * @param {Page} page
 * @param {Document} [document]
 */
export function createTab({ words, jobs }, document = window.document) {
  /** @type {JobView[]} */
  let ended = [];
  let icon = "";
  let told = false;
  const original = () => /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel~="icon"]'));
  const own = original()?.href ?? "favicon.ico";

  function draw() {
    const running = jobs.list().filter((job) => job.tone === "under-way").length;
    const title = titleOf(running, ended, words);
    if (document.title !== title && (running || ended.length || told)) document.title = title;
    told = Boolean(running || ended.length);
    const bad = ended.some((job) => job.tone !== "done");
    const badge = running ? String(Math.min(running, 99)) : ended.length ? (bad ? "!" : "✓") : "";
    const key = badge && `${badge}${document.body.classList.contains("dark")}`;
    if (key === icon) return;
    icon = key;
    for (const link of document.querySelectorAll('link[rel~="icon"]')) {
      /** @type {HTMLLinkElement} */ (link).href = badge ? picture(badge, bad) : own;
    }
  }

  jobs.changed.on(draw);
  jobs.ended.on((job) => {
    if (document.hidden) ended.push(job);
    draw();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    ended = [];
    draw();
  });
  draw();
}

/**
 * The studio's mark with a badge, as an address.
 *
 * @param {string} badge
 * @param {boolean} bad
 */
function picture(badge, bad) {
  const style = getComputedStyle(document.body);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const fill = colour(badge === "✓" ? "--hh-good" : bad ? "--hh-bad" : "--hh-text");
  const size = badge.length > 1 ? 13 : 17;
  const svg = [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">',
    `<rect width="32" height="32" rx="8" fill="${colour("--hh-accent")}"/>`,
    `<circle cx="20" cy="20" r="12" fill="${fill}" stroke="${colour("--hh-panel")}" stroke-width="2"/>`,
    `<text x="20" y="26" font-family="sans-serif" font-size="${size}" font-weight="700" text-anchor="middle" `,
    `fill="${colour("--hh-panel")}">${badge}</text></svg>`,
  ];
  return `data:image/svg+xml,${encodeURIComponent(svg.join(""))}`;
}
