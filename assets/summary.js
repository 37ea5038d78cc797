const box = element.querySelector(".summary");
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
panel.addEventListener("click", (event) => { if (event.target.closest(".f-submit")) touched = false; }, true);
function draw() {
  if (!props.value) return;
  const value = props.value.lines ? props.value : props.value[window.studio.language];
  const restored = !value.settings || !("prompt" in value.settings);
  if (value.outcome && touched) return; /* what it tells of has changed */
  if (value.outcome) outcome = value.lines[0];
  const shown = outcome ? [outcome, ...value.lines.filter((line) => line.text !== outcome.text)] : value.lines;
  box.replaceChildren(...shown.map((line) => {
    const node = document.createElement("p");
    node.className = line.kind;
    if (line.kind === "error") node.setAttribute("role", "alert");
    node.textContent = line.text;
    return node;
  }));
  if (!restored) window.studio.shown[value.settings.mode] = value.settings;
  if (!restored && drawn) window.studio.rememberForm(value.settings);
  drawn = true;
}
let drawn = false;
watch("value", draw);
draw();
