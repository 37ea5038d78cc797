/** The page of one job: it, large, what it was made of, and all that happened; kept up with the news. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobView} JobView */
/** @typedef {import("../types/views").JobPageView} JobPageView */
/** @typedef {import("./listing").Listing} Listing */
/** @typedef {import("./changes").Changes} Changes */

import { createStage } from "#board/stage";
import { button, h, icon, refocus, setText } from "#shell/dom";
import { createLineage } from "#history/lineage";
import { inputs, settings, side } from "#history/panels";
import { createTags } from "#history/tags";

const LEFT = "M15 6l-6 6 6 6";
const RIGHT = "M9 6l6 6-6 6";

/**
 * @param {Page} page
 * @param {object} parts
 * @param {Listing} parts.listing
 * @param {Changes} parts.changes
 * @param {() => void} parts.back
 * @param {(ids: string[]) => Promise<void>} parts.remove
 */
export function createDetails(page, { listing, changes, back, remove }) {
  const { words, ask, jobs, router } = page;
  let wanted = "";
  let heard = "";
  let turn = 0;
  let ticking = 0;
  /** @type {JobPageView | null} */
  let job = null;

  const place = h("span", { class: "count" });
  const before = button(icon(LEFT), () => step(-1), {
    class: "button round",
    label: words("job.previous"),
    "aria-keyshortcuts": "ArrowLeft",
  });
  const after = button(icon(RIGHT), () => step(1), {
    class: "button round",
    label: words("job.next"),
    "aria-keyshortcuts": "ArrowRight",
  });
  const wayBack = button(`← ${words("history")}`, back, { class: "button" });
  const stage = createStage(page, { details: false, made: ({ id }) => router.go(`job=${id}`) });
  const prompt = h("p", { class: "job-prompt" });
  const tags = createTags(page, { changes, renew: () => renew(wanted), remove: leave });
  const made = h("div", { class: "job-made" });
  const lineage = createLineage(page);
  const facts = h("div", { class: "job-side" });
  const main = h("div", { class: "job-main" }, stage.element, prompt, tags.node, lineage.node, made);
  const columns = h("div", { class: "job-columns", hidden: true }, main, facts);
  const missing = h("p", { class: "nothing", hidden: true });
  const title = h("h2", { tabIndex: -1 }, words("job"));
  const node = h(
    "div",
    { class: "job", hidden: true },
    h("div", { class: "job-head" }, wayBack, title, h("div", { class: "steps" }, before, place, after)),
    missing,
    columns,
  );

  async function leave() {
    const id = wanted;
    await remove([id]);
    if (!listing.shows(id) && wanted === id) back();
  }
  /** @param {-1 | 1} way */
  async function step(way) {
    const id = wanted;
    const found = await listing.beside(id, way).catch(() => null);
    if (found && wanted === id) router.go(`job=${found}`);
  }
  /** Which ways there are is known at once within the list; beyond it, once it was asked. @param {string} id */
  async function showWays(id) {
    const at = listing.place(id);
    setText(place, at > 0 ? String(at) : "");
    const ways = await Promise.all([listing.beside(id, -1), listing.beside(id, 1)]).catch(() => [null, null]);
    if (id !== wanted) return;
    refocus(/** @type {HTMLElement} */ (before.parentElement), () => {
      before.disabled = ways[0] === null;
      after.disabled = ways[1] === null;
    });
    const total = listing.count();
    const all = total ? total.found : jobs.count();
    const text =
      at > 0 && all >= at ? words("job.place", { place: at, total: total && !total.exact ? `${all}+` : all }) : "";
    setText(place, text);
  }

  /** @param {string} id */
  async function renew(id) {
    const mine = ++turn;
    try {
      const answer = await ask(`history/${encodeURIComponent(id)}`);
      if (mine === turn && id === wanted) draw(answer);
    } catch (error) {
      if (mine === turn && id === wanted) miss(/** @type {Error} */ (error).message);
    }
  }
  /** @param {string} reason */
  function miss(reason) {
    job = null;
    stage.leave();
    refocus(node, () => {
      columns.hidden = true;
      missing.hidden = false;
      setText(missing, reason);
    });
  }

  /** @param {JobPageView} news */
  function draw(news) {
    const other = job?.id !== news.id;
    job = news;
    Object.assign(node.dataset, { state: news.state, tone: news.tone });
    columns.style.setProperty("--ratio", String(news.ratio));
    missing.hidden = true;
    columns.hidden = false;
    stage.show({ tile: { key: news.id, jobs: [news] }, job: news });
    setText(prompt, news.prompt);
    prompt.hidden = !news.prompt;
    tags.update(news);
    const drawn = side(page, news);
    refocus(facts, () => facts.replaceChildren(...drawn.nodes));
    clearInterval(ticking);
    if (drawn.tick) ticking = window.setInterval(drawn.tick, 1000);
    if (!other) return;
    made.replaceChildren(...inputs(page, news), settings(page, news));
    lineage.show(news);
  }

  setInterval(() => {
    if (!node.hidden && !document.hidden) stage.tick(jobs.now());
  }, 1000);
  document.addEventListener("keydown", (event) => {
    if (node.hidden || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey)
      return;
    const target = /** @type {HTMLElement} */ (event.target);
    /* A video's own keys, those of a field and of what lies over the page are not ours. */
    if (
      target.closest("input, select, textarea, video, [role=menu]") ||
      document.querySelector("dialog[open], :popover-open")
    )
      return;
    if (event.key === "Escape") back();
    else if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "ArrowRight") step(1);
    else return;
    event.preventDefault();
  });

  return {
    node,
    /** The job that was shown last. */
    shown: () => job?.id ?? "",
    /** @param {string} id empty: none */
    async show(id) {
      if (id === wanted) return;
      const from = wanted;
      wanted = id;
      heard = "";
      clearInterval(ticking);
      if (!id) {
        stage.leave();
        lineage.show(null);
        return;
      }
      showWays(id);
      if (!node.contains(document.activeElement)) title.focus({ preventScroll: true });
      await renew(id);
      if (id === wanted && !from) window.scrollTo(0, 0);
    },
    /** @param {JobView} news */
    hear(news) {
      const told = JSON.stringify(news);
      if (news.id !== wanted || told === heard) return;
      heard = told;
      renew(news.id);
    },
    /** @param {readonly string[]} ids @param {readonly string[]} gone */
    amended(ids, gone) {
      if (!wanted) return;
      if (gone.includes(wanted)) miss(words("job.gone"));
      else if (ids.includes(wanted)) renew(wanted);
    },
  };
}
