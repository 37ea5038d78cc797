/** Several videos side by side, or two one over the other, all in step; and in what their settings differ. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobPageView} JobPageView */
/** @typedef {import("../types/views").VideoView} VideoView */
/** @typedef {JobPageView & { video: VideoView }} Finished */

import { differences } from "#history/differences";
import { busy, button, h, icon, setText } from "#shell/dom";
import { inSync } from "#shell/playback";

const MOST = 6;
const ACROSS = 3;
const FPS = 24;
const EXCERPT = 90;
const FULL = "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5";

/**
 * @param {Page} page
 * @param {{ changes: import("./changes").Changes, back: () => void }} parts
 */
export function createComparison(page, { changes, back }) {
  const { words, ask, dates } = page;
  let wanted = "";
  /** @type {ReturnType<typeof inSync> | null} */
  let sync = null;
  let fps = FPS;

  const title = h("h2", { tabIndex: -1 }, words("compare"));
  const stage = h("div", { class: "compare-stage" });
  const wipe = h("input", {
    type: "range",
    class: "wipe",
    min: "0",
    max: "100",
    step: "0.500",
    value: "50",
    "aria-label": words("compare.wipe"),
    hidden: true,
  });
  const line = h("i", { class: "wipe-line", hidden: true });
  const picture = h("div", { class: "compare-picture" }, stage, line, wipe);
  const play = button("", () => (sync?.isPlaying() ? sync.pause() : sync?.play()), { class: "button strong play" });
  const seek = h("input", {
    type: "range",
    class: "seek",
    min: "0",
    step: "0.010",
    value: "0",
    "aria-label": words("compare.seek"),
  });
  const clock = h("span", { class: "clock" });
  const earlier = button("‹", () => sync?.stepFrames(fps, -1), {
    class: "button",
    label: words("compare.frame-back"),
    "aria-keyshortcuts": ",",
  });
  const later = button("›", () => sync?.stepFrames(fps, 1), {
    class: "button",
    label: words("compare.frame-on"),
    "aria-keyshortcuts": ".",
  });
  const loop = toggle("compare.loop", true, (on) => sync?.loop(on));
  const slow = toggle("compare.slow", false, (on) => sync?.speed(on ? 0.5 : 1));
  const over = toggle("compare.over", false, showOver);
  const full = button(icon(FULL), enlarge, { class: "button", label: words("compare.full") });
  const controls = h(
    "div",
    { class: "controls" },
    play,
    earlier,
    later,
    seek,
    clock,
    h("div", { class: "ways" }, over, loop, slow, full),
  );
  const table = h("table", { class: "differences" });
  const film = h("div", { class: "compare-film" }, picture, controls);
  const few = h("p", { class: "nothing", hidden: true }, words("compare.few"));
  const content = h(
    "div",
    { class: "compare-content", hidden: true },
    film,
    h(
      "div",
      { class: "differences-wrap", tabIndex: 0, role: "region", "aria-label": words("compare.settings") },
      table,
    ),
  );
  const wayBack = button("", back, { class: "button" });
  const node = h(
    "div",
    { class: "compare", hidden: true },
    h("div", { class: "compare-head" }, wayBack, title),
    few,
    content,
  );

  /** @param {string} key @param {boolean} on @param {(on: boolean) => void} act */
  function toggle(key, on, act) {
    const made = button(
      words(key),
      () => {
        const now = made.getAttribute("aria-pressed") !== "true";
        made.setAttribute("aria-pressed", String(now));
        act(now);
      },
      { class: "button", "aria-pressed": String(on) },
    );
    return made;
  }
  const isOn = (/** @type {HTMLElement} */ one) => one.getAttribute("aria-pressed") === "true";

  /** @param {boolean} on */
  function showOver(on) {
    picture.classList.toggle("over", on);
    wipe.hidden = line.hidden = !on;
    moveWipe();
  }
  function moveWipe() {
    picture.style.setProperty("--wipe", `${wipe.value}%`);
    wipe.setAttribute("aria-valuetext", words("compare.wipe.at", { part: Math.round(Number(wipe.value)) }));
  }
  function enlarge() {
    if (document.fullscreenElement) document.exitFullscreen();
    else film.requestFullscreen?.().catch(() => {}); /* a frame may forbid it */
  }
  function showTime() {
    const at = sync?.at() ?? 0;
    const length = sync?.length() ?? 0;
    setText(play, words(sync?.isPlaying() ? "compare.pause" : "play"));
    seek.max = String(length);
    if (document.activeElement !== seek || sync?.isPlaying()) seek.value = String(at);
    seek.setAttribute("aria-valuetext", dates.seconds(at, 1));
    setText(clock, words("seconds", { seconds: `${at.toFixed(2)} / ${length.toFixed(2)}` }));
  }

  /** @param {Finished} job @param {number} at */
  function column(job, at) {
    const letter = letterOf(at);
    const video = h("video", { muted: true, playsInline: true, preload: "auto", tabIndex: -1, src: job.video.url });
    video.setAttribute("aria-label", letter);
    if (job.video.poster) video.poster = job.video.poster;
    video.addEventListener("loadedmetadata", showTime);
    video.addEventListener("click", () => play.click());
    const name = job.prompt.slice(0, EXCERPT) || words(`tab.${job.mode}`);
    const sound = button(words("compare.sound"), () => hear(video, sound), {
      class: "quiet sound",
      "aria-pressed": "false",
      "aria-label": `${words("compare.sound")} ${letter}`,
    });
    const winner = button("", () => busy(winner, () => choose(job, winner)), { class: "quiet winner" });
    markWinner(winner, job, letter);
    return {
      video,
      node: h(
        "figure",
        { style: { "--ratio": job.ratio } },
        h("div", { class: "film" }, video),
        h("figcaption", {}, h("b", {}, letter), h("a", { href: `#job=${job.id}` }, name), sound, winner),
      ),
    };
  }
  /** @param {HTMLVideoElement} video @param {HTMLElement} pressed */
  function hear(video, pressed) {
    const on = video.muted;
    for (const one of stage.querySelectorAll("video")) one.muted = true;
    for (const one of stage.querySelectorAll(".sound")) one.setAttribute("aria-pressed", "false");
    video.muted = !on;
    pressed.setAttribute("aria-pressed", String(on));
  }
  /** @param {HTMLElement} node_ @param {Finished} job @param {string} letter */
  function markWinner(node_, job, letter) {
    node_.setAttribute("aria-pressed", String(job.favourite));
    node_.setAttribute("aria-label", `${words("compare.winner")} ${letter}`);
    node_.title = words("compare.winner.title");
    setText(node_, `${job.favourite ? "★" : "☆"} ${words("compare.winner")}`);
  }
  /** @param {Finished} job @param {HTMLElement} pressed */
  async function choose(job, pressed) {
    await changes.favour([job.id], !job.favourite);
    job.favourite = !job.favourite;
    const letter = pressed.getAttribute("aria-label")?.slice(-1) ?? "";
    markWinner(pressed, job, letter);
  }

  /** @param {readonly Finished[]} jobs */
  function draw(jobs) {
    few.hidden = jobs.length > 1;
    content.hidden = jobs.length < 2;
    if (jobs.length < 2) return;
    const columns = jobs.map(column);
    fps = Math.max(...jobs.map((job) => job.fps ?? FPS));
    stage.replaceChildren(...columns.map((one) => one.node));
    const across = jobs.every((job) => job.ratio < 1)
      ? jobs.length
      : Math.min(jobs.length, jobs.length === 4 ? 2 : ACROSS);
    node.style.setProperty("--across", String(across));
    node.style.setProperty("--many", String(jobs.length));
    node.style.setProperty("--frame", String(jobs[0]?.ratio ?? 1));
    sync = inSync(
      columns.map((one) => one.video),
      showTime,
    );
    sync.loop(isOn(loop));
    sync.speed(isOn(slow) ? 0.5 : 1);
    over.hidden = jobs.length !== 2;
    showOver(isOn(over) && jobs.length === 2);
    fillTable(jobs);
    showTime();
  }
  /** @param {readonly Finished[]} jobs */
  function fillTable(jobs) {
    const head = h("tr", {}, h("td"), ...jobs.map((_, at) => h("th", { scope: "col" }, letterOf(at))));
    const rows = differences(jobs, words).map(({ label, values, differs }) =>
      h(
        "tr",
        { class: differs ? "differs" : "" },
        h("th", { scope: "row" }, label, differs && h("span", { class: "mark" }, words("compare.differs"))),
        ...values.map((value) => h("td", {}, h("div", {}, value))),
      ),
    );
    table.replaceChildren(h("thead", {}, head), h("tbody", {}, ...rows));
  }
  function leave() {
    sync?.leave();
    sync = null;
    stage.replaceChildren();
    if (document.fullscreenElement) document.exitFullscreen();
  }

  wipe.addEventListener("input", moveWipe);
  seek.addEventListener("input", () => sync?.seek(Number(seek.value)));
  node.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && !document.fullscreenElement) back();
    else if (event.key === ",") earlier.click();
    else if (event.key === ".") later.click();
    else if (event.key === " " && !target.closest("button, a")) play.click();
    else return;
    event.preventDefault();
  });

  return {
    node,
    /** @param {readonly string[]} ids @param {import("#shell/comparison").Area} from */
    async show(ids, from) {
      setText(wayBack, `← ${words(`place.${from}`)}`);
      const asked = ids.join();
      if (asked === wanted) return;
      wanted = asked;
      leave();
      content.hidden = few.hidden = true;
      if (ids.length === 0) return;
      title.focus({ preventScroll: true });
      window.scrollTo(0, 0);
      const answers = await Promise.allSettled(
        ids.slice(0, MOST).map((id) => ask(`history/${encodeURIComponent(id)}`)),
      );
      if (asked !== wanted) return;
      draw(answers.flatMap((one) => (one.status === "fulfilled" && one.value.video ? [one.value] : [])));
    },
  };
}

/** @param {number} at */
function letterOf(at) {
  return String.fromCharCode(65 + at);
}
