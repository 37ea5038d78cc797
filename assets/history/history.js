/* The library: what the visitor made, page by page, searched, sorted and marked; from it to one job and to a comparison. */
const { words, make, button, place, ask } = window.studio;
const root = element.querySelector(".history");
const MOST_AT_ONCE = 200;

/* What is asked for stands in these inputs and in the address. */
const library = make("div", "library");
const search = make("form", "search");
search.setAttribute("role", "search");
const inputs = {};
const field = (name, node, label) => {
  node.name = name;
  node.setAttribute("aria-label", label);
  node.title = label;
  inputs[name] = node;
  return node;
};
function choice(name, options) {
  const node = make("select");
  node.append(...options.map(([value, text]) => new Option(text, value)));
  return field(name, node, words("filter." + name));
}
const entry = make("input");
entry.type = "search";
entry.placeholder = words("filter.words");
const day = (name) => {
  const label = make("label", "day", words("filter." + name));
  const node = field(name, make("input"), words("filter." + name));
  node.type = "date";
  label.append(node);
  return label;
};
const any = (name) => ["", words("filter." + name)];
function toggle(name, mark) {
  const label = make("label", "only");
  const node = field(name, make("input"), words("filter." + name));
  Object.assign(node, { type: "checkbox", value: "1" });
  label.append(node, make("span", "", mark));
  return label;
}
const tags = choice("tag", [any("tag")]);
const end = make("div", "end");
end.append(choice("sort", ["newest", "oldest", "longest", "dearest"].map((sort) => [sort, words("sort." + sort)])), toggle("list", "☰"));
const filters = make("div", "filters");
filters.append(
  choice("mode", [any("mode"), ...props.modes.map((mode) => [mode, words("tab." + mode)])]),
  choice("model", [any("model"), ...props.models.map((model) => [model, model])]),
  choice("provider", [any("provider"), ...Object.entries(props.providers)]),
  choice("state", [any("state"), ["active", words("filter.active")], ...props.states.map((state) => [state, words("state." + state)])]),
  tags, day("from"), day("to"), toggle("favourite", "★"), end);
search.append(field("words", entry, words("filter.words")), filters);

const grid = make("div", "tiles");
grid.setAttribute("role", "listbox");
grid.setAttribute("aria-multiselectable", "true");
grid.setAttribute("aria-label", words("history"));
const nothing = make("p", "nothing");
nothing.hidden = true;
const more = button(words("history.more"), "older", () => load(next));
more.hidden = true;
const keys = make("p", "keys", words("history.keys"));
keys.id = "library-keys";
grid.setAttribute("aria-describedby", keys.id);
const bar = make("div", "marked");
bar.setAttribute("role", "toolbar");
bar.hidden = true;
library.append(search, nothing, grid, more, keys, bar);

const { build, fill, preview } = window.studio.parts.tiles(grid);

const toast = make("div", "toast");
toast.setAttribute("role", "status");
const jobNode = make("div", "job");
const compareNode = make("div", "compare");
root.append(library, jobNode, compareNode, toast);

function asked() {
  const query = new URLSearchParams();
  for (const [name, node] of Object.entries(inputs)) {
    const value = node.type === "checkbox" ? (node.checked ? node.value : "") : node.value.trim();
    if (value && !(name === "sort" && value === "newest")) query.set(name, value);
  }
  return query;
}
function readAddress() {
  const query = new URLSearchParams(place().rest);
  for (const [name, node] of Object.entries(inputs)) {
    const value = query.get(name) || (name === "sort" ? "newest" : "");
    if (node.type === "checkbox") node.checked = Boolean(value);
    else if (name === "tag" && value && ![...node.options].some((one) => one.value === value)) node.append(new Option(value, value));
    if (node.type !== "checkbox") node.value = value;
  }
}
const address = () => "#history" + (asked().size ? "?" + asked() : "");
/* What the server is asked, in short: how it is shown does not matter there. */
const question = () => { const query = asked(); query.delete("list"); return String(query); };

