import { h } from "#shell/dom";
import { isOver, unload } from "#shell/playback";

/** @typedef {import("../types/views").JobView} JobView */
/** @typedef {import("../types/views").VideoView} VideoView */

const LOAD_MS = 150; /* whoever steps through the strip loads the posters alone */
const SEEN_MS = 5000;
const EXCERPT = 120;

/**
 * A finished video, whole and with controls; it is silent until someone plays it.
 *
 * @param {JobView} job
 * @param {VideoView} video
 * @param {(job: JobView) => void} [seen] is told once it was played or looked at for a while
 * @returns {import("./stage").View}
 */
export function player(job, video, seen) {
  const film = h("video", {
    controls: true,
    loop: true,
    playsInline: true,
    preload: "metadata",
    "aria-label": job.prompt.slice(0, EXCERPT) || job.label,
  });
  if (video.poster) film.poster = video.poster;
  const node = h(
    "div",
    { class: "player" },
    video.poster && h("img", { class: "behind", src: video.poster, alt: "" }),
    film,
  );

  function load() {
    clearTimeout(loading);
    if (!film.hasAttribute("src")) film.src = video.url;
  }
  function look() {
    clearTimeout(looking);
    seen?.(job);
  }
  const loading = setTimeout(load, LOAD_MS);
  const looking = setTimeout(() => {
    if (!document.hidden && film.offsetParent) look();
  }, SEEN_MS);
  film.addEventListener("play", look, { once: true });
  let moved = false;
  for (const deed of ["play", "seeking"]) film.addEventListener(deed, () => (moved = true), { once: true });
  return {
    node,
    update() {},
    toggle() {
      load();
      if (film.paused) film.play().catch(() => {}); /* a browser that forbids it has its own button */
      else film.pause();
    },
    pause: () => film.pause(),
    playing: () => !film.paused,
    at: () => (moved && !isOver(film.duration, film.currentTime) ? film.currentTime : null),
    leave() {
      clearTimeout(loading);
      clearTimeout(looking);
      if (film.hasAttribute("src")) unload(film);
    },
  };
}
