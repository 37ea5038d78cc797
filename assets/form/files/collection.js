/** @typedef {import("../../types/page").FormFileView} FormFileView */
/** @typedef {import("../../types/views").FileView} FileView */

import { moved, placeOf, renumbering } from "#form/files/order";
import { fetchFrom, fix, judge, NotReceived, upload } from "#form/files/transfer";
import { signal } from "#shell/signal";

/**
 * @typedef {object} Entry a file of the form
 * @property {string} key stays with it when it is fixed or replaced
 * @property {number} turn as which it was chosen
 * @property {FormFileView} file
 */
/**
 * @typedef {object} Job a file on its way
 * @property {string} key
 * @property {string} name
 * @property {"queued" | "sending" | "checking" | "fixing"} phase
 * @property {number} part how much of that is done, 0 to 1
 * @property {number} turn
 * @property {string | null} preview address of what it looks like
 * @property {Entry | null} entry whose place it takes
 * @property {() => void} cancel
 */
/**
 * @typedef {object} Change
 * @property {"files" | "progress"} what
 * @property {Record<number, number> | null} moved the numbers that changed
 */
/** @typedef {ReturnType<typeof createCollection>} Collection */

/**
 * The files of one input, and what is being done to them. Nothing is drawn here.
 *
 * @param {object} given
 * @param {import("../../types/page").Page} given.page
 * @param {import("../../types/page").Mode} given.mode
 * @param {string} given.field
 * @param {number} given.most how many it takes
 * @param {() => string} given.query whose rules count
 * @param {number} [given.atOnce] uploads
 */
