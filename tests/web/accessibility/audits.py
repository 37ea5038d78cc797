"""What axe-core does not look at: each audit tells what is wrong on the page as it stands, element by element."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.web.scenes import WRITTEN

_NAME = """
const nameOf = (node) => {
  const text = (node.getAttribute("aria-label") ?? node.textContent ?? "").trim().slice(0, 40);
  return `${node.localName}${node.id ? "#" + node.id : ""}.${[...node.classList].join(".")} “${text}”`;
};
const isSeen = (node) => {
  if (!node.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
  for (let box = node; box; box = box.parentElement) {
    if (getComputedStyle(box).clipPath === "inset(50%)") return false; // for who listens alone
  }
  return true;
};
"""

_SMALL_TARGETS = f"""() => {{
  {_NAME}
  const least = matchMedia("(pointer: coarse)").matches ? 44 : 24;
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=option], [role=menuitem],"
    + "[role=slider], [role=tab]";
  const small = [];
  for (const node of document.querySelectorAll(kinds)) {{
    if (!isSeen(node) || node.matches(":disabled")) continue;
    const target = node.closest("label") ?? node;
    let box = target.getBoundingClientRect();
    if (!box.width || (box.width >= least - 0.5 && box.height >= least - 0.5)) continue;
    // A link within a sentence is as high as its line.
    if (node.localName === "a" && getComputedStyle(node).display === "inline") continue;
    target.scrollIntoView({{ block: "center", inline: "nearest", behavior: "instant" }});
    box = target.getBoundingClientRect();
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const isHit = (dx, dy) => target.contains(document.elementFromPoint(x + dx, y + dy));
    if (!isHit(0, 0)) continue; // something lies over it
    // What stands around a target may belong to it.
    const reach = least / 2 - 1;
    const wide = box.width >= least - 0.5 || (isHit(-reach, 0) && isHit(reach, 0));
    const high = box.height >= least - 0.5 || (isHit(0, -reach) && isHit(0, reach));
    if (!wide || !high) small.push(`${{nameOf(node)}} ${{Math.round(box.width)}} × ${{Math.round(box.height)}}`);
  }}
  return small;
}}"""

_CUT_OFF = f"""() => {{
  {_NAME}
  const width = document.documentElement.clientWidth;
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
  const scrolls = (node) => {{
    for (let box = node.parentElement; box && box !== document.body; box = box.parentElement) {{
      const {{ overflowX, position }} = getComputedStyle(box);
      if (overflowX === "auto" || overflowX === "scroll") return true;
      if (position === "fixed") return false;
    }}
    return false;
  }};
  for (const node of document.querySelectorAll("body *")) {{
    const own = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
    if (!own && !node.matches("button, a[href], input, select, textarea, video, img")) continue;
    if (!isSeen(node) || node.closest("svg") || node.alt === "") continue;
    const {{ left, right }} = node.getBoundingClientRect();
    const isOutside = right > left && (left < -0.5 || right > width + 0.5);
    if (isOutside && !scrolls(node)) found.push(`outside: ${{nameOf(node)}}`);
    const style = getComputedStyle(node);
    const shortened = style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
    const hides = ["hidden", "clip"].includes(style.overflowX) && !shortened;
    if (own && hides && node.scrollWidth > node.clientWidth + 1) found.push(`cut off: ${{nameOf(node)}}`);
  }}
  return found;
}}"""

_MOVING = f"""() => {{
  {_NAME}
  const moves = document.getAnimations().filter((one) => one.playState === "running").map((one) => one.effect.target);
  const plays = [...document.querySelectorAll("video")].filter((video) => !video.paused);
  const draws = [...document.querySelectorAll(".example img")].filter(
    (image) => image.dataset.moving && image.getAttribute("src") === image.dataset.moving,
  );
  return [...moves, ...plays, ...draws].map(nameOf);
}}"""

_TEXTS = f"""() => {{
  {_NAME}
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {{
    const node = walk.currentNode.parentElement;
    if (!node.closest("script, style, noscript, #first-paint, [lang]:not(html)") && node.checkVisibility()) {{
      texts.push(walk.currentNode.data);
    }}
  }}
  for (const node of document.querySelectorAll("body *")) {{
    if (!node.checkVisibility() || node.closest("[lang]:not(html)")) continue;
    for (const name of ["aria-label", "title", "placeholder", "alt", "aria-valuetext", "aria-description"]) {{
      if (node.getAttribute(name)) texts.push(node.getAttribute(name));
    }}
  }}
  return texts;
}}"""

_NAMES = re.compile(
    r"""
    (?<![A-Za-z]) (?:
      HappyHorse | Studio | DashScope | AIVideoAPI | API | Key | ID | AI
      | Ctrl | Enter | Esc | Shift | Delete | UTC | HTTPS? | SHA-256 | [KMG]B | fps | px
      | AAC | CSV | JPE?G | JSON | MOV | MP4 | PNG | WEBP | ZIP
    ) (?![A-Za-z]) | https?:// | \[?Image\ \d\]? | \S*\d\S* | \S+\.(?:png|mp4|jpg) | sandbox:\S+ | \w+Error
    | [a-z-]+/[a-z-]+ | [a-z]+(?:-[a-z]+){2,}
    """,
    re.VERBOSE,
)
"""What is called the same in every language, tokens of prompts, files, causes, and what has digits: models, digests."""
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]+")


def small_targets(page: Page) -> list[str]:
    """What is pressed and is smaller than 24 px, or 44 px where it is pressed with a finger (WCAG 2.5.8, 2.5.5)."""
    found: list[str] = page.evaluate(_SMALL_TARGETS)
    return found


def cut_off(page: Page) -> list[str]:
    """What stands beyond the window or is cut off by what it stands in, so that nothing scrolls there (WCAG 1.4.10)."""
    found: list[str] = page.evaluate(_CUT_OFF)
    return found


def moving(page: Page) -> list[str]:
    """What moves by itself, for a visitor who asked for less of it (WCAG 2.3.3)."""
    found: list[str] = page.evaluate(_MOVING)
    return found


def untranslated(page: Page) -> list[str]:
    """Latin words on a Chinese page that are no names and that no scene has written."""
    texts: list[str] = page.evaluate(_TEXTS)
    written = re.compile("|".join(map(re.escape, sorted(WRITTEN, key=len, reverse=True))))
    return sorted({word for text in texts for word in _LATIN.findall(_NAMES.sub(" ", written.sub(" ", text)))})
