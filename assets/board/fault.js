import { h } from "#shell/dom";

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobView} JobView */

const UNFINISHED = new Set(["queued", "saving"]);

/**
 * What is wrong with a job: what happened and to what, what was charged, what to do, and the provider's own message.
 *
 * @param {Page} page
 */
export function faultBlock({ words }) {
  const node = h("div", { class: "fault", hidden: true });
  let shown = "";
  return {
    node,
    /** @param {JobView} job */
    update(job) {
      const { fault } = job;
      const key = JSON.stringify([fault, UNFINISHED.has(job.state)]);
      if (key === shown) return;
      shown = key;
      node.hidden = !fault;
      node.replaceChildren();
      if (!fault) return;
      const charged = UNFINISHED.has(job.state) ? "" : fault.charged;
      const about = [fault.since, fault.concerns, charged, fault.remedy].filter(Boolean);
      const codes = /** @type {const} */ ([
        ["code", fault.code],
        ["http", fault.status],
        ["request", fault.request_id],
      ]);
      const told = codes.filter(([, value]) => value).map(([name, value]) => h("span", {}, `${words(name)} ${value}`));
      node.append(
        h("p", { class: "what" }, fault.what),
        h("p", {}, about.join(words("language.joint"))),
        h(
          "details",
          {},
          h("summary", {}, words("details")),
          h("p", { class: "said" }, fault.message),
          told.length > 0 && h("p", { class: "codes" }, ...told),
        ),
      );
    },
  };
}
