/** @typedef {import("../types/views").AddingView} AddingView */
/** @typedef {import("../types/views").CloudView} CloudView */
/** @typedef {import("../types/views").KeyCheckView} KeyCheckView */

import { busy, button, h } from "#shell/dom";

/**
 * Adds a key, in a dialog: on the studio's own machine it is pasted here, checked and kept; elsewhere the dialog says
 * who does what instead.
 *
 * @param {import("../types/page").Page} page
 */
export function createKeyDialog(page) {
  const { words, accounts } = page;
  const element = h("dialog", { class: "dialog money key-dialog", "aria-labelledby": "key-title" });
  const body = h("div", { class: "key-body" });
  const shut = button("×", () => element.close(), { class: "money-close", label: words("close") });
  element.append(h("div", { class: "money-box" }, h("h2", { id: "key-title" }, words("key.add")), shut, body));
  element.addEventListener("click", (event) => {
    if (event.target === element) element.close();
  });
  /* What was pasted is not to lie in a dialog that nobody sees. */
  element.addEventListener("close", () => body.replaceChildren());

  async function load() {
    try {
      const { adding } = await accounts.load();
      draw(adding);
    } catch (error) {
      const reason = /** @type {Error} */ (error).message;
      body.replaceChildren(h("p", { class: "trouble", role: "alert" }, words("action.failed", { reason })));
    }
  }
  /** @param {AddingView} adding */
  function draw({ clouds, here, otherwise }) {
    if (here && clouds.length) {
      const form = createKeyForm(page, clouds, done);
      body.replaceChildren(form.element);
      form.focus();
      return;
    }
    const where = here ? [] : clouds.map((cloud) => h("p", {}, h("b", {}, cloud.name), " ", cloud.where));
    body.replaceChildren(h("p", {}, otherwise || words("key.all")), ...where);
  }
  /** @param {KeyCheckView} answer */
  function done({ text }) {
    const finish = button(words("key.done"), () => element.close(), { class: "button strong" });
    const good = h("p", { class: "account-answer good", role: "status" }, text);
    body.replaceChildren(good, h("p", {}, words("key.live")), finish);
    finish.focus();
    accounts.renew().catch(() => {}); /* the key is kept: the next look finds it */
  }
  return {
    element,
    open() {
      body.replaceChildren();
      element.showModal();
      load();
    },
  };
}

/**
 * @param {import("../types/page").Page} page
 * @param {CloudView[]} clouds
 * @param {(answer: KeyCheckView) => void} done
 */
function createKeyForm({ words, ask }, clouds, done) {
  const cloudChoice = select(clouds.map(({ id, name }) => [id, name]));
  const regionChoice = select([]);
  const workspace = h("input", { class: "text-field", autocomplete: "off", spellcheck: false });
  const key = h("input", {
    class: "text-field",
    type: "password",
    autocomplete: "off",
    spellcheck: false,
    required: true,
  });
  const where = h("p", { class: "hint" });
  const answer = h("p", { class: "account-answer", role: "alert" });
  const send = h("button", { type: "submit", class: "button strong" }, words("key.save"));
  const cloudField = field(words("provider"), cloudChoice);
  const regionField = field(words("key.region.label"), regionChoice);
  const workspaceField = field("", workspace);
  const workspaceName = /** @type {HTMLElement} */ (workspaceField.firstElementChild);
  const keyField = field(words("key.label"), key);
  const note = h("p", { class: "hint" }, words("key.kept"));
  const element = h("form", { class: "key-form" });
  element.append(cloudField, where, regionField, workspaceField, keyField, note, answer, send);
  /* Password managers would offer to keep it, and to fill in another. */
  for (const input of [key, workspace]) input.setAttribute("data-1p-ignore", "");

  const cloud = () => /** @type {CloudView} */ (clouds.find(({ id }) => id === cloudChoice.value) ?? clouds[0]);
  const region = () => cloud().regions.find(({ id }) => id === regionChoice.value);

  function drawCloud() {
    where.textContent = cloud().where;
    regionChoice.replaceChildren(...options(cloud().regions.map(({ id, name }) => [id, name])));
    regionField.hidden = !cloud().regions.length;
    drawRegion();
  }
  function drawRegion() {
    const need = region()?.workspace ?? "none";
    workspaceField.hidden = need === "none";
    workspace.required = need === "needed";
    workspaceName.textContent = words(need === "needed" ? "key.workspace" : "key.workspace.optional");
  }
  async function save() {
    answer.className = "account-answer";
    answer.textContent = words("key.checking");
    const settings = { key: key.value, region: region()?.id, workspace: workspaceField.hidden ? "" : workspace.value };
    try {
      const good = await ask(`accounts/${cloud().id}/key`, settings);
      key.value = "";
      done(good);
    } catch (error) {
      const { message, answer: told } = /** @type {import("../types/page").Refusal} */ (error);
      answer.classList.add("bad");
      answer.replaceChildren(message, ...(told?.said ? [h("small", {}, told.said)] : []));
    }
  }
  cloudChoice.addEventListener("change", drawCloud);
  regionChoice.addEventListener("change", drawRegion);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(send, save, element);
  });
  drawCloud();
  return { element, focus: () => key.focus() };
}

/**
 * @param {string} name
 * @param {HTMLElement} input
 */
function field(name, input) {
  return h("label", {}, h("span", {}, name), input);
}

/** @param {string[][]} choices values with their names */
function select(choices) {
  return h("select", { class: "text-field" }, ...options(choices));
}

/** @param {string[][]} choices */
function options(choices) {
  return choices.map(([value, name]) => h("option", { value }, name));
}
