/* Cards of jobs. One node a job, changed in place: a video that plays is not touched by news of another. */
const { words, make, button, ask, copy, moment, adoption, risk, risks, refocus, busy } = window.studio;
const root = element.querySelector(".board");
const cards = new Map();
let clockOffset = 0;
let count = 0;
let changes = 0; /* how often anything was told */
let filled = false; /* whether all that is there has been told once */
let lastLook = {};
let looking = null;
const LOOK_MS = 10000;
const UNDER_WAY = "under-way";

function setText(node, text) { if (node.textContent !== text) node.textContent = text; }

/* The frame of the board */
const head = make("div", "board-head");
const title = make("h2", "", words("board"));
title.id = "board-title";
const total = make("span", "count");
const link = make("span", "link", words("board.live"));
link.setAttribute("role", "status");
head.append(title, total, link);
const list = make("div", "cards");
const empty = make("div", "empty");
empty.hidden = true;
empty.append(make("h3", "", words("board.empty")), make("p", "", words("board.empty.note")));
for (const idea of "text-to-video" in props.prefixes ? props.ideas : []) {
  empty.append(button(words(idea), "idea", () => use({ prompt: words(idea) })));
}
const older = button(words("board.older"), "older", loadOlder);
older.hidden = true;
const spoken = make("span", "spoken");
spoken.setAttribute("aria-live", "polite");
const kept = make("p", "kept", words(props.keep.days ? "keep.days" : "keep.all", props.keep));
root.append(head, empty, list, older, kept, spoken);

/* A mode that no account offers has no form. */
window.studio.hasForm = (mode) => mode in props.prefixes;
const prefixOf = (settings) => props.prefixes[settings.mode || "text-to-video"];
/* The promise is kept once the form shows the settings; until then it is not sent. */
function fill(settings) {
  const send = () => trigger("use_" + prefixOf(settings), { settings });
  return window.studio.awaitAnswer(settings.mode || "text-to-video", words("hold.filling"), send);
}
/* While the page starts Gradio may not hear the click yet: it is made again until the tab has opened. */
function openTab(settings, frames = 120) {
  const tab = document.querySelector("#" + prefixOf(settings) + "-tab-button");
  tab?.click();
  if (frames && tab?.getAttribute("aria-selected") !== "true") requestAnimationFrame(() => openTab(settings, frames - 1));
}
const use = window.studio.use = (settings) => {
  if (location.hash) location.hash = "create";
  openTab(settings);
  const filled = fill(settings);
  goToPrompt("#" + prefixOf(settings) + "-prompt textarea");
  return filled;
};
/* A form is laid out when its tab is opened for the first time, which may take a few frames. */
function goToPrompt(selector, frames = 120) {
  const prompt = document.querySelector(selector);
  if (prompt?.offsetParent) {
    prompt.scrollIntoView({ block: "center", behavior: "smooth" });
    prompt.focus({ preventScroll: true });
  } else if (frames) requestAnimationFrame(() => goToPrompt(selector, frames - 1));
}

/* One card */
function build(job) {
  const card = make("article", "card");
  card.dataset.id = job.id;
  const stage = make("div", "stage");
  const [across, down] = (job.settings.ratio || "16:9").split(":").map(Number);
  stage.style.setProperty("--ratio", across / down);
  const waiting = make("div", "waiting");
  const label = make("span", "label");
  const clock = make("span", "clock");
  const usual = make("span", "usual");
  waiting.append(label, clock, usual);
  stage.append(waiting);
  const body = make("div", "body");
  const status = make("div", "status");
  const pill = make("span", "pill");
  const cost = make("span", "cost");
  const when = make("time", "when", moment(job.created_at));
  status.append(pill, cost, when);
  const prompt = make("p", "prompt", job.prompt);
  const whole = button(words("more.prompt"), "quiet whole", () => {
    const open = prompt.classList.toggle("open");
    setText(whole, words(open ? "less.prompt" : "more.prompt"));
  });
  whole.hidden = true;
  const note = make("p", "note");
  const chips = make("p", "chips");
  for (const chip of job.chips) chips.append(make("span", "", chip));
  const task = make("p", "task");
  const fault = make("div", "fault");
  const tasks = adoption((taskId) => act(card, tasks, job.id, "adopt", { task_id: taskId }));
  const facts = make("p", "facts");
  const actions = make("div", "actions");
  body.append(status, prompt, whole, note, fault, tasks, chips, facts, task, actions);
  card.append(stage, body);
  Object.assign(card, { stage, waiting, label, clock, usual, pill, cost, note, task, fault, tasks, facts, actions, prompt, whole });
  return card;
}

function fillTask(card, job) {
  const known = job.task_id || "";
  if (card.task.dataset.id === known) return;
  card.task.dataset.id = known;
  card.task.replaceChildren();
  if (!known) return;
  const id = make("code", "", known);
  const take = button(words("copy.task"), "quiet", () => copy(take, known));
  card.task.append(make("span", "", words("task")), id, take);
}