export function createCollection({ page, mode, field, most, query, atOnce = 3 }) {
  const { words } = page;
  /** @type {Entry[]} */
  let entries = [];
  /** @type {Job[]} */
  let jobs = [];
  /** @type {string[]} */
  let errors = [];
  /** @type {import("../../types/page").Signal<Change>} */
  const changed = signal();
  /** @type {(() => Promise<void>)[]} */
  const waiting = [];
  let running = 0;
  let turns = 0;
  let judging = 0;

  /** @param {readonly Entry[]} [before] */
  function tell(before) {
    changed.emit({ what: "files", moved: before ? renumbering(before, entries) : null });
  }
  function tellProgress() {
    changed.emit({ what: "progress", moved: null });
  }
  function room() {
    const coming = jobs.filter((job) => !job.entry).length;
    return most - entries.length - coming;
  }
  function begin() {
    errors = [];
  }

  /**
   * @param {string} name
   * @param {Job["phase"]} phase
   * @param {Entry | null} entry
   * @param {Blob | null} [seen]
   */
  function start(name, phase, entry, seen = null) {
    const control = new AbortController();
    turns += 1;
    /** @type {Job} */
    const job = {
      key: `job-${turns}`,
      name,
      phase,
      part: 0,
      turn: turns,
      preview: seen && seen.type.startsWith("image/") ? URL.createObjectURL(seen) : null,
      entry,
      cancel: () => control.abort(),
    };
    jobs.push(job);
    const text = words(phase === "fixing" ? "files.mending" : "files.sending", { name });
    const release = page.holds.hold(mode, text, { field, cancel: job.cancel });
    function end() {
      jobs = jobs.filter((other) => other !== job);
      if (job.preview) URL.revokeObjectURL(job.preview);
      release();
    }
    return { job, signal: control.signal, end };
  }

  /** @param {() => Promise<void>} work */
  function queue(work) {
    waiting.push(work);
    next();
  }
  function next() {
    const work = running < atOnce ? waiting.shift() : undefined;
    if (!work) return;
    running += 1;
    work().finally(() => {
      running -= 1;
      next();
    });
  }

  /**
   * @param {ReturnType<typeof start>} started
   * @param {() => Promise<FileView>} receive
   */
  async function take({ job, signal: stop, end }, receive) {
    try {
      if (stop.aborted) return;
      place(job, await receive());
    } catch (error) {
      complain(job, error);
    } finally {
      end();
      tell();
    }
  }
  /**
   * @param {Job} job
   * @param {FormFileView} file
   */
  function place(job, file) {
    const before = [...entries];
    if (job.entry && entries.includes(job.entry)) {
      const { file: old } = job.entry;
      if (job.phase === "fixing") file.before = old.before ?? old;
      job.entry.file = file;
      say(job.phase === "fixing" ? "files.mended" : "files.replaced", file.name);
    } else if (job.phase !== "fixing") {
      const entry = { key: `file-${job.turn}`, turn: job.turn, file };
      entries.splice(placeOf(entries, job.turn), 0, entry);
      say("files.added", file.name);
    }
    jobs = jobs.filter((other) => other !== job);
    tell(before);
  }
  /**
   * @param {Job} job
   * @param {unknown} error
   */
  function complain(job, error) {
    if (error instanceof NotReceived && error.canceled) return;
    const reason = (error instanceof NotReceived && error.message) || words("files.lost");
    errors.push(words("files.failed", { name: job.name, reason }));
  }
  /**
   * @param {"files.added" | "files.mended" | "files.replaced" | "files.removed" | "files.undone"} key
   * @param {string} name
   */
  function say(key, name) {
    page.notices.speak(words(key, { name }));
  }
  /**
   * @param {File} file
   * @param {Entry | null} entry whose place it takes
   */
  function send(file, entry) {
    const started = start(file.name, running < atOnce ? "sending" : "queued", entry, file);
    const { job } = started;
    queue(() =>
      take(started, () => {
        job.phase = "sending";
        const progress = (/** @type {number} */ part) => {
          job.part = part;
          job.phase = part < 1 ? "sending" : "checking";
          tellProgress();
        };
        tellProgress();
        return upload(file, query(), progress, started.signal);
      }),
    );
  }
  /** @param {string} key */
  const entryOf = (key) => entries.find((entry) => entry.key === key);

  return {
    changed,
    entries: () => entries,
    jobs: () => jobs,
    errors: () => errors,
    /** Whether files are being judged anew: what stands of them may no longer hold. */
    isJudging: () => judging > 0,
    room,
    /** @param {string} key */
    entry: entryOf,
    /** What is being done to a file. @param {Entry} entry */
    jobOf: (entry) => jobs.find((job) => job.entry === entry),
    dismiss() {
      begin();
      tell();
    },
    /** @param {readonly File[]} files */
    add(files) {
      begin();
      const fit = files.slice(0, Math.max(0, room()));
      if (fit.length < files.length) errors.push(words("files.most", { most }));
      for (const file of fit) send(file, null);
      tell();
    },
    /**
     * @param {string} key
     * @param {File} file
     */
    replace(key, file) {
      begin();
      send(file, entryOf(key) ?? null);
      tell();
    },
    /** @param {string} url */
    async addAddress(url) {
      begin();
      if (room() < 1) {
        errors.push(words("files.most", { most }));
        tell();
        return;
      }
      const started = start(url, "checking", null);
      tell();
      await take(started, () => fetchFrom(url, query(), started.signal));
    },
    /**
     * @param {string} key
     * @param {readonly Record<string, unknown>[]} fixes
     */
    async fix(key, fixes) {
      const entry = entryOf(key);
      if (!entry || jobs.some((job) => job.entry === entry)) return;
      begin();
      const { name, sha256 } = entry.file;
      const started = start(name, "fixing", entry);
      const progress = (/** @type {number} */ part) => {
        started.job.part = part;
        tellProgress();
      };
      tell();
      await take(started, () => fix(sha256, fixes, query(), progress, started.signal));
    },
    /** @param {string} key */
    undo(key) {
      const entry = entryOf(key);
      if (!entry?.file.before) return;
      begin();
      entry.file = entry.file.before;
      say("files.undone", entry.file.name);
      tell();
    },
    /** @param {readonly string[]} keys */
    remove(...keys) {
      const before = [...entries];
      begin();
      entries = entries.filter((entry) => !keys.includes(entry.key));
      for (const job of jobs) if (job.entry && !entries.includes(job.entry)) job.cancel();
      const gone = before.filter((entry) => !entries.includes(entry));
      if (gone[0]) say("files.removed", gone[0].file.name);
      if (gone.length) tell(before);
    },
    /**
     * @param {number} from
     * @param {number} to
     */
    move(from, to) {
      if (from === to || to < 0 || to >= entries.length || !entries[from]) return;
      const before = [...entries];
      entries = moved(entries, from, to);
      page.notices.speak(words("files.moved", { place: to + 1 }));
      tell(before);
    },
    /** @param {readonly FormFileView[]} items */
    set(items) {
      begin();
      /* What stays the same stays the same entry. */
      const known = [...entries];
      entries = items.map((file) => {
        const at = known.findIndex((entry) => entry.file.sha256 === file.sha256);
        const [same] = at < 0 ? [] : known.splice(at, 1);
        turns += 1;
        return same ? Object.assign(same, { file }) : { key: `file-${turns}`, turn: 0, file };
      });
      for (const job of jobs) if (job.entry && !entries.includes(job.entry)) job.cancel();
      tell();
    },
    /** Judges all files anew, by the rules that count now. */
    async refresh() {
      judging += 1;
      tell();
      const asked = query();
      try {
        await Promise.all(entries.map((entry) => again(entry, asked)));
      } finally {
        judging -= 1;
        tell();
      }
    },
  };

  /**
   * @param {Entry} entry
   * @param {string} asked
   */
  async function again(entry, asked) {
    const { file } = entry;
    const judged = await rejudged(file, asked);
    /* Fixed or replaced meanwhile, or the rules are others by now: then somebody else tells of it. */
    if (entry.file === file && asked === query()) entry.file = judged;
  }
  /**
   * @param {FormFileView} file
   * @param {string} asked
   * @returns {Promise<FormFileView>}
   */
  async function rejudged(file, asked) {
    try {
      /** @type {FormFileView} */
      const judged = await judge(file.sha256, asked);
      if (file.before) judged.before = await rejudged(file.before, asked);
      return judged;
    } catch (error) {
      if (!(error instanceof NotReceived) || error.kind !== "no_such_file") return file;
      const finding = {
        rule: "gone",
        verdict: /** @type {const} */ ("refused"),
        text: error.message,
        fixes: [],
        label: "",
        remedy: "",
      };
      return {
        ...file,
        verdict: "refused",
        thumbnail: null,
        findings: [finding],
        fixes: [],
        does: [],
        framings: [],
        trim: null,
      };
    }
  }
}
