/* A list of files: each is sent, checked by the server, shown with its findings, and mended on a click. */
const { words, make, button } = window.studio;
const root = element.querySelector(".files");
const single = props.most === 1;
const query = "mode=" + props.mode + "&field=" + props.field;
let items = (props.value || []).slice();
let busy = [];
let errors = [];
let dragged = null;

const picker = make("input");
picker.type = "file";
picker.hidden = true;
picker.multiple = !single;
picker.accept = props.kind === "image" ? "image/*" : "video/*,.mov";
picker.addEventListener("change", () => { addAll([...picker.files]); picker.value = ""; });
const heading = make("div", "files-head");
heading.append(make("span", "", words("files." + props.field)), make("span", "files-count"));
const grid = make("div", "files-grid");
grid.setAttribute("role", "list");
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
root.append(picker, heading, grid, address, spoken);

function commit(said) {
  props.value = items.slice();
  if (said) spoken.textContent = said;
  draw();
  trigger("edited");
}

/* Adding */
function room() { return props.most - items.length - busy.length; }
function addAll(files) {
  errors = [];
  if (single && files.length) items = [];
  if (files.length > room()) errors.push(words("files.most", { most: props.most }));
  for (const file of files.slice(0, Math.max(0, room()))) send(file);
  draw();
}
function send(file) {
  const job = { name: file.name, part: 0 };
  busy.push(job);
  const request = new XMLHttpRequest();
  job.cancel = () => request.abort();
  request.open("POST", "studio/files?" + query + "&name=" + encodeURIComponent(file.name));
  request.upload.onprogress = (event) => { job.part = event.loaded / event.total; paint(job); };
  request.onloadend = () => {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* an aborted or cut answer */ }
    finish(job, request.status === 200 ? answer : null, answer.error || (request.status ? String(request.status) : ""));
  };
  request.send(file);
}
async function addUrl(url) {
  if (!url) return;
  errors = [];
  if (single) items = [];
  if (room() < 1) { errors.push(words("files.most", { most: props.most })); draw(); return; }
  const job = { name: url, part: 0 };
  busy.push(job);
  draw();
  try {
    const response = await fetch("studio/files/from-url?" + query, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ url }),
    });
    const answer = await response.json();
    if (response.ok) field.value = "";
    finish(job, response.ok ? answer : null, answer.error);
  } catch (error) { finish(job, null, error.message); }
}
function finish(job, file, error) {
  busy = busy.filter((other) => other !== job);
  if (file) items.push(file);
  else if (error) errors.push(job.name + ": " + error);
  commit(file ? words("files.added", { name: file.name }) : error);
}

/* Order */
function move(from, to) {
  if (from === to || to < 0 || to >= items.length) return;
  const before = items.slice();
  items.splice(to, 0, items.splice(from, 1)[0]);
  const moved = {};
  before.forEach((item, index) => { moved[index + 1] = items.indexOf(item) + 1; });
  commit(words("files.moved", { place: to + 1 }));
  if (props.tokens) trigger("reordered", { moved });
  const card = grid.querySelectorAll(".file")[to];
  if (card) card.focus();
}
function remove(index) {
  items.splice(index, 1);
  commit(words("files.removed"));
}

