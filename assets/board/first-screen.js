/** What stands in the stage's place before there is a video: examples of the mode whose form is open. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("../types/views").StarterView} StarterView */

import { mosaic } from "#board/mosaic";
import { busy, button, h, icon, keyed, refocus, setText, whenIdle } from "#shell/dom";
import { inTime } from "#shell/missing";
import { quotient } from "#shell/ratio";

const PLAY = "M8 5.5v13l10.5-6.5z";
const PAUSE = "M8.5 5.5v13M15.5 5.5v13";
/** Width by height of the place that a desktop leaves. */
const PLACE = 1.45;
/** Each shows what it is of in itself: the left of its line is the video. */
const EDIT = "video-edit";

/**
 * @param {Page} page
 * @param {string} kept how long what is made stays
 * @returns {{ element: HTMLElement, show: () => void, hide: () => void }}
 */
export function createFirstScreen(page, kept) {
  const { words, ask, forms, accounts } = page;
  /** @type {StarterView[]} */
  let starters = [];
  let asked = false;
  let usable = false;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let playing = !still.matches;
  /** Which of the pictures are looked at. */
  const looks = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) target.classList.toggle("seen", isIntersecting);
    load();
  });

  const lead = h("p", { class: "first-lead" });
  const drawn = h("p", { class: "first-drawn" });
  const toggle = button(null, () => play(!playing), { class: "first-play" });
  const list = h("div", { class: "examples", role: "list" });
  const room = h("div", { class: "first-room" }, list);
  const title = h("h2", { id: "first-title" }, words("first.title"));
  const head = h("div", { class: "first-head" }, title, lead, toggle);
  const element = h("section", { class: "first-screen", "aria-labelledby": "first-title", hidden: true });
  element.append(head, room, drawn);

  /** @param {boolean} wanted */
  function play(wanted) {
    playing = wanted;
    const label = words(playing ? "pause" : "play");
    toggle.replaceChildren(icon(playing ? PAUSE : PLAY), h("span", {}, label));
    load();
  }
  /** The pictures that are seen, once the page can be used: none is fetched for nobody. */
  function load() {
    if (!usable) return;
    for (const image of /** @type {NodeListOf<HTMLImageElement>} */ (list.querySelectorAll(".seen img"))) {
      const { moving = "", still: first = "" } = image.dataset;
      const wanted = playing && moving ? moving : first;
      if (image.getAttribute("src") !== wanted) image.src = wanted;
    }
  }

  function draw() {
    const mode = forms.shown();
    const live = accounts.view()?.live ?? true;
    setText(lead, words(`first.lead.${mode}`));
    setText(drawn, [words(live ? "first.drawn" : "first.test"), kept].join(words("language.joint")));
    const shown = starters.filter((starter) => starter.mode === mode);
    toggle.hidden = !shown.length;
    if (!shown.length) return list.replaceChildren();
    const { columns, ratio } = mosaic(shown, ({ example }) => quotient(example?.ratio ?? ""), PLACE);
    list.style.setProperty("--ratio", String(ratio));
    refocus(element, () => {
      keyed(list, columns, {
        key: ({ items }) => items.map(({ id }) => id).join(" "),
        make(column) {
          const cards = column.items.map(card);
          return h("div", { class: "stack", role: "presentation", style: { "--ratio": column.ratio } }, ...cards);
        },
      });
    });
    return load();
  }

  /** @param {StarterView} starter */
  function card(starter) {
    const { id, prompt, inputs, example } = starter;
    const name = words(`starter.${id}`);
    const { moving = "", still: first = "", ratio = "" } = example ?? {};
    const image = h("img", { alt: "", decoding: "async", data: { moving, still: first } });
    image.addEventListener("error", () => {
      if (image.getAttribute("src") === moving) image.src = first;
    });
    const whole = button(prompt, () => expand(whole), { class: "example-prompt", "aria-expanded": "false" });
    const use = button(words("first.use"), () => busy(use, () => start(starter, name)), { class: "example-use" });
    use.setAttribute("aria-label", words("first.use.name", { name }));
    const item = h(
      "div",
      { class: "example", role: "listitem", style: { "--ratio": quotient(ratio) } },
      h("div", { class: "example-picture" }, image, ...(starter.mode === EDIT ? sides() : [])),
      h(
        "div",
        { class: "example-text" },
        h("div", { class: "example-said" }, h("h3", {}, name), whole),
        h("div", { class: "example-foot" }, ...thumbnails(inputs), use),
      ),
    );
    item.classList.toggle("tall", quotient(ratio) < 1);
    looks.observe(item);
    return item;
  }
  function sides() {
    return [
      h("span", { class: "side before" }, words("first.before")),
      h("span", { class: "side after" }, words("first.after")),
    ];
  }
  /** @param {StarterView["inputs"]} inputs */
  function thumbnails(inputs) {
    const pictures = inputs.filter(({ field }) => field !== "video");
    return pictures.map(({ field, picture }, at) => {
      const alt = words(field === "references" ? "prompt.picture" : "first_frame", { number: at + 1 });
      const image = h("img", { alt, decoding: "async", title: alt, data: { still: picture } });
      const number = field === "references" && h("span", { "aria-hidden": "true" }, at + 1);
      return h("span", { class: "example-input" }, image, number);
    });
  }
  /** @param {HTMLButtonElement} node */
  function expand(node) {
    node.setAttribute("aria-expanded", String(node.getAttribute("aria-expanded") !== "true"));
  }

  /** @param {StarterView} starter @param {string} name */
  async function start(starter, name) {
    const mode = /** @type {import("../types/page").Mode} */ (starter.mode);
    const { fillIn, given } = await inTime(import("#presets/fill"));
    try {
      const settings = await given(page, starter);
      await fillIn(page, { name, mode, settings, before: forms.current(mode), use: forms.use });
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      page.notices.say(words("action.failed", { reason: message }), { alert: true });
    }
  }

  async function fetchStarters() {
    asked = true;
    try {
      ({ starters } = await ask("starters"));
    } catch {
      asked = false; /* the form says what is wrong; the next look at the board asks again */
    }
    draw();
    whenIdle(() => {
      usable = true;
      load();
    });
  }

  forms.onShown.on(draw);
  accounts.changed.on(draw);
  still.addEventListener("change", () => play(!still.matches));
  play(playing);
  draw();
  return {
    element,
    show() {
      element.hidden = false;
      if (!asked) fetchStarters();
    },
    hide() {
      element.hidden = true;
    },
  };
}
