import { STEPS, progressOf } from "#board/progress";
import { createRing, fillRing } from "#board/ring";
import { ratioOf } from "#board/variants";
import { button, h, keyed, setText } from "#shell/dom";
import { inSync } from "#shell/playback";

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobView} JobView */

/**
 * All variants of a tile, two by two, silent and in step. One is picked by pressing it.
 *
 * @param {Page} page
 * @param {(job: JobView) => void} pick
 * @param {() => void} played is told that they play, or no longer
 * @returns {import("./stage").View}
 */
export function variations(page, pick, played) {
  const { words, dates, jobs } = page;
  const node = h("div", { class: "variations" });
  /** @type {ReturnType<typeof inSync> | null} */
  let film = null;
  /** @type {JobView[]} */
  let shown = [];
  let videos = "";

  /** @param {JobView} job */
  function made(job) {
    return button("", () => pick(shown.find((one) => one.id === job.id) ?? job), { class: "variation" });
  }
  /** @param {HTMLButtonElement} cell @param {JobView} job */
  function fill(cell, job) {
    const place = shown.length - shown.findIndex((one) => one.id === job.id);
    const key = job.video ? "video" : "waits";
    cell.dataset.state = job.state;
    cell.style.setProperty("--ratio", String(ratioOf(job)));
    cell.setAttribute("aria-label", words(job.video ? "variants.pick" : "variants.look", { place, state: job.label }));
    cell.title = job.video ? words("variants.pick.title") : "";
    cell.classList.toggle("picked", job.favourite);
    if (cell.dataset.shown === key) return;
    cell.dataset.shown = key;
    if (job.video) {
      const one = h("video", { muted: true, playsInline: true, preload: "auto", tabIndex: -1, src: job.video.url });
      one.setAttribute("aria-hidden", "true");
      if (job.video.poster) one.poster = job.video.poster;
      cell.replaceChildren(one);
    } else {
      const behind = job.thumbnail ? h("img", { class: "behind", src: job.thumbnail, alt: "" }) : "";
      cell.replaceChildren(behind, createRing(h("span", { class: "clock" })), h("span", { class: "step" }));
    }
  }
  /** @param {number} now */
  function tick(now) {
    for (const job of shown) {
      const cell = /** @type {HTMLElement | null} */ (node.querySelector(`[data-key="${CSS.escape(job.id)}"]`));
      const ring = /** @type {HTMLElement | null} */ (cell?.querySelector(".ring"));
      const [clock, step] = [cell?.querySelector(".clock"), cell?.querySelector(".step")];
      if (!ring || !clock || !step) continue;
      const progress = progressOf(job, now);
      fillRing(ring, progress);
      setText(clock, dates.clock(progress.seconds));
      setText(step, words(`progress.${STEPS[progress.step] ?? "queued"}`));
    }
  }
  return {
    node,
    update(news) {
      shown = news;
      keyed(node, news, { key: (job) => job.id, make: made, update: fill });
      const isTall = news[0] !== undefined && ratioOf(news[0]) < 1;
      node.style.setProperty("--columns", String(isTall ? news.length : Math.min(2, news.length)));
      const key = news
        .filter((job) => job.video)
        .map((job) => job.id)
        .join();
      if (key !== videos) {
        /* One that has just become a video joins the others. */
        const wanted = film ? film.isPlaying() : !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
        film?.pause();
        videos = key;
        film = inSync([...node.querySelectorAll("video")]);
        if (wanted) film.play();
        played();
      }
      tick(jobs.now());
    },
    tick,
    toggle() {
      if (film?.isPlaying()) film.pause();
      else film?.play();
      played();
    },
    pause() {
      film?.pause();
      played();
    },
    playing: () => film?.isPlaying() ?? false,
    leave: () => film?.leave(),
  };
}
