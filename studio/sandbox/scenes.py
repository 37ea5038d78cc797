"""The pictures of the sandbox's videos: a landscape at dusk, references on a canvas, signs over everything."""

from __future__ import annotations

import colorsys
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

_CJK_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)

Color = tuple[int, int, int]


@dataclass(frozen=True)
class Layer:
    """A picture and where it is at time ``t``, as ffmpeg's ``overlay`` understands it."""

    image: Image.Image
    x: str = "0"
    y: str = "0"


@dataclass(frozen=True)
class Palette:
    """Colours that belong together, drawn from a number."""

    zenith: Color
    horizon: Color
    sun: Color
    ground: Color

    @classmethod
    def of(cls, chance: random.Random) -> Palette:
        hue = chance.uniform(0.52, 0.82)  # a sky from teal to violet over a horizon from rose to gold
        warm = chance.uniform(-0.1, 0.13)
        return cls(
            _color(hue, 0.62, 0.30),
            _color(warm, 0.52, 0.93),
            _color(warm + 0.02, 0.22, 1.0),
            _color(hue + 0.03, 0.55, 0.10),
        )


def landscape(prompt: str, seed: int, size: tuple[int, int], seconds: float) -> Iterator[Layer]:
    """The layers of a text-to-video scene, farthest first; the same prompt and seed give the same pixels."""
    width, height = size
    chance = random.Random(sha256(f"{prompt}\0{seed}".encode()).digest())
    palette = Palette.of(chance)
    yield Layer(_sky(size, palette))
    radius = int(min(size) * chance.uniform(0.10, 0.17))
    left, top = width * chance.uniform(0.2, 0.7), height * chance.uniform(0.28, 0.45)
    rise = height * 0.1 / max(seconds, 1)
    yield Layer(_sun(radius, palette), f"{left:.1f}+{rise / 3:.3f}*t", f"{top:.1f}-{rise:.3f}*t")
    yield Layer(_motes(size, palette, chance), f"-{width * 0.01:.2f}*t", f"-{height * 0.008:.2f}*t")
    ridges = 4
    for index in range(ridges):
        nearness = (index + 1) / ridges
        speed = width * 0.045 * nearness**1.6
        ridge = _ridge(size, int(speed * seconds) + 2, nearness, palette, chance)
        yield Layer(ridge, f"-{speed:.3f}*t", f"{height - ridge.height}")


