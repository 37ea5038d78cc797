/**
 * The prompt of a form: a textarea with the names of its images painted over it, one line that helps, and phrases to
 * write into it.
 */

import { createChips } from "#form/prompt/chips";
import { merged } from "#form/prompt/edits";
import { createField } from "#form/prompt/field";
import { createFooter } from "#form/prompt/footer";
import { matching, mentionAt } from "#form/prompt/mention";
import { createMirror } from "#form/prompt/mirror";
import { noteOf } from "#form/prompt/note";
import { createMeasuring, marksOf } from "#form/prompt/painting";
import { partAt, partsOf } from "#form/prompt/parts";
import { joined } from "#form/prompt/phrases";
import { insertion, renumberings } from "#form/prompt/tokens";
import { h } from "#shell/dom";

/** @typedef {import("#form/prompt/mention").Picture} Picture */
/** @typedef {import("#form/prompt/painting").Measured} Measured */
/** @typedef {(key: string, values?: Record<string, string | number>) => string} Words */

/**
 * What a browser remembers of its visitor; null: nothing.
 *
 * @typedef {{ get: (name: string) => string | null, set: (name: string, value: string) => void }} Store
 */

/**
 * What the chosen model takes. They change together, when another mode, cloud or model is chosen.
 *
 * @typedef {object} Rules
 * @property {import("#form/prompt/guide").Mode} mode
 * @property {import("#form/prompt/measure").PromptLimit} limit
 * @property {string} provider its name, as people know it
 * @property {import("#form/prompt/tokens").Naming | null} naming how a prompt names the images; null: it does not
 * @property {boolean} required whether there must be a prompt
 * @property {number} most prompts of one press
 */

/**
 * @typedef {object} PromptEditorOptions
 * @property {string} id of the textarea; ids of the editor's other parts begin with it
 * @property {Words} words
 * @property {import("#form/prompt/phrases").Language} language in which phrases are written into a prompt
 * @property {Store} store where it is kept that the helper is not wanted
 * @property {Rules} rules
 * @property {readonly Picture[]} [images]
 * @property {number | null} [duration]
 * @property {(value: string) => void} [onChange] after each change of the text that is not made by setting `value`
 */

/**
 * @typedef {object} PromptEditor
 * @property {HTMLElement} element fills the height that a flex column gives it
 * @property {HTMLTextAreaElement} area the textarea, for a label, `aria-invalid`, and the like
 * @property {string} value set, it begins anew: nothing is undone, and nobody is told
 * @property {readonly Measured[]} prompts the prompts that are written, as they are sent, against the limit
 * @property {(rules: Rules) => void} setRules
 * @property {(images: readonly Picture[]) => void} setImages in their order; after `renumber` where it changed
 * @property {(seconds: number | null) => void} setDuration of the video, which spoken lines are held against
 * @property {(moved: import("#form/prompt/tokens").Moved) => void} renumber after images were reordered or removed
 * @property {(number: number) => void} nameImage writes the name of an image at the caret
 * @property {(phrase: string) => void} insert writes a phrase at the caret
 * @property {() => void} focus
 */

const HELPER = "prompt.helper";

/**
 * @param {PromptEditorOptions} options
 * @returns {PromptEditor}
 */
