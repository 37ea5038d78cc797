/** What was made: one job on the stage, all of them in the strip below it, kept up with the studio's news. */

import { createLibraryChanges } from "#shell/changes";
import { addressOf } from "#shell/comparison";
import { h, setText } from "#shell/dom";
import { shownOf, yields } from "#board/choice";
import { createQuestion } from "#board/notify";
import { createStage } from "#board/stage";
import { createStrip } from "#board/strip";
import { createTab } from "#board/tab";
import { tilesOf } from "#board/variants";

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").JobView} JobView */
/** @typedef {import("./choice").Choice} Choice */
/** @typedef {import("./choice").Shown} Shown */
/** @typedef {import("./variants").Tile} Tile */

const SECOND = 1000;

/**
 * @param {Page} page
 * @param {HTMLElement} root the board's element
 * @param {object} props
 * @param {string} props.kept how long what is made stays
 * @param {number} props.undo_seconds
 * @param {import("../types/page").Connection} props.connection how news come now
 */
export function createVideos(page, root, { kept, undo_seconds: undoSeconds, connection }) {
  const { words, jobs, notices, router } = page;
  /** @type {Tile[]} */
  let tiles = [];
  /** @type {Choice} */
  let choice = null;
  /** @type {Shown | null} */
  let shown = null;
  /** @type {JobView | null} one that waits for another to be compared with */
  let compared = null;
  let timer = 0;

  const question = createQuestion(page);
  const changes = createLibraryChanges(page, undoSeconds);
  const stage = createStage(page, {
    choose: (id, whole) => choose({ id, whole }),
    made(job) {
      if (!stage.playing()) choose({ id: job.id, whole: false });
    },
    compare: (job) => compare(compared ? null : job),
    taken: compareWith,
    remove: (job) => changes.remove([job.id]),
    seen: question.seen,
  });
  const strip = createStrip(page, {
    choose: (tile) => chooseTile(tile),
    enter: (tile) => router.go(`job=${jobOf(tile)?.id ?? ""}`),
    toggle: stage.toggle,
    reshaped: draw,
  });
  const count = h("span", { class: "count" });
  const link = h("span", { class: "link", role: "status" });
  const asked = h("p", { class: "compare-hint", role: "status" });
  const head = h("div", { class: "board-head" }, h("h2", {}, words("board")), count, asked, link);
  strip.say(kept);

  /** The job of a tile that is shown where one is: the one on stage, else the one that was picked, else the newest. */
  function jobOf(/** @type {Tile} */ tile) {
    if (shown?.job && shown.tile.key === tile.key) return shown.job;
    return tile.jobs.find((job) => job.favourite) ?? tile.jobs[0];
  }
  /** @param {Choice} wanted */
  function choose(wanted) {
    choice = wanted;
    draw();
  }
  /** @param {Tile} tile */
  function chooseTile(tile) {
    const job = jobOf(tile);
    if (!job) return;
    if (tile.jobs.length === 1 && compareWith(job)) return;
    choose({ id: job.id, whole: tile.jobs.length > 1 });
  }
  /** @param {JobView | null} job */
  function compare(job) {
    const isAlone = job && !jobs.list().some((one) => one.video && one.id !== job.id);
    if (isAlone) notices.say(words("compare.alone"));
    compared = isAlone ? null : job;
    root.classList.toggle("comparing", Boolean(compared));
    setText(asked, compared ? words("compare.choose") : "");
  }
  /** Whether a second video was wanted, and this is one. @param {JobView} job */
  function compareWith(job) {
    if (!compared || !job.video || job.id === compared.id) return false;
    const address = addressOf([compared.id, job.id], "create");
    compare(null);
    router.go(address);
    return true;
  }
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && compared) compare(null);
  });

  function draw() {
    tiles = tilesOf(jobs.list());
    shown = shownOf(tiles, choice);
    for (const part of [stage.element, head, strip.element]) part.hidden = !shown;
    setText(count, jobs.count() ? String(jobs.count()) : "");
    strip.draw(tiles, shown);
    if (shown) stage.show(shown);
    else stage.leave();
    keepTime();
  }

  /** Jobs that have begun take the stage, unless the visitor is at something else. */
  function meet() {
    /* Variants play by themselves: that is no reason to stay with them. */
    const now = { playing: Boolean(shown?.job) && stage.playing(), focused: root.contains(document.activeElement) };
    if (yields(choice, now)) choice = null;
    else if (shown) choice ??= { id: shown.job?.id ?? shown.tile.jobs[0]?.id ?? "", whole: !shown.job };
  }

  /** One clock for all that runs; none while nothing does, or nobody looks. */
  function keepTime() {
    const runs = !document.hidden && jobs.list().some((job) => job.tone === "under-way");
    if (runs && !timer) timer = window.setInterval(tick, SECOND);
    if (runs || !timer) return;
    clearInterval(timer);
    timer = 0;
  }
  function tick() {
    const now = jobs.now();
    stage.tick(now);
    strip.tick(now);
  }

  /** @param {import("../types/page").Connection} how */
  function tellConnection(how) {
    link.classList.toggle("away", how !== "live");
    setText(link, words(`board.${how}`));
  }
  tellConnection(connection);
  jobs.connection.on(tellConnection);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) tick();
    keepTime();
  });
  router.onChange(() => {
    if (root.offsetParent === null) stage.pause();
  });
  createTab(page);
  return { nodes: [stage.element, question.node, head, strip.element], draw, meet };
}