/* The number of an image is its name in the prompt: a click writes it there. */
function insertToken(number) {
  const area = root.closest("[role=tabpanel]").querySelector(".f-prompt textarea");
  const token = "[Image " + number + "]";
  const before = area.value.slice(0, area.selectionStart);
  const after = area.value.slice(area.selectionEnd);
  const spaced = (before && !/\s$/.test(before) ? " " : "") + token + (after && !/^[\s.,;:!?]/.test(after) ? " " : "");
  area.focus();
  area.setRangeText(spaced, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/* Mending: lines of JSON, progress first, the new file last; leaving cancels. */
async function mend(index, fixes) {
  const item = items[index];
  const control = new AbortController();
  const job = { name: item.name, part: 0, mending: item.sha256, cancel: () => control.abort() };
  busy.push(job);
  errors = [];
  draw();
  try {
    const response = await fetch("studio/files/" + item.sha256 + "/fix?" + query, {
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
        if (news.file) {
          news.file.before = item.before || item;
          items[items.indexOf(item)] = news.file;
          spoken.textContent = words("files.mended", { name: item.name });
        }
      }
    }
    if (text) { const news = JSON.parse(text); if (news.error) errors.push(news.error); }
  } catch (error) {
    if (error.name !== "AbortError") errors.push(error.message);
  }
  busy = busy.filter((other) => other !== job);
  commit();
}

/* Drawing */
function paint(job) { if (job.bar) job.bar.style.setProperty("--part", job.part); }
function progress(job) {
  const box = make("div", "file-busy");
  box.append(make("span", "", job.mending ? words("files.mending") : job.name));
  job.bar = make("i");
  box.append(job.bar);
  if (job.cancel) box.append(button(words("action.cancel"), "quiet", job.cancel));
  paint(job);
  return box;
}
function drawFile(item, index) {
  const card = make("div", "file");
  card.dataset.verdict = item.verdict;
  card.tabIndex = 0;
  card.setAttribute("role", "listitem");
  card.setAttribute("aria-label", (index + 1) + ", " + item.name + ". " + words("files.keys"));
  card.draggable = !single;
  const picture = make("div", "file-picture");
  const image = make("img");
  image.src = item.thumbnail;
  image.alt = "";
  picture.append(image);
  if (props.tokens) picture.append(button(String(index + 1), "file-number", () => insertToken(index + 1), words("files.token", { number: index + 1 })));
  picture.append(button("×", "file-remove", () => remove(index), words("files.remove", { name: item.name })));
  if (!single && items.length > 1) {
    const left = button("‹", "file-move left", () => move(index, index - 1), words("files.left"));
    const right = button("›", "file-move right", () => move(index, index + 1), words("files.right"));
    left.disabled = index === 0;
    right.disabled = index === items.length - 1;
    picture.append(left, right);
  }
  const about = make("div", "file-about");
  about.append(make("b", "", item.name), make("span", "file-facts", item.facts.join(" · ")));
  const mending = busy.find((job) => job.mending === item.sha256);
  if (mending) about.append(progress(mending));
  about.append(preflight(item, index, Boolean(mending)));
  if (item.before) {
    about.append(make("p", "file-before", words("files.before", { before: item.before.facts.join(" · ") })),
      button(words("files.undo"), "quiet", () => { items[index] = item.before; commit(); }));
  }
  card.append(picture, about);
  return card;
}
function preflight(item, index, waiting) {
  const open = item.findings.filter((finding) => finding.verdict !== "pass");
  const box = make("details", "preflight");
  box.open = open.length > 0 && (single || item.verdict === "refused");
  const label = words("preflight." + item.verdict, { count: open.length });
  box.append(make("summary", item.verdict, label));
  for (const finding of [...open, ...item.findings.filter((one) => one.verdict === "pass")]) {
    const line = make("p", "finding " + finding.verdict);
    line.append(make("span", "", finding.text));
    if (finding.fixes.length && finding.verdict !== "pass") {
      const fix = button(words("fix"), "quiet", () => mend(index, finding.fixes));
      fix.disabled = waiting;
      line.append(fix);
    }
    box.append(line);
  }
  const all = make("div");
  all.append(box);
  if (item.fixes.length && item.verdict === "refused") {
    const fix = button(words("fix.all"), "button strong", () => mend(index, item.fixes));
    fix.disabled = waiting;
    all.append(fix);
  }
  if (item.trim) {
    const trim = make("form", "trim");
    const from = make("input");
    const length = make("input");
    for (const input of [from, length]) { input.type = "number"; input.step = "any"; }
    from.min = 0; from.max = item.seconds - item.trim.least; from.value = 0;
    length.min = item.trim.least; length.max = item.trim.most; length.value = item.trim.keep;
    from.setAttribute("aria-label", words("trim.from"));
    length.setAttribute("aria-label", words("trim.length"));
    const cut = make("button", "button", words("trim"));
    cut.disabled = waiting;
    trim.append(make("span", "", words("trim.from")), from, make("span", "", words("trim.length")), length, cut,
      make("p", "note", item.trim.note));
    trim.addEventListener("submit", (event) => {
      event.preventDefault();
      mend(index, [{ name: "trim", start: from.value, length: length.value }]);
    });
    all.append(trim);
  }
  return all;
}
function draw() {
  grid.className = "files-grid " + (single ? "single" : "many");
  grid.replaceChildren(...items.map(drawFile));
  for (const job of busy) if (!job.mending) grid.append(progress(job));
  if (room() > 0) {
    const add = button("", "file-add", () => picker.click());
    add.append(make("b", "", "+"), make("span", "", words(single ? "files.add." + props.kind : "files.add.more")), make("small", "", words("files.drop")));
    grid.append(add);
  }
  for (const error of errors) { const line = make("p", "file-error", error); line.setAttribute("role", "alert"); grid.append(line); }
  heading.lastChild.textContent = props.most > 1 ? items.length + " / " + props.most : "";
  address.hidden = room() < 1;
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
watch("value", () => {
  if (JSON.stringify(props.value || []) === JSON.stringify(items)) return;
  items = (props.value || []).slice();
  draw();
});
draw();
