/* Runs first of all: what the visitor chose, else the browser's language, of those that there are. */
((locales, addresses) => {
  const chosen = document.cookie.match(/(?:^|; )happyhorse-language=(\w+)/)?.[1];
  const wanted = (chosen || navigator.language || "en").toLowerCase().split("-")[0];
  const language = locales[wanted] || locales.en;
  Object.defineProperty(navigator, "language", { get: () => language });
  document.documentElement.lang = language;
  /* The words come with the modules and not behind them. */
  const words = document.createElement("link");
  words.rel = "modulepreload";
  words.href = addresses[language] || addresses.en;
  document.head.append(words);
})
