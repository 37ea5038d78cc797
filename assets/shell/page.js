/* What the page's parts share: words, the remembered form, the theme, the keyboard. */
window.studio = (() => {
  const FORM = "happyhorse.forms";
  const THEME = "happyhorse.theme";
  const stored = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const store = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private mode */ } };

  /* The text of a key in the visitor's language, with the values filled in. */
  const wanted = (navigator.language || "en").toLowerCase();
  const language = Object.keys(WORDS).find((name) => wanted === name || wanted.startsWith(name + "-")) || "en";
  /* Dates are written in that language, and as the visitor's country writes them where the browser tells. */
  const locale = navigator.languages.find((name) => name.toLowerCase().split("-")[0] === language) || language;
  const words = (key, values = {}) =>
    WORDS[language][key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

  function make(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }
  function button(text, className, act, label) {
    const node = make("button", className, text);
    node.type = "button";
    if (label) { node.setAttribute("aria-label", label); node.title = label; }
    node.addEventListener("click", act);
    return node;
  }

  let theme = stored(THEME);
  const applyTheme = () => { if (theme) document.body.classList.toggle("dark", theme === "dark"); };
  function setDark(dark) {
    theme = dark ? "dark" : "light";
    store(THEME, theme);
    applyTheme();
  }
  function keepTheme() {
    applyTheme();
    /* Gradio sets the class itself while it starts. */
    new MutationObserver(applyTheme).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  }
  if (document.body) keepTheme();
  else document.addEventListener("DOMContentLoaded", keepTheme);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.target.closest("[popover]")) return;
    const panel = [...document.querySelectorAll("[role=tabpanel]")].find((one) => one.offsetParent);
    const button = panel && panel.querySelector("button.primary");
    if (!button) return;
    event.preventDefault();
    /* The last keystrokes reach the server before the click does. */
    if (!event.repeat) setTimeout(() => button.click(), 30);
  }, true);

  /* A double click or a held key buys once: what follows a press within a second, with nothing changed, is part of it. */
  let pressed = -Infinity;
  document.addEventListener("click", (event) => {
    if (!event.target.closest("button.primary")) return;
    const since = event.timeStamp - pressed;
    pressed = event.timeStamp;
    if (since < 1000) event.stopImmediatePropagation();
  }, true);
  document.addEventListener("input", () => { pressed = -Infinity; }, true);

  /* Where in the page we are stands in the address: #history?…, #job=<id>, #compare=<id>,<id>; all else is the forms. */
  const place = () => {
    const [, name, rest] = location.hash.match(/^#(\w*)[=?]?(.*)$/) || ["", "", ""];
    return { name, rest };
  };
  const follow = () => {
    document.documentElement.dataset.place = ["history", "job", "compare"].includes(place().name) ? "history" : "create";
  };
  window.addEventListener("hashchange", follow);
  follow();

  /* One press, one key, so that nothing is bought twice: pressed again before an answer came, also after a reload, it is
     the same press. What is answered is forgotten, and the next press is a new one. */
  const PRESSES = "happyhorse.presses";
  let presses = {};
  try { presses = JSON.parse(sessionStorage.getItem(PRESSES)) || {}; } catch { /* private mode */ }
  function keepPresses(entries) {
    presses = Object.fromEntries(entries.slice(-20));
    try { sessionStorage.setItem(PRESSES, JSON.stringify(presses)); } catch { /* private mode */ }
  }
  function keyOf(what) {
    const drawn = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0"));
    const key = presses[what] || drawn().join("");
    keepPresses([...Object.entries(presses).filter(([one]) => one !== what), [what, key]]);
    return key;
  }
  function answered(key) { keepPresses(Object.entries(presses).filter(([, one]) => one !== key)); }
  const PAID = /^jobs\/[^/]+\/(again|send-again|send-anyway)\b/;

  /* Ask the studio, with data to POST or without; an Error with its words and kind when it refuses. */
  async function ask(path, data, method = data ? "POST" : "GET") {
    const headers = { "Content-Type": "application/json" };
    const key = method === "POST" && PAID.test(path) ? keyOf(path) : "";
    if (key) headers["Idempotency-Key"] = key;
    let response, answer;
    try {
      response = await fetch("studio/" + path, { method, headers, body: data && JSON.stringify(data) });
      answer = await response.json();
    } catch {
      throw new Error(words("unreachable")); /* no answer, or one of something that stands before the studio */
    }
    if (key && response.status < 500) answered(key);
    if (!response.ok) {
      const reason = answer.shown ? dated({ text: answer.shown, at: answer.again_at }) : answer.error;
      throw Object.assign(new Error(reason), { kind: answer.kind });
    }
    return answer;
  }

  const moment = (at) => new Date(at * 1000).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
  /* A text with a moment in it, in the visitor's own time. */
  const dated = ({ text, at }) => (at ? text.replace("{at}", moment(at)) : text);
  async function copy(node, text) {
    try { await navigator.clipboard.writeText(text); } catch { return; }
    const before = node.textContent;
    node.textContent = words("copied");
    setTimeout(() => { node.textContent = before; }, 1200);
  }

  const canFocus = (node) => node.isConnected && !node.disabled && node.offsetParent !== null;
  const FOCUSABLE = "button, a[href], input, select, textarea, summary, [tabindex]";
  /* Change a part of the page; a focus that the change takes away goes to what stands there then. */
  function refocus(box, change) {
    const held = box.contains(document.activeElement) ? document.activeElement : null;
    const key = held?.closest("[data-key]")?.dataset.key;
    const alike = () => (key ? [...box.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)] : []);
    change();
    if (!held || (canFocus(held) && held === document.activeElement)) return;
    [...(held.isConnected ? [held] : []), ...alike(), ...box.querySelectorAll(FOCUSABLE)].find(canFocus)?.focus({ preventScroll: true });
  }
  /* What a button does while it can not be pressed again; then the focus is on it, or on what took its place in `box`. */
  async function busy(node, act, box = node.parentElement) {
    const held = document.activeElement === node;
    node.disabled = true;
    try {
      return await act();
    } finally {
      node.disabled = false;
      const lost = !document.activeElement || document.activeElement === document.body;
      if (held && lost) [node, ...box.querySelectorAll(FOCUSABLE)].find(canFocus)?.focus({ preventScroll: true });
    }
  }

  const remembered = () => { try { return JSON.parse(stored(FORM)) || {}; } catch { return {}; } };

  /* Gradio's radios are each a group of their own. Here they are one: Tab passes them, the arrow keys choose. */
  const groupOf = (radio) => [...radio.closest("fieldset").querySelectorAll("input[type=radio]")];
  document.addEventListener("focusin", (event) => {
    if (event.target.type !== "radio") return;
    for (const radio of groupOf(event.target)) radio.tabIndex = radio === event.target ? 0 : -1;
  });
  document.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step || event.target.type !== "radio") return;
    const group = groupOf(event.target);
    const next = group[(group.indexOf(event.target) + step + group.length) % group.length];
    event.preventDefault();
    next.focus();
    next.click();
  });

  /* In a frame of another site browsers leave the cookie out of a download, though not out of what the page asks for. */
  async function download(link) {
    const before = link.textContent;
    try {
      const answer = await fetch(link.href);
      if (!answer.ok) throw new Error(String(answer.status));
      const [, name] = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition")) || [null, link.download];
      const here = make("a");
      here.href = URL.createObjectURL(await answer.blob());
      here.download = name;
      here.click();
      setTimeout(() => URL.revokeObjectURL(here.href), 60_000);
    } catch {
      link.textContent = words("unreachable");
      setTimeout(() => { link.textContent = before; }, 4000);
    }
  }
  document.addEventListener("click", (event) => {
    const link = window.top !== window && event.target.closest?.("a[download]");
    if (!link) return;
    event.preventDefault();
    download(link);
  });

  return {
    language,
    locale,
    words,
    make,
    button,
    place,
    ask,
    copy,
    moment,
    dated,
    answered,
    /* The values of a form that is sent; in the place of the last the key of the press, and the price that was shown. */
    pressed(form, mode, values) {
      const filled = values.slice(0, -1);
      return [...filled, { key: keyOf(form + JSON.stringify(filled)), price: window.studio.prices[mode] }];
    },
    /* The prices on the buttons, by mode. */
    prices: {},
    stored,
    store,
    setDark,
    refocus,
    busy,
    /* The settings of the forms as they are now, by mode. */
    shown: {},
    /* The forms as they were left, by mode; the one worked on last comes last. */
    rememberForm(settings) {
      const { [settings.mode]: _, ...others } = remembered();
      store(FORM, JSON.stringify({ ...others, [settings.mode]: settings }));
    },
    remembered,
  };
})();
