/* A video of this studio, or its record, dropped anywhere but on an input of files: its settings go into the form. */
const { words, make } = window.studio;
const told = make("div", "restore");
told.setAttribute("role", "status");
told.hidden = true;
document.querySelector(".gradio-container").append(told);
const MOST = 32 * 1024 * 1024;
let quiet = 0;

function tell(lines, wrong) {
  clearTimeout(quiet);
  told.classList.toggle("wrong", Boolean(wrong));
  told.replaceChildren(...lines.filter(Boolean).map((line) => make("p", "", line)));
  told.hidden = false;
}
function hide(after) { quiet = setTimeout(() => { told.hidden = true; }, after); }

/* Of a video its index alone, which holds what is written into it. */
async function indexOf(file) {
  for (let at = 0; at + 8 <= file.size;) {
    const head = new DataView(await file.slice(at, at + 16).arrayBuffer());
    let size = head.getUint32(0);
    if (size === 1 && head.byteLength === 16) size = Number(head.getBigUint64(8));
    if (size === 0) size = file.size - at;
    if (size < 8) break;
    if (head.getUint32(4) === 0x6d6f6f76) return file.slice(at, Math.min(at + size, file.size));
    at += size;
  }
  return file.slice(0, 0);
}
/* The open form's input for such files: the one that still has room, else the first. A form that takes no picture
   gives way to the one that begins with it. */
const inputFor = (kind) => [...document.querySelectorAll(".files[data-kind=" + kind + "]")].find((one) => one.offsetParent);
async function intoForm(files, kind) {
  if (location.hash) location.hash = "create";
  let input = inputFor(kind);
  if (!input) document.getElementById(kind === "image" ? "i2v-tab-button" : "edit-tab-button")?.click();
  for (let frames = 120; !input && frames; frames--) {
    await new Promise(requestAnimationFrame);
    input = inputFor(kind);
  }
  if (input) input.dispatchEvent(new CustomEvent("studio:files", { detail: files }));
  told.hidden = true;
}
/* Not every system knows what a phone's picture is. */
const kindOf = (file) => (/\.json$/i.test(file.name) ? "" : /\.hei[cf]$/i.test(file.name) ? "image" : file.type.split("/")[0]);

async function dropped(files) {
  const pictures = files.filter((file) => kindOf(file) === "image");
  if (pictures.length) { await intoForm(pictures, "image"); return; }
  if (await restore(files[0])) return;
  if (kindOf(files[0]) === "video") await intoForm(files.slice(0, 1), "video");
}
/* Whether the file had settings, or was told why not; a video without any is still a video. */
async function restore(file) {
  const release = window.studio.hold("", words("hold.filling"));
  try {
    const part = /\.json$/i.test(file.name) ? file : await indexOf(file);
    const film = kindOf(file) === "video";
    if (film && !part.size) return false;
    if (part.size > MOST) { tell([words("restore.none")], true); return true; }
    const response = await fetch("studio/restore", { method: "POST", body: part });
    const answer = await response.json();
    if (!response.ok && film) return false;
    if (!response.ok) { tell([answer.error], true); return true; }
    if (!window.studio.hasForm(answer.settings.mode)) {
      tell([words("missing.form", { mode: words("tab." + answer.settings.mode) })], true);
      return true;
    }
    window.studio.use(answer.settings);
    tell([words("restore.done", { name: file.name }), answer.note]);
  } catch (error) {
    tell([words("action.failed", { reason: error.message })], true);
  } finally {
    release();
    hide(8000);
  }
  return true;
}

/* An input of files takes what is dropped on it. */
const isOurs = (event) =>
  [...event.dataTransfer.types].includes("Files") && !(event.target.closest && event.target.closest(".files"));
document.addEventListener("dragover", (event) => {
  if (!isOurs(event)) return;
  event.preventDefault();
  tell([words("restore.drop")]);
  hide(400);
});
document.addEventListener("drop", (event) => {
  if (!isOurs(event)) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.dataTransfer.files.length) dropped([...event.dataTransfer.files]);
}, true);
