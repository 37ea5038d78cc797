"""Moving pictures and sound as ffmpeg streams: layers, stills in motion, cross-fades, grades, a tone."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import ffmpeg
from PIL import Image

from studio.sandbox.media import Film
from studio.sandbox.scenes import Layer
from studio.system.ffmpeg import CONFINED

FPS = 24
_SAMPLES = 48_000


@dataclass(frozen=True)
class Window:
    """The part of a picture that is seen: its edges as shares of width and height."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    @classmethod
    def zoomed(cls, zoom: float, across: float, down: float) -> Window:
        """One ``zoom``-th of both sides, placed by ``across`` and ``down``: 0 is left or top, 1 right or bottom."""
        hidden = 1 - 1 / zoom
        return cls(hidden * across, hidden * down, 1 - hidden * (1 - across), 1 - hidden * (1 - down))


@dataclass(frozen=True)
class Move:
    """A camera's slow way over a still, gently begun and ended."""

    begin: Window
    end: Window

    @classmethod
    def inward(cls, chance: random.Random, seconds: float) -> Move:
        """From the whole picture towards one of its inner points; the longer, the farther."""
        zoom = 1.08 + 0.012 * seconds
        return cls(Window(), Window.zoomed(zoom, chance.uniform(0.2, 0.8), chance.uniform(0.2, 0.8)))

    @classmethod
    def any(cls, chance: random.Random) -> Move:
        """Inward, outward or along the picture, for a still that is one of several."""
        near = Window.zoomed(1.1, chance.uniform(0.3, 0.7), chance.uniform(0.3, 0.7))
        left, right = (Window.zoomed(1.09, across, 0.5) for across in (0.1, 0.9))
        begin, end = chance.choice([(Window(), near), (near, Window()), (left, right), (right, left)])
        return cls(begin, end)


def overlaid(layers: Iterable[Layer], folder: Path, ground: Any = None) -> Any:
    """The layers over each other and over the stream ``ground``; their pictures are written to ``folder``."""
    picture = ground
    for index, layer in enumerate(layers):
        source = still(layer.image, folder / f"layer-{index}.png", clear=picture is not None)
        picture = source if picture is None else picture.overlay(source, x=layer.x, y=layer.y, eval="frame")
    return picture


def still(image: Image.Image, path: Path, *, clear: bool = False) -> Any:
    """An endless stream of one picture; ``clear`` keeps its transparency."""
    image.save(path, compress_level=0)
    # Decoded and converted once; repeating the file would do both again for every frame.
    return (
        ffmpeg.input(str(path), framerate=FPS)
        .filter("format", "yuva420p" if clear else "yuv420p")
        .filter("loop", loop=-1, size=1)
        .filter("setpts", f"N/{FPS}/TB")
    )


def moved(image: Image.Image, path: Path, move: Move, frames: int) -> Any:
    """``frames`` frames of a still under a moving camera, to fractions of a pixel; the first shows ``move.begin``."""
    share = f"clip((on-1)/{max(1, frames - 1)},0,1)"
    way = f"({share}*{share}*(3-2*{share}))"

    def edge(side: str, name: str) -> str:
        begin, end = getattr(move.begin, name), getattr(move.end, name)
        return f"{side}*({begin:.5f}+{end - begin:.5f}*{way})"

    left, top, right, bottom = edge("W", "left"), edge("H", "top"), edge("W", "right"), edge("H", "bottom")
    corners = {"x0": left, "y0": top, "x1": right, "y1": top, "x2": left, "y2": bottom, "x3": right, "y3": bottom}
    camera = still(image, path).filter("perspective", **corners, sense="source", eval="frame")
    return camera.filter("trim", end_frame=frames)


