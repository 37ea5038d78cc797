const { language, words } = window.studio;
const find = (selector) => element.querySelector(selector);
find("h1").textContent = words("title");
find(".tagline").textContent = words("tagline");
find(".places").setAttribute("aria-label", words("places"));
const links = [...element.querySelectorAll(".places a")];
const mark = () => {
  for (const link of links) {
    const name = link.hash.slice(1);
    link.textContent = words("place." + name);
    if (document.documentElement.dataset.place === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
};
window.addEventListener("hashchange", mark);
mark();
const account = find(".account");
account.classList.toggle("live", props.account.live);
account.querySelector("b").textContent = props.account.live ? props.account.names[language] : words("account.sandbox");
account.querySelector("span").textContent = words(props.account.live ? "account.live.note" : "account.sandbox.note");
const languages = Object.keys(WORDS);
const next = languages[(languages.indexOf(language) + 1) % languages.length];
const other = find(".language");
other.textContent = WORDS[next]["language.name"];
other.title = WORDS[next]["language.switch"];
other.addEventListener("click", () => {
  const place = location.protocol === "https:" ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax";
  document.cookie = "happyhorse-language=" + next + "; Path=" + location.pathname + "; Max-Age=31536000; " + place;
  location.reload();
});
const toggle = find(".theme");
toggle.title = words("theme.toggle");
toggle.setAttribute("aria-label", words("theme.toggle"));
toggle.addEventListener("click", () => window.studio.setDark(!document.body.classList.contains("dark")));
