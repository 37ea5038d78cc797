"""Scripts, styles and markup of the page, from the ``assets`` folder."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from studio.web.text import for_scripts

FOLDER = Path(__file__).parents[2] / "assets"
PARTS = ("header", "files", "meter", "summary", "board")
"""The pieces of the page that a script of the same name draws."""


@cache
def asset(name: str) -> str:
    """The text of a file in ``assets``."""
    return (FOLDER / name).read_text("utf-8")


def page_script() -> str:
    """All scripts of the page, with its words: sent once, however many forms use a part."""
    table = json.dumps(for_scripts(), ensure_ascii=False).replace("</", "<\\/")
    parts = ",\n".join(f"{name}(element, props, trigger, watch) {{\n{asset(f'{name}.js')}}}" for name in PARTS)
    return f"const WORDS = {table};\n{asset('page.js')}window.studio.parts = {{\n{parts}}};"


def draw(part: str, *events: str) -> str:
    """What an HTML component runs to draw itself as ``part``; Gradio knows the ``events`` that are named in it."""
    return f"window.studio.parts.{part}(element, props, trigger, watch, {json.dumps(events)})"
