/* News of jobs that end while nobody looks: a number in the title, and a notification if it is wanted. */
const { words, make, button, stored, store } = window.studio;
const KEY = "happyhorse.notify";
const bell = element.querySelector(".bell");
const question = make("div", "ask");
question.setAttribute("role", "status");
question.hidden = true;
let title = document.title;
const can = "Notification" in window;
let unseen = 0;

function remember(answer) {
  store(KEY, answer);
  question.hidden = true;
  draw();
}
const isOn = () => can && stored(KEY) === "yes" && Notification.permission === "granted";
function draw() {
  bell.hidden = !can;
  const denied = window.top === window ? "blocked" : "framed";
  const state = can && Notification.permission === "denied" ? denied : isOn() ? "on" : "off";
  bell.dataset.state = state;
  const names = { on: "notify.on", off: "notify.off", blocked: "notify.blocked", framed: "notify.framed" };
  bell.title = words(names[state]);
  bell.setAttribute("aria-label", bell.title);
  bell.setAttribute("aria-pressed", String(state === "on"));
}
async function want() {
  const answer = Notification.permission === "default" ? await Notification.requestPermission() : Notification.permission;
  remember(answer === "granted" ? "yes" : "no");
}
bell.addEventListener("click", () => (isOn() ? remember("no") : want()));

/* Asked for once: when the first job is on its way. */
question.append(make("span", "", words("notify.ask")));
question.append(button(words("notify.yes"), "button strong", want), button(words("notify.no"), "button", () => remember("no")));
document.addEventListener("studio:begun", () => {
  if (!bell.offsetParent || stored(KEY) !== null || Notification.permission !== "default") return;
  document.querySelector(".board-head").after(question);
  question.hidden = false;
});

document.addEventListener("studio:ended", (event) => {
  if (!document.hidden) return;
  const job = event.detail;
  unseen += 1;
  document.title = "(" + unseen + ") " + title;
  if (!isOn()) return;
  const icon = job.video && job.video.poster ? job.video.poster : undefined;
  try {
    const news = new Notification(job.label, { body: job.prompt.slice(0, 120), icon, tag: job.id });
    news.onclick = () => { window.focus(); news.close(); };
  } catch { /* a browser of a phone, which lets only workers notify */ }
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) { title = document.title; return; }
  if (unseen) document.title = title;
  unseen = 0;
});
draw();
