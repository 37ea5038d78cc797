/** What can be done with the selection. What cannot be done says why, in view and to who listens. */

/** @typedef {import("../types/page").Page} Page */
/** @typedef {import("./changes").Changes} Changes */
/** @typedef {import("./listing").Listing} Listing */
/** @typedef {import("./selection").Selection} Selection */
/** @typedef {import("./offers").Action} Action */

import { addressOf } from "#shell/comparison";
import { button, h, setText } from "#shell/dom";
import { hindrances, isVideo } from "#history/offers";

const LONGEST_TAG = 40;

/**
 * @param {Page} page
 * @param {object} parts
 * @param {Listing} parts.listing
 * @param {Selection} parts.selection
 * @param {Changes} parts.changes
 * @param {(ids: string[]) => void} parts.remove
 */
export function createBar({ words, router, notices }, { listing, selection, changes, remove }) {
  const count = h("span", { class: "marked-count" });
  const why = h("p", { class: "marked-why", id: "library-why" });
  const known = h("datalist", { id: "library-tags" });
  const entry = h("input", {
    class: "text-field",
    placeholder: words("history.tag.name"),
    "aria-label": words("history.tag.name"),
    maxLength: LONGEST_TAG,
  });
  entry.setAttribute("list", known.id);
  const form = h(
    "form",
    { class: "tag-form", hidden: true },
    entry,
    known,
    h("button", { class: "button" }, words("history.tag.add")),
  );
  /** @type {Record<Action, string>} */
  let reasons = { zip: "", compare: "", delete: "" };

  /**
   * @param {Action} action
   * @param {() => void} act
   */
  function limited(action, act) {
    const made = button(
      words(`history.${action}`),
      () => {
        if (reasons[action]) notices.say(words(reasons[action]));
        else act();
      },
      { class: "button", data: { action } },
    );
    return made;
  }
  const tagging = button(words("history.tag"), () => (form.hidden ? openTag() : closeTag()), {
    class: "button",
    "aria-expanded": "false",
  });
  const actions = [
    button(words("history.clear"), () => selection.clear(), { class: "quiet" }),
    limited("compare", () => {
      const ids = selection
        .entries()
        .filter(isVideo)
        .map(({ id }) => id);
      router.go(addressOf(ids, "history"));
    }),
    limited("zip", download),
    button(words("history.favourite"), () => changes.toggleFavourite(selection.ids()), { class: "button" }),
    tagging,
    form,
    limited("delete", () => remove(selection.ids())),
  ];
  const node = h(
    "div",
    { class: "marked", role: "toolbar", "aria-label": words("history.selection"), hidden: true },
    count,
    ...actions,
    why,
  );

  function openTag() {
    known.replaceChildren(...listing.tags().map((tag) => new Option(tag)));
    form.hidden = false;
    tagging.setAttribute("aria-expanded", "true");
    entry.focus();
  }
  function closeTag() {
    form.hidden = true;
    tagging.setAttribute("aria-expanded", "false");
    tagging.focus();
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    changes.tag(selection.ids(), entry.value, true);
    entry.value = "";
    closeTag();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    closeTag();
  });
  function download() {
    const link = h("a", { href: `studio/history/zip?ids=${selection.ids().join()}`, download: "" });
    document.body.append(link);
    link.click();
    link.remove();
  }

  return {
    node,
    update() {
      const entries = selection.entries();
      const away = entries.filter(({ id }) => !listing.shows(id)).length;
      const size = words.count("history.marked", entries.length);
      setText(count, away > 0 ? words("history.marked.away", { selected: size, count: away }) : size);
      reasons = hindrances(entries);
      const told = [...new Set(Object.values(reasons).filter(Boolean))].map((key) => words(key));
      setText(why, told.join(words("language.joint")));
      why.hidden = told.length === 0;
      for (const one of /** @type {NodeListOf<HTMLElement>} */ (node.querySelectorAll("[data-action]"))) {
        const reason = reasons[/** @type {Action} */ (one.dataset["action"])];
        one.title = reason ? words(reason) : "";
        one.toggleAttribute("aria-disabled", false);
        one.toggleAttribute("aria-describedby", false);
        if (!reason) continue;
        one.setAttribute("aria-disabled", "true");
        one.setAttribute("aria-describedby", why.id);
      }
      node.hidden = entries.length === 0;
    },
  };
}
