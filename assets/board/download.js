import { h } from "#shell/dom";

const KEEP_MS = 60_000;

/**
 * A link that saves a file. In a frame of another site browsers leave the cookie out of a download, though not out of
 * what the page asks for: there the page fetches the file itself.
 *
 * @param {string} href
 * @param {string} text
 * @param {Record<string, any> & { complain: () => void }} properties
 * @returns {HTMLAnchorElement}
 */
export function downloadLink(href, text, { complain, ...properties }) {
  const link = h("a", { href, download: "", ...properties }, text);
  link.addEventListener("click", async (event) => {
    if (window.top === window) return;
    event.preventDefault();
    event.stopPropagation();
    link.setAttribute("aria-busy", "true");
    try {
      await fetchAndSave(href);
    } catch {
      complain();
    }
    link.removeAttribute("aria-busy");
  });
  return link;
}

/** @param {string} address */
async function fetchAndSave(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  const [, name = ""] = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "") ?? [];
  const url = URL.createObjectURL(await answer.blob());
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
}
