"""Scripts, styles and markup of the page, from the ``assets`` folder."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from studio.web.text import LOCALES, TEXTS

FOLDER = Path(__file__).parents[3] / "assets"
PARTS = (
    "shell/header",
    "shell/notify",
    "money/money",
    "money/accounts",
    "form/files",
    "form/meter",
    "form/summary",
    "presets/presets",
    "board/board",
    "history/restore",
    "history/history",
    "history/tiles",
    "history/job",
    "history/compare",
)
"""The pieces of the page that a script of the same name draws, each in the folder of its area."""
SHARED = (
    "shell/page",
    "shell/whole",
    "form/holds",
    "history/onward",
    "board/adoption",
    "visitors/visitor",
    "shell/lost",
    "shell/stream",
)
"""What they have in common, in the order in which it runs."""
STYLES = ("shell/studio", "history/history", "presets/presets")

_SERVER_ONLY = re.compile(r"(charged|check|concerns|fault|trace)\.|starter\..*\.prompt")
"""Keys of texts that come with what they are about, and only when there is something to tell."""


@cache
def asset(name: str) -> str:
    """The text of a file in ``assets``, such as ``board/board.js``."""
    return (FOLDER / name).read_text("utf-8")


def head(root: str) -> str:
    """What the head of a page below ``root`` begins with: place and language are settled, and our scripts are there,
    before Gradio starts."""
    version = hashlib.sha256(page_script().encode()).hexdigest()[:16]
    settled = f"{asset('shell/place.js')}({json.dumps(root)});{asset('shell/language.js')}({json.dumps(LOCALES)})"
    # Without a word on its icon a browser asks the host for one, beside the path.
    icon = '<link rel="icon" href="favicon.ico" type="image/svg+xml">'
    return f'{icon}<script>{settled}</script><script src="studio/page.js?v={version}"></script>'


async def serve_page_script(_: Request) -> Response:
    """``/studio/page.js``: its address changes with its content, so a browser keeps it for good."""
    return Response(
        page_script(), media_type="text/javascript", headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


def styles() -> str:
    """All styles of the page."""
    return "".join(asset(f"{name}.css") for name in STYLES)


def script_texts() -> dict[str, dict[str, str]]:
    """The texts by language and key that a script may ask for."""
    return {
        language: {key: text for key, text in texts.items() if not _SERVER_ONLY.match(key)}
        for language, texts in TEXTS.items()
    }


@cache
def page_script() -> str:
    """All scripts of the page, with its words: sent once, however many forms use a part."""
    table = json.dumps(script_texts(), ensure_ascii=False).replace("</", "<\\/")
    parts = ",\n".join(
        f"{Path(name).name}(element, props, trigger, watch) {{\n{asset(f'{name}.js')}}}" for name in PARTS
    )
    shared = "".join(asset(f"{name}.js") for name in SHARED)
    return f"const WORDS = {table};\n{shared}window.studio.parts = {{\n{parts}}};"


def draw(part: str, *events: str, **settled: Any) -> str:
    """What an HTML component runs to draw itself as ``part``; Gradio knows the ``events`` that are named in it.

    ``settled`` are props that never change. They stand in the script: a component that is filled in while its tab is
    opened for the first time may be drawn before Gradio has given it its own props.
    """
    fields = "".join(f", {name}: {json.dumps(value)}" for name, value in settled.items())
    props = f"{{ __proto__: props{fields} }}" if fields else "props"
    return f"window.studio.parts.{part}(element, {props}, trigger, watch, {json.dumps(events)})"
