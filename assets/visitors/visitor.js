import { h } from "#shell/dom";

/**
 * Where the browser keeps no cookie, whatever is sent would belong to nobody: the page says so at once, and how to go
 * on.
 *
 * @param {import("../types/page").Page} page
 */
export async function requireVisitor({ words, ask }) {
  try {
    const { known } = await ask("visitor");
    if (known) return;
  } catch {
    return; /* the stage says when the studio cannot be reached */
  }
  const text = words(window.top === window ? "unknown.tab" : "unknown.frame");
  const link = h("a", { href: location.href, target: "_blank", rel: "noopener" }, words("unknown.open"));
  document.body.prepend(h("p", { class: "unknown-visitor", role: "alert" }, text, " ", link));
}
