const bar = element.querySelector("i");
const count = element.querySelector("span");
const note = element.querySelector("b");
function draw() {
  const value = props.value;
  if (!value) return;
  element.querySelector(".meter").dataset.level = value.level;
  bar.style.setProperty("--part", value.part);
  count.textContent = value.count;
  note.textContent = value.note;
}
watch("value", draw);
draw();