def crossfaded(images: Sequence[Image.Image], moves: Sequence[Move], seconds: float, folder: Path) -> Any:
    """The pictures in turn, of equal length, each fading into the next."""
    count = len(images)
    frames = round(FPS * seconds)
    fade = 0 if count == 1 else min(round(0.7 * FPS), frames // (2 * count))
    starts = [index * (frames - fade) // count for index in range(count + 1)]
    picture = None
    for index, (image, move) in enumerate(zip(images, moves, strict=True)):
        length = starts[index + 1] - starts[index] + fade
        shot = moved(image, folder / f"shot-{index}.png", move, length).filter("settb", f"1/{FPS}")
        picture = (
            shot
            if picture is None
            else ffmpeg.filter([picture, shot], "xfade", duration=fade / FPS, offset=starts[index] / FPS)
        )
    return picture


def opened(film: Film, seconds: float) -> Any:
    """The first ``seconds`` of a video as an input, read as nothing but what it is."""
    return ffmpeg.input(f"file:{film.path}", f="mov", t=seconds, **CONFINED)


def developed(source: Any, size: tuple[int, int], grade: str) -> Any:
    """The picture of an opened video at the result's size and frame rate, graded."""
    picture = (
        source.video.filter("setpts", "PTS-STARTPTS")
        .filter("fps", FPS)
        .filter("scale", *size, flags="bicubic")
        .filter("setsar", 1)
        .filter("format", "yuv420p")
        # So that rounding never leaves the last frame out.
        .filter("tpad", stop_mode="clone", stop=-1)
    )
    if grade == "ink":
        picture = _inked(picture)
    return picture.filter("lutyuv", **_CURVES[grade])


def heard(source: Any) -> Any:
    """The sound of an opened video, from the moment at which its picture begins."""
    return source.audio.filter("aresample", _SAMPLES, **{"async": 1, "first_pts": 0}).filter(
        "aformat", channel_layouts="stereo"
    )


def tone(seed: int, seconds: float) -> Any:
    """A soft chord whose pitch comes from the seed, faded in and out."""
    root = 110 * 2 ** (sha256(str(seed).encode()).digest()[0] % 12 / 12)
    voices = "+".join(
        f"{gain}*sin(2*PI*{root * step:.3f}*t)" for gain, step in ((0.10, 1), (0.07, 1.5), (0.05, 2), (0.03, 2.5))
    )
    sound = ffmpeg.input(f"aevalsrc={voices}|{voices}:s={_SAMPLES}:d={seconds + 1}", format="lavfi")
    fade = min(1.0, seconds / 4)
    return sound.filter("afade", t="in", d=fade).filter("afade", t="out", st=seconds - fade, d=fade)


_CURVES: Mapping[str, Mapping[str, str]] = {
    "warm": {"y": "clip(16+(val-16)*1.04+4,16,235)", "u": "clip((val-128)*1.1+128-15,16,240)", "v": "val+12"},
    "cold": {"y": "clip(16+(val-16)*0.94,16,235)", "u": "val+16", "v": "clip((val-128)*0.85+128-11,16,240)"},
    "mono": {"y": "clip(125+(val-125)*1.18,16,235)", "u": "128", "v": "128"},
    "vivid": {
        "y": "clip(125+(val-125)*1.15,16,235)",
        "u": "clip((val-128)*1.65+128,16,240)",
        "v": "clip((val-128)*1.65+128,16,240)",
    },
    "ink": {"y": "clip(val*0.97+8,16,235)", "u": "124", "v": "131"},
}
"""How each grade changes brightness and the two colour differences."""

_WORDS: Mapping[str, Sequence[str]] = {
    "ink": ("ink", "sketch", "drawing", "pencil", "manga", "水墨", "素描", "墨", "线稿"),
    "mono": ("black and white", "black-and-white", "monochrome", "noir", "黑白"),
    "cold": ("cold", "cool", "winter", "snow", "night", "blue", "moon", "冷", "雪", "冬", "夜", "蓝"),
    "warm": ("warm", "sunset", "summer", "gold", "autumn", "dusk", "暖", "夏", "秋", "金", "夕阳", "黄昏"),
    "vivid": ("vivid", "neon", "anime", "cartoon", "colour", "color", "pixar", "鲜", "霓虹", "动漫", "卡通", "彩"),
}


def grade_of(instruction: str) -> str:
    """The grade that an edit's instruction speaks of, else one that the instruction always gets."""
    text = f" {instruction.lower()}"
    for grade, words in _WORDS.items():
        if any((f" {word}" if word.isascii() else word) in text for word in words):
            return grade
    names = sorted(_WORDS)
    return names[sha256(instruction.encode()).digest()[0] % len(names)]


def _inked(picture: Any) -> Any:
    """Grey washes under dark contours."""
    pair = picture.filter_multi_output("split", 2)
    washes = pair[0].filter("lutyuv", y="clip(112+val*0.62,16,235)").filter("gblur", sigma=2.2, planes=1)
    contours = (
        pair[1].filter("gblur", sigma=0.8, planes=1).filter("sobel", planes=1, scale=1.5).filter("lutyuv", y="255-val")
    )
    return ffmpeg.filter([washes, contours], "blend", c0_mode="multiply", c1_mode="normal", c2_mode="normal")
