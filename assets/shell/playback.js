/** Several videos as one: whoever has something left plays when all can, and whoever drifts is put back. */

const DRIFT = 0.1;
const END = 0.05;
const LAST_FRAME = 0.02;
const CAN_PLAY = 3;

/** Whether nothing is left of a video of that length. @param {number} duration @param {number} at */
export function isOver(duration, at) {
  return at >= duration - END;
}
/** @param {number} time @param {number} at where the leader is */
export function hasDrifted(time, at) {
  return Math.abs(time - at) > DRIFT;
}
/** Where a video of that length stands when the longest one is at `at`. @param {number} duration @param {number} at */
export function placeIn(duration, at) {
  return Math.min(Math.max(at, 0), Math.max(0, (duration || 0) - LAST_FRAME));
}
/** The time of the next frame, or of the one before. @param {number} at @param {number} fps @param {number} step */
export function frameAt(at, fps, step) {
  /* Half a frame further: a browser shows the frame that has begun, and rounding must not fall before it. */
  return (Math.floor(at * fps + 1e-3) + step + 0.5) / fps;
}

/**
 * They play over and over, unless `loop` ends that. One that cannot be shown holds up none.
 *
 * @param {readonly HTMLVideoElement[]} all
 * @param {() => void} [changed] is told where it stands, as it plays
 */
export function inSync(all, changed = () => {}) {
  let playing = false;
  let loops = true;
  let frame = 0;
  const longer = (/** @type {HTMLVideoElement} */ one, /** @type {HTMLVideoElement} */ other) =>
    (other.duration || 0) > (one.duration || 0) ? other : one;
  const shown = () => all.filter((video) => !video.error);
  /** The longest one. @returns {HTMLVideoElement | undefined} */
  const leader = () => shown().reduce(longer, /** @type {any} */ (shown()[0]));
  const length = () => leader()?.duration || 0;

  function step() {
    const lead = leader();
    if (!lead) {
      pause();
      return;
    }
    const videos = shown();
    const at = lead.currentTime;
    const able = videos.every(
      (video) => isOver(video.duration, at) || (video.readyState >= CAN_PLAY && !video.seeking),
    );
    for (const video of videos) {
      const on = able && !isOver(video.duration, at);
      if (on && video.paused) video.play().catch(pauseIfForbidden);
      if (!on && !video.paused) video.pause();
      if (on && video !== lead && hasDrifted(video.currentTime, at)) video.currentTime = at;
    }
    changed();
    if (lead.ended || isOver(lead.duration, at)) {
      if (!loops) {
        pause();
        return;
      }
      seek(0);
    }
    frame = requestAnimationFrame(step);
  }
  function pause() {
    playing = false;
    cancelAnimationFrame(frame);
    for (const video of all) video.pause();
    changed();
  }
  /** One that is paused before it began says so too, and goes on later. @param {Error} error */
  function pauseIfForbidden(error) {
    if (error.name === "NotAllowedError") pause();
  }
  /** @param {number} at */
  function seek(at) {
    for (const video of all) video.currentTime = placeIn(video.duration, at);
    changed();
  }
  const sync = {
    pause,
    seek,
    length,
    at: () => leader()?.currentTime ?? 0,
    isPlaying: () => playing,
    play() {
      if (isOver(length(), sync.at())) seek(0);
      if (playing) return;
      playing = true;
      changed();
      frame = requestAnimationFrame(step);
    },
    /** @param {boolean} on */
    loop(on) {
      loops = on;
    },
    /** @param {number} rate */
    speed(rate) {
      for (const video of all) video.playbackRate = rate;
    },
    /** @param {number} fps @param {number} by */
    stepFrames(fps, by) {
      pause();
      seek(frameAt(sync.at(), fps, by));
    },
    /** Lets go of the files. */
    leave() {
      pause();
      all.forEach(unload);
    },
  };
  return sync;
}

/** Lets go of a file: a video that is merely taken off the page goes on loading. @param {HTMLVideoElement} video */
export function unload(video) {
  video.pause();
  video.removeAttribute("src");
  video.load();
}
