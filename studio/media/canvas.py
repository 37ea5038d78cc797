"""A canvas for flat pictures: outlines filled with gradients, and light."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import copy

from PIL import Image, ImageDraw

Point = tuple[float, float]


class Canvas:
    """A picture that shapes are put on, in units of its final pixels."""

    def __init__(self, size: tuple[int, int], scale: float, mode: str = "RGB") -> None:
        """Drawn ``scale`` times as large, then reduced to half of that, which smooths the edges."""
        self._scale = 2 * scale
        self._origin: Point = (0.0, 0.0)
        self._turn = 0.0
        self._image = Image.new(mode, (round(size[0] * self._scale), round(size[1] * self._scale)))

    def at(self, x: float, y: float, size: float = 1.0, turn: float = 0.0) -> Canvas:
        """The same picture for what is drawn around a point of its own, ``size`` times as large, and turned by degrees
        clockwise."""
        moved = copy(self)
        moved._origin = self._place((x, y))
        moved._scale = self._scale * size
        moved._turn = self._turn + turn
        return moved

    def _place(self, point: Point) -> Point:
        """Where a point is in the picture."""
        x, y = self._scale * point[0], self._scale * point[1]
        if self._turn:
            across, down = math.cos(math.radians(self._turn)), math.sin(math.radians(self._turn))
            x, y = x * across - y * down, x * down + y * across
        return self._origin[0] + x, self._origin[1] + y

    def cover(self, left: float, paint: Callable[[Canvas], None]) -> None:
        """Put another picture over all that is on the right of ``left``."""
        other = copy(self)
        other._image = Image.new(self._image.mode, self._image.size)
        paint(other)
        edge = round(self._place((left, 0))[0])
        self._image.paste(other._image.crop((edge, 0, *self._image.size)), (edge, 0))

    def finished(self) -> Image.Image:
        return self._image.reduce(2)

    def shape(self, outline: Sequence[Point], *colours: str, opacity: float = 1.0) -> None:
        """Fill an outline with colours that run from its top to its bottom."""
        points = [self._place(point) for point in outline]
        left, right = (bound(x for x, _ in points) for bound in (min, max))
        top, bottom = (bound(y for _, y in points) for bound in (min, max))
        size = (math.ceil(right - left) + 1, math.ceil(bottom - top) + 1)
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in points], fill=round(255 * opacity))
        self._image.paste(_gradient(size, colours), (round(left), round(top)), mask)

    def glow(self, x: float, y: float, radius: float, colour: str, strength: float = 1.0) -> None:
        """Light that fades away from a point."""
        side = 2 * round(radius * self._scale)
        # Pillow's gradient is white at the corners, and 181 at the middle of an edge.
        fade = Image.radial_gradient("L").point(lambda value: round(255 * strength * max(0, 1 - value / 181) ** 2))
        left, top = self._place((x, y))
        place = (round(left - side / 2), round(top - side / 2))
        self._image.paste(Image.new("RGB", (side, side), colour), place, fade.resize((side, side)))


def _gradient(size: tuple[int, int], colours: Sequence[str]) -> Image.Image:
    if len(colours) == 1:
        return Image.new("RGB", size, colours[0])
    column = Image.new("RGB", (1, len(colours)))
    for row, colour in enumerate(colours):
        column.paste(colour, (0, row, 1, row + 1))
    # From the middle of the first colour to the middle of the last.
    return column.resize(size, Image.Resampling.BILINEAR, (0, 0.5, 1, len(colours) - 0.5))


def box(left: float, top: float, right: float, bottom: float, corner: float = 0) -> list[Point]:
    """A rectangle, with rounded corners where these have a radius."""
    if not corner:
        return [(left, top), (right, top), (right, bottom), (left, bottom)]
    centres = [(right - corner, bottom - corner), (left + corner, bottom - corner)]
    centres += [(left + corner, top + corner), (right - corner, top + corner)]
    turns = [(x, y, quarter * 90 + step * 10) for quarter, (x, y) in enumerate(centres) for step in range(10)]
    return [(x + corner * math.cos(math.radians(a)), y + corner * math.sin(math.radians(a))) for x, y, a in turns]


def oval(x: float, y: float, across: float, down: float) -> list[Point]:
    """``across`` and ``down`` are radii."""
    turns = [math.radians(angle) for angle in range(0, 360, 5)]
    return [(x + across * math.cos(turn), y + down * math.sin(turn)) for turn in turns]


def bend(start: Point, towards: Point, end: Point) -> list[Point]:
    """A curve from ``start`` to ``end`` that leans ``towards`` a point."""
    steps = [step / 24 for step in range(25)]
    return [
        (
            (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * towards[0] + t**2 * end[0],
            (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * towards[1] + t**2 * end[1],
        )
        for t in steps
    ]


def ridge(width: float, bottom: float, height: float, swing: float, phase: float) -> list[Point]:
    """Hills from edge to edge."""
    line = []
    for x in range(0, round(width) + 9, 8):
        wave = math.sin(x / 210 + phase) + 0.5 * math.sin(x / 83 + 2.3 * phase) + 0.18 * math.sin(x / 29 + 4 * phase)
        line.append((float(x), height - swing * wave))
    return [*line, (width + 8, bottom), (0, bottom)]


def stroke(line: Sequence[Point], width: float) -> list[Point]:
    """A line of that width, as an outline."""
    sides: tuple[list[Point], list[Point]] = ([], [])
    for number, (x, y) in enumerate(line):
        (left, top), (right, bottom) = line[max(0, number - 1)], line[min(len(line) - 1, number + 1)]
        length = math.hypot(right - left, bottom - top) or 1.0
        across, down = (bottom - top) / length * width / 2, (right - left) / length * width / 2
        sides[0].append((x + across, y - down))
        sides[1].append((x - across, y + down))
    return [*sides[0], *reversed(sides[1])]
