/** @typedef {import("../types/page").Jobs} Jobs */
/** @typedef {import("../types/views").JobView} JobView */

import { followNews } from "#shell/news";
import { signal } from "#shell/signal";

const UNDER_WAY = "under-way";
const LOOK_MS = 10_000;
const PAID = new Set(["again", "send-again", "send-anyway"]);

/**
 * The visitor's newest jobs, kept up by the studio's stream. Ids sort by time: the newest comes first.
 *
 * @param {import("../types/page").Ask} ask
 * @returns {Jobs}
 */
export function createJobs(ask) {
  /** @type {Map<string, JobView>} */
  const known = new Map();
  /** The same, newest first. @type {readonly JobView[]} */
  let list = [];
  const changed = /** @type {Jobs["changed"]} */ (signal());
  const begun = /** @type {Jobs["begun"]} */ (signal());
  const ended = /** @type {Jobs["ended"]} */ (signal());
  const amended = /** @type {Jobs["amended"]} */ (signal());
  const connection = /** @type {Jobs["connection"]} */ (signal());
  let clockOffset = 0;
  let count = 0;
  let changes = 0;
  let lastLook = "";
  let looking = 0;

  const more = () => known.size < count;
  /** What is older than the last one comes when it is asked for. @param {JobView} job */
  function belongs(job) {
    return known.has(job.id) || !more() || known.size === 0 || job.id > (list.at(-1)?.id ?? "");
  }

  /**
   * @param {JobView[]} jobs
   * @param {import("../types/page").JobsChange["cause"]} cause
   * @param {string[]} [gone]
   */
  function put(jobs, cause, gone = []) {
    changes += 1;
    const before = new Map(jobs.map((job) => [job.id, known.get(job.id)]));
    for (const id of gone) known.delete(id);
    for (const job of jobs) known.set(job.id, job);
    list = [...known.values()].sort((one, other) => (one.id < other.id ? 1 : -1));
    changed.emit({ changed: jobs, gone, cause });
    for (const job of jobs) {
      const was = before.get(job.id);
      if (job.tone === UNDER_WAY && !was && cause === "news") begun.emit(job);
      if (job.tone !== UNDER_WAY && was?.tone === UNDER_WAY) ended.emit(job);
    }
  }

  /**
   * Jobs that were deleted while nobody listened, by the newest page.
   *
   * @param {{ jobs: JobView[], count: number }} all
   */
  function missing({ jobs, count: everything }) {
    const last = jobs.length < everything ? (jobs.at(-1)?.id ?? "") : "";
    return [...known.keys()].filter((id) => id >= last && !jobs.some((job) => job.id === id));
  }

  /** What the studio tells, in whichever way. @param {any} news */
  function hear(news) {
    clockOffset = news.now - Date.now() / 1000;
    const gone = news.gone ?? (news.all ? missing(news) : []);
    const jobs = news.jobs.filter(belongs);
    count = news.count ?? count + jobs.filter((/** @type {JobView} */ job) => !known.has(job.id)).length;
    put(jobs, news.all ? "snapshot" : "news", gone);
    if (news.amended) amended.emit({ entries: news.amended, gone });
  }

  /** While no stream comes through, the same is asked for. */
  async function look() {
    const before = changes;
    const { now, ...newest } = await ask("jobs?newest");
    if (changes !== before) return; /* something newer was told meanwhile; the next look sees both */
    const seen = JSON.stringify([newest, changes]);
    if (seen === lastLook) return;
    hear({ ...newest, now });
    lastLook = JSON.stringify([newest, changes]);
  }

  /** While nobody looks, the page asks now and then, as long as one of its jobs is under way. */
  async function lookWhileHidden() {
    const running = list.filter((job) => job.tone === UNDER_WAY);
    const oldest = running.at(-1)?.id;
    if (!oldest) return;
    let last = "";
    do {
      const { jobs } = await ask(`jobs${last && `?before=${last}`}`);
      if (!document.hidden) return; /* someone looks again, and is told by the stream */
      put(jobs, "news");
      last = jobs.length ? jobs.at(-1).id : oldest;
    } while (last > oldest);
  }
  document.addEventListener("visibilitychange", () => {
    clearInterval(looking);
    if (!document.hidden) return;
    looking = window.setInterval(() => {
      lookWhileHidden().catch(() => {}); /* the next look may find it */
    }, LOOK_MS);
  });

  /** @type {{ catchUp: () => void } | null} */
  let news = null;
  return {
    list: () => list,
    more,
    changed,
    begun,
    ended,
    amended,
    connection,
    get: (id) => known.get(id),
    count: () => count,
    now: () => Date.now() / 1000 + clockOffset,
    start() {
      news ??= followNews({ hear, look, say: connection.emit });
    },
    async loadOlder() {
      const { jobs } = await ask(`jobs?before=${list.at(-1)?.id ?? ""}`);
      if (jobs.length === 0) count = known.size;
      put(jobs, "older");
    },
    async act(id, action, body = {}) {
      const path = `jobs/${id}/${action}`;
      const before = known.get(id);
      const answer = await ask(path, body, PAID.has(action.split("?")[0] ?? "") ? { press: path } : {});
      const now = known.get(answer.id);
      if (!now && answer.id !== id) count += 1;
      /* What is older than the strip goes is nothing of it; else the news may have been faster, and tell more. */
      if (belongs(answer) && (!now || now === before)) put([answer], "news");
      news?.catchUp();
      return answer;
    },
    take(jobs) {
      const others = jobs.filter((job) => !known.has(job.id));
      count += others.length;
      put(others, "news");
      news?.catchUp();
    },
  };
}
