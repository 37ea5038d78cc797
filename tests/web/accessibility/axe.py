"""axe-core, which finds what keeps people with disabilities out of a page."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.servers import ROOT

SCRIPT = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_RUN = "() => axe.run(document, { resultTypes: ['violations'] })"
"""All of its rules, the best practices too."""
_TELL_FORCED_COLOURS = """() => {
  if (!matchMedia("(forced-colors: active)").matches) return;
  for (const node of document.querySelectorAll("body *")) {
    node.style.webkitTextFillColor = getComputedStyle(node).color;
  }
}"""
"""axe reads the colour of text in a property that Chromium tells without the forced colours, though it paints them."""


@cache
def _source() -> str:
    if not SCRIPT.is_file():
        raise FileNotFoundError(f"{SCRIPT} is missing: run `make node_modules/installed`, which `make check` does too.")
    return SCRIPT.read_text("utf-8")


def findings(page: Page) -> list[str]:
    """What axe-core finds on the page as it stands: the rule, the element, and what is wrong with it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    page.evaluate(_TELL_FORCED_COLOURS)
    told: list[dict[str, Any]] = page.evaluate(_RUN)["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {' '.join(map(str, node['target']))}: {_reason(node)}"
        for rule in told
        for node in rule["nodes"]
    ]


def _reason(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])
