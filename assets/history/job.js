/* The page of one job: its card, what it was made of, and all that happened, kept up with the news. */
const { locale, words, make, button, ask, copy, refocus } = window.studio;
const { amend, remove, back } = props;
let wanted = null;
let card = null;
let last = "";
let turn = 0;
let ticking = 0;

const time = (at) => new Date(at * 1000).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = (at) => new Date(at * 1000).toLocaleString(locale, { dateStyle: "long", timeStyle: "short" });
function clock(seconds) {
  const [hours, rest] = [Math.floor(seconds / 3600), Math.floor(seconds % 3600)];
  const parts = [Math.floor(rest / 60), Math.floor(rest % 60)].map((part) => String(part).padStart(2, "0"));
  return (hours ? hours + ":" : "") + parts.join(":");
}
function copied(text) {
  const take = button(words("copy"), "quiet", () => copy(take, text));
  take.dataset.key = "copy " + text;
  return take;
}
function panel(key, ...content) {
  const section = make("section", "panel");
  section.append(make("h3", "", words(key)), ...content);
  return section;
}
function facts(pairs) {
  const node = make("dl", "facts-list");
  for (const [label, value] of pairs) {
    if (!value) continue;
    const cell = make("dd");
    cell.append(value);
    node.append(make("dt", "", label), cell);
  }
  return node;
}

async function show(id) {
  if (id === wanted) return;
  wanted = id;
  card = null;
  clearInterval(ticking);
  element.replaceChildren();
  if (!id) return;
  await renew(id);
  window.scrollTo(0, 0);
}
async function renew(id) {
  const mine = ++turn;
  let job;
  try {
    job = await ask("history/" + encodeURIComponent(id));
  } catch (error) {
    if (mine !== turn || id !== wanted) return;
    miss(error.message);
    return;
  }
  if (mine === turn && id === wanted) draw(job);
}
function heard(job) {
  const news = JSON.stringify(job);
  if (job.id !== wanted || !card || news === last) return;
  last = news;
  renew(job.id);
}

function miss(reason) {
  card = null;
  element.replaceChildren(wayBack(), make("p", "nothing", reason));
}
function amended(ids, gone) {
  if (gone.includes(wanted)) miss(words("job.gone"));
  else if (ids.includes(wanted)) renew(wanted);
}

function wayBack() {
  return button("← " + words("history"), "quiet back", back);
}
function draw(job) {
  const side = make("div", "job-side");
  side.append(summary(job), timeline(job));
  if (job.files.length) side.append(files(job));
  element.dataset.state = job.state;
  element.dataset.tone = job.tone;
  if (card) {
    card.renew(job);
    refocus(element.querySelector(".job-main"), () => element.querySelector(".tags").replaceWith(marks(job)));
    refocus(element, () => element.querySelector(".job-side").replaceWith(side));
    return;
  }
  /* The card of the board does here what it does there. */
  card = window.studio.card(job);
  const main = make("div", "job-main");
  main.append(card, marks(job));
  if (job.inputs.length) main.append(inputs(job));
  main.append(family(job));
  main.append(panel("job.settings", facts(job.listed.map(({ label, value }) => [label, value]))));
  const columns = make("div", "job-columns");
  columns.append(main, side);
  element.replaceChildren(wayBack(), columns);
  element.querySelector(".back").focus({ preventScroll: true });
}

function marks(job) {
  const labels = make("div", "tags");
  const star = button((job.favourite ? "★ " : "☆ ") + words("history.favourite"), "mark", async () => {
    await amend("favourite", [job.id], { on: !job.favourite });
    await renew(job.id);
  });
  star.dataset.key = "favourite";
  star.setAttribute("aria-pressed", String(job.favourite));
  labels.append(star);
  for (const tag of job.tags) {
    const chip = make("span", "", tag);
    const off = button("×", "quiet", () => retag(job, tag, false), words("history.tag.remove", { tag }));
    off.dataset.key = "tag"; /* when it is gone, the next of them has the focus, or the field for a new one */
    chip.append(off);
    labels.append(chip);
  }
  const form = make("form");
  const entry = make("input");
  entry.placeholder = words("history.tag.name");
  entry.setAttribute("aria-label", words("history.tag.name"));
  entry.maxLength = 40;
  entry.dataset.key = "tag";
  form.append(entry);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const tag = entry.value.trim().replace(/\s+/g, " ");
    if (tag) retag(job, tag, true);
  });
  labels.append(form);
  if (job.ended) labels.append(button(words("history.delete"), "mark", async () => {
    const gone = await remove([job.id]);
    if (gone.length) back();
  }));
  return labels;
}
async function retag(job, tag, on) {
  await amend("tag", [job.id], { tag, on });
  await renew(job.id);
}

