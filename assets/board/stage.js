import { stateActions } from "#board/actions";
import { continueMenu } from "#board/continue";
import { downloadLink } from "#board/download";
import { menu } from "#board/menu";
import { player } from "#board/player";
import { trouble } from "#board/trouble";
import { variations } from "#board/variations";
import { waiting } from "#board/waiting";
import { ratioOf } from "#board/variants";
import { addressOf } from "#shell/comparison";
import { copy } from "#shell/clipboard";
import { busy, button, h, refocus, setText } from "#shell/dom";

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobView} JobView */
/** @typedef {import("./choice").Shown} Shown */
/** @typedef {import("./menu").Item} Item */

/**
 * What stands in the frame.
 *
 * @typedef {object} View
 * @property {HTMLElement} node
 * @property {(jobs: JobView[]) => void} update
 * @property {(now: number) => void} [tick]
 * @property {() => void} [toggle] plays or pauses
 * @property {() => void} [pause]
 * @property {() => boolean} [playing]
 * @property {() => number | null} [at] where the visitor has it stand, in seconds; null where he has not moved it, and
 *   at the end
 * @property {() => void} leave
 */

/**
 * @typedef {object} Acting
 * @property {(reason: string) => void} complain
 * @property {(job: JobView) => void} made
 */

/**
 * @typedef {object} StageOptions
 * @property {(id: string, whole: boolean) => void} [choose]
 * @property {(job: JobView) => void} [made] is given a job that was begun from here
 * @property {(job: JobView) => void} [compare] begins to compare with another
 * @property {(job: JobView) => boolean} [taken] whether a variant that is pressed was wanted for something else
 * @property {(job: JobView) => void} [seen] is told once a video was looked at
 * @property {(job: JobView) => void} [remove] deletes a job that has ended
 * @property {boolean} [details] whether there is a way to the job's own page
 */

/**
 * One job, large: its video, its progress or its trouble, and a row of what can be done with it.
 *
 * @param {Page} page
 * @param {StageOptions} options
 */