function fillFault(card, job) {
  const fault = job.fault;
  const key = fault ? JSON.stringify(fault) : "";
  if (card.fault.dataset.key === key) return;
  card.fault.dataset.key = key;
  card.fault.replaceChildren();
  card.fault.hidden = !fault;
  if (!fault) return;
  card.fault.append(make("p", "what", fault.what));
  const ended = !["queued", "saving"].includes(job.state);
  const about = [fault.since, fault.concerns, ended ? fault.charged : "", fault.remedy];
  card.fault.append(make("p", "", about.filter(Boolean).join(words("language.joint"))));
  const details = make("details");
  details.append(make("summary", "", words("details")));
  details.append(make("p", "said", fault.message));
  const facts = make("p", "codes");
  for (const [name, value] of [["code", fault.code], ["http", fault.status], ["request", fault.request_id]]) {
    if (value) facts.append(make("span", "", words(name) + " " + value));
  }
  if (facts.childElementCount) details.append(facts);
  card.fault.append(details);
}

function fillVideo(card, job) {
  const video = job.video;
  if (!video || card.video) return;
  card.stage.style.setProperty("--ratio", video.width / video.height);
  card.video = true;
  const play = button(words("play"), "play", () => {
    const player = make("video");
    player.controls = player.autoplay = player.playsInline = player.loop = true;
    if (video.poster) player.poster = video.poster;
    player.src = video.url;
    player.setAttribute("aria-label", job.prompt.slice(0, 120));
    card.stage.replaceChildren(player);
    player.focus({ preventScroll: true });
  });
  play.setAttribute("aria-label", words("play"));
  if (video.poster) {
    const still = make("img");
    still.src = video.poster;
    still.alt = "";
    still.loading = "lazy";
    play.append(still);
  }
  card.stage.replaceChildren(play);
  card.facts.replaceChildren(...video.facts.map((fact) => make("span", "", fact)));
  card.facts.append(make("span", "path", video.saved));
}

function askRisk(card, job, action) {
  const leave = () => {
    card.actions.dataset.shown = "";
    fillActions(card, card.job);
    card.actions.querySelector("[data-action='" + action + "']")?.focus();
  };
  const panel = risk(action, (node) => act(card, node, job.id, action), leave);
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave();
  });
  card.actions.replaceChildren(panel);
  panel.lastChild.focus();
}

function fillActions(card, job) {
  const key = job.actions.join() + Boolean(job.video);
  if (card.actions.dataset.shown === key) return;
  card.actions.dataset.shown = key;
  refocus(card.actions, () => drawActions(card, job));
}
function drawActions(card, job) {
  card.actions.replaceChildren();
  if (job.video) {
    const save = make("a", "button strong", words("download"));
    save.href = job.video.download;
    save.setAttribute("download", "");
    card.actions.append(save);
  }
  for (const action of job.actions) {
    if (action === "adopt") continue;
    const plain = action === "cancel" || action in risks;
    const node = button(words("action." + action), "button" + (plain ? "" : " strong"), () => {
      if (action in risks) askRisk(card, job, action);
      else act(card, node, job.id, action);
    });
    node.dataset.action = node.dataset.key = action;
    card.actions.append(node);
  }
  if (job.mode in props.prefixes) card.actions.append(button(words("again"), "button", () => use(job.settings)));
  const take = button(words("copy.prompt"), "button", () => copy(take, job.prompt));
  card.actions.append(take);
  const page = make("a", "button", words("job"));
  page.href = "#job=" + job.id;
  card.actions.append(page);
  if (job.video) {
    const record = make("a", "button", words("evidence"));
    record.href = job.video.evidence;
    record.target = "_blank";
    const shown = () => card.stage.querySelector("video")?.currentTime ?? null;
    card.actions.append(record, window.studio.onward(job, shown, (reason) => complain(card, reason)));
  }
}

function show(job, spokenFor) {
  changes += 1;
  let card = cards.get(job.id);
  if (!card) {
    card = build(job);
    cards.set(job.id, card);
    place(card);
  }
  const before = card.dataset.state;
  const ran = card.dataset.tone === UNDER_WAY;
  if (spokenFor && before !== job.state) setText(spoken, job.label + ": " + job.prompt.slice(0, 60));
  write(card, job);
  const runs = job.tone === UNDER_WAY;
  if (runs && !before && spokenFor) tellPage("begun", job);
  if (!runs && ran) tellPage("ended", job);
}
function write(card, job) {
  card.job = job;
  card.dataset.state = job.state;
  card.dataset.tone = job.tone;
  setText(card.pill, job.label);
  setText(card.label, job.label);
  setText(card.usual, job.usual);
  setText(card.cost, job.cost);
  setText(card.note, job.note);
  card.note.hidden = !job.note;
  fillTask(card, job);
  fillFault(card, job);
  card.tasks.show(job);
  fillVideo(card, job);
  fillActions(card, job);
  tick(card);
}
function tellPage(what, detail) { document.dispatchEvent(new CustomEvent("studio:" + what, { detail })); }

