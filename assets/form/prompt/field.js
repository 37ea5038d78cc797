/** The textarea: a real one, so that input methods, undo, spelling, screen readers and phones do all they can. */

import { after } from "#form/prompt/edits";
import { h } from "#shell/dom";

/** @typedef {import("#form/prompt/edits").Edit} Edit */

/**
 * @typedef {object} Field
 * @property {HTMLTextAreaElement} area
 * @property {() => boolean} isComposing whether an input method is at work, whose text nobody else may touch
 * @property {() => number} caret where one would type on; behind all until the field was used
 * @property {(edit: Edit, caret?: number) => void} replace undoable; the selection stays with its text, or goes to
 *   `caret`, where behind a space no second one is typed
 */

/**
 * @param {{ id: string, label: string, oninput: () => void, onselect: () => void }} options `onselect`: the caret
 *   moved, or the focus came or went
 * @returns {Field}
 */
export function createField({ id, label, oninput, onselect }) {
  const area = h("textarea", { class: "prompt-field", id, "aria-label": label, rows: 1, spellcheck: true });
  let isComposing = false;
  let wasUsed = false;
  /** @type {Array<() => void>} */
  let waiting = [];

  /** Where the caret stands behind a space that was written for whoever types on. @type {number | null} */
  let spaced = null;

  area.addEventListener("input", () => {
    spaced = null;
    oninput();
  });
  area.addEventListener("beforeinput", (event) => {
    const isSpace = event.inputType === "insertText" && event.data === " " && !event.isComposing;
    /* The space that one types out of habit: it is there. */
    if (isSpace && spaced !== null && isCaretAt(spaced)) event.preventDefault();
    spaced = null;
  });
  area.addEventListener("compositionstart", () => (isComposing = true));
  area.addEventListener("compositionend", () => {
    isComposing = false;
    const replacements = waiting;
    waiting = [];
    for (const replacement of replacements) replacement();
    oninput();
  });
  area.addEventListener("focus", () => {
    wasUsed = true;
    document.addEventListener("selectionchange", moved);
    moved();
  });
  area.addEventListener("blur", () => {
    document.removeEventListener("selectionchange", moved);
    spaced = null;
    moved();
  });

  function moved() {
    if (spaced !== null && !isCaretAt(spaced)) spaced = null;
    onselect();
  }

  /** @param {number} place */
  function isCaretAt(place) {
    return area.selectionStart === place && area.selectionEnd === place;
  }

  /** @param {Edit} edit */
  function write({ start, end, text }) {
    area.setSelectionRange(start, end);
    // Deprecated, and the only way to write what Ctrl+Z takes back.
    if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText", data: text }));
  }

  /** @param {Edit} edit @param {number} [caret] */
  function replace(edit, caret) {
    const { selectionStart, selectionEnd, selectionDirection } = area;
    const focused = document.activeElement;
    area.focus({ preventScroll: true });
    write(edit);
    if (caret !== undefined) {
      area.setSelectionRange(caret, caret);
      if (area.value[caret - 1] === " ") spaced = caret;
    } else {
      area.setSelectionRange(after(selectionStart, [edit]), after(selectionEnd, [edit]), selectionDirection);
      if (focused instanceof HTMLElement && focused !== area) focused.focus({ preventScroll: true });
    }
    onselect();
  }

  return {
    area,
    isComposing: () => isComposing,
    caret: () => (wasUsed ? area.selectionEnd : area.value.length),
    replace(edit, caret) {
      if (isComposing) waiting.push(() => replace(edit, caret));
      else replace(edit, caret);
    },
  };
}
