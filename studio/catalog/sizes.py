"""How large a video comes out, where neither document says it outright."""

from __future__ import annotations

import math
from fractions import Fraction


def output_size(resolution: str, ratio: Fraction) -> tuple[int, int]:
    """Even width and height of that ratio with about the area that ``resolution`` has at 16:9.

    Read off real results (1080P: 1920 × 1080 at 16:9); for a first frame's odd ratio it is an estimate.
    """
    lines = int(resolution.removesuffix("P"))
    width = math.sqrt(lines * lines * 16 / 9 * ratio)
    return round(width / 2) * 2, round(width / ratio / 2) * 2


def resolution_of(width: int, height: int) -> str:
    """The resolution to whose area, in the same sense, that of a video comes nearest."""
    lines = math.sqrt(width * height * 9 / 16)
    return min(("480P", "720P", "1080P"), key=lambda name: abs(int(name.removesuffix("P")) - lines))