/* The same card outside the board, for the page of its job. */
window.studio.card = (job) => {
  const card = build(job);
  card.renew = (news) => write(card, news);
  card.renew(job);
  const ticking = setInterval(() => (card.isConnected ? tick(card) : clearInterval(ticking)), 1000);
  return card;
};

/* Ids sort by time: the newest card comes first. */
function place(card) {
  const next = [...list.children].find((other) => other.dataset.id < card.dataset.id);
  list.insertBefore(card, next || null);
  requestAnimationFrame(() => { card.whole.hidden = card.prompt.scrollHeight <= card.prompt.clientHeight + 2; });
}

function tick(card) {
  const job = card.job;
  const since = { running: job.started_at, waiting: job.submitted_at, saving: job.finished_at }[job.state];
  if (!since || card.video) { setText(card.clock, ""); return; }
  const seconds = Math.max(0, Math.floor(Date.now() / 1000 + clockOffset - since));
  const rest = String(seconds % 60).padStart(2, "0");
  setText(card.clock, Math.floor(seconds / 60) + ":" + rest);
}
setInterval(() => { if (!document.hidden) cards.forEach(tick); }, 1000);

async function act(card, node, id, action, body) {
  const before = cards.get(id)?.job;
  await busy(node, async () => {
    try {
      const answer = await ask("jobs/" + id + "/" + action, body || {});
      const known = cards.get(answer.id);
      if (!known) count += 1;
      if (!known || known.job === before) show(answer, true); /* else the news were faster, and may tell more */
      showCount();
      news.catchUp();
    } catch (error) {
      complain(card, error.message);
    }
  }, card);
}
function complain(card, reason) {
  card.note.hidden = false;
  setText(card.note, words("action.failed", { reason }));
}

function drop(ids) {
  for (const id of ids) {
    cards.get(id)?.remove();
    cards.delete(id);
  }
}
/* Cards of jobs that were deleted while nobody listened, by the newest page. */
function missing({ jobs, count: all }) {
  const last = jobs.length < all ? jobs.at(-1).id : "";
  return [...cards.keys()].filter((id) => id >= last && !jobs.some((job) => job.id === id));
}
/* What is older than the last card comes when it is asked for. */
function belongs(job) {
  return cards.has(job.id) || older.hidden || !list.lastElementChild || job.id > list.lastElementChild.dataset.id;
}
function showCount() {
  setText(total, count ? String(count) : "");
  empty.hidden = count > 0;
  older.hidden = cards.size >= count;
}

async function loadOlder() {
  await busy(older, async () => {
    const last = list.lastElementChild;
    try {
      (await ask("jobs?before=" + (last ? last.dataset.id : ""))).jobs.forEach((job) => show(job, false));
      setText(older, words("board.older"));
    } catch (error) {
      setText(older, words("action.failed", { reason: error.message }));
    }
  });
  showCount();
}

/* While nobody looks, the page asks now and then, as long as one of its jobs is under way. */
async function lookWhileHidden() {
  const running = [...cards.values()].filter((card) => card.job.tone === UNDER_WAY).map((card) => card.dataset.id);
  if (!running.length) return;
  const oldest = running.sort()[0];
  let last = "";
  do {
    const { jobs } = await ask("jobs" + (last && "?before=" + last));
    if (!document.hidden) return; /* someone looks again, and is told by the stream */
    jobs.forEach((job) => show(job, false));
    last = jobs.length ? jobs.at(-1).id : oldest;
  } while (last > oldest);
}
document.addEventListener("visibilitychange", () => {
  clearInterval(looking);
  if (document.hidden) looking = setInterval(() => lookWhileHidden().catch(() => { /* the next look may find it */ }), LOOK_MS);
});

/* While no stream comes through, the same is asked for. */
async function look() {
  const before = changes;
  const { now, ...newest } = await ask("jobs?newest");
  if (changes !== before) return; /* something newer was told meanwhile; the next look sees both */
  const seen = JSON.stringify(newest);
  if (lastLook.seen === seen && lastLook.changes === changes) return;
  hear({ ...newest, now }, filled);
  lastLook = { seen, changes };
}

/* What the server tells, in whichever way; `spokenFor`: it is news also for who only listens. */
function hear(told, spokenFor = told.count === undefined) {
  changes += 1;
  filled = true;
  clockOffset = told.now - Date.now() / 1000;
  drop(told.gone || (told.all ? missing(told) : []));
  const jobs = told.jobs.filter(belongs);
  count = told.count ?? count + jobs.filter((job) => !cards.has(job.id)).length;
  jobs.forEach((job) => show(job, spokenFor));
  showCount();
  tellPage("news", told);
}
function say(how) {
  link.classList.toggle("away", how !== "live");
  setText(link, words("board." + how));
}
const news = window.studio.follow({ hear, look, say });

const forms = Object.values(window.studio.remembered());
forms.forEach(fill);
if (forms.length) openTab(forms.at(-1));
