const box = element.querySelector(".summary");
const waits = element.querySelector(".waits");
/* What came of the last press of the button outlives news of the price that was asked for before it. */
let outcome = null;
let touched = false;
const panel = element.closest("[role=tabpanel]");
for (const touch of ["input", "pointerdown", "keydown", "drop", "paste"]) {
  panel.addEventListener(touch, (event) => {
    if (event.repeat) return; /* the keys that sent the form may still be held */
    outcome = null;
    touched = true;
  }, true);
}
/* What the form waits for is told as long as it does, and nothing is sent meanwhile. */
const held = () => (props.mode ? window.studio.held(props.mode) : []);
function tellHolds() {
  const [first] = held();
  const submit = panel.querySelector("button.f-submit, .f-submit button");
  if (!submit) return;
  if (first) submit.setAttribute("aria-disabled", "true");
  else submit.removeAttribute("aria-disabled");
  waits.hidden = !first;
  if (!first) { waits.replaceChildren(); return; }
  const { make, button, words } = window.studio;
  waits.replaceChildren(make("span", "", words("hold.waits", { what: first.text })), button(words("hold.leave"), "quiet", first.cancel));
}
if (props.mode) {
  document.addEventListener("studio:holds", tellHolds);
  tellHolds();
}
panel.addEventListener("click", (event) => {
  if (!event.target.closest(".f-submit")) return;
  touched = false;
  if (!held().length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
/* What an error is about is marked for eye and ear; once it was pressed for, the first such input has the focus. */
const entry = "textarea, input:not([type=file]), .file-add";
function markWrong(names, pressed) {
  for (const node of panel.querySelectorAll("[aria-invalid]")) {
    node.removeAttribute("aria-invalid");
    node.removeAttribute("aria-describedby");
  }
  const input = (name) => panel.querySelector("[id$='-" + name + "']");
  const wrong = names.map((name) => input(name)?.querySelector(entry)).filter(Boolean);
  for (const node of wrong) {
    node.setAttribute("aria-invalid", "true");
    node.setAttribute("aria-describedby", panel.querySelector("[id$='-summary']").id);
  }
  if (pressed) wrong[0]?.focus();
}
function draw() {
  if (!props.value) return;
  const value = props.value.lines ? props.value : props.value[window.studio.language];
  const restored = !value.settings || !("prompt" in value.settings);
  if (value.outcome && touched) return; /* what it tells of has changed */
  if (value.outcome) outcome = value.lines[0];
  if (props.mode) window.studio.prices[props.mode] = value.price;
  const shown = outcome ? [outcome, ...value.lines.filter((line) => line.text !== outcome.text)] : value.lines;
  box.replaceChildren(...shown.map((line) => {
    const node = document.createElement("p");
    node.className = line.kind;
    if (line.kind === "error") node.setAttribute("role", "alert");
    node.textContent = window.studio.dated(line);
    return node;
  }));
  if (props.mode) markWrong(value.wrong || [], value.outcome);
  if (!restored) window.studio.shown[value.settings.mode] = value.settings;
  if (!restored && drawn) window.studio.rememberForm(value.settings);
  drawn = true;
}
let drawn = false;
watch("value", draw);
draw();
