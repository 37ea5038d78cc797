const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/**
 * Lets Gradio's tabs be worked as ARIA has it: all of them are one stop of the Tab key, arrows go from one to another.
 *
 * @param {HTMLElement} tabs what holds them
 */
export function steerTabs(tabs) {
  const all = () => /** @type {HTMLElement[]} */ ([...tabs.querySelectorAll("[role=tablist] > [role=tab]")]);

  function settle() {
    for (const tab of all()) tab.tabIndex = tab.getAttribute("aria-selected") === "true" ? 0 : -1;
  }
  tabs.addEventListener("keydown", (event) => {
    const each = all();
    const at = each.indexOf(/** @type {HTMLElement} */ (event.target));
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
    const to = step ? (at + step + each.length) % each.length : { Home: 0, End: each.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    each[to]?.click();
    each[to]?.focus();
  });
  new MutationObserver(settle).observe(tabs, { subtree: true, childList: true, attributeFilter: ["aria-selected"] });
  settle();
}
