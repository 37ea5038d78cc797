/* The ledger: a panel that opens from the account's name in the header. */
const { words, make, button, ask, dated } = window.studio;
const opener = element.querySelector(".account");
const panel = element.querySelector(".money");
const columns = ["day", "where", "model", "jobs", "estimate", "billed", "unknown"];
const figures = new Set(["jobs", "estimate", "billed", "unknown"]);
opener.title = words("money.open");
opener.setAttribute("aria-haspopup", "dialog");
panel.setAttribute("aria-label", words("money"));

const close = button("×", "money-close", () => panel.close(), words("close"));
const title = make("h2", "", words("money"));
const period = make("p", "money-period");
const sums = make("div", "money-sums");
const box = make("div", "money-table");
box.tabIndex = 0;
const table = make("a", "button", words("money.csv"));
table.href = "studio/money.csv";
table.setAttribute("download", "");
panel.append(close, title, period, sums, box, table);

function row(tag, line) {
  const node = make("tr");
  for (const name of columns) node.append(make(tag, figures.has(name) ? "figure" : "", line(name)));
  return node;
}
function draw(ledger) {
  period.textContent = ledger.period;
  sums.replaceChildren(...ledger.sums.map((text) => make("p", "sum", text)), ...ledger.limits.map((limit) => make("p", limit.near ? "near" : "", dated(limit))));
  if (!ledger.lines.length) {
    box.replaceChildren(make("p", "money-none", words("money.none")));
    return;
  }
  const sheet = make("table");
  const head = make("thead");
  head.append(row("th", (name) => words("money." + name)));
  const body = make("tbody");
  body.append(...ledger.lines.map((line) => row("td", (name) => String(line[name]))));
  sheet.append(head, body);
  box.replaceChildren(sheet);
}
opener.addEventListener("click", async () => {
  panel.showModal();
  try {
    draw(await ask("money"));
  } catch (error) {
    period.textContent = words("action.failed", { reason: error.message });
  }
});
/* A click beside the panel closes it. */
panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
