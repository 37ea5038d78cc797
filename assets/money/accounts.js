/* The accounts, above the ledger in its panel: their credits, and whether their keys are good. */
const { words, make, button, ask } = window.studio;
const note = element.querySelector(".account span");
const list = make("div", "accounts");
element.querySelector(".money h2").before(make("h2", "", words("accounts")), list);

const rows = new Map();
function row(account) {
  const node = make("div", "account-row");
  const credits = make("span", "account-credits");
  const told = make("p", "account-told");
  told.setAttribute("role", "status");
  const check = button(words("key.check"), "button", async () => {
    check.disabled = true;
    told.className = "account-told";
    told.textContent = words("key.checking");
    try {
      const answer = await ask("accounts/" + account.provider + "/check", {});
      told.classList.add(answer.good ? "good" : "bad");
      told.replaceChildren(answer.text);
      if (answer.said) told.append(make("small", "", answer.said));
    } catch (error) {
      told.textContent = words("action.failed", { reason: error.message });
    } finally {
      check.disabled = false;
    }
  });
  node.append(make("b", "", account.name), credits, check, told);
  list.append(node);
  return credits;
}
function draw(accounts) {
  for (const account of accounts) {
    if (!rows.has(account.provider)) rows.set(account.provider, row(account));
    rows.get(account.provider).textContent = account.credits || "";
  }
  const paid = accounts.filter((account) => account.credits);
  if (props.account.live && paid.length) note.textContent = paid.map((account) => account.credits).join(" · ");
}
async function load() {
  try { draw(await ask("accounts")); } catch { /* the next look may succeed */ }
}
/* Credits are taken when a task is made and come back when it fails; many ends in a moment are one question. */
let soon = null;
for (const event of ["studio:begun", "studio:ended"]) {
  document.addEventListener(event, () => { clearTimeout(soon); soon = setTimeout(load, 500); });
}
element.querySelector(".account").addEventListener("click", load);
load();
