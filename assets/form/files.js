/* A list of files: each is sent, checked by the server, shown with its findings, and mended on a click. */
const { words, make, button, refocus } = window.studio;
const root = element.querySelector(".files");
const single = props.most === 1;
/* Whose rules count is the form's choice. */
const query = () => {
  const provider = chosen("provider");
  return "mode=" + props.mode + "&field=" + props.field + (provider ? "&provider=" + provider.value : "");
};
const chosen = (name) => root.closest("[role=tabpanel]").querySelector(".f-" + name + " input:checked");
const resolution = () => chosen("resolution")?.value;
let items = (props.value || []).slice();
let busy = [];
let errors = [];
let dragged = null;
/* Files stand in the order in which they were chosen, not in which they arrived. */
let turns = 0;
const turnOf = new Map();
/* Which reports the visitor opened or closed, by digest. */
const opened = new Map();
/* How the visitor wants a picture brought to its ratio, by digest: the place among its framings. */
const framed = new Map();

const picker = make("input");
picker.type = "file";
picker.hidden = true;
picker.multiple = !single;
picker.accept = props.kind === "image" ? "image/*,.heic,.heif,.avif" : "video/*,.mov";
picker.addEventListener("change", () => { addAll([...picker.files]); picker.value = ""; });
const heading = make("div", "files-head");
heading.append(make("span", "", words("files." + props.field)), make("span", "files-count"));
const grid = make("div", "files-grid " + (single ? "single" : "many"));
grid.setAttribute("role", "list");
const reports = make("div", "files-reports");
const address = make("form", "files-url");
const field = make("input");
field.type = "url";
field.placeholder = words("files.url");
field.setAttribute("aria-label", words("files.url"));
const take = make("button", "quiet", words("files.url.add"));
address.append(field, take);
address.addEventListener("submit", (event) => { event.preventDefault(); addUrl(field.value.trim()); });
const spoken = make("span", "spoken");
spoken.setAttribute("aria-live", "polite");
root.append(picker, heading, grid, reports, address, spoken);

function commit(said) {
  props.value = items.slice();
  if (said) spoken.textContent = said;
  draw();
}

/* Adding: a single file is replaced once the new one is there. */
function room() { return props.most - busy.filter((job) => !job.mending).length - (single ? 0 : items.length); }
function start(name) {
  const job = { name, part: 0, turn: turns++ };
  busy.push(job);
  job.release = window.studio.hold(props.mode, name, { cancel: () => job.cancel() });
  return job;
}
function full() { errors.push(words("files.most", { most: props.most })); }
function addAll(files) {
  errors = [];
  if (files.length > room()) full();
  for (const file of files.slice(0, Math.max(0, room()))) send(file);
  draw();
}
function send(file) {
  const job = start(file.name);
  const request = new XMLHttpRequest();
  job.cancel = () => { job.canceled = true; request.abort(); };
  request.open("POST", "studio/files?" + query() + "&name=" + encodeURIComponent(file.name));
  request.upload.onprogress = (event) => { job.part = event.loaded / event.total; paint(job); };
  request.onloadend = () => {
    let answer = null;
    try { answer = JSON.parse(request.responseText); } catch { /* an aborted or cut answer */ }
    finish(job, request.status === 200 ? answer : null, answer && answer.error);
  };
  request.send(file);
}
async function addUrl(url) {
  if (!url) return;
  errors = [];
  if (room() < 1) { full(); draw(); return; }
  const control = new AbortController();
  const job = start(url);
  job.cancel = () => { job.canceled = true; control.abort(); };
  draw();
  try {
    const response = await fetch("studio/files/from-url?" + query(), {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ url }), signal: control.signal,
    });
    const answer = await response.json();
    if (response.ok) field.value = "";
    finish(job, response.ok ? answer : null, answer.error);
  } catch { finish(job, null); }
}
function finish(job, file, error) {
  busy = busy.filter((other) => other !== job);
  if (file && single) {
    items = [file];
  } else if (file) {
    turnOf.set(file.sha256, job.turn);
    const later = items.findIndex((item) => turnOf.get(item.sha256) > job.turn);
    items.splice(later < 0 ? items.length : later, 0, file);
  } else if (!job.canceled) {
    errors.push(job.name + ": " + (error || words("files.lost")));
  }
  commit(file ? words("files.added", { name: file.name }) : undefined);
  job.release();
}

