const box = element.querySelector(".summary");
function draw() {
  if (!props.value) return;
  const value = props.value.lines ? props.value : props.value[window.studio.language];
  const restored = !value.settings || !("prompt" in value.settings);
  box.replaceChildren(...value.lines.map((line) => {
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