function summary(job) {
  const id = (value) => {
    if (!value) return "";
    const cell = make("span", "id");
    cell.append(make("code", "", value), copied(value));
    return cell;
  };
  const countdown = job.expires_at ? make("span", "countdown") : "";
  const node = panel("job.summary", facts([
    [words("job.expires"), countdown],
    [words("job.created"), day(job.created_at)],
    [words("job.account"), job.account],
    [words("job.estimate"), job.estimate],
    [words("job.billed"), job.billed],
    [words("cost"), job.estimate ? "" : job.cost],
    [words("job.size"), job.video ? job.video.facts.join(" · ") : ""],
    [words("job.task"), id(job.task_id)],
    [words("job.request"), id(job.request_id)],
  ]));
  if (countdown) {
    const ahead = job.now - Date.now() / 1000;
    const tick = () => {
      const left = job.expires_at - Date.now() / 1000 - ahead;
      countdown.textContent = left > 0 ? words("job.expires.in", { time: clock(left) }) : words("job.expires.over");
    };
    clearInterval(ticking);
    ticking = setInterval(tick, 1000);
    tick();
  }
  return node;
}
function inputs(job) {
  const row = make("div", "job-inputs");
  for (const input of job.inputs) {
    const link = make("a");
    link.href = input.content;
    link.target = "_blank";
    link.title = input.name;
    const picture = make("img");
    picture.src = input.thumbnail;
    picture.alt = input.name;
    picture.loading = "lazy";
    link.append(picture, make("span", "", input.label));
    row.append(link);
  }
  return panel("job.inputs", row);
}
/* What this was made from, and what was made from it. */
function family(job) {
  const node = panel("job.family");
  node.hidden = true;
  ask("jobs/" + job.id + "/lineage").then(({ ancestors, descendants }) => {
    const row = make("div", "job-inputs");
    for (const [key, jobs] of [["job.before", ancestors], ["job.after", descendants]]) {
      for (const other of jobs) {
        const link = make("a");
        link.href = "#job=" + other.id;
        link.title = other.prompt;
        if (other.video?.poster) {
          const picture = make("img");
          picture.src = other.video.poster;
          picture.alt = "";
          picture.loading = "lazy";
          link.append(picture);
        }
        link.append(make("span", "", words(key) + " · " + other.label));
        row.append(link);
      }
    }
    const zip = make("a", "quiet", words("job.family.zip"));
    zip.href = "studio/jobs/" + job.id + "/lineage.zip";
    zip.setAttribute("download", "");
    node.append(row, zip);
    node.hidden = !row.childElementCount;
  }).catch(() => { /* what it belongs to shows when the page is opened again */ });
  return node;
}
function timeline(job) {
  const node = make("ol", "timeline");
  const begun = job.timeline[0] ? job.timeline[0].at : job.created_at;
  for (const moment of job.timeline) {
    const line = make("li");
    const at = make("time", "", time(moment.at));
    at.title = day(moment.at);
    line.append(at, make("b", "", moment.label), make("span", "since", "+" + clock(Math.max(0, moment.at - begun))));
    for (const [label, value] of moment.details) line.append(make("p", "", [label, value].filter(Boolean).join(" ")));
    node.append(line);
  }
  return panel("job.timeline", node);
}
function files(job) {
  const node = make("ul", "job-files");
  for (const file of job.files) {
    const line = make("li");
    const link = make("a", "", file.name);
    link.href = file.url;
    const size = file.bytes < 1e6 ? Math.ceil(file.bytes / 1024) + " KB" : (file.bytes / 2 ** 20).toFixed(1) + " MB";
    const digest = make("code", "", "sha256 " + file.sha256);
    digest.title = file.sha256;
    line.append(link, make("span", "", size), digest, copied(file.sha256));
    node.append(line);
  }
  return panel("job.files", node);
}

document.addEventListener("keydown", (event) => {
  const elsewhere = event.target.closest("input, video") || document.querySelector("dialog[open], :popover-open");
  if (event.key === "Escape" && wanted && !elsewhere) back();
});
return { show, heard, amended };