/* Order */
function move(from, to) {
  if (from === to || to < 0 || to >= items.length) return;
  const before = items.slice();
  items.splice(to, 0, items.splice(from, 1)[0]);
  const moved = {};
  before.forEach((item, index) => { moved[index + 1] = items.indexOf(item) + 1; });
  commit(words("files.moved", { place: to + 1 }));
  if (props.tokens) reorder(moved);
  const card = grid.querySelectorAll(".file")[to];
  if (card) card.focus();
}
/* The prompt follows, and until it has, the form is not sent. */
function reorder(moved) {
  window.studio.awaitAnswer(props.mode, words("hold.order"), () => trigger("reordered", { moved }));
}
function remove(index) {
  const before = items.slice();
  items.splice(index, 1);
  commit(words("files.removed"));
  if (props.tokens) {
    /* As if it had gone last: its token then names an image that is not there, which the form tells. */
    const moved = { [index + 1]: before.length };
    for (let place = index + 1; place < before.length; place++) moved[place + 1] = place;
    reorder(moved);
  }
  const next = grid.querySelectorAll(".file")[Math.min(index, items.length - 1)] || grid.querySelector(".file-add");
  if (next) next.focus();
}

/* The number of an image is its name in the prompt: a click writes it there. */
function insertToken(number) {
  const area = root.closest("[role=tabpanel]").querySelector(".f-prompt textarea");
  const token = props.tokens.replace("#", number);
  const before = area.value.slice(0, area.selectionStart);
  const after = area.value.slice(area.selectionEnd);
  const spaced = (before && !/\s$/.test(before) ? " " : "") + token + (after && !/^[\s.,;:!?]/.test(after) ? " " : "");
  area.focus();
  area.setRangeText(spaced, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/* Mending: lines of JSON, progress first, the new file last; leaving cancels. */
async function mend(index, planned) {
  const item = items[index];
  const framing = item.framings[framed.get(item.sha256) || 0];
  const fixes = planned.map((fix) => (framing && fix.name === "crop" ? framing.fix : fix));
  const control = new AbortController();
  const job = { name: item.name, part: 0, mending: item.sha256, cancel: () => control.abort() };
  busy.push(job);
  job.release = window.studio.hold(props.mode, words("files.mending", { name: item.name }), { cancel: job.cancel });
  errors = [];
  draw();
  try {
    const response = await fetch("studio/files/" + item.sha256 + "/fix?" + query(), {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ fixes }), signal: control.signal,
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
      const lines = text.split("\n");
      text = lines.pop();
      for (const line of lines) {
        const news = JSON.parse(line);
        if (news.part !== undefined) { job.part = news.part; paint(job); }
        if (news.error) errors.push(news.error);
        if (news.file && items.includes(item)) {
          news.file.before = item.before || item;
          items[items.indexOf(item)] = news.file;
          spoken.textContent = words("files.mended", { name: item.name });
        }
      }
    }
    if (text) { const news = JSON.parse(text); if (news.error) errors.push(news.error); }
  } catch (error) {
    if (error.name !== "AbortError") errors.push(item.name + ": " + words("files.lost"));
  }
  busy = busy.filter((other) => other !== job);
  commit();
  job.release();
}

/* Drawing */
function paint(job) {
  if (!job.box) return;
  job.box.querySelector("i").style.setProperty("--part", job.part);
  const doing = job.mending ? "files.mending" : job.part < 1 ? "files.sending" : "files.checking";
  job.box.querySelector("span").textContent = words(doing, { name: job.name });
}
function progress(job) {
  job.box = make("div", "file-busy");
  job.box.append(make("span"), make("i"), button(words("action.cancel"), "quiet", job.cancel));
  paint(job);
  return job.box;
}
function thumbnail(item) {
  if (!item.thumbnail) return make("span", "file-blank");
  const image = make("img");
  image.src = item.thumbnail;
  image.alt = "";
  image.draggable = false;
  image.addEventListener("error", () => image.replaceWith(make("span", "file-blank")));
  return image;
}
function player(item) {
  const video = make("video");
  video.src = "studio/files/" + item.sha256 + "/content";
  if (item.thumbnail) video.poster = item.thumbnail;
  Object.assign(video, { controls: true, preload: "none", playsInline: true, muted: true });
  return video;
}
function drawFile(item, index) {
  const card = make("div", "file");
  card.dataset.verdict = item.verdict;
  card.tabIndex = 0;
  card.setAttribute("role", "listitem");
  card.setAttribute("aria-label", (index + 1) + ", " + item.name + ". " + words("files.keys"));
  card.draggable = !single;
  card.append(single && item.kind === "video" ? player(item) : thumbnail(item));
  if (props.tokens) {
    card.append(button(String(index + 1), "file-number", () => insertToken(index + 1), words("files.token", { number: index + 1 })));
  }
  card.append(button("×", "file-remove", () => remove(index), words("files.remove", { name: item.name })));
  if (!single && items.length > 1) {
    const left = button("‹", "file-move left", () => move(index, index - 1), words("files.left"));
    const right = button("›", "file-move right", () => move(index, index + 1), words("files.right"));
    left.disabled = index === 0;
    right.disabled = index === items.length - 1;
    card.append(left, right);
  }
  return card;
}
/* The pre-flight card of a file: what it is, each rule with its verdict, what mends it, what was mended. */
function report(item, index) {
  const box = make("div", "report");
  box.dataset.verdict = item.verdict;
  const mending = busy.find((job) => job.mending === item.sha256);
  const head = make("div", "report-head");
  head.append(make("b", "", (single ? "" : index + 1 + " · ") + item.name), make("span", "report-facts", item.facts.join(" · ")));
  box.append(head, checks(item, index, mending));
  if (mending) box.append(progress(mending));
  if (item.fixes.length && item.verdict === "refused" && !mending) box.append(...fixAll(item, index));
  if (item.before) box.append(comparison(item, index));
  if (item.trim && !mending) box.append(trimmer(item, index));
  return box;
}
/* Of a video that is too long there are two ways: what is worth its price, and the longest that is allowed. */
function fixAll(item, index) {
  if (!item.trim) return [button(words("fix.all"), "button strong", () => mend(index, item.fixes))];
  return item.trim.offers.map((offer, place) => {
    const text = [words("fix.all.keep", offer), offer.prices[resolution()]].filter(Boolean).join(" · ");
    return button(text, place ? "button" : "button strong", () => mend(index, offer.fixes));
  });
}
function checks(item, index, mending) {
  const open = item.findings.filter((finding) => finding.verdict !== "pass");
  const box = make("details", "preflight");
  box.open = opened.has(item.sha256) ? opened.get(item.sha256) : item.verdict === "refused" || (single && open.length > 0);
  box.addEventListener("toggle", () => opened.set(item.sha256, box.open));
  box.append(make("summary", item.verdict, words("preflight." + item.verdict, { count: open.length })));
  for (const finding of [...open, ...item.findings.filter((one) => one.verdict === "pass")]) {
    const line = make("p", "finding " + finding.verdict);
    line.append(make("span", "", finding.text));
    if (finding.fixes.some((fix) => fix.name === "crop") && !mending) line.append(framingChoice(item));
    if (finding.fixes.length && !mending) line.append(button(words("fix"), "button", () => mend(index, finding.fixes)));
    box.append(line);
  }
  return box;
}
function framingChoice(item) {
  const choice = make("select");
  choice.setAttribute("aria-label", words("framing"));
  item.framings.forEach((framing, place) => choice.append(new Option(framing.label, place)));
  choice.value = framed.get(item.sha256) || 0;
  choice.addEventListener("change", () => framed.set(item.sha256, Number(choice.value)));
  return choice;
}
function comparison(item, index) {
  const box = make("div", "comparison");
  for (const [name, file] of [["files.before", item.before], ["files.after", item]]) {
    const figure = make("figure");
    figure.append(thumbnail(file), make("figcaption", "", words(name, { facts: file.facts.join(" · ") })));
    box.append(figure);
  }
  box.append(button(words("files.undo"), "quiet", () => { items[index] = item.before; commit(); }));
  return box;
}
/* All of a video is billed, and only its beginning comes out: what a shorter copy would save. */
function trimmer(item, index) {
  const { least, most, keep } = item.trim;
  const form = make("form", "trim");
  const bar = make("i");
  const note = make("p");
  const number = (name, value, min, max) => {
    const input = make("input");
    Object.assign(input, { type: "number", step: "any", required: true, value, min, max });
    const label = make("label", "", words(name));
    label.append(input);
    form.append(label);
    return input;
  };
  form.append(make("b", "", words("trim.title")), bar);
  const from = number("trim.from", 0, 0, item.seconds - least);
  const length = number("trim.length", keep, least, most);
  form.append(make("button", "button", words("trim")), note);
  const seconds = (value) => (value + Math.min(value, keep)).toFixed(1);
  const told = () => {
    from.max = item.seconds - length.value;
    bar.style.setProperty("--from", from.value / item.seconds);
    bar.style.setProperty("--part", length.value / item.seconds);
    note.textContent = words(item.seconds > most ? "trim.note.long" : "trim.note", { before: seconds(item.seconds), after: seconds(Number(length.value)) });
  };
  form.addEventListener("input", told);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    mend(index, [{ name: "trim", start: from.value, length: length.value, within: [least, most] }]);
  });
  told();
  return form;
}
function draw() { refocus(root, drawAll); }
function drawAll() {
  grid.replaceChildren(...items.map(drawFile));
  for (const job of busy) if (!job.mending) grid.append(progress(job));
  for (const one of coming()) {
    const box = make("div", "file-busy coming");
    box.append(make("span", "", one.text), make("i"), button(words("action.cancel"), "quiet", one.cancel));
    grid.append(box);
  }
  if (items.length + busy.length < props.most) {
    const add = button("", "file-add", () => picker.click());
    add.append(make("b", "", "+"), make("span", "", words(single ? "files.add." + props.kind : "files.add.more")), make("small", "", words("files.drop")));
    grid.append(add);
  }
  reports.replaceChildren(...errors.map((error) => {
    const line = make("p", "file-error", error);
    line.setAttribute("role", "alert");
    return line;
  }), ...items.map(report));
  heading.lastChild.textContent = single ? "" : items.length + " / " + props.most;
  address.hidden = room() < 1 || (single && items.length > 0);
}

