import { stateActions } from "#board/actions";
import { faultBlock } from "#board/fault";
import { STEPS, progressOf, rangeOf } from "#board/progress";
import { createRing, fillRing } from "#board/ring";
import { h, setText } from "#shell/dom";

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobView} JobView */

/**
 * A job under way: a ring and a clock that count from the press to the saved video, and the step that it is at.
 *
 * @param {Page} page
 * @param {JobView} first
 * @param {import("./stage").Acting} acting
 * @returns {import("./stage").View}
 */
export function waiting(page, first, acting) {
  const { words, dates, jobs } = page;
  let job = first;
  const clock = h("span", { class: "clock" });
  const ring = createRing(clock);
  const steps = STEPS.map((step) => h("li", {}, words(`progress.${step}`)));
  const usual = h("p", { class: "usual" });
  const note = h("p", { class: "note" });
  const fault = faultBlock(page);
  const actions = stateActions(page, acting);
  const behind = job.thumbnail ? h("img", { class: "behind", src: job.thumbnail, alt: "" }) : null;
  behind?.addEventListener("error", () => behind.remove());
  const node = h(
    "div",
    { class: "waiting" },
    behind,
    h(
      "div",
      { class: "waiting-body" },
      ring,
      h("ol", { class: "steps", "aria-label": words("progress") }, ...steps),
      usual,
      note,
      fault.node,
      actions.node,
    ),
  );

  /** @param {number} now */
  function tick(now) {
    const progress = progressOf(job, now);
    setText(clock, dates.clock(progress.seconds));
    node.classList.toggle("late", progress.late);
    fillRing(ring, progress);
    const time = job.usual ? rangeOf(job.usual, dates.clock) : "";
    setText(usual, time && words(progress.late ? "progress.late" : "usual", { time }));
  }
  return {
    node,
    update([news]) {
      if (!news) return;
      job = news;
      const { step } = progressOf(job, jobs.now());
      steps.forEach((entry, at) => {
        if (at === step) entry.setAttribute("aria-current", "step");
        else entry.removeAttribute("aria-current");
      });
      setText(note, job.note);
      fault.update(job);
      actions.update([job]);
      tick(jobs.now());
    },
    tick,
    leave() {},
  };
}