export function createStage(page, { choose, made, compare, taken, seen, remove, details = true }) {
  const { words, ask, dates, forms, jobs, notices } = page;
  const frame = h("div", { class: "screen" });
  const line = h("span", {});
  const prompt = button(line, () => open(prompt.getAttribute("aria-expanded") !== "true"), {
    class: "prompt",
    "aria-expanded": "false",
    title: words("more.prompt"),
  });
  const cost = h("span", { class: "cost" });
  const actions = h("div", { class: "actions" });
  const whole = h("div", { class: "prompt-whole", hidden: true });
  const about = h("p", { class: "about" });
  const complaint = h("p", { class: "complaint", role: "alert" });
  const element = h(
    "article",
    { class: "stage" },
    frame,
    h("div", { class: "stage-row" }, prompt, cost, actions),
    whole,
    about,
    complaint,
  );
  /** @type {View | null} */
  let view = null;
  /** @type {Shown | null} */
  let shown = null;
  let key = "";

  /** @param {string} reason */
  function complain(reason) {
    setText(complaint, reason && words("action.failed", { reason }));
  }
  /** @param {boolean} wanted */
  function open(wanted) {
    prompt.setAttribute("aria-expanded", String(wanted));
    prompt.title = words(wanted ? "less.prompt" : "more.prompt");
    whole.hidden = !wanted;
  }
  /** @type {Acting} */
  const acting = { complain, made: (job) => made?.(job) };
  /** Does something that may be refused. @param {HTMLButtonElement} pressed @param {() => Promise<unknown>} act */
  async function tried(pressed, act) {
    complain("");
    await busy(
      pressed,
      async () => {
        try {
          await act();
        } catch (error) {
          complain(/** @type {Error} */ (error).message);
        }
      },
      element,
    );
  }

  /** @param {JobView} job */
  async function use(job) {
    const { seed, ...others } = /** @type {Record<string, unknown>} */ (job.settings);
    try {
      await forms.use(job.settings);
    } catch (error) {
      complain(/** @type {Error} */ (error).message);
      return;
    }
    if (seed === undefined) return;
    const act = () => forms.use(/** @type {import("../types/page").Settings} */ (others));
    notices.say(words("used.seed", { seed: String(seed) }), { offer: words("used.random"), act });
  }
  /** @param {JobView} job @param {boolean} on @returns {Promise<boolean>} whether it is so now */
  async function favour(job, on) {
    try {
      await ask("history/change/favourite", { ids: [job.id], on });
      return true;
    } catch (error) {
      complain(/** @type {Error} */ (error).message);
      return false;
    }
  }
  /** @param {JobView} job */
  async function pick(job) {
    if (taken?.(job)) return;
    choose?.(job.id, false);
    if (!job.video || job.favourite || !(await favour(job, true))) return;
    notices.say(words("variants.picked"), { offer: words("history.undo"), act: () => favour(job, false) });
  }

  /** @param {JobView} job */
  function rest(job) {
    /** @type {Item[]} */
    const items = [];
    if (details) items.push({ label: words("job"), href: `#job=${job.id}` });
    if (job.video && forms.has(job.mode)) items.push({ label: words("again"), act: () => use(job) });
    if (job.prompt) items.push({ label: words("copy.prompt"), act: () => copy(page, job.prompt) });
    if (job.task_id) items.push({ label: words("copy.task"), act: () => copy(page, job.task_id ?? "") });
    if (job.video) {
      const label = words(job.favourite ? "favourite.off" : "favourite.on");
      items.push({ label, act: () => favour(job, !job.favourite) });
      items.push({ label: words("evidence"), href: job.video.evidence, apart: true });
    }
    if (remove && job.tone !== "under-way") items.push({ label: words("history.delete"), act: () => remove(job) });
    return items;
  }
  /** @param {JobView} job @param {number} others how many variants there are beside it */
  function buttonsOf(job, others) {
    const nodes = [];
    if (job.video) {
      nodes.push(
        downloadLink(job.video.download, words("download"), {
          class: "button strong",
          data: { key: "download" },
          complain: () => complain(words("unreachable")),
        }),
      );
      const again = button(
        words("variation", { price: job.price }),
        () => tried(again, async () => made?.(await jobs.act(job.id, "again?seed=new"))),
        { class: "button", title: words("variation.title", { price: job.price }), data: { key: "variation" } },
      );
      nodes.push(again);
      const current = () => shown?.job ?? job;
      nodes.push(continueMenu(page, { job: current, at, complain, made: (one) => made?.(one), variation: false }));
      if (compare) {
        nodes.push(button(words("compare"), () => compare(job), { class: "button", data: { key: "compare" } }));
      }
    } else if (forms.has(job.mode)) {
      nodes.push(button(words("again"), () => use(job), { class: "button", data: { key: "again" } }));
    }
    if (others && choose) {
      const all = words("variants.all", { count: others + 1 });
      nodes.push(button(all, () => choose(job.id, true), { class: "button", data: { key: "all" } }));
    }
    nodes.push(menu("⋯", () => rest(shown?.job ?? job), { class: "button round", "aria-label": words("more") }));
    return nodes;
  }
  /** @param {readonly JobView[]} all */
  function buttonsOfAll(all) {
    const finished = all.filter((job) => job.video);
    const ids = finished.map((job) => job.id);
    const [first] = all;
    const toggle = button("", () => view?.toggle?.(), { class: "button strong play-all", data: { key: "play" } });
    const nodes = [];
    if (finished.length) nodes.push(toggle);
    if (finished.length > 1) {
      nodes.push(
        h("a", { class: "button", href: `#${addressOf(ids, "create")}`, data: { key: "compare" } }, words("compare")),
      );
      const look = { class: "button", data: { key: "zip" }, complain: () => complain(words("unreachable")) };
      nodes.push(downloadLink(`studio/history/zip?ids=${ids.join()}`, words("history.zip"), look));
    }
    const ends = stateActions(page, acting);
    ends.update(all);
    nodes.push(ends.node);
    if (first && forms.has(first.mode)) {
      nodes.push(button(words("again"), () => use(first), { class: "button", data: { key: "again" } }));
    }
    return nodes;
  }
  function tellPlaying() {
    const toggle = actions.querySelector(".play-all");
    if (toggle) setText(toggle, words(view?.playing?.() ? "pause" : "play"));
  }

  /** @param {Shown} now */
  function viewOf({ job }) {
    if (!job) return variations(page, pick, tellPlaying);
    if (job.video) return player(job, job.video, seen);
    return job.tone === "under-way" ? waiting(page, job, acting) : trouble(page, acting);
  }
  /** @param {Shown} now */
  function kindOf({ tile, job }) {
    if (!job) return `variations ${tile.key}`;
    return `${job.video ? "player" : job.tone === "under-way" ? "waiting" : "trouble"} ${job.id}`;
  }
  const at = () => view?.at?.() ?? null;

  /** @param {Shown} now */
  function write(now) {
    const { tile, job } = now;
    const all = job ? [job] : tile.jobs;
    const first = /** @type {JobView} */ (all[0]);
    const kind = kindOf(now);
    const changes = key !== kind;
    element.dataset.id = job ? job.id : "";
    element.dataset.state = job ? job.state : "variants";
    element.dataset.tone = first.tone;
    element.dataset.view = kind.slice(0, kind.indexOf(" "));
    element.style.setProperty("--ratio", String(ratioOf(first)));
    element.setAttribute("aria-label", job ? job.label : words("variants.name", { count: all.length }));
    shown = now;
    if (changes) {
      complain("");
      open(false);
      view?.leave();
      key = kind;
      view = viewOf(now);
      frame.replaceChildren(view.node);
    }
    view?.update(all);
    setText(line, first.prompt || words("prompt.none"));
    setText(cost, costOf(all));
    cost.title = all.length === 1 ? first.cost : "";
    setText(about, job?.video ? job.note : "");
    fillWhole(first);
    fillActions(now);
    tellPlaying();
  }
  /** @param {JobView} job */
  function fillWhole(job) {
    if (whole.dataset.of === job.id) return;
    whole.dataset.of = job.id;
    whole.replaceChildren(
      h("p", { class: "text" }, job.prompt),
      h("p", { class: "when" }, dates.moment(job.created_at)),
    );
  }
  /** @param {Shown} now */
  function fillActions({ tile, job }) {
    const others = tile.jobs.length - 1;
    const drawn = (/** @type {JobView} */ one) => [one.id, Boolean(one.video), one.price];
    const wanted = JSON.stringify(job ? [drawn(job), others] : tile.jobs.map((one) => [drawn(one), one.actions]));
    if (actions.dataset.shown === wanted) return;
    actions.dataset.shown = wanted;
    const nodes = job ? buttonsOf(job, others) : buttonsOfAll(tile.jobs);
    refocus(actions, () => actions.replaceChildren(...nodes));
  }

  return {
    element,
    /** Shows a job, or the news of it. @param {Shown} now */
    show: (now) => refocus(element, () => write(now)),
    complain,
    /** @param {number} now */
    tick: (now) => view?.tick?.(now),
    toggle: () => view?.toggle?.(),
    pause: () => view?.pause?.(),
    playing: () => view?.playing?.() ?? false,
    leave() {
      view?.leave();
      view = null;
      key = "";
    },
  };
}

/** What videos cost, where it is the same for each. @param {readonly JobView[]} jobs */
function costOf(jobs) {
  const [cost, ...others] = new Set(jobs.map((job) => job.cost));
  const { cost_short: short = "" } = jobs[0] ?? {};
  if (!cost || others.length) return "";
  return jobs.length > 1 && short === cost ? `${jobs.length} × ${cost}` : short;
}
