/**
 * The mirror over the textarea: the same text, unseen, so that it can be asked where each letter stands, and over it
 * what is painted. It takes no pointer and hides the textarea's own letters only under the name of an image.
 *
 * Its text is one node, as a textarea's is: parted into elements, a line may break elsewhere once in a hundred texts.
 * Only what is in sight is measured and painted, so that a key costs the same however long the text is.
 */

import { h, keyed, setText } from "#shell/dom";

/** @typedef {import("#form/prompt/painting").Mark} Mark */
/** @typedef {import("#form/prompt/painting").Name} Name */
/** @typedef {import("#form/prompt/mention").Picture} Picture */

/**
 * Where a mark is painted, a rectangle for each line that it is in.
 *
 * @typedef {{ mark: Mark, key: string, rects: DOMRect[] }} Placed
 */

/**
 * @typedef {object} Mirror
 * @property {HTMLElement} element
 * @property {(text: string, marks: readonly Mark[], pictures: readonly Picture[]) => void} draw
 * @property {(start: number, end: number, isFocused: boolean) => void} select shows where the caret is
 * @property {() => void} fit paints anew what is in sight, where the letters are now: the width changed, or it scrolled
 * @property {(index: number) => DOMRect} rectOf where a place of the text is in the window
 */

/* What stands behind the last line feed is a line too, which the mirror has only if there is something in it. */
const NOTHING = "\u200b";

/**
 * @param {{ dividerText: (number: number, count: number) => string }} options
 * @returns {Mirror}
 */
