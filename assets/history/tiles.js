/* The tiles of the library: a poster, which moves while it is pointed at, and what there is to know at a glance. */
const { words, make, moment } = window.studio;
const grid = element;
const PREVIEW_AFTER = 150;

function build(job) {
  const tile = make("div", "tile");
  tile.setAttribute("role", "option");
  tile.setAttribute("aria-selected", "false");
  tile.tabIndex = -1;
  fill(tile, job);
  let waiting = 0;
  tile.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "mouse") waiting = setTimeout(() => preview(tile), PREVIEW_AFTER);
  });
  tile.addEventListener("pointerleave", (event) => {
    clearTimeout(waiting);
    if (event.pointerType === "mouse") still(tile);
  });
  return tile;
}
function fill(tile, job) {
  tile.job = job;
  tile.dataset.id = job.id;
  tile.dataset.state = job.state;
  tile.dataset.tone = job.tone;
  tile.setAttribute("aria-label", [job.favourite ? "★" : "", job.label, job.prompt || job.mode].filter(Boolean).join(": "));
  const picture = make("div", "tile-picture");
  if (job.poster) {
    const poster = make("img");
    poster.src = job.poster;
    poster.alt = "";
    poster.loading = "lazy";
    poster.decoding = "async";
    picture.append(poster);
  } else {
    picture.append(make("p", "tile-reason", job.reason || job.label));
  }
  const tick = make("span", "tick", "✓");
  const heart = make("span", "star", "★");
  heart.classList.toggle("on", job.favourite);
  for (const mark of [tick, heart]) mark.setAttribute("aria-hidden", "true");
  picture.append(tick, heart);
  if (job.length && job.preview) picture.append(make("span", "tile-length", job.length));
  const about = make("div", "tile-about");
  about.append(make("p", "tile-prompt", job.prompt || words("tab." + job.mode)));
  const facts = make("p", "tile-facts");
  if (job.tone !== "done") facts.append(make("span", "pill", job.label));
  facts.append(make("span", "", job.model), make("span", "", job.cost));
  facts.append(make("time", "", moment(job.created_at)));
  about.append(facts);
  if (job.reason) about.append(make("p", "tile-why", job.reason));
  if (job.tags.length) {
    const labels = make("p", "tile-tags");
    labels.append(...job.tags.map((tag) => make("span", "", tag)));
    about.append(labels);
  }
  tile.replaceChildren(picture, about);
}
function preview(tile) {
  if (!tile.job.preview || tile.querySelector("video")) return;
  grid.querySelectorAll("video").forEach((video) => still(video.closest(".tile")));
  const video = make("video");
  video.muted = video.loop = video.playsInline = video.autoplay = true;
  video.src = tile.job.preview;
  tile.querySelector(".tile-picture").prepend(video);
}
function still(tile) {
  const video = tile.querySelector("video");
  if (!video) return;
  video.removeAttribute("src");
  video.load();
  video.remove();
}

return { build, fill, preview };
