"""The page's style, scripts and pictures, read from the ``assets`` folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "assets"


@cache
def asset(name: str) -> str:
    """The text of a file in ``assets``."""
    return (FOLDER / name).read_text("utf-8")
