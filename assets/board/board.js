/** The board: what was made, or examples until something is. */

import { createFirstScreen } from "#board/first-screen";
import { h, whenIdle } from "#shell/dom";
import { guarded } from "#shell/guard";
import { inTime } from "#shell/missing";
import { bringStyles } from "#shell/styles";

/** @typedef {import("../types/page").Page} Page */

const TOGETHER_MS = 250;
const EXCERPT = 60;
const MOST_SPOKEN = 4;

/**
 * @param {Page} page
 * @param {HTMLElement} element
 * @param {object} props
 * @param {{ days: number | null, hours: number }} props.keep
 * @param {number} props.undo_seconds
 * @param {string[]} props.later the modules that come with the first job
 */
export function board(page, element, props) {
  const { words, jobs } = page;
  const { days, hours } = props.keep;
  const kept = days ? words.count("keep.days", days, { hours }) : words("keep.all", { hours });
  const first = createFirstScreen(page, kept);
  const made = h("div", { class: "videos" });
  const root = h("section", { class: "board", "aria-label": words("board") }, first.element, made);
  element.append(root);
  const speak = createSpeech(page);
  let filled = false;
  let newest = "";
  /** @type {ReturnType<typeof import("#board/videos").createVideos> | null} */
  let videos = null;
  let comes = false;
  /** @type {import("../types/page").Connection} */
  let connection = "live";

  /** @param {string} name */
  const addressOf = (name) => import.meta.resolve(`#${name}`);
  /**
   * Into the browser's cache, no more: what is lost now is asked for again where it is needed. Not by a link that
   * prefetches: of those Safari knows nothing, and Firefox holds them to the policy's `default-src`, which is 'none'.
   */
  function fetchAhead() {
    if (comes) return;
    for (const name of props.later) {
      const ahead = fetch(addressOf(name), { priority: "low" });
      ahead.then((answer) => answer.text()).catch(() => {});
    }
  }
  /** All at once, so that none waits until another names it. */
  function fetchModules() {
    for (const name of props.later) document.head.append(h("link", { rel: "modulepreload", href: addressOf(name) }));
  }
  /** Stage and strip come with the first job. */
  function bringVideos() {
    if (comes) return;
    comes = true;
    made.append(h("p", { class: "nothing", role: "status" }, words("board.coming")));
    fetchModules();
    guarded(page, made, async () => {
      const [{ createVideos }] = await inTime(Promise.all([import("#board/videos"), bringStyles("videos")]));
      videos = createVideos(page, root, { kept, undo_seconds: props.undo_seconds, connection });
      made.replaceChildren(...videos.nodes);
      draw();
    });
  }
  function draw() {
    const isEmpty = !jobs.list().length;
    if (!isEmpty) bringVideos();
    videos?.draw();
    if (isEmpty && filled) first.show();
    else first.hide();
  }
  /** Jobs that have begun since the page was opened. */
  function meet() {
    const [latest] = jobs.list();
    const begun = filled ? jobs.list().filter((job) => job.id > newest) : [];
    if (latest && latest.id > newest) newest = latest.id;
    for (const job of begun) speak(words("said.begun", { prompt: job.prompt.slice(0, EXCERPT) }));
    if (begun.length) videos?.meet();
  }

  jobs.changed.on(({ cause }) => {
    meet();
    if (cause === "snapshot") filled = true;
    draw();
  });
  jobs.ended.on((job) => {
    speak(`${job.label}: ${job.prompt.slice(0, EXCERPT)}`);
    if (document.hidden) page.notifications.notify(job);
  });
  jobs.connection.on((how) => (connection = how));
  /* Who writes will have a video. */
  document.addEventListener("input", () => whenIdle(fetchAhead), { once: true });
  jobs.start();
}

/** What happens at once is spoken at once. @param {Page} page @returns {(sentence: string) => void} */
function createSpeech({ notices }) {
  /** @type {string[]} */
  let sentences = [];
  return (sentence) => {
    sentences.push(sentence);
    if (sentences.length > 1) return;
    setTimeout(() => {
      notices.speak(sentences.slice(0, MOST_SPOKEN).join(". "));
      sentences = [];
    }, TOGETHER_MS);
  };
}
