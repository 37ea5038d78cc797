/**
 * News of the studio, whatever the network does: a stream, made anew when it breaks or falls silent, and looks
 * meanwhile.
 */

const FIRST_MS = 10_000; /* a stream begins with all that is there; one that does not is held back on its way */
const SILENT_MS = 40_000; /* the studio says something every 15 s */
const LOOK_MS = 4_000;
const AGAIN_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * @typedef {object} Listener
 * @property {(news: any) => void} hear takes what the stream says
 * @property {() => Promise<void>} look asks for the newest instead
 * @property {(how: "live" | "away" | "held") => void} say is told how it goes when that changes; at first it is live
 */

/**
 * @param {Listener} listener
 * @returns {{ catchUp: () => void }}
 */
export function followNews({ hear, look, say }) {
  /** @type {EventSource | null} */
  let source = null;
  /** @type {"live" | "away" | "held"} */
  let how = "live";
  let live = false;
  let wanted = false;
  let failures = 0;
  let silence = 0;
  let again = 0;
  let looking = 0;

  /**
   * Twice as long each time, and never the same for all pages that a restart has cut off.
   *
   * @param {number} base
   * @param {number} times
   */
  const pause = (base, times) => Math.min(base * 2 ** times, LONGEST_MS) * (0.75 + Math.random() / 4);

  /** @param {"live" | "away" | "held"} now */
  function tell(now) {
    if (now === how) return;
    how = now;
    say(how);
  }

  function open() {
    drop();
    const mine = (source = new EventSource("studio/events"));
    /** @param {MessageEvent} message */
    const heard = (message) => {
      if (source !== mine) return;
      clearTimeout(silence);
      silence = window.setTimeout(fail, SILENT_MS);
      clearTimeout(looking);
      live = true;
      failures = 0;
      tell("live");
      if (message.type === "message") hear(JSON.parse(message.data));
    };
    mine.onmessage = heard;
    mine.addEventListener("alive", heard);
    /* The browser gives up for good after any answer but 200: so it is never left to the browser. */
    mine.onerror = () => {
      if (source === mine) fail();
    };
    silence = window.setTimeout(fail, FIRST_MS);
    lookLater(0);
  }
  function drop() {
    source?.close();
    source = null;
    live = false;
    for (const timer of [silence, again, looking]) clearTimeout(timer);
  }
  function fail() {
    drop();
    if (how !== "held") tell("away");
    again = window.setTimeout(open, pause(AGAIN_MS, failures++));
    lookLater(0);
  }

  /** @param {number} vain looks that found nobody */
  function lookLater(vain) {
    clearTimeout(looking);
    looking = window.setTimeout(() => lookNow(vain), pause(LOOK_MS, vain));
  }
  /** @param {number} [vain] */
  async function lookNow(vain = 0) {
    const found = await look().then(
      () => true,
      () => false,
    );
    if (!wanted || live) return;
    tell(found ? "held" : "away");
    lookLater(found ? 0 : vain + 1);
  }

  function begin() {
    wanted = true;
    failures = 0;
    open();
  }
  function end() {
    wanted = false;
    drop();
  }
  /* A hidden page does not hold a connection: a browser has few for all of a visitor's tabs. */
  const attend = () => (document.hidden ? end() : begin());
  document.addEventListener("visibilitychange", attend);
  window.addEventListener("pagehide", end);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) attend();
  });
  window.addEventListener("online", () => {
    if (wanted) begin();
  });
  begin();
  return {
    /** Looks at once, where no stream tells what has just been done. */
    catchUp() {
      if (wanted && !live) lookNow();
    },
  };
}
