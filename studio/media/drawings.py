"""Pictures and a short video of our own, for who has none at hand.

They are drawn when they are first asked for, so that no binary file stands in the repository. A picture is one moment
of a drawing that moves: the page's examples show the others.
"""

from __future__ import annotations

import math
import random
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import ffmpeg
from PIL import Image

from studio.catalog.models import Kind
from studio.media.canvas import Canvas, bend, box, oval, ridge
from studio.media.figures import Sea, balloon, boat, fox, lantern, robot
from studio.system.children import MB, Bounds, run
from studio.system.ffmpeg import program

_VIDEO_SECONDS = 4
_FPS = 24
_THUMBNAIL_SIDE = 240
_DUSK = Sea()


def turn(moment: float, phase: float = 0.0) -> float:
    """Where something is that goes to and fro once in a loop: from -1 to 1, and 0 at its beginning."""
    return math.sin(math.tau * (moment + phase)) - math.sin(math.tau * phase)


def sailing(canvas: Canvas) -> None:
    canvas.shape(oval(462, 566, 190, 12), _DUSK.shadow, opacity=0.5)
    boat(canvas.at(450, 556, 1.05))


def harbour(canvas: Canvas, moment: float = 0.0) -> None:
    _DUSK.paint(canvas)
    _DUSK.glitter(canvas, moment)
    sailing(canvas.at(110 * moment, 7 * turn(moment)))


def valley(canvas: Canvas, moment: float = 0.0) -> None:
    canvas.shape(box(0, 0, 1280, 720), "#6fb1dd", "#b5dcea", "#fbe9cf", "#fbe0c0")
    canvas.glow(1040, 330, 420, "#fff3d6")
    for x, y, size in ((240, 120, 1.0), (905, 168, 0.8), (1120, 82, 0.6)):
        for dx, dy, radius in ((-70, 8, 34), (-30, -12, 46), (24, -4, 52), (78, 10, 32)):
            cloud = oval(x + 34 * moment + size * dx, y + size * dy, size * radius * 1.5, size * radius * 0.7)
            canvas.shape(cloud, "#ffffff", opacity=0.55)
    hills = (
        (470, 34, 1.1, ("#9fc3c4", "#c9dbcf")),
        (540, 40, 2.6, ("#6f9f95", "#a6c4ae")),
        (612, 36, 4.4, ("#3f7567", "#6b9c7c")),
        (676, 22, 6.0, ("#234f49", "#173733")),
    )
    for number, (height, swing, phase, colours) in enumerate(hills):
        canvas.shape(ridge(1280, 720, height, swing, phase), *colours)
        if number < 3:
            for x in (180, 640, 1080):
                mist = oval(x + 130 * number + 90 * moment, height + 46, 190, 15)
                canvas.shape(mist, "#ffffff", opacity=0.22)
    flame = max(0.0, math.sin(math.pi * (moment - 0.2) / 0.5)) if 0.2 < moment < 0.7 else 0.0
    large = canvas.at(520 + 14 * turn(moment), 262 - 96 * moment, 1.15)
    balloon(large)
    if flame:
        large.glow(0, 100, 150, "#ffd27a", 0.7 * flame)
        large.shape([*bend((-9, 166), (-14, 140), (0, 166 - 46 * flame)), (9, 166)], "#fff1b8", "#ff9a3c")
    balloon(canvas.at(842 + 22 * moment, 356 - 20 * moment, 0.34))


def alley(canvas: Canvas, moment: float = 0.0) -> None:
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
    cable = bend((-20, 400), (330 + 12 * turn(moment), 640), (740, 420))
    canvas.shape([*cable, *((x, y + 3) for x, y in reversed(cable))], "#120c1a")
    for number, (part, size) in enumerate(((3, 0.8), (8, 1.0), (13, 1.1), (18, 0.95), (22, 0.75))):
        x, y = cable[part]
        lantern(canvas.at(x, y, size, turn=-7 * turn(moment, number * 0.06)).at(0, 84))
        canvas.shape(oval(x + 8 * turn(moment, number * 0.06), 1120, 13 * size, 110), "#ff7a3c", "#7a2a20", opacity=0.4)
    if moment:
        _fireflies(canvas, moment)


