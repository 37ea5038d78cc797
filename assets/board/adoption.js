/* What a card asks before it spends or gives up money: which task is the job's, and whether a risk is taken. */

/* Tasks to choose from, and a field for the id of one found elsewhere. ``adopt`` gets the id; ``show`` takes news. */
window.studio.adoption = (adopt) => {
  const { locale, words, make, button } = window.studio;
  const form = make("form", "adoption");
  const choices = make("div", "choices");
  choices.setAttribute("role", "group");
  choices.setAttribute("aria-label", words("adopt.choose"));
  const field = make("input");
  field.placeholder = words("adopt");
  field.setAttribute("aria-label", words("adopt"));
  field.required = true;
  field.maxLength = 128;
  field.spellcheck = false;
  form.append(choices, field, make("button", "button", words("adopt.use")));
  form.addEventListener("submit", (event) => { event.preventDefault(); adopt(field.value.trim()); });
  let shown = "[]";
  form.show = (job) => {
    form.hidden = !job.actions.includes("adopt");
    const key = JSON.stringify(job.choices);
    if (key === shown) return;
    shown = key;
    choices.replaceChildren(...job.choices.map((choice) => {
      const node = button("", "choice", () => adopt(choice.task_id));
      const made = choice.created_at ? new Date(choice.created_at * 1000).toLocaleTimeString(locale) : "";
      node.append(make("b", "", made), make("span", "", choice.label), make("code", "", choice.task_id));
      return node;
    }));
    if (job.choices.length) choices.prepend(make("p", "", words("adopt.choose")));
  };
  return form;
};

/* A risk by its action, and a second click beside its words; ``leave`` puts back what stood there. */
window.studio.risks = { "send-anyway": "risk.send-anyway", stop: "risk.stop" };
window.studio.risk = (action, take, leave) => {
  const { words, make, button } = window.studio;
  const panel = make("div", "risk");
  panel.setAttribute("role", "group");
  const yes = button(words("action." + action), "button strong", () => take(yes));
  panel.append(make("p", "", words(window.studio.risks[action])), yes, button(words("risk.leave"), "button", leave));
  return panel;
};
