/* What the page's parts share: words, the remembered form, the theme, the keyboard. */
window.studio = (() => {
  const FORM = "happyhorse.form";
  const THEME = "happyhorse.theme";
  const stored = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const store = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private mode */ } };

  /* A function from key and values to text, in the visitor's language. */
  function words(table) {
    const wanted = (navigator.language || "en").toLowerCase();
    const found = Object.keys(table).find((name) => wanted === name || wanted.startsWith(name + "-"));
    const texts = table[found || "en"];
    return (key, values = {}) =>
      texts[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  }

  function setDark(dark) {
    document.body.classList.toggle("dark", dark);
    store(THEME, dark ? "dark" : "light");
  }

  document.addEventListener("DOMContentLoaded", () => {
    const theme = stored(THEME);
    if (!theme) return;
    const apply = () => document.body.classList.toggle("dark", theme === "dark");
    apply();
    /* Gradio sets the class itself while it starts. */
    const watch = new MutationObserver(apply);
    watch.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    setTimeout(() => watch.disconnect(), 4000);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const panel = [...document.querySelectorAll("[role=tabpanel]")].find((one) => one.offsetParent);
    const button = panel && panel.querySelector("button.primary");
    if (!button) return;
    event.preventDefault();
    /* The last keystrokes reach the server before the click does. */
    setTimeout(() => button.click(), 30);
  }, true);

  return {
    words,
    setDark,
    rememberForm: (settings) => store(FORM, JSON.stringify(settings)),
    rememberedForm: () => { try { return JSON.parse(stored(FORM)); } catch { return null; } },
  };
})();
