/* Where the browser keeps no cookie, whatever is sent would belong to nobody: the page says so at once, and how to go on. */
(() => {
  const { words, make, ask } = window.studio;
  async function look() {
    const { known } = await ask("visitor");
    if (known) return;
    const note = make("p", "unknown-visitor", words(window.top === window ? "unknown.tab" : "unknown.frame"));
    note.setAttribute("role", "alert");
    const link = make("a", "", words("unknown.open"));
    link.href = location.href;
    link.target = "_blank";
    link.rel = "noopener";
    note.append(" ", link);
    document.body.prepend(note);
  }
  const begin = () => look().catch(() => { /* The board says when the studio cannot be reached. */ });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
