"""How large a video comes out, where neither document says it outright."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

_COMMON = "16:9 9:16 1:1 4:3 3:4 5:4 4:5 3:2 2:3 2:1 1:2 21:9 9:21"
COMMON_RATIOS = {Fraction(*map(int, name.split(":"))): name for name in _COMMON.split()}
ALIKE = Fraction(2, 100)
"""Up to so much beside a common ratio something is said to have it: encoders round the sides of a picture."""


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


def ratio_text(ratio: Fraction, limits: Sequence[Fraction] = ()) -> str:
    """Width to height: ``3:4`` where it is a common ratio, else ``2.5:1``, ``1:2.5``.

    What is beside one of ``limits`` is told with enough digits that it does not read as the limit.
    """
    nearest = min(COMMON_RATIOS, key=lambda one: abs(one / ratio - 1))
    if nearest == ratio or (_alike(nearest, ratio) and not any(_alike(limit, ratio) for limit in limits)):
        return COMMON_RATIOS[nearest]
    if ratio < 1:
        return f"1:{decimal_text(1 / ratio, 2, [1 / limit for limit in limits])}"
    return f"{decimal_text(ratio, 2, limits)}:1"


def decimal_text(value: Fraction, digits: int, limits: Sequence[Fraction] = ()) -> str:
    """With so many digits behind the point, and with more where it would read as one of ``limits`` beside it."""
    for more in range(digits, 9):
        text = f"{float(value):.{more}f}".rstrip("0").rstrip(".")
        if Fraction(text) == value or all(Fraction(text) != limit for limit in limits):
            break
    return text


def _alike(one: Fraction, other: Fraction) -> bool:
    return abs(one / other - 1) < ALIKE
