/**
 * Keys and clicks on the entries, be they tiles or rows: all of them are one stop of the Tab key, arrows move within.
 */

/**
 * @typedef {object} Deeds
 * @property {(ids: string[], on: boolean) => void} select
 * @property {(id: string) => boolean} isSelected
 * @property {() => string[]} selected
 * @property {() => void} clear
 * @property {(id: string) => void} open
 * @property {(ids: string[]) => void} favour
 * @property {(ids: string[]) => void} remove
 * @property {(item: HTMLElement) => boolean} preview whether the video of a tile began to move
 * @property {() => void} emptied takes the focus when the last item has gone with it
 */

/**
 * @param {HTMLElement} box
 * @param {Deeds} does
 */
export function listen(box, does) {
  const items = () => /** @type {HTMLElement[]} */ ([...box.querySelectorAll(".tile")]);
  /** What takes the focus of an item: a row's is its link. @param {HTMLElement} item */
  const stop = (item) => /** @type {HTMLElement} */ (item.querySelector("a.title") ?? item);
  const idOf = (/** @type {HTMLElement} */ item) => item.dataset["id"] ?? "";
  let current = "";
  /** Where a range that Shift adds begins. */
  let anchor = "";

  /** There is one stop, whatever came and went. */
  function settle() {
    const all = items();
    const chosen = all.find((item) => idOf(item) === current) ?? all[0];
    for (const item of all) stop(item).tabIndex = item === chosen ? 0 : -1;
    return chosen;
  }
  /** @param {HTMLElement | undefined} item */
  function focusOn(item) {
    if (!item) return;
    current = idOf(item);
    settle();
    stop(item).focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  }
  /** @param {string} id @param {boolean} [range] */
  function toggle(id, range) {
    const ids = items().map(idOf);
    const [from, to] = [ids.indexOf(anchor), ids.indexOf(id)].sort((one, other) => one - other);
    if (range && from !== undefined && to !== undefined && from >= 0) does.select(ids.slice(from, to + 1), true);
    else does.select([id], !does.isSelected(id));
    anchor = id;
  }

  box.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const item = /** @type {HTMLElement | null} */ (target.closest(".tile"));
    if (!item) return;
    const id = idOf(item);
    current = id;
    settle();
    if (target.classList.contains("star")) does.favour([id]);
    else if (target.classList.contains("tick")) toggle(id, event.shiftKey);
    else if (event.ctrlKey || event.metaKey || event.shiftKey || does.selected().length > 0) {
      toggle(id, event.shiftKey);
      event.preventDefault();
    } else if (isTouch(event) && target.closest(".tile-picture") && does.preview(item)) event.preventDefault();
    else if (!target.closest("a, label")) does.open(id);
  });
  box.addEventListener("focusin", (event) => {
    const item = /** @type {HTMLElement} */ (event.target).closest(".tile");
    if (!item) return;
    current = idOf(/** @type {HTMLElement} */ (item));
    settle();
  });
  box.addEventListener("keydown", (event) => {
    const item = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest(".tile"));
    if (!item || event.altKey) return;
    const all = items();
    const at = all.indexOf(item);
    const ids = does.selected().length > 0 ? does.selected() : [idOf(item)];
    const withControl = event.ctrlKey || event.metaKey;
    const moves = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 };
    const to = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (to !== undefined) focusOn(all[Math.min(Math.max(to, 0), all.length - 1)]);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp")
      focusOn(beyond(all, item, event.key === "ArrowDown"));
    else if (event.key === " ") toggle(idOf(item), event.shiftKey);
    else if (event.key === "Enter") does.open(idOf(item));
    else if (event.key === "Delete" || event.key === "Backspace") does.remove(ids);
    else if (event.key === "f" && !withControl) does.favour(ids);
    else if (event.key === "a" && withControl) does.select(all.map(idOf), true);
    else if (event.key === "Escape") does.clear();
    else return;
    event.preventDefault();
  });

  return {
    settle,
    /** The focus goes to an item: the one that is named, or that which had it last. @param {string} [id] */
    focus(id) {
      if (id) current = id;
      focusOn(settle());
    },
    /**
     * Changes the items; a focus that goes with one of them goes to that which stands in its place then.
     *
     * @param {() => void} change
     */
    keeping(change) {
      const focused = box.contains(document.activeElement);
      const at = items().findIndex((item) => idOf(item) === current);
      change();
      const all = items();
      if (at >= 0 && !all.some((item) => idOf(item) === current)) {
        current = idOf(all[Math.min(at, all.length - 1)] ?? box);
      }
      const item = settle();
      if (!focused || box.contains(document.activeElement)) return;
      if (item) focusOn(item);
      else does.emptied();
    },
    /** The item that is the stop from now on. @param {string} id */
    lookAt(id) {
      current = id;
      settle();
    },
  };
}

/** @param {MouseEvent} event */
function isTouch(event) {
  return /** @type {PointerEvent} */ (event).pointerType === "touch";
}

/**
 * The item of the next row, or the one before, that stands nearest below or above.
 *
 * @param {readonly HTMLElement[]} all
 * @param {HTMLElement} from
 * @param {boolean} down
 */
function beyond(all, from, down) {
  const at = from.getBoundingClientRect();
  const middle = at.left + at.width / 2;
  const boxes = all.map((item) => ({ item, box: item.getBoundingClientRect() }));
  const further = boxes.filter(({ box }) => (down ? box.top > at.top + 1 : box.top < at.top - 1));
  const tops = further.map(({ box }) => box.top);
  const top = down ? Math.min(...tops) : Math.max(...tops);
  const row = further.filter(({ box }) => Math.abs(box.top - top) < 1);
  const away = (/** @type {DOMRect} */ box) => Math.abs(box.left + box.width / 2 - middle);
  return row.sort((one, other) => away(one.box) - away(other.box))[0]?.item;
}