/* Loading */
let shown = null;
let next = null;
let turn = 0;
function pageAfter(after) {
  const query = new URLSearchParams(question());
  const [from, to] = ["from", "to"].map((name) => { const value = query.get(name); query.delete(name); return value; });
  if (from) query.set("since", new Date(from + "T00:00") / 1000);
  if (to) query.set("until", new Date(to + "T00:00").setHours(24) / 1000);
  if (after) query.set("after", after);
  return ask("history?" + query);
}
async function load(after) {
  const mine = ++turn;
  more.disabled = true;
  if (!after) { shown = question(); next = null; }
  let page;
  try {
    page = await pageAfter(after);
  } catch (error) {
    if (mine !== turn) return;
    if (!after) shown = null;
    say(words("action.failed", { reason: error.message }));
    return;
  } finally {
    if (mine === turn) more.disabled = false;
  }
  if (mine !== turn) return;
  if (!after) {
    offerTags([...page.tags, tags.value]);
    const held = new Set(idsOf(marked()));
    grid.replaceChildren(...page.jobs.map(build));
    mark(tiles().filter((tile) => held.has(tile.dataset.id)), true);
  } else grid.append(...page.jobs.map(build));
  if (grid.firstElementChild && !grid.querySelector("[tabindex='0']")) grid.firstElementChild.tabIndex = 0;
  next = page.next;
  more.hidden = !next;
  showNothing();
  /* Asks again whether the end is in sight. */
  sight.unobserve(more);
  sight.observe(more);
}
function showNothing() {
  nothing.textContent = words(shown ? "history.none" : "history.empty");
  nothing.hidden = tiles().length > 0;
  keys.hidden = !nothing.hidden;
}
function offerTags(names) {
  const chosen = tags.value;
  tags.replaceChildren(...[...new Set(["", ...names])].map((tag) => new Option(tag || words("filter.tag"), tag)));
  tags.value = chosen;
  tags.hidden = tags.options.length < 2;
}
function offerMore(names) { offerTags([...tags.options].map((tag) => tag.value).concat(names.filter(Boolean))); }
const sight = new IntersectionObserver(([end]) => { if (end.isIntersecting && next && !more.disabled) load(next); }, { rootMargin: "500px" });
let pause = 0;
function change(event) {
  grid.classList.toggle("list", inputs.list.checked);
  clearTimeout(pause);
  pause = setTimeout(() => {
    lastAddress = address();
    history.replaceState(null, "", lastAddress);
    if (question() !== shown) load();
  }, event.target === entry ? 200 : 0);
}
search.addEventListener("input", change);
search.addEventListener("submit", (event) => { event.preventDefault(); change(event); });

/* Marking */
const tiles = () => [...grid.children].filter((tile) => !tile.hidden);
const marked = () => tiles().filter((tile) => tile.getAttribute("aria-selected") === "true");
const idsOf = (some) => some.map((tile) => tile.dataset.id);
function mark(some, on) {
  some.forEach((tile) => tile.setAttribute("aria-selected", String(on)));
  showBar();
}
const clear = () => mark(marked(), false);
const count = make("span", "marked-count");
const tagEntry = make("input");
tagEntry.placeholder = words("history.tag.name");
tagEntry.setAttribute("aria-label", words("history.tag.name"));
tagEntry.maxLength = 40;
const known = make("datalist");
known.id = "library-tags";
tagEntry.setAttribute("list", known.id);
const tagForm = make("form", "tag-form");
tagForm.hidden = true;
const addTag = make("button", "button", words("history.tag.add"));
tagForm.append(tagEntry, known, addTag);
tagForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const tag = tagEntry.value.trim().replace(/\s+/g, " ");
  closeTag();
  tagEntry.value = "";
  if (tag) amend("tag", idsOf(marked()), { tag, on: true });
});
const act = (key, go) => button(words(key), "button", go);
function closeTag() {
  tagForm.hidden = true;
  tagButton.focus();
}
const compareButton = act("history.compare", () => { location.hash = "compare=" + idsOf(marked().filter((tile) => tile.job.preview)).join(); });
const zipButton = act("history.zip", () => {
  const link = make("a");
  link.href = "studio/history/zip?ids=" + idsOf(marked()).join();
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
});
const tagButton = act("history.tag", () => {
  known.replaceChildren(...[...tags.options].filter((tag) => tag.value).map((tag) => new Option(tag.value)));
  tagForm.hidden = !tagForm.hidden;
  if (!tagForm.hidden) tagEntry.focus();
});
tagForm.addEventListener("keydown", (event) => { if (event.key === "Escape") closeTag(); });
bar.append(count, zipButton, compareButton, act("history.favourite", () => favour(marked())), tagButton, tagForm, act("history.delete", () => remove(idsOf(marked()))), button(words("history.clear"), "button", clear));
function showBar() {
  const some = marked();
  const left = bar.contains(document.activeElement) && !some.length;
  bar.hidden = !some.length;
  if (left) focusOn(tiles().find((tile) => !tile.tabIndex) || tiles()[0]);
  library.classList.toggle("marking", some.length > 0);
  count.textContent = words("history.marked", { count: some.length });
  const videos = some.filter((tile) => tile.job.preview).length;
  zipButton.disabled = !videos || some.length > MOST_AT_ONCE;
  compareButton.disabled = videos < 2 || videos > 6;
}

