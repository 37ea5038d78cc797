/** Nodes of the page, made and kept without markup: text is never read as HTML. */

/** @typedef {Node | string | number | false | null | undefined} Child */
/** @typedef {Record<string, any> & { innerHTML?: never, outerHTML?: never, srcdoc?: never }} Properties */

/**
 * A new element. Of `properties`, functions named `on…` listen, `class`, `role` and names with a hyphen become
 * attributes, `data` goes into the dataset, `style` sets custom properties, and all else are properties of the node.
 * What is null, undefined or false is left out, children too.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(node, name, value);
  node.append(...children.filter(isShown));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";
const IDLE_MS = 2000;

/**
 * An icon of 24 × 24 units, drawn as lines in the colour of the text; hidden from screen readers.
 *
 * @param {string} path the `d` of an SVG path
 * @returns {SVGSVGElement}
 */
export function icon(path) {
  const node = document.createElementNS(SVG, "svg");
  node.setAttribute("viewBox", "0 0 24 24");
  node.setAttribute("aria-hidden", "true");
  node.classList.add("icon");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  node.append(line);
  return node;
}

/**
 * A button that is named by its text, or by `label` where it shows an icon or a sign.
 *
 * @param {Child} content
 * @param {(event: MouseEvent) => void} act
 * @param {Properties & { label?: string }} [properties]
 * @returns {HTMLButtonElement}
 */
export function button(content, act, { label, ...properties } = {}) {
  const named = label ? { "aria-label": label, title: label } : {};
  return h("button", { type: "button", onclick: act, ...named, ...properties }, content);
}

/**
 * @param {HTMLElement} node
 * @param {string} name
 * @param {any} value
 */
function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "data") {
    Object.assign(node.dataset, value);
  } else if (name === "style") {
    for (const [property, one] of Object.entries(value)) node.style.setProperty(property, String(one));
  } else if (name.startsWith("on")) {
    /* Never as an attribute: a text there would be run. */
    node.addEventListener(name.slice(2), value);
  } else if (name === "class" || name === "role" || name.includes("-") || !(name in node)) {
    node.setAttribute(name, value === true ? "" : String(value));
  } else {
    Object.assign(node, { [name]: value });
  }
}

/**
 * @param {Child} child
 * @returns {child is Node | string}
 */
function isShown(child) {
  return child !== null && child !== undefined && child !== false;
}

/**
 * Changes a text only where it is another: a live region speaks each change, a selection ends with one.
 *
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Makes the children of `parent` those of `items`, in their order. A child whose key is still there stays the same
 * node, and is moved only if it stands elsewhere: a video goes on playing, a focus stays.
 *
 * @template Item
 * @template {HTMLElement} Made
 * @param {HTMLElement} parent
 * @param {readonly Item[]} items
 * @param {{ key: (item: Item) => string, make: (item: Item) => Made, update?: (node: Made, item: Item) => void }} how
 */
export function keyed(parent, items, { key, make, update }) {
  const before = new Map([...parent.children].map((node) => [/** @type {HTMLElement} */ (node).dataset.key, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const known = /** @type {Made | undefined} */ (before.get(name));
    before.delete(name);
    const node = known ?? make(item);
    node.dataset.key = name;
    update?.(node, item);
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const node of before.values()) node.remove();
}

const FOCUSABLE = "button, a[href], input, select, textarea, summary, [tabindex]";

/** @param {Element} node */
function canFocus(node) {
  const one = /** @type {HTMLButtonElement} */ (node);
  return one.isConnected && !one.disabled && one.offsetParent !== null;
}

/**
 * Changes a part of the page. A focus that the change takes away goes to what has the same `data-key`, else to the
 * first thing in `box` that takes it: it never falls to the body.
 *
 * @param {HTMLElement} box
 * @param {() => void} change
 */
export function refocus(box, change) {
  const focused = box.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  const near = /** @type {HTMLElement | null | undefined} */ (focused?.closest("[data-key]"));
  const key = near?.dataset.key;
  change();
  if (!focused || (canFocus(focused) && focused === document.activeElement)) return;
  const alike = key ? box.querySelectorAll(`[data-key="${CSS.escape(key)}"]`) : [];
  focusFirst([...(focused.isConnected ? [focused] : []), ...alike, ...box.querySelectorAll(FOCUSABLE)]);
}

/** @param {Iterable<Element>} nodes */
function focusFirst(nodes) {
  const node = [...nodes].find(canFocus);
  if (node) /** @type {HTMLElement} */ (node).focus({ preventScroll: true });
}

/**
 * What a button does while it cannot be pressed again. It keeps the focus meanwhile, which a disabled one would lose;
 * then the focus is on it, or on what took its place in `box`.
 *
 * @template T
 * @param {HTMLButtonElement} node
 * @param {() => Promise<T>} act
 * @param {HTMLElement | null} [box]
 * @returns {Promise<T | undefined>} undefined for a press that came meanwhile
 */
export async function busy(node, act, box = node.parentElement) {
  if (node.getAttribute("aria-busy") === "true") return undefined;
  const focused = document.activeElement === node;
  node.setAttribute("aria-busy", "true");
  node.setAttribute("aria-disabled", "true");
  try {
    return await act();
  } finally {
    node.removeAttribute("aria-busy");
    node.removeAttribute("aria-disabled");
    const lost = !document.activeElement || document.activeElement === document.body;
    if (focused && lost) focusFirst([node, ...(box?.querySelectorAll(FOCUSABLE) ?? [])]);
  }
}

/** Does what nobody waits for once the page has nothing else to do. @param {() => void} act */
export function whenIdle(act) {
  if ("requestIdleCallback" in window) requestIdleCallback(act, { timeout: IDLE_MS });
  else setTimeout(act, IDLE_MS / 4);
}
