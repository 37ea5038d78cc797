/* Several videos side by side, led by the longest: one button, one seek bar, and the settings with what differs marked. */
const { words, make, button, ask } = window.studio;
let wanted = "";
let videos = [];
let leader = null;
let playing = false;

const stage = make("div", "compare-stage");
const seek = make("input", "seek");
seek.type = "range";
seek.min = 0;
seek.step = 0.01;
seek.value = 0;
seek.setAttribute("aria-label", words("compare.seek"));
const toggle = button("", "button strong", () => (playing ? pause() : play()));
const clock = make("span", "clock");
const controls = make("div", "controls");
controls.append(toggle, seek, clock);
const table = make("table", "differences");
const wrap = make("div", "differences-wrap");
wrap.append(table);

async function show(ids) {
  if (ids.join() === wanted) return;
  wanted = ids.join();
  pause();
  videos.forEach((video) => { video.removeAttribute("src"); video.load(); });
  videos = [];
  element.replaceChildren();
  if (!ids.length) return;
  const asked = wanted;
  const answers = await Promise.allSettled(ids.slice(0, 6).map((id) => ask("history/" + encodeURIComponent(id))));
  if (asked !== wanted) return;
  draw(answers.filter((one) => one.status === "fulfilled" && one.value.video).map((one) => one.value));
}

function draw(jobs) {
  const head = make("div", "compare-head");
  head.append(button("← " + words("history"), "quiet back", props.back), make("h2", "", words("compare")));
  element.replaceChildren(head);
  if (jobs.length < 2) { element.append(make("p", "nothing", words("compare.few"))); return; }
  stage.replaceChildren();
  stage.style.setProperty("--across", Math.min(jobs.length, 3));
  table.style.setProperty("--across", jobs.length);
  jobs.forEach((job, at) => stage.append(column(job, at)));
  fillTable(jobs);
  element.append(stage, controls, wrap);
  pause();
  showTime();
  toggle.focus({ preventScroll: true });
}
function column(job, at) {
  const figure = make("figure");
  const video = make("video");
  video.style.setProperty("--ratio", job.ratio);
  video.muted = true;
  video.playsInline = true;
  video.preload = "auto";
  if (job.poster) video.poster = job.poster;
  video.src = job.video.url;
  video.addEventListener("loadedmetadata", () => {
    leader = videos.reduce((longest, one) => ((one.duration || 0) > (longest.duration || 0) ? one : longest));
    seek.max = leader.duration || 0;
    showTime();
  });
  video.addEventListener("click", () => toggle.click());
  videos.push(video);
  const caption = make("figcaption");
  const link = make("a", "", letter(at) + " · " + (job.prompt.slice(0, 90) || words("tab." + job.mode)));
  link.href = "#job=" + job.id;
  const sound = button(words("compare.sound"), "quiet", () => {
    const on = video.muted;
    videos.forEach((one) => { one.muted = true; });
    video.muted = !on;
    stage.querySelectorAll("[aria-pressed]").forEach((one) => one.setAttribute("aria-pressed", "false"));
    sound.setAttribute("aria-pressed", String(on));
  });
  sound.setAttribute("aria-pressed", "false");
  caption.append(link, sound);
  figure.append(video, caption);
  return figure;
}
const letter = (at) => String.fromCharCode(65 + at);

function fillTable(jobs) {
  const rows = new Map([["prompt", words("prompt")]]);
  jobs.forEach((job) => job.listed.forEach(({ name, label }) => rows.set(name, label)));
  if (jobs.some((job) => job.inputs.length)) rows.set("inputs", words("job.inputs"));
  rows.set("video", words("job.size")).set("cost", words("cost"));
  const value = (job, name) => {
    if (name === "prompt" || name === "cost") return job[name];
    if (name === "inputs") return job.inputs.map((input) => input.name).join(", ") || "–";
    if (name === "video") return job.video.facts.slice(0, 3).join(" · ");
    return job.listed.find((one) => one.name === name)?.value || "–";
  };
  const head = make("tr");
  head.append(make("td"), ...jobs.map((_, at) => make("th", "", letter(at))));
  table.replaceChildren(head);
  for (const [name, label] of rows) {
    const values = jobs.map((job) => value(job, name));
    const row = make("tr", new Set(values).size > 1 ? "differs" : "");
    const title = make("th", "", label);
    title.scope = "row";
    if (row.className) title.append(make("span", "mark", words("compare.differs")));
    row.append(title, ...values.map((text) => {
      const cell = make("td");
      cell.append(make("div", "", text));
      return cell;
    }));
    table.append(row);
  }
}

/* In step: who has something left plays when all can, and whoever drifts is put back beside the leader. */
const ended = (video, at) => at >= video.duration - 0.05;
function play() {
  if (!leader) return;
  if (ended(leader, leader.currentTime)) seekTo(0);
  playing = true;
  showTime();
  requestAnimationFrame(step);
}
function pause() {
  playing = false;
  videos.forEach((video) => video.pause());
  showTime();
}
function step() {
  if (!playing) return;
  const at = leader.currentTime;
  const able = videos.every((video) => ended(video, at) || (video.readyState >= 3 && !video.seeking));
  for (const video of videos) {
    const on = able && !ended(video, at);
    if (on && video.paused) video.play().catch(() => pause());
    if (!on && !video.paused) video.pause();
    if (on && video !== leader && Math.abs(video.currentTime - at) > 0.1) video.currentTime = at;
  }
  showTime();
  if (leader.ended || ended(leader, at)) pause();
  else requestAnimationFrame(step);
}
function seekTo(at) {
  for (const video of videos) video.currentTime = Math.min(at, Math.max(0, (video.duration || 0) - 0.02));
  showTime();
}
function showTime() {
  const at = leader && videos.includes(leader) ? leader.currentTime : 0;
  toggle.textContent = playing ? words("compare.pause") : words("play");
  if (document.activeElement !== seek || playing) seek.value = at;
  clock.textContent = words("seconds", { seconds: at.toFixed(1) + " / " + Number(seek.max || 0).toFixed(1) });
}
seek.addEventListener("input", () => seekTo(Number(seek.value)));
element.addEventListener("keydown", (event) => {
  if (event.key === "Escape") props.back();
  else if (event.key === " " && !event.target.closest("button, input, a")) { event.preventDefault(); toggle.click(); }
});
return { show };
