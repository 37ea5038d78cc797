import { h, setText } from "#shell/dom";
import { stateActions } from "#board/actions";
import { adoption } from "#board/adoption";
import { faultBlock } from "#board/fault";

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobView} JobView */

/**
 * A job that became no video: what happened, what was charged, what to do.
 *
 * @param {Page} page
 * @param {import("./stage").Acting} acting
 * @returns {import("./stage").View}
 */
export function trouble(page, acting) {
  const { dates } = page;
  const label = h("b", { class: "pill" });
  const when = h("time", { class: "when" });
  const note = h("p", { class: "note" });
  const fault = faultBlock(page);
  const actions = stateActions(page, acting);
  const tasks = adoption(page, (taskId, pressed) => actions.act("adopt", pressed, { task_id: taskId }));
  const node = h(
    "div",
    { class: "trouble" },
    h(
      "div",
      { class: "trouble-body" },
      h("p", { class: "status" }, label, when),
      fault.node,
      note,
      tasks.node,
      actions.node,
    ),
  );
  return {
    node,
    update([job]) {
      if (!job) return;
      setText(label, job.label);
      setText(when, dates.moment(job.created_at));
      setText(note, job.note);
      fault.update(job);
      tasks.update(job);
      actions.update([job]);
    },
    leave() {},
  };
}
