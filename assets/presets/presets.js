/* The presets of a mode: settings that the visitor kept under a name, and starting points. Either fills the form. */
const { words, make, button, ask } = window.studio;
const root = element.querySelector(".presets");
const UNDO_MS = 20000;
let forgetting = 0;

/* The button and its menu, which the browser opens above all else and closes at Escape or a click elsewhere */
const menu = make("div", "presets-menu");
menu.popover = "auto";
menu.setAttribute("role", "dialog");
menu.setAttribute("aria-label", words("presets"));
const opener = make("button", "presets-open", words("presets"));
opener.type = "button";
opener.popoverTargetElement = menu;
opener.addEventListener("click", () => requestAnimationFrame(place));
menu.addEventListener("toggle", (event) => { if (event.newState === "open") attempt(load); });

const save = make("form", "presets-save");
const name = nameField();
const choice = make("label");
const withPrompt = make("input");
withPrompt.type = "checkbox";
withPrompt.checked = true;
choice.append(withPrompt, words("presets.with_prompt"));
save.append(make("h3", "", words("presets.save")), name, make("button", "button strong", words("save")), choice);
save.addEventListener("submit", (event) => {
  event.preventDefault();
  const settings = current();
  if (!withPrompt.checked) delete settings.prompt;
  keep({ name: name.value, settings });
});
const ownHead = make("h3", "", words("presets.own"));
const own = make("div", "presets-list");
const starters = make("div", "presets-list");
const said = make("p", "presets-said");
said.setAttribute("role", "status");
menu.append(save, ownHead, own, make("h3", "", words("presets.starters")), starters);
root.append(opener, menu);

function nameField(value = "") {
  const field = make("input");
  Object.assign(field, { type: "text", required: true, maxLength: props.longest, placeholder: words("name"), value });
  field.setAttribute("aria-label", words("name"));
  return field;
}
function place() {
  const at = opener.getBoundingClientRect();
  menu.style.left = Math.max(12, at.right - menu.offsetWidth) + "px";
  menu.style.top = Math.max(12, Math.min(at.bottom + 6, innerHeight - menu.offsetHeight - 12)) + "px";
}

/* A line in the menu while that is open, else above the prompt; what it offers can be had for a while. */
function tell(text, label, act) {
  (menu.matches(":popover-open") ? menu : root).append(said);
  said.replaceChildren(make("span", "", text));
  if (label) said.append(button(label, "quiet", () => { said.remove(); act(); }));
  clearTimeout(forgetting);
  forgetting = setTimeout(() => said.remove(), UNDO_MS);
}
async function attempt(act) {
  try { await act(); } catch (error) { tell(words("action.failed", { reason: error.message })); }
}

/* Filling the form in: what the preset does not name, the files above all, stays as it is. */
function current() {
  const { mode, ...settings } = window.studio.shown[props.mode];
  return settings;
}
function use(chosen, settings) {
  const before = current();
  menu.hidePopover();
  window.studio.use({ ...before, ...settings, mode: props.mode });
  tell(words("presets.used", { name: chosen }), words("history.undo"), () => window.studio.use({ ...before, mode: props.mode }));
}

async function load(focus) {
  const found = await ask("presets?mode=" + props.mode);
  ownHead.hidden = !found.presets.length;
  own.replaceChildren(...found.presets.map(row));
  starters.replaceChildren(...found.starters.map(start));
  place();
  const wanted = [...own.children].find((item) => item.dataset.id === focus);
  if (wanted) wanted.firstChild.focus();
}
function keep(preset, replace = false) {
  attempt(async () => {
    try {
      const saved = await ask("presets", { mode: props.mode, name: preset.name, settings: preset.settings, replace });
      name.value = "";
      await load(saved.id);
      tell(words("presets.saved", saved));
    } catch (error) {
      if (error.kind !== "name_taken") throw error;
      tell(error.message, words("presets.replace"), () => keep(preset, true));
    }
  });
}
function remove(preset, item) {
  const next = (item.nextSibling || item.previousSibling || item).dataset.id;
  attempt(async () => {
    await ask("presets/" + preset.id, undefined, "DELETE");
    await load(next);
    if (!own.children.length) name.focus();
    tell(words("presets.deleted", preset), words("history.undo"), () => keep(preset));
  });
}
function rename(preset, item) {
  const form = make("form", "preset-rename");
  const field = nameField(preset.name);
  form.append(field, make("button", "button", words("save")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      await ask("presets/" + preset.id, { name: field.value });
      await load(preset.id);
    });
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    attempt(() => load(preset.id));
  });
  item.replaceChildren(form);
  field.select();
}

/* Drawing */
function row(preset) {
  const { resolution, ratio, duration, seed, prompt } = preset.settings;
  const facts = [resolution, ratio, duration && words("seconds", { seconds: duration }), seed != null && words("seed.chip", { seed }), prompt];
  const item = make("div", "preset");
  item.dataset.id = preset.id;
  const take = button("", "preset-use", () => use(preset.name, preset.settings));
  take.append(make("b", "", preset.name), make("span", "", facts.filter(Boolean).join(" · ")));
  take.addEventListener("keydown", (event) => { if (event.key === "Delete") remove(preset, item); });
  item.append(
    take,
    button("✎", "preset-act", () => rename(preset, item), words("presets.rename", preset)),
    button("×", "preset-act", () => remove(preset, item), words("presets.delete", preset)),
  );
  return item;
}
function start(starter) {
  const named = words("starter." + starter.id);
  const take = button("", "preset-use starter", async () => {
    take.disabled = true;
    const release = window.studio.hold(props.mode, words("hold.bringing"));
    await attempt(async () => use(named, await ask("starters/" + starter.id, {})));
    release();
    take.disabled = false;
  });
  const pictures = make("span", "starter-pictures");
  for (const address of starter.pictures) {
    const picture = make("img");
    Object.assign(picture, { src: address, alt: "" });
    pictures.append(picture);
  }
  take.append(make("b", "", named), make("span", "", starter.prompt), pictures);
  return take;
}

/* Arrow keys go along all that can be chosen. */
root.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !menu.matches(":popover-open")) return;
  const all = [...menu.querySelectorAll(".preset-use")];
  const next = all[Math.max(0, Math.min(all.length - 1, all.indexOf(document.activeElement) + step))];
  event.preventDefault();
  if (next) next.focus();
});