export function createPromptEditor({ id, words, language, store, onChange, ...given }) {
  let { rules } = given;
  let pictures = given.images ?? [];
  let duration = given.duration ?? null;
  let isHelping = store.get(HELPER) !== "off";
  /** @type {import("#form/prompt/parts").Part[]} */
  let parts = [];
  /** @type {Measured[]} */
  let prompts = [];
  /** @type {typeof import("#form/prompt/guide").guide | null} */
  let guide = null;
  /** @type {Promise<void> | undefined} */
  let fetching;
  /** Comes with the first model that has its images named. @type {import("#form/prompt/picker").Picker | null} */
  let picker = null;
  /** @type {Promise<void> | undefined} */
  let pickerComes;
  /** Where the `@` stands whose list was sent away. @type {number | null} */
  let dismissed = null;

  const measure = createMeasuring();
  const field = createField({ id, label: words("prompt"), oninput: changed, onselect: moved });
  const { area } = field;
  const mirror = createMirror({ dividerText: (number, count) => words("prompt.divider", { number, count }) });
  const footer = createFooter({ id, words, language, onhelp: () => help(!isHelping) });
  const chips = createChips({ words, language, onchoose: insert });
  const scroll = h("div", { class: "prompt-scroll", onpointerdown: focusFromPadding }, area, mirror.element);
  const box = h("div", { class: "prompt-box" }, scroll, footer.element);
  const element = h("div", { class: "prompt" }, box, chips.element);

  area.setAttribute("aria-describedby", footer.describedBy);
  area.addEventListener("keydown", (event) => {
    if (!picker?.press(event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  area.addEventListener("blur", () => picker?.close());
  scroll.addEventListener("scroll", scrolled, { passive: true });
  const resizes = new ResizeObserver(mirror.fit);
  for (const one of [scroll, mirror.element]) resizes.observe(one);

  /** The text changed: painted at once, so that what is painted is never behind what is written. */
  function changed() {
    paint();
    pick();
    onChange?.(area.value);
  }

  /** The caret moved, or the focus. */
  function moved() {
    mirror.select(area.selectionStart, area.selectionEnd, isFocused());
    tell();
    if (picker?.isOpen() && !mention()) picker.close();
  }

  function scrolled() {
    picker?.close();
    mirror.fit();
  }

  function paint() {
    const text = area.value;
    parts = partsOf(text);
    prompts = measure(text, { limit: rules.limit, naming: rules.naming, images: pictures.length }, parts);
    mirror.draw(text, marksOf(text, parts, prompts, Boolean(rules.naming)), pictures);
    mirror.select(area.selectionStart, area.selectionEnd, isFocused());
    tell();
  }

  function isFocused() {
    return document.activeElement === area;
  }

  /** What the line under the text says of the prompt at the caret. */
  function tell() {
    const part = partAt(parts, field.caret());
    const current = prompts.find((prompt) => prompt.part === part);
    const helps = { isHelping, guide, duration };
    const note = noteOf({ prompts, current, rules, images: pictures.length, words, language, ...helps });
    if (isHelping && current && !current.part.blank) fetchGuide();
    const number = note?.image;
    footer.setMeasure(note?.measured ?? current ?? /** @type {Measured} */ (prompts[0]));
    footer.setNote(note && { ...note, act: number === undefined ? undefined : () => nameImage(number) });
  }

  /** The guide comes once there is something to say of a prompt. */
  function fetchGuide() {
    fetching ??= import("#form/prompt/guide").then(
      (module) => {
        guide = module.guide;
        tell();
      },
      () => {
        fetching = undefined; /* the next change asks again */
      },
    );
  }

  function bringPicker() {
    pickerComes ??= import("#form/prompt/picker").then(
      ({ createPicker }) => {
        picker = createPicker({ words, area, onchoose: complete, onclose: dismiss });
        element.append(picker.element);
        pick();
      },
      () => {
        pickerComes = undefined; /* the next `@` asks again */
      },
    );
  }

  function mention() {
    const isCollapsed = area.selectionStart === area.selectionEnd;
    return rules.naming && isCollapsed ? mentionAt(area.value, area.selectionStart) : null;
  }

  function pick() {
    const found = field.isComposing() ? null : mention();
    if (found?.start !== dismissed) dismissed = null;
    if (!found || dismissed !== null) picker?.close();
    else if (!picker) bringPicker();
    else picker.show(matching(pictures, found.query), pictures, () => mirror.rectOf(found.start));
  }

  function dismiss() {
    dismissed = mention()?.start ?? null;
  }

  /** @param {number} number */
  function complete(number) {
    const found = mention();
    if (found) name(number, found.start, area.selectionStart);
  }

  /** @param {number} number */
  function nameImage(number) {
    const caret = field.caret();
    name(number, Math.min(area.selectionStart, caret), caret);
  }

  /**
   * @param {number} number
   * @param {number} start
   * @param {number} end
   */
  function name(number, start, end) {
    const token = (rules.naming?.token ?? "[Image #]").replace("#", String(number));
    const edit = insertion(area.value, start, end, token);
    field.replace(edit, edit.caret);
  }

  /** @param {string} phrase */
  function insert(phrase) {
    const edit = joined(area.value, field.caret(), phrase);
    field.replace(edit, edit.caret);
  }

  /** @param {boolean} isWanted */
  function help(isWanted) {
    isHelping = isWanted;
    store.set(HELPER, isWanted ? "on" : "off");
    showHelp();
  }

  function showHelp() {
    chips.element.hidden = !isHelping;
    footer.setHelping(isHelping);
    tell();
  }

  /** @param {PointerEvent} event */
  function focusFromPadding(event) {
    if (event.target !== scroll || event.offsetX >= scroll.clientWidth) return;
    event.preventDefault();
    area.focus({ preventScroll: true });
  }

  function showRules() {
    const optional = rules.mode === "image-to-video" && !rules.required ? ".optional" : "";
    area.placeholder = words(`prompt.placeholder.${rules.mode}${optional}`);
    chips.setMode(rules.mode);
  }

  function showNaming() {
    if (rules.naming) bringPicker();
  }

  showRules();
  showNaming();
  paint();
  showHelp();

  return {
    element,
    area,
    get value() {
      return area.value;
    },
    set value(text) {
      picker?.close();
      area.value = text;
      paint();
    },
    get prompts() {
      return prompts;
    },
    setRules(next) {
      const isOther = next.mode !== rules.mode || next.required !== rules.required;
      rules = next;
      if (isOther) showRules();
      showNaming();
      paint();
    },
    setImages(images) {
      pictures = images;
      paint();
    },
    setDuration(seconds) {
      duration = seconds;
      tell();
    },
    renumber(numbers) {
      const edits = renumberings(area.value, numbers);
      if (edits.length) field.replace(merged(area.value, edits));
    },
    nameImage,
    insert,
    focus: () => area.focus(),
  };
}
