const HAS_FRAME = 2;

/**
 * Plays videos together, over and over: they begin when all have a frame to show, and begin again when all have ended.
 *
 * @param {readonly HTMLVideoElement[]} videos muted
 */
export function inStep(videos) {
  let wanted = false;

  async function begin() {
    await Promise.all(videos.map(hasFrame));
    if (!wanted) return;
    for (const video of videos) {
      video.currentTime = 0;
      video.play().catch(() => {}); /* a browser that forbids it shows the first frame */
    }
  }
  function again() {
    if (wanted && videos.every((video) => video.ended || video.error)) begin();
  }
  for (const video of videos) video.addEventListener("ended", again);
  return {
    playing: () => wanted,
    play() {
      if (wanted) return;
      wanted = true;
      const begun = videos.some((video) => video.currentTime > 0 && !video.ended);
      if (!begun) begin();
      else for (const video of videos) video.play().catch(() => {});
    },
    pause() {
      wanted = false;
      for (const video of videos) video.pause();
    },
    /** Lets go of the files: a video that is merely taken off the page goes on loading. */
    leave() {
      wanted = false;
      for (const video of videos) unload(video);
    },
  };
}

/** @param {HTMLVideoElement} video */
function hasFrame(video) {
  if (video.readyState >= HAS_FRAME || video.error) return Promise.resolve();
  return new Promise((resolve) => {
    for (const event of ["loadeddata", "error"]) video.addEventListener(event, resolve, { once: true });
  });
}

/** @param {HTMLVideoElement} video */
export function unload(video) {
  video.pause();
  video.removeAttribute("src");
  video.load();
}
