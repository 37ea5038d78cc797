/* Runs first of all: what the visitor chose, else the browser's language, of those that there are. */
(() => {
  const chosen = document.cookie.match(/(?:^|; )happyhorse-language=(\w+)/)?.[1];
  const language = (chosen || navigator.language || "en").toLowerCase().startsWith("zh") ? "zh-CN" : "en";
  Object.defineProperty(navigator, "language", { get: () => language });
  document.documentElement.lang = language;
})();