/* What is done to jobs, here and from a job's own page. */
async function carry(action, ids, data = {}) {
  const done = [];
  try {
    for (let from = 0; from < ids.length; from += MOST_AT_ONCE) {
      const answer = await ask("history/change/" + action, { ids: ids.slice(from, from + MOST_AT_ONCE), ...data });
      done.push(...answer.ids);
    }
  } catch (error) {
    say(words("action.failed", { reason: error.message }));
  }
  return done;
}
/* The same on the tiles, once the server has done it. */
async function amend(action, ids, data) {
  const done = await carry(action, ids, data);
  for (const tile of done.map(tileOf).filter(Boolean)) {
    const { job } = tile;
    const others = job.tags.filter((tag) => tag !== data.tag);
    if (action === "favourite") fill(tile, { ...job, favourite: data.on });
    else fill(tile, { ...job, tags: data.on ? [...others, data.tag] : others });
  }
  if (data.on) offerMore([data.tag]);
}
async function refresh(id) {
  const tile = tileOf(id);
  const mine = tile.turn = {};
  try {
    const job = await ask("history/" + id);
    if (tile.turn === mine) fill(tile, job); /* the answers may come in another order */
  } catch { stale = true; }
}
const tileOf = (id) => grid.querySelector(`[data-id="${CSS.escape(id)}"]`);
function favour(some) {
  const on = some.some((tile) => !tile.job.favourite);
  return amend("favourite", idsOf(some), { on });
}
function hide(ids, hidden) {
  const at = tiles().findIndex((tile) => ids.includes(tile.dataset.id));
  for (const tile of ids.map(tileOf).filter(Boolean)) tile.hidden = hidden;
  const current = grid.querySelector("[tabindex='0']");
  if (current?.hidden) focusOn(tiles()[Math.min(at, tiles().length - 1)]);
  showBar();
  if (shown !== null) showNothing();
}
async function remove(ids) {
  const gone = await carry("delete", ids);
  hide(gone, true);
  const kept = gone.length < ids.length ? words("history.kept") : "";
  if (!gone.length) {
    say(kept);
    return gone;
  }
  const minutes = Math.round(props.undo_seconds / 60);
  say(words("history.deleted", { count: gone.length, minutes }) + " " + kept, words("history.undo"), async () => {
    const restored = await carry("restore", gone);
    hide(restored, false);
    stale = restored.some((id) => !tileOf(id));
    if (stale && !library.hidden) await renew();
    say(words("history.restored"));
    focusOn(tileOf(restored[0]) || tiles()[0]);
  });
  return gone;
}
let silence = 0;
function say(text, offer, go) {
  clearTimeout(silence);
  toast.replaceChildren(make("span", "", text));
  if (offer) toast.append(button(offer, "quiet", go));
  toast.append(button("×", "quiet", hush, words("history.close")));
  silence = setTimeout(hush, 1000 * (offer ? props.undo_seconds : 12));
}
function hush() {
  const left = toast.contains(document.activeElement);
  toast.replaceChildren();
  if (left && !library.hidden) focusOn(tiles().find((tile) => !tile.tabIndex) || tiles()[0]);
}

