"""Pictures and a short video of our own, for who has none at hand.

They are drawn when they are first asked for, so that no binary file stands in the repository.
"""

from __future__ import annotations

import math
import random
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg
from PIL import Image

from studio.catalog.models import Kind
from studio.media.canvas import Canvas, Point, bend, box, oval, ridge
from studio.system.children import MB, Bounds, run
from studio.system.ffmpeg import program

_VIDEO_SECONDS = 4
_FPS = 24
_THUMBNAIL_SIDE = 240


# Things


def _boat(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A sailing boat whose waterline is at ``y``."""

    def at(*points: Point) -> list[Point]:
        return [(x + size * px, y + size * py) for px, py in points]

    canvas.shape(at((-5, -300), (3, -300), (5, -30), (-5, -30)), "#5a3a2a")
    canvas.shape(at(*bend((12, -290), (150, -170), (168, -48)), (12, -48)), "#fff9ee", "#f2cfa6")
    canvas.shape(at((-12, -262), *bend((-12, -262), (-70, -150), (-120, -50)), (-12, -50)), "#fdeedd", "#e5b48c")
    canvas.shape(at((-5, -300), *bend((-5, -300), (-35, -306), (-62, -290)), (-5, -280)), "#d8412f")
    hull = [*bend((-150, -36), (-132, 10), (-84, 14)), *bend((96, 14), (150, 8), (186, -40))]
    canvas.shape(at(*hull), "#e2553d", "#9c2a25")
    canvas.shape(at((-150, -36), (186, -40), (182, -28), (-147, -26)), "#fbe9d5")


def _balloon(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A hot-air balloon around the middle of its envelope."""
    heights = [step / 40 for step in range(41)]

    def edge(angle: float) -> list[Point]:
        turn = math.sin(math.radians(angle))
        return [(x + size * turn * _swell(t), y + size * (260 * t - 130)) for t in heights]

    bounds = [-90, -62, -37, -12, 12, 37, 62, 90]
    tones = [("#d95d39", "#9c3320"), ("#f5c26b", "#cf8a3a")]
    for number, (left, right) in enumerate(pairwise(bounds)):
        canvas.shape([*edge(left), *reversed(edge(right))], *tones[number % 2])
    for side in (-1, 1):
        rope = [(side * 26, 128), (side * 16, 176), (side * 13, 176), (side * 23, 128)]
        canvas.shape([(x + size * px, y + size * py) for px, py in rope], "#5a4632")
    basket = box(-20, 172, 20, 206, 6)
    canvas.shape([(x + size * px, y + size * py) for px, py in basket], "#a9713f", "#6b4124")


def _swell(part: float) -> float:
    """Half the width of a balloon at this part of its height."""
    if part < 0.55:
        return 120 * math.sqrt(max(0.0, 1 - ((part - 0.55) / 0.55) ** 2))
    return 26 + 94 * float(math.cos((part - 0.55) / 0.45 * math.pi / 2) ** 1.25)


def _lantern(canvas: Canvas, x: float, y: float, size: float) -> None:
    canvas.glow(x, y, 190 * size, "#ff7a3c", 0.75)
    canvas.shape(box(x - 1.5, y - 84 * size, x + 1.5, y - 50 * size), "#2b1720")
    canvas.shape(oval(x, y, 62 * size, 52 * size), "#ff8a4c", "#e0321f", "#a8151a")
    canvas.shape(oval(x, y, 24 * size, 51 * size), "#ffc07a", "#f0562c", "#c0201c", opacity=0.75)
    for top in (-58, 46):
        canvas.shape(box(x - 26 * size, y + top * size, x + 26 * size, y + (top + 12) * size, 4), "#f3c25c", "#a9742a")
    canvas.shape(box(x - 3 * size, y + 58 * size, x + 3 * size, y + 108 * size), "#e9b24c", "#c02a20")


# Pictures


def _sea(canvas: Canvas) -> None:
    canvas.shape(box(0, 0, 1280, 432), "#352a5a", "#8f4470", "#ee8460", "#ffd596")
    canvas.glow(880, 396, 460, "#ffd9a0")
    canvas.shape(oval(880, 392, 52, 52), "#fff6da", "#ffe2a6")
    canvas.shape(ridge(1280, 440, 408, 16, 0.6), "#a65a72", "#8a4c70", opacity=0.8)
    canvas.shape(box(0, 430, 1280, 720), "#f0a878", "#a2586f", "#4a3263", "#241d44")


def _glints(canvas: Canvas) -> None:
    """The light that the sun throws on the water."""
    chance = random.Random(7)
    for _ in range(150):
        depth = chance.random() ** 1.5
        x = 880 + chance.gauss(0, 24 + 120 * depth)
        canvas.shape(
            oval(x, 438 + 270 * depth, 12 + 44 * depth, 1.2 + 3 * depth), "#ffe4b0", opacity=0.65 - 0.4 * depth
        )


def _sailing(canvas: Canvas) -> None:
    canvas.shape(oval(462, 566, 190, 12), "#2a1f47", opacity=0.5)
    _boat(canvas, 450, 556, 1.05)


def _harbour(canvas: Canvas) -> None:
    _sea(canvas)
    _glints(canvas)
    _sailing(canvas)


def _valley(canvas: Canvas) -> None:
    canvas.shape(box(0, 0, 1280, 720), "#6fb1dd", "#b5dcea", "#fbe9cf", "#fbe0c0")
    canvas.glow(1040, 330, 420, "#fff3d6")
    for x, y, size in ((240, 120, 1.0), (905, 168, 0.8), (1120, 82, 0.6)):
        for dx, dy, radius in ((-70, 8, 34), (-30, -12, 46), (24, -4, 52), (78, 10, 32)):
            canvas.shape(
                oval(x + size * dx, y + size * dy, size * radius * 1.5, size * radius * 0.7), "#ffffff", opacity=0.55
            )
    for height, swing, phase, colours in (
        (470, 34, 1.1, ("#9fc3c4", "#c9dbcf")),
        (540, 40, 2.6, ("#6f9f95", "#a6c4ae")),
        (612, 36, 4.4, ("#3f7567", "#6b9c7c")),
        (676, 22, 6.0, ("#234f49", "#173733")),
    ):
        canvas.shape(ridge(1280, 720, height, swing, phase), *colours)
    _balloon(canvas, 520, 262, 1.15)
    _balloon(canvas, 842, 356, 0.34)


def _alley(canvas: Canvas) -> None:
    canvas.shape(box(0, 0, 720, 960), "#0b1030", "#1f1d4a", "#5a2f57", "#c8684a")
    canvas.glow(520, 190, 230, "#cfd6ff", 0.5)
    canvas.shape(oval(520, 190, 58, 58), "#f6f2e2", "#dcd6c8")
    canvas.shape(
        [(0, 1060), (286, 890), (458, 890), (720, 1060), (720, 1280), (0, 1280)], "#8a4638", "#2a1830", "#0b0916"
    )
    canvas.shape(
        [(286, 760), (330, 730), (372, 700), (414, 730), (458, 760), (458, 892), (286, 892)], "#54293f", "#6d3540"
    )
    for wall, eaves in (
        ([(0, 430), (196, 500), (286, 892), (0, 1062)], [(-10, 356), (-10, 452), (214, 520), (262, 470), (150, 440)]),
        (
            [(720, 470), (546, 540), (458, 892), (720, 1062)],
            [(730, 392), (730, 490), (528, 560), (482, 512), (590, 482)],
        ),
    ):
        canvas.shape(wall, "#2b1d33", "#150f1f")
        canvas.shape(eaves, "#191226", "#0e0a17")
    for left, top in ((36, 650), (118, 662), (568, 680), (642, 668)):
        canvas.shape(box(left, top, left + 44, top + 80, 4), "#ffb765", "#d4682f", opacity=0.85)
    cable = bend((-20, 400), (330, 640), (740, 420))
    canvas.shape([*cable, *((x, y + 3) for x, y in reversed(cable))], "#120c1a")
    for part, size in ((3, 0.8), (8, 1.0), (13, 1.1), (18, 0.95), (22, 0.75)):
        x, y = cable[part]
        _lantern(canvas, x, y + 84 * size, size)
        canvas.shape(oval(x, 1120, 13 * size, 110), "#ff7a3c", "#7a2a20", opacity=0.4)


def _cliff(canvas: Canvas) -> None:
    canvas.shape(box(0, 0, 1280, 520), "#070d24", "#12204a", "#2c4273", "#5b6f94")
    chance = random.Random(3)
    for _ in range(110):
        x, y, radius = chance.uniform(0, 1280), 380 * chance.random() ** 1.6, chance.uniform(0.7, 1.9)
        canvas.shape(oval(x, y, radius, radius), "#ffffff", opacity=chance.uniform(0.3, 0.95))
    canvas.shape(box(0, 508, 1280, 720), "#41577f", "#1c2c55", "#0b1533")
    canvas.shape([(902, 214), (0, 96), (0, 262), (902, 232)], "#fff0bd", opacity=0.3)
    canvas.shape([(930, 214), (1280, 150), (1280, 268), (930, 232)], "#fff0bd", opacity=0.2)
    canvas.shape(
        [(640, 720), *bend((640, 720), (720, 520), (800, 492)), (1060, 486), (1280, 560), (1280, 720)],
        "#26304a",
        "#0d1426",
    )
    for part in range(5):
        top, bottom = 254 + 48 * part, 302 + 48 * part
        slope = [
            (916 - 28 - part * 3, top),
            (916 + 28 + part * 3, top),
            (916 + 31 + part * 3, bottom),
            (916 - 31 - part * 3, bottom),
        ]
        canvas.shape(slope, *(("#f4f1ea", "#c9c9cf") if part % 2 == 0 else ("#d9473a", "#a83029")))
    canvas.shape(box(878, 246, 954, 256, 3), "#1d2436")
    canvas.shape(box(896, 204, 936, 246, 4), "#fff6cf", "#ffdc84")
    canvas.shape([(888, 206), (916, 176), (944, 206)], "#c23a30", "#8c2722")
    canvas.glow(916, 224, 150, "#fff0bd", 0.9)


def _robot(canvas: Canvas) -> None:
    canvas.shape(box(0, 0, 768, 768), "#eef3f5", "#cfdce2")
    canvas.shape(oval(384, 690, 190, 20), "#7f95a1", opacity=0.35)
    for x in (318, 450):
        canvas.shape(box(x - 36, 590, x + 36, 684, 20), "#6d8592", "#475c68")
    for x in (206, 562):
        canvas.shape(box(x - 30, 410, x + 30, 568, 28), "#9fb6c2", "#6d8592")
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


def _fox(canvas: Canvas) -> None:
    canvas.shape(box(0, 0, 768, 768), "#f8efe0", "#ecd9bd")
    canvas.shape(oval(400, 700, 220, 20), "#a58a63", opacity=0.35)
    tail = [*bend((470, 690), (700, 700), (640, 470)), *bend((640, 470), (600, 600), (440, 620))]
    canvas.shape(tail, "#fff3e2", "#f08c3c", "#d9691e")
    body = [*bend((384, 370), (560, 520), (508, 700)), *bend((260, 700), (208, 520), (384, 370))]
    canvas.shape(body, "#ee8a3a", "#d0641d")
    canvas.shape(
        [*bend((384, 430), (466, 540), (384, 668)), *bend((384, 668), (302, 540), (384, 430))], "#fff6ea", "#f6dcc0"
    )
    for side in (-1, 1):
        paw = box(384 + side * 56 - 36, 640, 384 + side * 56 + 36, 704, 30)
        canvas.shape(paw, "#7a3d1a", "#5a2a12")
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


def _toy_boat(canvas: Canvas) -> None:
    canvas.shape(box(0, 0, 768, 768), "#e4f1f4", "#c3dde4")
    canvas.shape(oval(392, 626, 260, 24), "#6f98a6", opacity=0.4)
    _boat(canvas, 372, 606, 1.6)


def _toy_balloon(canvas: Canvas) -> None:
    canvas.shape(box(0, 0, 768, 768), "#e9f0fa", "#cbdcf0")
    _balloon(canvas, 384, 330, 1.75)


@dataclass(frozen=True)
class Drawing:
    """Something that can be drawn at any size."""

    kind: Kind
    size: tuple[int, int]
    paint: Callable[[Canvas], None]
    """Of a video: how it begins."""


_WIDE, _TALL, _SQUARE = (1280, 720), (720, 1280), (768, 768)
DRAWINGS: Mapping[str, Drawing] = {
    "harbour": Drawing("image", _WIDE, _harbour),
    "valley": Drawing("image", _WIDE, _valley),
    "alley": Drawing("image", _TALL, _alley),
    "lighthouse": Drawing("image", _WIDE, _cliff),
    "robot": Drawing("image", _SQUARE, _robot),
    "fox": Drawing("image", _SQUARE, _fox),
    "boat": Drawing("image", _SQUARE, _toy_boat),
    "balloon": Drawing("image", _SQUARE, _toy_balloon),
    "crossing": Drawing("video", _WIDE, _harbour),
}


@cache
def drawn(name: str) -> bytes:
    """A drawing as a file, JPEG or MP4. Blocks, for a video a second or two; KeyError when there is none."""
    drawing = DRAWINGS[name]
    return _crossing(drawing.size) if drawing.kind == "video" else _jpeg(_painted(drawing, 1), 90)


@cache
def thumbnail(name: str) -> bytes:
    """A small JPEG of a drawing; KeyError when there is none."""
    drawing = DRAWINGS[name]
    return _jpeg(_painted(drawing, _THUMBNAIL_SIDE / max(drawing.size)), 85)


def _painted(drawing: Drawing, scale: float) -> Image.Image:
    canvas = Canvas(drawing.size, scale)
    drawing.paint(canvas)
    return canvas.finished()


def _jpeg(image: Image.Image, quality: int) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()


def _crossing(size: tuple[int, int]) -> bytes:
    """A boat crosses the harbour, to the sound of the sea."""
    with tempfile.TemporaryDirectory() as folder:

        def layer(paint: Callable[[Canvas], None], mode: str) -> Any:
            canvas = Canvas(size, 1, mode)
            paint(canvas)
            path = f"{folder}/{paint.__name__}.png"
            canvas.finished().save(path, compress_level=1)
            return ffmpeg.input(path, loop=1, framerate=_FPS, t=_VIDEO_SECONDS)

        picture = layer(_sea, "RGB").overlay(layer(_glints, "RGBA"), x="6*sin(2*PI*t/1.7)", y=0)
        picture = picture.overlay(layer(_sailing, "RGBA"), x="70*t-90", y="9*sin(2*PI*t/2.6)")
        noise = f"anoisesrc=color=brown:amplitude=0.5:seed=1:duration={_VIDEO_SECONDS}"
        sound = ffmpeg.input(noise, f="lavfi").filter("tremolo", f=0.4, d=0.7)
        target = Path(folder, "crossing.mp4")
        coded = {"vcodec": "libx264", "preset": "veryfast", "crf": 24, "pix_fmt": "yuv420p", "acodec": "aac"}
        made = ffmpeg.output(picture, sound, str(target), movflags="+faststart", **coded)
        command = made.global_args("-nostdin", "-v", "error").compile(cmd=program("ffmpeg"))
        done = run(command, Bounds(60, memory=1024 * MB, file_bytes=64 * MB))
        if done.failed:
            raise RuntimeError(f"the harbour cannot be drawn: {done.reason}")
        return target.read_bytes()
