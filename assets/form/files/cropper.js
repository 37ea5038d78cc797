import { anchor, frameOf, ratioOf, shifted } from "#form/files/frame";
import { button, h } from "#shell/dom";

const STEP = 0.01;
const LONG_STEP = 0.1;

/**
 * A picture with a frame of the ratio that is wanted, to drag; and the quick ways to it.
 *
 * @param {object} given
 * @param {import("../../types/page").Words} given.words
 * @param {import("../../types/views").FileView} given.file which has framings
 * @param {HTMLElement} given.picture that is framed
 */
export function createCropper({ words, file, picture }) {
  const [first] = file.framings;
  const frame = frameOf(file.width, file.height, ratioOf(/** @type {string} */ (first?.fix.ratio ?? "1")));
  let place = 0.5;
  let way = 0;
  /** @type {() => void} */
  let changed = () => {};
  const fixOf = (/** @type {number} */ index) => file.framings[index]?.fix ?? {};
  const isCrop = () => fixOf(way).name === "crop";

  const box = h("div", { class: "crop-frame", role: "slider", tabIndex: 0, "aria-label": words("framing.frame") });
  box.setAttribute("aria-orientation", frame.axis === "across" ? "horizontal" : "vertical");
  box.setAttribute("aria-valuemin", "0");
  box.setAttribute("aria-valuemax", "100");
  box.dataset.axis = frame.axis;
  const element = h("div", { class: "cropper" }, picture, box);
  const ways = h("div", { class: "media-ways", role: "group", "aria-label": words("framing") });
  const buttons = file.framings.map((framing, index) =>
    button(framing.label, () => choose(index), { class: "button", "aria-pressed": "false" }),
  );
  ways.append(...buttons);

  /** @param {number} index */
  function choose(index) {
    way = index;
    const anchored = /** @type {[number, number] | undefined} */ (fixOf(index).anchor);
    if (anchored) place = anchored[frame.axis === "across" ? 0 : 1];
    draw();
  }
  /** @param {number} by share of the picture */
  function move(by) {
    place = shifted(frame, place, by);
    way = 0;
    draw();
  }
  function draw() {
    const start = (1 - frame.part) * place;
    element.style.setProperty("--start", String(start));
    element.style.setProperty("--size", String(frame.part));
    element.dataset.axis = frame.axis;
    box.hidden = !isCrop();
    element.classList.toggle("padded", !isCrop());
    const percent = Math.round(start * 100);
    box.setAttribute("aria-valuenow", String(Math.round(place * 100)));
    box.setAttribute("aria-valuetext", words(frame.axis === "across" ? "framing.across" : "framing.down", { percent }));
    buttons.forEach((one, index) => {
      const anchored = /** @type {[number, number] | undefined} */ (fixOf(index).anchor);
      const here = anchored ? isCrop() && anchored[frame.axis === "across" ? 0 : 1] === place : index === way;
      one.setAttribute("aria-pressed", String(here));
    });
    changed();
  }

  /** @type {number | null} */
  let held = null;
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = frame.axis === "across" ? event.clientX : event.clientY;
    box.setPointerCapture(event.pointerId);
    event.preventDefault();
    box.focus({ preventScroll: true });
  });
  box.addEventListener("pointermove", (event) => {
    if (held === null) return;
    const { width, height } = element.getBoundingClientRect();
    const now = frame.axis === "across" ? event.clientX : event.clientY;
    move((now - held) / (frame.axis === "across" ? width : height));
    held = now;
  });
  for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, () => (held = null));
  box.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? LONG_STEP : STEP;
    const by = { ArrowLeft: -step, ArrowUp: -step, ArrowRight: step, ArrowDown: step, Home: -1, End: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    move(by);
  });
  draw();
  return {
    element,
    ways,
    chosen: () => (isCrop() ? { ...fixOf(0), anchor: anchor(frame, place) } : fixOf(way)),
    /** @param {() => void} listener */
    onChange(listener) {
      changed = listener;
    },
  };
}
