"""Things that our drawings show. Each is drawn around a point of its own: ``robot(canvas.at(300, 500, 0.5))``."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import pairwise

from studio.media.canvas import Canvas, Point, bend, box, oval, ridge


def boat(canvas: Canvas) -> None:
    """A sailing boat, around the middle of its waterline."""
    sails(canvas)
    hull(canvas)


def sails(
    canvas: Canvas,
    main: tuple[str, ...] = ("#fff9ee", "#f2cfa6"),
    jib: tuple[str, ...] = ("#fdeedd", "#e5b48c"),
    mast: str = "#5a3a2a",
    pennant: str = "#d8412f",
) -> None:
    """Those of the boat, with their mast; colours run from top to bottom."""
    canvas.shape([(-5, -300), (3, -300), (5, -30), (-5, -30)], mast)
    canvas.shape([*bend((12, -290), (150, -170), (168, -48)), (12, -48)], *main)
    canvas.shape([(-12, -262), *bend((-12, -262), (-70, -150), (-120, -50)), (-12, -50)], *jib)
    canvas.shape([(-5, -300), *bend((-5, -300), (-35, -306), (-62, -290)), (-5, -280)], pennant)


def hull(canvas: Canvas, *colours: str) -> None:
    outline = [*bend((-150, -36), (-132, 10), (-84, 14)), *bend((96, 14), (150, 8), (186, -40))]
    canvas.shape(outline, *(colours or ("#e2553d", "#9c2a25")))
    canvas.shape([(-150, -36), (186, -40), (182, -28), (-147, -26)], "#fbe9d5")


def balloon(canvas: Canvas) -> None:
    """A hot-air balloon, around the middle of its envelope."""
    heights = [step / 40 for step in range(41)]

    def edge(angle: float) -> list[Point]:
        turn = math.sin(math.radians(angle))
        return [(turn * _swell(t), 260 * t - 130) for t in heights]

    bounds = [-90, -62, -37, -12, 12, 37, 62, 90]
    tones = [("#d95d39", "#9c3320"), ("#f5c26b", "#cf8a3a")]
    for number, (left, right) in enumerate(pairwise(bounds)):
        canvas.shape([*edge(left), *reversed(edge(right))], *tones[number % 2])
    for side in (-1, 1):
        canvas.shape([(side * 26, 128), (side * 16, 176), (side * 13, 176), (side * 23, 128)], "#5a4632")
    canvas.shape(box(-20, 172, 20, 206, 6), "#a9713f", "#6b4124")


def _swell(part: float) -> float:
    """Half the width of a balloon at this part of its height."""
    if part < 0.55:
        return 120 * math.sqrt(max(0.0, 1 - ((part - 0.55) / 0.55) ** 2))
    return 26 + 94 * float(math.cos((part - 0.55) / 0.45 * math.pi / 2) ** 1.25)


def lantern(canvas: Canvas) -> None:
    """A red paper lantern, around its middle."""
    canvas.glow(0, 0, 190, "#ff7a3c", 0.75)
    canvas.shape(box(-1.5, -84, 1.5, -50), "#2b1720")
    canvas.shape(oval(0, 0, 62, 52), "#ff8a4c", "#e0321f", "#a8151a")
    canvas.shape(oval(0, 0, 24, 51), "#ffc07a", "#f0562c", "#c0201c", opacity=0.75)
    for top in (-58, 46):
        canvas.shape(box(-26, top, 26, top + 12, 4), "#f3c25c", "#a9742a")
    canvas.shape(box(-3, 58, 3, 108), "#e9b24c", "#c02a20")


def robot(canvas: Canvas, *, arms: tuple[float, float] = (0.0, 0.0)) -> None:
    """A friendly robot, around the point between its feet; ``arms`` are lifted by so many degrees."""
    canvas = canvas.at(-384, -684)
    for x in (318, 450):
        canvas.shape(box(x - 36, 590, x + 36, 684, 20), "#6d8592", "#475c68")
    for side, lift in zip((-1, 1), arms, strict=True):
        arm = canvas.at(384 + side * 178, 438, turn=-side * lift)
        arm.shape(box(-30, -28, 30, 130, 28), "#9fb6c2", "#6d8592")
    canvas.shape(box(236, 384, 532, 614, 56), "#f9fbfc", "#b9ccd6")
    canvas.shape(box(318, 446, 450, 540, 22), "#3f5561", "#2b3c46")
    canvas.shape(oval(360, 493, 20, 20), "#ffb347", "#f07c2a")
    canvas.shape(oval(414, 493, 20, 20), "#6fe0c2", "#2fae92")
    canvas.shape(box(378, 92, 390, 150), "#6d8592")
    canvas.shape(oval(384, 84, 24, 24), "#ff8b5e", "#d9472b")
    canvas.shape(box(196, 142, 572, 366, 84), "#ffffff", "#c3d4dd")
    canvas.shape(box(236, 186, 532, 326, 58), "#24343e", "#15212a")
    for x in (316, 452):
        canvas.shape(oval(x, 250, 30, 36), "#8ff3ff", "#34c3e6")
        canvas.shape(oval(x + 9, 238, 9, 9), "#ffffff")
    canvas.shape([*bend((352, 292), (384, 316), (416, 292)), *bend((416, 286), (384, 306), (352, 286))], "#8ff3ff")


def fox(canvas: Canvas, *, tail: float = 0.0) -> None:
    """A sitting fox, around the point between its paws; its ``tail`` is turned by so many degrees."""
    canvas = canvas.at(-384, -704)
    brush = [*bend((0, 0), (230, 10), (170, -220)), *bend((170, -220), (130, -90), (-30, -70))]
    canvas.at(470, 690, turn=tail).shape(brush, "#fff3e2", "#f08c3c", "#d9691e")
    body = [*bend((384, 370), (560, 520), (508, 700)), *bend((260, 700), (208, 520), (384, 370))]
    canvas.shape(body, "#ee8a3a", "#d0641d")
    canvas.shape(
        [*bend((384, 430), (466, 540), (384, 668)), *bend((384, 668), (302, 540), (384, 430))], "#fff6ea", "#f6dcc0"
    )
    for side in (-1, 1):
        canvas.shape(box(384 + side * 56 - 36, 640, 384 + side * 56 + 36, 704, 30), "#7a3d1a", "#5a2a12")
    fox_head(canvas.at(384, 452))


def fox_head(canvas: Canvas) -> None:
    """Around its chin."""
    canvas = canvas.at(-384, -452)
    for side in (-1, 1):
        ear = [(384 + side * 60, 190), (384 + side * 176, 70), (384 + side * 184, 260)]
        canvas.shape(ear, "#d0641d", "#ee8a3a")
        inner = [(384 + side * 98, 184), (384 + side * 162, 116), (384 + side * 166, 226)]
        canvas.shape(inner, "#5a2a12", "#8a4a26")
    head = [*bend((384, 150), (560, 150), (580, 300)), *bend((580, 300), (500, 400), (384, 452))]
    canvas.shape([*head, *((768 - x, y) for x, y in reversed(head))], "#f7994a", "#e2772a")
    for side in (-1, 1):
        cheek = [*bend((384, 330), (384 + side * 120, 290), (384 + side * 194, 306)), (384, 452)]
        canvas.shape(cheek, "#fffaf2", "#f9e6d0")
        canvas.shape(oval(384 + side * 84, 286, 20, 25), "#2a1a12")
        canvas.shape(oval(384 + side * 84 + 7, 277, 6, 6), "#ffffff")
    canvas.shape(oval(384, 430, 30, 22), "#3a241a", "#1d110c")


@dataclass(frozen=True)
class Sea:
    """What the sea at a harbour looks like; colours run from top to bottom."""

    sky: tuple[str, ...] = ("#352a5a", "#8f4470", "#ee8460", "#ffd596")
    light: str = "#ffd9a0"
    sun: tuple[str, ...] = ("#fff6da", "#ffe2a6")
    """None of it where it is empty."""
    height: float = 392
    """Of the sun's middle, from the picture's top."""
    hills: tuple[str, ...] = ("#a65a72", "#8a4c70")
    water: tuple[str, ...] = ("#f0a878", "#a2586f", "#4a3263", "#241d44")
    glint: str = "#ffe4b0"
    shadow: str = "#2a1f47"

    def paint(self, canvas: Canvas) -> None:
        """1280 × 720, without what glitters."""
        canvas.shape(box(0, 0, 1280, 432), *self.sky)
        if self.sun:
            canvas.glow(880, self.height + 4, 460, self.light)
            canvas.shape(oval(880, self.height, 52, 52), *self.sun)
        canvas.shape(ridge(1280, 440, 408, 16, 0.6), *self.hills, opacity=0.8)
        canvas.shape(box(0, 430, 1280, 720), *self.water)

    def glitter(self, canvas: Canvas, moment: float = 0.0) -> None:
        """The light that the sun throws on the water, at a ``moment`` of a loop from 0 to 1."""
        chance = random.Random(7)
        for number in range(150):
            depth = chance.random() ** 1.5
            x = 880 + chance.gauss(0, 24 + 120 * depth)
            wave = math.sin(math.tau * (moment + number / 12)) - math.sin(math.tau * number / 12)
            width = (12 + 44 * depth) * (1 + 0.3 * wave)
            canvas.shape(
                oval(x + 8 * wave, 438 + 270 * depth, width, 1.2 + 3 * depth), self.glint, opacity=0.65 - 0.4 * depth
            )