def signs(size: tuple[int, int], prompt: str, *, watermark: bool) -> Iterator[Layer]:
    """What is written over every video: its prompt, that it is a drawing, and the watermark if asked for."""
    width, height = size
    unit = min(size)
    badge = _badge("test · simple drawing", unit)
    yield Layer(badge, str(unit // 30), str(unit // 30))
    mark_width = 0
    if watermark:
        mark = _text_image(["Happy Horse"], _font("Happy Horse", unit // 32), (255, 255, 255, 190))
        mark_width = mark.width + unit // 30
        yield Layer(mark, str(width - mark.width - unit // 30), str(height - mark.height - unit // 30))
    if caption := _caption(prompt, unit, width - mark_width - unit // 8):
        yield Layer(caption, str(unit // 30), str(height - caption.height - unit // 30))


def framed(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A reference on a canvas of ``size``: whole, over a blurred and darkened fill of itself where it leaves room."""
    if abs(image.width * size[1] / (image.height * size[0]) - 1) < 0.03:
        return ImageOps.fit(image, size, Image.Resampling.LANCZOS)
    small = ImageOps.fit(image, (max(2, size[0] // 16), max(2, size[1] // 16)), Image.Resampling.BOX)
    ground = small.filter(ImageFilter.GaussianBlur(min(small.size) / 12)).resize(size, Image.Resampling.BICUBIC)
    ground = ImageEnhance.Brightness(ground).enhance(0.62)
    whole = ImageOps.contain(image, size, Image.Resampling.LANCZOS)
    left, top = (size[0] - whole.width) // 2, (size[1] - whole.height) // 2
    shadow = Image.new("L", size)
    ImageDraw.Draw(shadow).rectangle([left, top, left + whole.width, top + whole.height], fill=150)
    ground.paste("black", mask=shadow.filter(ImageFilter.GaussianBlur(min(size) / 40)))
    ground.paste(whole, (left, top))
    return ground


def insets(images: Sequence[Image.Image], size: tuple[int, int]) -> Iterator[Layer]:
    """References as small pictures in the upper right corner, the first one leftmost."""
    unit = min(size)
    side, gap = unit // 7, unit // 60
    right = size[0] - unit // 30
    for image in reversed(images):
        card = _card(image, side)
        right -= card.width
        yield Layer(card, str(right), str(unit // 30))
        right -= gap


def shade(size: tuple[int, int]) -> Layer:
    """A darkening towards the lower edge, on which writing stands out from any picture."""
    width, height = size[0], min(size) // 3
    ramp = Image.linear_gradient("L").point(lambda value: round((value / 255) ** 1.3 * 170))
    image = Image.new("RGBA", (width, height), "black")
    image.putalpha(ramp.resize((width, height), Image.Resampling.BICUBIC))
    return Layer(image, "0", str(size[1] - height))


def _card(image: Image.Image, side: int) -> Image.Image:
    """A picture ``side`` pixels high, with round corners and a thin light rim."""
    width = round(side * min(max(image.width / image.height, 0.7), 1.5))
    small = ImageOps.fit(image, (width, side), Image.Resampling.LANCZOS)
    scale, rim = 4, max(2, side // 40)
    mask = Image.new("L", (small.width * scale, small.height * scale))
    corner = side * scale / 8
    ImageDraw.Draw(mask).rounded_rectangle([0, 0, mask.width - 1, mask.height - 1], corner, fill=255)
    inner = Image.new("L", mask.size)
    edge = rim * scale
    ImageDraw.Draw(inner).rounded_rectangle(
        [edge, edge, mask.width - 1 - edge, mask.height - 1 - edge], corner - edge / 2, fill=255
    )
    card = Image.new("RGBA", small.size, (255, 255, 255, 255))
    card.paste(small, mask=inner.reduce(scale))
    card.putalpha(mask.reduce(scale))
    return card


def _color(hue: float, saturation: float, value: float) -> Color:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _blend(first: Color, second: Color, part: float) -> Color:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _sky(size: tuple[int, int], palette: Palette) -> Image.Image:
    column = Image.new("RGB", (1, 64))
    for row in range(64):
        column.putpixel((0, row), _blend(palette.zenith, palette.horizon, min(1.0, (row / 48) ** 1.4)))
    return column.resize(size, Image.Resampling.BICUBIC)


def _sun(radius: int, palette: Palette) -> Image.Image:
    side = radius * 6
    glow = ImageChops.invert(Image.radial_gradient("L")).point(lambda value: int((value / 255) ** 3 * 150))
    alpha = glow.resize((side, side), Image.Resampling.BICUBIC)
    disc = Image.new("L", (side, side))
    ImageDraw.Draw(disc).ellipse([side / 2 - radius, side / 2 - radius, side / 2 + radius, side / 2 + radius], fill=255)
    alpha = ImageChops.lighter(alpha, disc.filter(ImageFilter.GaussianBlur(max(1, radius / 30))))
    sun = Image.new("RGBA", (side, side), (*palette.sun, 0))
    sun.putalpha(alpha)
    return sun


def _motes(size: tuple[int, int], palette: Palette, chance: random.Random) -> Image.Image:
    width, height = size[0] + size[0] // 4, size[1] + size[1] // 6
    layer = Image.new("RGBA", (width, height), (*palette.sun, 0))
    draw = ImageDraw.Draw(layer)
    unit = min(size) / 720
    for _ in range(90):
        x, y, radius = chance.random() * width, chance.random() * height * 0.75, chance.uniform(0.6, 2.2) * unit
        draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=(*palette.sun, chance.randint(40, 170)))
    return layer


def _ridge(size: tuple[int, int], travel: int, nearness: float, palette: Palette, chance: random.Random) -> Image.Image:
    """A chain of hills, wide enough to be drawn past for the whole video; nearer ones are lower, rougher and darker."""
    width, height = size[0] + travel, int(size[1] * (0.52 - 0.3 * nearness))
    waves = [
        (chance.uniform(0.5, 1.4) * 2**octave / size[1], chance.random() * math.tau, 0.55**octave)
        for octave in range(1, 6)
    ]
    step = 4
    skyline = []
    for x in range(0, width + step, step):
        wave = sum(weight * math.sin(x * frequency + phase) for frequency, phase, weight in waves)
        skyline.append((x, height * (0.42 - 0.3 * wave)))
    color = _blend(palette.horizon, palette.ground, 0.25 + 0.72 * nearness)
    scale = 2  # drawn twice as large and reduced: smooth edges
    alpha = Image.new("L", (width * scale, height * scale))
    outline = [(x * scale, y * scale) for x, y in [*skyline, (width, height), (0, height)]]
    ImageDraw.Draw(alpha).polygon(outline, fill=255)
    layer = Image.new("RGBA", (width, height), (*color, 0))
    layer.putalpha(alpha.reduce(scale))
    return layer


@cache
def _cjk_font() -> str | None:
    return next((path for path in _CJK_FONTS if Path(path).is_file()), None)


def _font(text: str, size: int) -> ImageFont.FreeTypeFont | None:
    """A font that has the text's characters, or None."""
    if any(character > "\u2e7f" for character in text):
        return ImageFont.truetype(path, size) if (path := _cjk_font()) else None
    font = ImageFont.load_default(size)
    return font if isinstance(font, ImageFont.FreeTypeFont) else None


def _caption(prompt: str, unit: int, room: int) -> Image.Image | None:
    """The prompt in at most three lines; None where no font on this machine can write it."""
    text = " ".join(prompt.split())
    text = "".join(character for character in text if character < "\U00010000")
    font = _font(text, unit // 26)
    if not text or font is None:
        return None
    lines, line = [], ""
    for word in _pieces(text):
        if line and font.getlength(line + word) > room:
            lines.append(line.strip())
            line = ""
        line += word
    lines.append(line.strip())
    if len(lines) > 3:
        lines = [*lines[:2], f"{lines[2][:-1]}…"]
    return _text_image(lines, font, (255, 255, 255, 235))


def _pieces(text: str) -> Iterator[str]:
    """Where a line may break: after spaces, and between CJK characters."""
    piece = ""
    for character in text:
        piece += character
        if character == " " or character > "\u2e7f":
            yield piece
            piece = ""
    if piece:
        yield piece


def _text_image(lines: list[str], font: ImageFont.FreeTypeFont | None, fill: tuple[int, int, int, int]) -> Image.Image:
    """Lines of text over a soft shadow."""
    assert font is not None
    text = "\n".join(lines)
    pad = int(font.size * 0.5)
    box = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox((0, 0), text, font=font, spacing=font.size * 0.35)
    size = (math.ceil(box[2]) + 2 * pad, math.ceil(box[3]) + 2 * pad)
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).multiline_text((pad, pad), text, font=font, fill=255, spacing=font.size * 0.35)
    shadow = mask.filter(ImageFilter.GaussianBlur(font.size / 5)).point(lambda value: min(255, int(value * 1.2)))
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    image.putalpha(shadow)
    ink = Image.new("RGBA", size, fill)
    image.paste(ink, mask=mask.point(lambda value: value * fill[3] // 255))
    return image


def _badge(word: str, unit: int) -> Image.Image:
    """A small pill with a word."""
    font = _font(word, max(10, unit // 36))
    assert font is not None
    pad = int(font.size * 0.6)
    left, top, right, bottom = font.getbbox(word)
    size = (int(right - left) + 2 * pad, int(bottom - top) + int(1.3 * pad))
    scale = 4
    pill = Image.new("L", (size[0] * scale, size[1] * scale))
    ImageDraw.Draw(pill).rounded_rectangle([0, 0, pill.width - 1, pill.height - 1], size[1] * scale / 2, fill=130)
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    image.putalpha(pill.reduce(scale))
    ImageDraw.Draw(image).text((pad - left, int(0.65 * pad) - top), word, font=font, fill=(255, 255, 255, 230))
    return image
