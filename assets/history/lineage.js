/** What a video was made from, and what was made from it, as a strip: an arrow says in words how. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobPageView} JobPageView */
/** @typedef {import("../types/views").LineageView} LineageView */
/** @typedef {import("../types/views").LinkView} LinkView */

import { downloadLink } from "#board/download";
import { h, refocus } from "#shell/dom";

const NAMED = 80;
/**
 * As much of a job as the strip shows.
 *
 * @typedef {Pick<JobPageView, "id" | "prompt" | "label" | "mode" | "video"> & { links: LinkView[] }} Relative
 */

/** @param {Page} page */
export function createLineage({ words, ask, jobs, notices }) {
  const title = h("h3", {}, words("job.family"));
  const strip = h("ol", { class: "lineage-strip" });
  const tools = h("div", { class: "lineage-tools" });
  const node = h(
    "section",
    { class: "panel lineage", "aria-label": words("job.family"), hidden: true },
    h("div", { class: "lineage-head" }, title, tools),
    strip,
  );
  /** @type {JobPageView | null} */
  let job = null;

  /** @param {Relative} one @param {number} number @param {string} kin a source, this one, or made from this one */
  function tile(one, number, kin) {
    const name = one.prompt.slice(0, NAMED) || words(`tab.${one.mode}`);
    const { video } = one;
    const picture = video?.poster
      ? h("img", { src: video.poster, alt: name, loading: "lazy", style: { "--ratio": video.width / video.height } })
      : h("span", { class: "blank" }, one.label, h("span", { class: "visually-hidden" }, `: ${name}`));
    const content = [picture, h("span", { class: "kin" }, `${number} · ${kin}`)];
    if (one.id === job?.id) return h("div", { class: "relative", "aria-current": "true", title: name }, ...content);
    return h("a", { class: "relative", href: `#job=${one.id}`, title: name, data: { key: one.id } }, ...content);
  }
  /**
   * How one was made; from which, where that is not the one before it.
   *
   * @param {Relative} one
   * @param {readonly string[]} ids in the order of the strip
   * @param {number} at
   */
  function arrow(one, ids, at) {
    const ways = one.links.map(({ field, source }) => {
      const from = ids.indexOf(source);
      const way = words(`lineage.${field}`);
      return from === at - 1 || from < 0 ? way : words("lineage.from", { way, number: from + 1 });
    });
    return h(
      "span",
      { class: "arrow" },
      ...[...new Set(ways)].map((way) => h("span", {}, way)),
      h("span", { "aria-hidden": "true" }, "→"),
    );
  }

  async function load() {
    const mine = job;
    if (!mine) return;
    /** @type {LineageView} */
    let family;
    try {
      family = await ask(`jobs/${mine.id}/lineage`);
    } catch {
      return; /* it shows when the page is opened again */
    }
    if (mine !== job) return;
    refocus(node, () => draw(mine, family));
  }
  /** @param {JobPageView} mine @param {LineageView} family */
  function draw(mine, { ancestors, descendants, links }) {
    const all = [
      ...ancestors.map((one) => ({ one, kin: words("job.before") })),
      { one: { ...mine, links }, kin: words("job.this") },
      ...descendants.map((one) => ({ one, kin: words("job.after") })),
    ];
    const ids = all.map(({ one }) => one.id);
    strip.replaceChildren(
      ...all.map(({ one, kin }, at) => {
        const isMade = at > 0 && one.links.length > 0;
        return h("li", {}, isMade && arrow(one, ids, at), tile(one, at + 1, kin));
      }),
    );
    const complain = () => notices.say(words("unreachable"), { alert: true });
    const archive = { class: "quiet", complain, data: { key: "zip" } };
    tools.replaceChildren(downloadLink(`studio/jobs/${mine.id}/lineage.zip`, words("job.family.zip"), archive));
    node.hidden = all.length < 2;
    const current = /** @type {HTMLElement | null} */ (strip.querySelector("[aria-current]"));
    if (current) strip.scrollLeft = current.offsetLeft - strip.offsetLeft - strip.clientWidth / 2;
  }
  for (const news of [jobs.begun, jobs.ended]) news.on(() => load());

  return {
    node,
    /** @param {JobPageView | null} news null: none */
    show(news) {
      if (news?.id !== job?.id) node.hidden = true;
      job = news;
      load();
    },
  };
}
