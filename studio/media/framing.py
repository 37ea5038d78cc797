"""Where the pixels of a picture go when it is cropped, padded or scaled: the arithmetic alone.

Every rounding goes towards a square, the longer side down and the shorter one up: so a picture that is brought to the
edge of what is allowed never ends a pixel beyond it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from studio.media.fixes import Crop, Downscale, Fix, Pad, Upscale

Size = tuple[int, int]
"""Width and height in pixels."""


@dataclass(frozen=True)
class Layout:
    """The way of a picture into its new frame: cut out, put on a canvas, scaled."""

    box: tuple[int, int, int, int]
    """Left, top, width and height of what is kept of the picture."""
    canvas: Size
    """What is kept lies in the middle of this; larger only when padded."""
    fill: str | None
    """What the rest of the canvas is filled with, as ``Pad.fill``; None when there is no rest."""
    size: Size
    """What comes out."""


def lay_out(width: int, height: int, fixes: Sequence[Fix], *, even: bool) -> Layout:
    """Lay a picture of ``width`` × ``height`` out as the fixes say; ``even``: both sides are, as 4:2:0 video asks."""
    step = 2 if even else 1
    left, top, crop = 0, 0, (width, height)
    for fix in fixes:
        if isinstance(fix, Crop):
            crop = _cropped((width, height), fix.ratio, step)
            left, top = round((width - crop[0]) * fix.anchor[0]), round((height - crop[1]) * fix.anchor[1])
    canvas, fill = crop, None
    for fix in fixes:
        if isinstance(fix, Pad):
            canvas = _padded(crop, fix.ratio, step)
            fill = fix.fill if canvas != crop else None
    size = canvas
    for fix in fixes:
        if isinstance(fix, Upscale) and min(size) < fix.side:
            size = _scaled_up(size, fix.side)
        elif isinstance(fix, Downscale) and max(size) > fix.side:
            size = _scaled_down(size, fix.side)
    return Layout((left, top, *crop), canvas, fill, _evened(size) if even else size)


def _cropped(size: Size, ratio: Fraction, step: int) -> Size:
    width, height = size
    if Fraction(width, height) > ratio:
        return min(width, max(step, _side(height * ratio, ratio >= 1, step))), height
    if Fraction(width, height) < ratio:
        return width, min(height, max(step, _side(width / ratio, ratio <= 1, step)))
    return size


def _padded(size: Size, ratio: Fraction, step: int) -> Size:
    width, height = size
    if Fraction(width, height) > ratio:
        return width, max(height, _side(width / ratio, ratio < 1, step))
    if Fraction(width, height) < ratio:
        return max(width, _side(height * ratio, ratio > 1, step)), height
    return size


def _side(value: Fraction, longer: bool, step: int) -> int:
    """A longer side is rounded down, a shorter one up."""
    return _down(value, step) if longer else _up(value, step)


def _scaled_up(size: Size, shorter: int) -> Size:
    longer = math.floor(Fraction(max(size) * shorter, min(size)))
    return (longer, shorter) if size[0] >= size[1] else (shorter, longer)


def _scaled_down(size: Size, longer: int) -> Size:
    shorter = math.ceil(Fraction(min(size) * longer, max(size)))
    return (longer, shorter) if size[0] >= size[1] else (shorter, longer)


def _evened(size: Size) -> Size:
    """The longer side down and the shorter one up; a square keeps to its shape."""
    width, height = size
    if width == height:
        return max(2, _down(width, 2)), max(2, _down(height, 2))
    return (_down(width, 2), _up(height, 2)) if width > height else (_up(width, 2), _down(height, 2))


def _down(value: Fraction | int, step: int) -> int:
    return math.floor(Fraction(value) / step) * step


def _up(value: Fraction | int, step: int) -> int:
    return math.ceil(Fraction(value) / step) * step