def _fireflies(canvas: Canvas, moment: float) -> None:
    chance = random.Random(11)
    for _ in range(9):
        x, y, rise = chance.uniform(230, 520), chance.uniform(760, 1010), chance.uniform(60, 150)
        strength = math.sin(math.pi * moment)
        canvas.glow(x + 12 * turn(moment, chance.random()), y - rise * moment, 20, "#ffe07a", strength)


def lighthouse(canvas: Canvas, moment: float = 0.0) -> None:
    canvas.shape(box(0, 0, 1280, 520), "#070d24", "#12204a", "#2c4273", "#5b6f94")
    chance = random.Random(3)
    for number in range(110):
        x, y, radius = chance.uniform(0, 1280), 380 * chance.random() ** 1.6, chance.uniform(0.7, 1.9)
        light = chance.uniform(0.3, 0.95) * (1 + 0.35 * turn(moment, number / 9))
        canvas.shape(oval(x, y, radius, radius), "#ffffff", opacity=min(1.0, max(0.0, light)))
    canvas.shape(box(0, 508, 1280, 720), "#41577f", "#1c2c55", "#0b1533")
    _beam(canvas, moment)
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


def _beam(canvas: Canvas, moment: float) -> None:
    """Two beams that go around once in a loop, fainter the farther out."""
    layers = 24
    for half, strength in ((0.0, 0.5), (0.5, 0.34)):
        angle = math.tau * (moment + half)
        reach, sink = -960 * math.cos(angle), 34 * math.cos(angle) - 60 * math.sin(angle)
        spread = 80 + 50 * abs(math.sin(angle))
        for layer in range(layers):
            # One over the other, each longer: beside each other they would show where they meet.
            part = ((layer + 1) / layers) ** 0.8
            x, y, wide = 916 + reach * part, 223 + sink * part, 9 + spread * part
            outline = [(916, 214), (x, y - wide), (x, y + wide), (916, 232)]
            canvas.shape(outline, "#fff0bd", opacity=1.35 * strength / layers)


def _robot(canvas: Canvas) -> None:
    canvas.shape(box(0, 0, 768, 768), "#eef3f5", "#cfdce2")
    canvas.shape(oval(384, 690, 190, 20), "#7f95a1", opacity=0.35)
    robot(canvas.at(384, 684))


def _fox(canvas: Canvas) -> None:
    canvas.shape(box(0, 0, 768, 768), "#f8efe0", "#ecd9bd")
    canvas.shape(oval(400, 700, 220, 20), "#a58a63", opacity=0.35)
    fox(canvas.at(384, 704))


def _boat(canvas: Canvas) -> None:
    canvas.shape(box(0, 0, 768, 768), "#e4f1f4", "#c3dde4")
    canvas.shape(oval(392, 626, 260, 24), "#6f98a6", opacity=0.4)
    boat(canvas.at(372, 606, 1.6))


def _balloon(canvas: Canvas) -> None:
    canvas.shape(box(0, 0, 768, 768), "#e9f0fa", "#cbdcf0")
    balloon(canvas.at(384, 330, 1.75))


@dataclass(frozen=True)
class Drawing:
    """Something that can be drawn at any size."""

    kind: Kind
    size: tuple[int, int]
    paint: Callable[[Canvas], None]
    """Of a video: how it begins."""

    @property
    def ratio(self) -> str:
        """Of its sides, such as ``16:9``."""
        width, height = Fraction(*self.size).as_integer_ratio()
        return f"{width}:{height}"


_WIDE, _TALL, _SQUARE = (1280, 720), (720, 1280), (768, 768)
DRAWINGS: Mapping[str, Drawing] = {
    "harbour": Drawing("image", _WIDE, harbour),
    "valley": Drawing("image", _WIDE, valley),
    "alley": Drawing("image", _TALL, alley),
    "lighthouse": Drawing("image", _WIDE, lighthouse),
    "robot": Drawing("image", _SQUARE, _robot),
    "fox": Drawing("image", _SQUARE, _fox),
    "boat": Drawing("image", _SQUARE, _boat),
    "balloon": Drawing("image", _SQUARE, _balloon),
    "crossing": Drawing("video", _WIDE, harbour),
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

        picture = layer(_DUSK.paint, "RGB").overlay(layer(_DUSK.glitter, "RGBA"), x="6*sin(2*PI*t/1.7)", y=0)
        picture = picture.overlay(layer(sailing, "RGBA"), x="70*t-90", y="9*sin(2*PI*t/2.6)")
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