/* Pointer and keyboard */
grid.addEventListener("click", (event) => {
  const tile = event.target.closest(".tile");
  if (!tile) return;
  const on = (name) => event.target.classList.contains(name);
  if (on("star")) favour([tile]);
  else if (on("tick") || event.ctrlKey || event.metaKey || marked().length) mark([tile], tile.getAttribute("aria-selected") !== "true");
  else if (event.pointerType === "touch" && event.target.closest(".tile-picture") && tile.job.preview && !tile.querySelector("video")) preview(tile);
  else location.hash = "job=" + tile.dataset.id;
});
function focusOn(tile) {
  if (!tile) return;
  grid.querySelectorAll("[tabindex='0']").forEach((other) => { other.tabIndex = -1; });
  tile.tabIndex = 0;
  if (!library.hidden) tile.focus();
}
grid.addEventListener("focusin", (event) => {
  const tile = event.target.closest(".tile");
  if (tile && tile.tabIndex) focusOn(tile);
});
grid.addEventListener("keydown", (event) => {
  const tile = event.target.closest(".tile");
  if (!tile || event.altKey) return;
  const all = tiles();
  const at = all.indexOf(tile);
  const below = all.findIndex((other) => other.offsetTop > all[0].offsetTop);
  const across = below < 0 ? all.length : below;
  const some = marked().length ? marked() : [tile];
  const plain = !event.ctrlKey && !event.metaKey;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across, Home: -at, End: all.length - 1 - at }[event.key];
  if (step !== undefined) focusOn(all[Math.min(Math.max(at + step, 0), all.length - 1)]);
  else if (event.key === " ") mark([tile], tile.getAttribute("aria-selected") !== "true");
  else if (event.key === "Enter") location.hash = "job=" + tile.dataset.id;
  else if (event.key === "Delete" || event.key === "Backspace") remove(idsOf(some));
  else if (event.key === "f" && plain) favour(some);
  else if (event.key === "a" && !plain) mark(all, true);
  else if (event.key === "Escape") clear();
  else return;
  event.preventDefault();
});

/* News, from the board's stream: a browser has few connections for all of a visitor's tabs. */
let stale = false;
const heard = new Map();
document.addEventListener("studio:news", ({ detail: news }) => {
  if (news.amended) changed(news.amended, news.gone);
  if (news.all && more.disabled && !tiles().length) renew(); /* what is on its way may be from before we listened */
  else if (news.all && tiles().length && !more.disabled) catchUp().catch(() => { /* the network is away; the next look may find it */ });
  for (const job of news.jobs) {
    const tile = tileOf(job.id);
    if (tile && tile.dataset.state !== job.state && !library.hidden) refresh(job.id);
    else if ((tile ? tile.dataset.state : heard.get(job.id)) !== job.state && !news.all) stale = true;
    heard.set(job.id, job.state);
    jobPage.heard(job);
  }
  renewIfIdle();
});
function renewIfIdle() {
  if (stale && !library.hidden && !marked().length && window.scrollY < 200 && !grid.contains(document.activeElement)) renew();
}
function renew() {
  stale = false;
  return load();
}
/* What was done to jobs in another tab, or in this one. */
function changed(entries, gone) {
  hide(gone, true);
  hide(entries.map((entry) => entry.id), false);
  for (const entry of entries) {
    const tile = tileOf(entry.id);
    if (tile) fill(tile, entry);
    else stale = true;
  }
  offerMore(entries.flatMap((entry) => entry.tags));
  jobPage.amended(entries.map((entry) => entry.id), gone);
}
async function catchUp() {
  const mine = turn;
  const before = idsOf(tiles());
  const found = new Map();
  let after = null;
  do {
    const page = await pageAfter(after);
    page.jobs.forEach((job) => found.set(job.id, job));
    after = page.next;
  } while (after && found.size < before.length);
  if (mine !== turn) return; /* the grid was filled anew meanwhile */
  changed([...found.values()], before.filter((id) => !found.has(id)));
  renewIfIdle();
}
const jobPage = window.studio.parts.job(jobNode, { amend, remove, back: () => { location.hash = lastAddress; } });
const comparison = window.studio.parts.compare(compareNode, { back: () => { location.hash = lastAddress; } });
let lastAddress = "#history";
let scrolled = 0;
function go() {
  const { name, rest } = place();
  if (!library.hidden) scrolled = window.scrollY;
  library.hidden = name !== "history";
  jobNode.hidden = name !== "job";
  compareNode.hidden = name !== "compare";
  if (name === "history") {
    lastAddress = location.hash;
    readAddress();
    grid.classList.toggle("list", inputs.list.checked);
    if (question() !== shown || stale) renew();
    else requestAnimationFrame(() => { window.scrollTo(0, scrolled); grid.querySelector("[tabindex='0']")?.focus({ preventScroll: true }); });
  }
  jobPage.show(name === "job" ? rest : null);
  comparison.show(name === "compare" ? rest.split(",") : []);
}
window.addEventListener("hashchange", go);
go();
