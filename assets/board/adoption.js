import { button, h } from "#shell/dom";

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobView} JobView */

const LONGEST_ID = 128;

/**
 * What asks which task is that of an interrupted job: those that may be it, and a field for the id of one found
 * elsewhere.
 *
 * @param {Page} page
 * @param {(taskId: string, node: HTMLButtonElement) => void} adopt
 */
export function adoption({ words, dates }, adopt) {
  const choices = h("div", { class: "choices", role: "group", "aria-label": words("adopt.choose") });
  const field = h("input", {
    class: "text-field",
    type: "text",
    placeholder: words("adopt"),
    "aria-label": words("adopt"),
    required: true,
    maxLength: LONGEST_ID,
    spellcheck: false,
    autocomplete: "off",
  });
  const send = h("button", { class: "button", type: "submit" }, words("adopt.use"));
  const node = h("form", { class: "adoption" }, choices, h("div", { class: "adoption-entry" }, field, send));
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    adopt(field.value.trim(), send);
  });
  let shown = "[]";
  return {
    node,
    /** @param {JobView} job */
    update(job) {
      node.hidden = !job.actions.includes("adopt");
      const key = JSON.stringify(job.choices);
      if (key === shown) return;
      shown = key;
      const made = job.choices.map((choice) => {
        const entry = button("", () => adopt(choice.task_id, entry), { class: "choice" });
        entry.append(
          h("b", {}, choice.created_at ? dates.time(choice.created_at) : ""),
          h("span", {}, choice.label),
          h("code", {}, choice.task_id),
        );
        return entry;
      });
      choices.replaceChildren(...(made.length ? [h("p", {}, words("adopt.choose")), ...made] : []));
    },
  };
}
