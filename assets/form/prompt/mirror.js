/**
 * The mirror over the textarea: the same text, unseen, so that it can be asked where each letter stands, and over it
 * what is painted. It takes no pointer and hides the textarea's own letters only under the name of an image.
 *
 * Its text is one node, as a textarea's is: parted into elements, a line may break elsewhere once in a hundred texts.
 * Only what is in sight is measured and painted, so that a key costs the same however long the text is.
 */

import { filled } from "#form/prompt/pill";
import { h, keyed, setText } from "#shell/dom";

/** @typedef {import("#form/prompt/painting").Mark} Mark */
/** @typedef {import("#form/prompt/painting").Name} Name */
/** @typedef {import("#form/prompt/mention").Picture} Picture */

/**
 * Where a mark is painted, a rectangle for each piece of it: one in each line that it is in. A name in one piece is
 * painted as a pill, whose `filling` is measured in the size of the letters.
 *
 * @typedef {{ mark: Mark, key: string, rects: DOMRect[], filling?: import("#form/prompt/pill").Filling }} Placed
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
    const letters = parseFloat(getComputedStyle(element).fontSize);
    const { from, to } = sight();
    /** @type {Map<string, number>} */
    const seen = new Map();
    inSight = marks.filter(({ start, end }) => start <= to && end >= from);
    return inSight.map((mark) => {
      const what = mark.kind === "name" ? `name ${mark.number} ${mark.text}` : mark.kind;
      const count = (seen.get(what) ?? 0) + 1;
      seen.set(what, count);
      const key = `${what} ${count}`;
      if (mark.kind === "name") return { mark, key, ...placedName(mark, origin, letters) };
      return { mark, key, rects: piecesOf(rectsOf(Math.max(mark.start, from), Math.min(mark.end, to)), origin) };
    });
  }

  /** @param {Name} name @param {DOMRect} origin @param {number} letters their size, in pixels */
  function placedName(name, origin, letters) {
    const rects = piecesOf(rectsOf(name.start, name.end), origin);
    const [rect, ...more] = rects;
    if (!rect || more.length) return { rects };
    rect.x -= name.roomBefore ? 1 : 0;
    rect.width += (name.roomBefore ? 1 : 0) + (name.roomAfter ? 1 : 0);
    const { start, end } = said(name);
    const [label] = piecesOf(rectsOf(start, end), origin);
    const what = name.text.slice(start - name.start, end - name.start);
    const asked = { text: what, width: (label ?? rect).width / letters };
    const hasPicture = Boolean(pictures[name.number - 1]?.thumbnail);
    return { rects, filling: filled(rect.width / letters, asked, name.number, hasPicture) };
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
  function paint(node, { mark, rects, filling }) {
    const picture = mark.kind === "name" ? pictures[mark.number - 1] : undefined;
    const look = JSON.stringify({ ...mark, start: 0, end: 0, picture, rects, filling });
    if (shown.get(node) === look) return;
    shown.set(node, look);
    node.className = `prompt-${mark.kind}`;
    if (mark.kind === "name") paintName(node, mark, rects, picture, filling);
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
 * One rectangle for all that lie beside each other in a line, from the corner of the mirror: a browser gives one more
 * for the space at its end, and one for each direction of writing.
 *
 * @param {readonly DOMRect[]} rects
 * @param {DOMRect} origin
 */
function piecesOf(rects, origin) {
  /** @type {DOMRect[]} */
  const pieces = [];
  for (const { left, top, width, height } of rects) {
    const rect = new DOMRect(left - origin.left, top - origin.top, width, height);
    const last = pieces.at(-1);
    if (last && areBeside(last, rect)) {
      const [start, end] = [Math.min(last.left, rect.left), Math.max(last.right, rect.right)];
      Object.assign(last, { x: start, width: end - start });
    } else if (width > 0) pieces.push(rect);
  }
  return pieces;
}

/** @param {DOMRect} one @param {DOMRect} other */
function areBeside(one, other) {
  const isOneLine = Math.abs(one.y - other.y) < other.height / 2;
  return isOneLine && one.left <= other.right + 1 && other.left <= one.right + 1;
}

/** What a name says without its brackets or its @, as a part of the whole text. @param {Name} name */
function said({ start, text }) {
  const [opening = ""] = /^[[［【@]\s*/u.exec(text) ?? [];
  const [closing = ""] = /\s*[\]］】]$/u.exec(text) ?? [];
  return { start: start + opening.length, end: start + text.length - closing.length };
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
 * @param {import("#form/prompt/pill").Filling} [filling] of a pill; without one the pieces are painted
 */
function paintName(node, name, rects, picture, filling) {
  paintPieces(node, rects);
  node.toggleAttribute("data-unknown", !picture);
  node.toggleAttribute("data-wrapped", !filling);
  node.toggleAttribute("data-beyond", name.isBeyond);
  const known = /** @type {HTMLElement | null} */ (node.querySelector(".prompt-pill"));
  const [rect] = rects;
  if (!filling || !rect) {
    known?.remove();
    return;
  }
  const pill = known ?? node.appendChild(h("span", { class: "prompt-pill" }, h("b")));
  paintPicture(pill, picture?.thumbnail);
  setText(/** @type {Node} */ (pill.lastChild), filling.label);
  place(pill, rect);
  for (const part of /** @type {const} */ (["picture", "gap", "size"])) {
    pill.style.setProperty(`--${part}`, `${filling[part]}em`);
  }
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
