/** @typedef {import("./collection").Collection} Collection */
/** @typedef {import("./collection").Entry} Entry */

import { createCropper } from "#form/files/cropper";
import { judged, needsAll } from "#form/files/findings";
import { offerOf } from "#form/files/lines";
import { doing, dot, picture } from "#form/files/tiles";
import { createTrimmer } from "#form/files/trimmer";
import { button, h, icon, refocus, setText } from "#shell/dom";

const BACK = "M15 5l-7 7 7 7";
const ON = "M9 5l7 7-7 7";

/**
 * A file large, with all that was checked, and what can be done about it.
 *
 * @param {object} given
 * @param {import("../../types/page").Page} given.page
 * @param {Collection} given.collection
 * @param {(number: number) => string} given.nameOf
 * @param {(() => boolean) | undefined} given.several whether one may be stepped to
 * @param {((number: number) => void) | undefined} given.insertToken
 * @param {() => string} given.resolution
 * @param {(key: string) => void} given.replace asks for another file in its place
 * @param {(key: string) => void} given.closed
 */
export function createSheet({ page, collection, nameOf, several, insertToken, resolution, replace, closed }) {
  const { words } = page;
  let current = "";
  /** Of what the large picture was drawn. */
  let drawn = "";
  let showsBefore = false;
  /** @type {ReturnType<typeof createCropper> | null} */
  let cropper = null;
  /** @type {ReturnType<typeof createTrimmer> | null} */
  let trimmer = null;

  const title = h("h2", {});
  const facts = h("p", { class: "facts" });
  const previous = button(icon(BACK), () => step(-1), { class: "media-round", label: words("files.previous") });
  const next = button(icon(ON), () => step(1), { class: "media-round", label: words("files.next") });
  const close = button("×", () => dialog.close(), { class: "media-round", label: words("close") });
  const stage = h("div", { class: "sheet-stage" });
  const tools = h("div", { class: "sheet-tools" });
  const report = h("div", { class: "sheet-report" });
  const acts = h("div", { class: "sheet-acts" });
  const dialog = h(
    "dialog",
    { class: "dialog media-sheet" },
    h("header", {}, h("div", { class: "sheet-names" }, title, facts), previous, next, close),
    h(
      "div",
      { class: "sheet-body" },
      h("div", { class: "sheet-seen" }, stage, tools),
      h("div", { class: "sheet-side" }, report, acts),
    ),
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    stage.replaceChildren();
    drawn = "";
    dialog.remove();
    closed(current);
  });
  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && event.target === dialog) step(by);
  });

  /** @param {number} by */
  function step(by) {
    const list = collection.entries();
    const entry = list[list.findIndex((one) => one.key === current) + by];
    if (entry) show(entry);
  }
  /** @param {Entry} entry */
  function show(entry) {
    current = entry.key;
    showsBefore = false;
    draw();
  }

  function draw() {
    if (!dialog.open) return;
    const entry = collection.entry(current);
    if (!entry) {
      dialog.close();
      return;
    }
    const { file } = entry;
    const number = collection.entries().indexOf(entry) + 1;
    const what = nameOf(number);
    dialog.setAttribute("aria-label", words("files.sheet", { what, name: file.name }));
    setText(title, file.name);
    setText(facts, [what, ...file.facts].join(" · "));
    const many = Boolean(several?.()) && collection.entries().length > 1;
    previous.hidden = next.hidden = !many;
    previous.disabled = number === 1;
    next.disabled = number === collection.entries().length;
    const job = collection.jobOf(entry);
    refocus(dialog, () => {
      drawStage(entry);
      report.replaceChildren(...(job ? [drawJob(job)] : drawReport(entry)));
      tools.hidden = Boolean(job);
      acts.replaceChildren(...drawActs(entry, number));
    });
  }
  /** @param {import("./collection").Job} job */
  function drawJob(job) {
    const line = h(
      "div",
      { class: "media-line fixing", role: "status" },
      h("span", { class: "text" }, doing(words, job)),
    );
    line.append(button(words("action.cancel"), job.cancel, { class: "quiet" }));
    line.style.setProperty("--part", String(job.part));
    return line;
  }

  /** @param {Entry} entry */
  function drawStage(entry) {
    const { file } = entry;
    const seen = showsBefore && file.before ? file.before : file;
    const what = [file.sha256, seen.sha256, file.verdict].join();
    if (what === drawn) {
      trimmer?.draw();
      return;
    }
    drawn = what;
    cropper = trimmer = null;
    tools.replaceChildren();
    stage.replaceChildren(largeOf(seen));
    if (seen !== file) return;
    if (file.framings.length) addCropper(entry, file);
    if (file.trim) addTrimmer(entry, file);
  }
  /**
   * @param {Entry} entry
   * @param {import("../../types/views").FileView} file
   */
  function addCropper(entry, file) {
    const shown = h("img", {
      src: file.kind === "video" ? (file.thumbnail ?? "") : `studio/files/${file.sha256}/content`,
      alt: "",
    });
    shown.draggable = false;
    if (file.thumbnail) shown.addEventListener("error", () => (shown.src = file.thumbnail ?? ""), { once: true });
    const made = createCropper({ words, file, picture: shown });
    cropper = made;
    made.element.style.setProperty("--ratio", String(file.width / file.height));
    const { fixes, label } = cropRemedy(file);
    const go = button("", () => collection.fix(entry.key, withFraming(fixes, made.chosen())), {
      class: "button strong",
    });
    const name = () => {
      const pads = made.chosen().name === "pad";
      setText(go, label && !pads ? label : words(pads ? "framing.extend" : "framing.crop"));
    };
    made.onChange(name);
    name();
    stage.replaceChildren(made.element);
    tools.append(made.ways, go);
  }
  /**
   * @param {Entry} entry
   * @param {import("../../types/views").FileView} file
   */
  function addTrimmer(entry, file) {
    const seek = (/** @type {number} */ seconds) => {
      const video = stage.querySelector("video");
      if (video) video.currentTime = seconds;
    };
    trimmer = createTrimmer({
      words,
      file,
      resolution,
      seek,
      apply: (fixes) => collection.fix(entry.key, withCrop(fixes)),
    });
    tools.append(trimmer.element);
  }
  /**
   * With the frame that was chosen, where the file needs one.
   *
   * @param {Record<string, unknown>[]} fixes
   */
  function withCrop(fixes) {
    return cropper ? withFraming(fixes, cropper.chosen()) : fixes;
  }
  /** @param {import("../../types/views").FileView} file */
  function largeOf(file) {
    const box = h("div", { class: "sheet-large" });
    box.style.setProperty("--ratio", String(file.width / file.height));
    const address = `studio/files/${file.sha256}/content`;
    if (file.kind === "video") {
      const video = h("video", {
        src: address,
        poster: file.thumbnail ?? "",
        controls: true,
        muted: true,
        playsInline: true,
        preload: "metadata",
      });
      video.addEventListener("error", () => {
        box.replaceChildren(picture(file));
        box.after(h("p", { class: "noplay" }, words("files.noplay")));
      });
      box.append(video);
    } else {
      const image = h("img", { src: address, alt: "" });
      image.addEventListener("error", () => image.replaceWith(picture(file)), { once: true });
      box.append(image);
    }
    return box;
  }

  /** @param {Entry} entry */
  function drawReport(entry) {
    const { file } = entry;
    const verdict = h(
      "h3",
      { class: "sheet-verdict", data: { verdict: file.verdict } },
      dot(file.verdict),
      words(`preflight.${file.verdict}`),
    );
    const list = h("ul", { "aria-label": words("files.checks") });
    const together = needsAll(file);
    for (const { finding, remedy } of judged(file)) {
      /* what stands beside the large picture is not offered twice */
      const there = (finding.rule === "ratio" && cropper) || (remedy?.fixes[0]?.name === "trim" && trimmer);
      const single = remedy?.label && !there ? remedy : null;
      const act = () => single && collection.fix(entry.key, single.fixes);
      list.append(
        h(
          "li",
          { class: "media-rule", data: { verdict: finding.verdict, key: `rule-${finding.rule}` } },
          dot(finding.verdict),
          h("span", { class: "visually-hidden" }, words(`verdict.${finding.verdict}`)),
          h("span", { class: "text" }, finding.text, finding.remedy ? h("small", {}, finding.remedy) : null),
          single && offerOf(page, file, single, resolution(), act),
        ),
      );
    }
    const parts = [verdict, list];
    if (together) {
      const all = { fixes: file.fixes, label: "" };
      const act = () => collection.fix(entry.key, withCrop(file.fixes));
      const look = { class: "button strong", data: { key: "fix-all" } };
      const go = offerOf(page, file, all, resolution(), act, look);
      parts.push(h("div", { class: "sheet-all" }, go, h("small", {}, file.does.join(" · "))));
    } else if (file.verdict === "refused" && !file.fixes.length && !file.findings.some((one) => one.remedy)) {
      parts.push(h("p", { class: "no-fix" }, words("files.choose")));
    }
    return parts;
  }

  /**
   * @param {Entry} entry
   * @param {number} number
   */
  function drawActs(entry, number) {
    const { key, file } = entry;
    const nodes = [];
    if (file.before) {
      const turn = (/** @type {boolean} */ before) => () => {
        showsBefore = before;
        draw();
      };
      const after = button(words("files.after"), turn(false), {
        class: "button",
        "aria-pressed": String(!showsBefore),
        data: { key: "after" },
      });
      const before = button(words("files.before"), turn(true), {
        class: "button",
        "aria-pressed": String(showsBefore),
        data: { key: "before" },
      });
      const undo = button(words("files.undo"), () => collection.undo(key), { class: "quiet", data: { key: "undo" } });
      nodes.push(
        h(
          "div",
          { class: "sheet-compared" },
          before,
          after,
          h("small", {}, (showsBefore ? file.before : file).facts.join(" · ")),
          undo,
        ),
      );
    }
    const row = h("div", { class: "sheet-row" });
    if (insertToken) {
      const insert = () => {
        dialog.close();
        insertToken(number);
      };
      row.append(button(words("files.token.insert"), insert, { class: "button", data: { key: "insert" } }));
    }
    row.append(
      button(words("files.replace"), () => replace(key), { class: "button", data: { key: "replace" } }),
      button(words("files.take_out"), () => collection.remove(key), { class: "button", data: { key: "remove" } }),
    );
    nodes.push(row);
    return nodes;
  }

  return {
    /** @param {Entry} entry */
    open(entry) {
      document.body.append(dialog);
      dialog.showModal();
      show(entry);
    },
    draw,
  };
}

/**
 * What brings a file to its ratio: by itself where that is enough, else all its fixes.
 *
 * @param {import("../../types/views").FileView} file
 */
function cropRemedy(file) {
  const finding = file.findings.find((one) => one.rule === "ratio" && one.fixes.length);
  return { fixes: finding?.fixes ?? file.fixes, label: finding?.label ?? "" };
}

/**
 * @param {readonly Record<string, unknown>[]} fixes
 * @param {Record<string, unknown>} framing
 */
function withFraming(fixes, framing) {
  return fixes.map((fix) => (fix.name === "crop" ? framing : fix));
}