/* Hands: drag to order or to add, paste, keys */
root.addEventListener("dragstart", (event) => {
  const card = event.target.closest(".file");
  if (!card) return;
  dragged = [...grid.querySelectorAll(".file")].indexOf(card);
  card.classList.add("dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", String(dragged));
});
root.addEventListener("dragover", (event) => {
  event.preventDefault();
  root.classList.toggle("over", dragged === null);
});
root.addEventListener("dragleave", () => root.classList.remove("over"));
root.addEventListener("dragend", () => { dragged = null; draw(); });
root.addEventListener("drop", (event) => {
  event.preventDefault();
  root.classList.remove("over");
  const card = event.target.closest(".file");
  if (dragged !== null && card) move(dragged, [...grid.querySelectorAll(".file")].indexOf(card));
  else if (event.dataTransfer.files.length) addAll([...event.dataTransfer.files]);
  dragged = null;
});
root.addEventListener("keydown", (event) => {
  const card = event.target;
  if (!card.classList.contains("file")) return;
  const index = [...grid.querySelectorAll(".file")].indexOf(card);
  const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  if (step) {
    event.preventDefault();
    if (event.shiftKey || event.altKey) move(index, index + step);
    else { const next = grid.querySelectorAll(".file")[index + step]; if (next) next.focus(); }
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    remove(index);
  }
});
document.addEventListener("paste", (event) => {
  if (!root.offsetParent || !event.clipboardData.files.length) return;
  const wanted = [...event.clipboardData.files].filter((file) => file.type.startsWith(props.kind + "/"));
  if (!wanted.length) return;
  event.preventDefault();
  addAll(wanted);
});
/* What was dropped beside it and fits. */
root.dataset.kind = props.kind;
root.addEventListener("studio:files", (event) => addAll(event.detail));
/* What is brought here from elsewhere in the page. */
const coming = () => window.studio.held(props.mode).filter((one) => one.field === props.field);
let shownComing = 0;
document.addEventListener("studio:holds", () => {
  if (coming().length === shownComing) return;
  shownComing = coming().length;
  draw();
});
/* What a fix would cost hangs on the resolution. */
root.closest("[role=tabpanel]").addEventListener("change", (event) => {
  if (event.target.closest(".f-resolution") && items.some((item) => item.trim)) draw();
});
watch("value", () => {
  if (JSON.stringify(props.value || []) === JSON.stringify(items)) return;
  items = (props.value || []).slice();
  draw();
});
draw();