export function createMirror({ dividerText }) {
  const text = document.createTextNode(NOTHING);
  const painted = h("div", { class: "prompt-marks" });
  const unseen = h("div", { class: "prompt-text" }, text);
  const element = h("div", { class: "prompt-mirror", "aria-hidden": "true" }, unseen, painted);
  const range = document.createRange();
  /** @type {readonly Mark[]} */
  let marks = [];
  /** Those in sight, in the order of their nodes. @type {readonly Mark[]} */
  let inSight = [];
  let selection = { start: 0, end: 0, isFocused: false };
  /** @type {readonly Picture[]} */
  let pictures = [];
  /** What each node shows. @type {WeakMap<HTMLElement, string>} */
  const shown = new WeakMap();

  /** @param {number} start @param {number} end */
  function rectsOf(start, end) {
    range.setStart(text, start);
    range.setEnd(text, end);
    return [...range.getClientRects()];
  }

  /** The first place of the text that ends below `y`, a height in the window. @param {number} y */
  function firstBelow(y) {
    let [low, high] = [0, text.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const rect = rectsOf(middle, middle).at(-1);
      if (rect && rect.bottom > y) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** From where to where the text is in sight, and as much above and below, which a scroll may bring. */
  function sight() {
    const { top, bottom, height } = (element.parentElement ?? element).getBoundingClientRect();
    const whole = element.getBoundingClientRect();
    const [from, to] = [top - height, bottom + height];
    return { from: whole.top >= from ? 0 : firstBelow(from), to: whole.bottom <= to ? text.length : firstBelow(to) };
  }

  /** @returns {Placed[]} */
  function placed() {
    const origin = element.getBoundingClientRect();
    const { from, to } = sight();
    /** @type {Map<string, number>} */
    const seen = new Map();
    inSight = marks.filter(({ start, end }) => start <= to && end >= from);
    return inSight.map((mark) => {
      const what = mark.kind === "name" ? `name ${mark.number} ${mark.text}` : mark.kind;
      const count = (seen.get(what) ?? 0) + 1;
      seen.set(what, count);
      const rects = rectsOf(Math.max(mark.start, from), Math.min(mark.end, to));
      return { mark, key: `${what} ${count}`, rects: linesOf(rects, origin) };
    });
  }

  function fit() {
    const places = placed(); // all is read before anything is written: one layout
    keyed(painted, places, { key: ({ key }) => key, make: () => h("div"), update: paint });
    showSelection();
  }

  function showSelection() {
    const { start, end, isFocused } = selection;
    inSight.forEach((mark, index) => {
      if (mark.kind === "beyond") return;
      const node = painted.children[index];
      const touches = isFocused && mark.start <= end && start <= mark.end;
      node?.toggleAttribute("data-open", touches && (start === end || mark.kind === "divider"));
      node?.toggleAttribute("data-selected", touches && mark.start < end && start < mark.end && start !== end);
    });
  }

  /** @param {HTMLElement} node @param {Placed} placed */
  function paint(node, { mark, rects }) {
    const picture = mark.kind === "name" ? pictures[mark.number - 1] : undefined;
    const look = JSON.stringify({ ...mark, start: 0, end: 0, picture, rects });
    if (shown.get(node) === look) return;
    shown.set(node, look);
    node.className = `prompt-${mark.kind}`;
    if (mark.kind === "name") paintName(node, mark, rects, picture);
    else if (mark.kind === "beyond") paintPieces(node, rects);
    else paintDivider(node, rects, mark.number === null ? "" : dividerText(mark.number, mark.count));
  }

  return {
    element,
    fit,

    draw(written, nextMarks, nextPictures) {
      replaceData(text, written === "" || written.endsWith("\n") ? written + NOTHING : written);
      marks = nextMarks;
      pictures = nextPictures;
      fit();
    },

    select(start, end, isFocused) {
      selection = { start, end, isFocused };
      showSelection();
    },

    rectOf(index) {
      const [rect = element.getBoundingClientRect()] = rectsOf(index, index);
      return rect;
    },
  };
}

/**
 * One rectangle for each line, from the corner of the mirror: a browser gives more of them, for the space at its end.
 *
 * @param {readonly DOMRect[]} rects
 * @param {DOMRect} origin
 */
function linesOf(rects, origin) {
  /** @type {DOMRect[]} */
  const lines = [];
  for (const { left, top, right, height } of rects) {
    const line = lines.at(-1);
    const y = top - origin.top;
    if (line && Math.abs(line.y - y) < height / 2) line.width = right - origin.left - line.x;
    else if (right > left) lines.push(new DOMRect(left - origin.left, y, right - left, height));
  }
  return lines;
}

/**
 * Changes only what is another: the browser then shapes only that anew.
 *
 * @param {Text} node
 * @param {string} next
 */
function replaceData(node, next) {
  const { data } = node;
  if (data === next) return;
  const most = Math.min(data.length, next.length);
  let head = 0;
  while (head < most && data[head] === next[head]) head += 1;
  let tail = 0;
  while (tail < most - head && data[data.length - 1 - tail] === next[next.length - 1 - tail]) tail += 1;
  node.replaceData(head, data.length - head - tail, next.slice(head, next.length - tail));
}

/** @param {HTMLElement} node @param {DOMRect} rect */
function place(node, { x, y, width, height }) {
  node.style.cssText = `left: ${x}px; top: ${y}px; width: ${width}px; height: ${height}px`;
}

/**
 * A piece for each line.
 *
 * @param {HTMLElement} node
 * @param {readonly DOMRect[]} rects
 */
function paintPieces(node, rects) {
  const pieces = [...node.querySelectorAll(".prompt-piece")];
  while (pieces.length > rects.length) pieces.pop()?.remove();
  while (pieces.length < rects.length) pieces.push(node.appendChild(h("i", { class: "prompt-piece" })));
  rects.forEach((rect, index) => place(/** @type {HTMLElement} */ (pieces[index]), rect));
}

/**
 * @param {HTMLElement} node
 * @param {Name} name
 * @param {readonly DOMRect[]} rects
 * @param {Picture | undefined} picture
 */
function paintName(node, name, rects, picture) {
  const label = labelOf(name, Boolean(picture?.thumbnail));
  const known = /** @type {HTMLElement | null} */ (node.querySelector(".prompt-pill"));
  const pill = known ?? node.appendChild(h("span", { class: "prompt-pill" }, h("b")));
  paintPicture(pill, picture?.thumbnail);
  setText(/** @type {Node} */ (pill.lastChild), label);
  paintPieces(node, rects);
  node.toggleAttribute("data-unknown", !picture);
  node.toggleAttribute("data-narrow", label === String(name.number));
  node.toggleAttribute("data-wrapped", rects.length > 1);
  node.toggleAttribute("data-beyond", name.isBeyond);
  const [rect] = rects;
  if (!rect) return;
  const left = name.roomBefore ? 1 : 0;
  const right = name.roomAfter ? 1 : 0;
  place(pill, new DOMRect(rect.x - left, rect.y, rect.width + left + right, rect.height));
  pill.style.setProperty("--letters", String(label.length));
}

/**
 * @param {HTMLElement} pill
 * @param {string | undefined} thumbnail
 */
function paintPicture(pill, thumbnail) {
  const image = pill.querySelector("img");
  if (image?.getAttribute("src") === thumbnail) return;
  image?.remove();
  if (thumbnail) pill.prepend(h("img", { src: thumbnail, alt: "", decoding: "sync" }));
}

/**
 * @param {HTMLElement} node
 * @param {readonly DOMRect[]} rects
 * @param {string} label
 */
function paintDivider(node, rects, label) {
  if (!node.firstChild) node.append(h("span"));
  setText(/** @type {Node} */ (node.firstChild), label);
  const [rect] = rects;
  if (rect) node.style.cssText = `top: ${rect.y}px; height: ${rect.height}px`;
}

/**
 * What is written in a pill. Beside a picture there is room for “Image” only where brackets or an @ have made it.
 *
 * @param {Name} name
 * @param {boolean} hasPicture
 */
function labelOf({ text, number }, hasPicture) {
  if (hasPicture && /^(?:图|image)/iu.test(text)) return String(number);
  const chinese = /图[片像]?/u.exec(text);
  return chinese ? `${chinese[0]}${number}` : `Image ${number}`;
}
