"""One-click fixes: what is done to a file to make it acceptable, as data.

``studio.media.plan`` says which ones a file needs; the page may replace a parameter (the anchor of a crop, the range of
a trim); ``studio.media.image_fixes`` and ``studio.media.video_fixes`` make the mended copy. The original is never
touched.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from studio.errors import InvalidRequest, Problem
from studio.message import Message
from studio.system.parsing import listed, plain_decimal, plain_fraction, shown

LEAST_BYTES = 10 * 1024
"""What the studio compresses to at least: no provider's limit is near it."""
MAX_FPS = 240
"""The studio's own bound: what cameras of today record at most."""

MOST = 16
"""Fixes of one file at once: there are not so many kinds."""


def _plain(value: Any) -> Decimal:
    """A number as people write it: before pydantic reads it, which would take ``1e60000000`` and work it out."""
    number = value if isinstance(value, Decimal) else plain_decimal(value)
    if number is None:
        raise ValueError("a plain number without an exponent")
    return number


def _ratio(value: Any) -> Fraction:
    ratio = value if isinstance(value, Fraction) else plain_fraction(value)
    if ratio is None:
        raise ValueError("a plain number or fraction without an exponent")
    return ratio


Plain = BeforeValidator(_plain)
Share = Annotated[float, Plain, Field(ge=0, le=1)]
Pixels = Annotated[int, Plain, Field(gt=0, le=65_535)]
Bytes = Annotated[int, Plain, Field(gt=0, le=1 << 40)]
Seconds = Annotated[Decimal, Plain, Field(ge=0, le=86_400)]
Ratio = Annotated[Fraction, BeforeValidator(_ratio), Field(gt=0, le=1000)]
ImageFormat = Literal["JPEG", "PNG", "WEBP"]


@dataclass(frozen=True)
class Convert:
    """Write an image anew in another format, as one opaque picture of 8-bit RGB."""

    format: ImageFormat
    name: Literal["convert"] = "convert"


@dataclass(frozen=True)
class Compress:
    """Keep the file within so many bytes; what is within already is left as good as it is."""

    max_bytes: Bytes
    lossy: Literal["JPEG", "WEBP"] = "JPEG"
    """Image format to change to when a lossless one is too large; without meaning for a video."""
    name: Literal["compress"] = "compress"


@dataclass(frozen=True)
class Crop:
    """Cut off what stands out over a ratio."""

    ratio: Ratio
    """Width/height of what is left, to a pixel."""
    anchor: tuple[Share, Share] = (0.5, 0.5)
    """Where what is left lies: (0, 0) keeps the upper left, (1, 1) the lower right, (0.5, 0.5) the middle."""
    name: Literal["crop"] = "crop"


@dataclass(frozen=True)
class Pad:
    """Extend the picture on both sides to a ratio, so that nothing is lost."""

    BLUR: ClassVar[str] = "blur"

    ratio: Ratio
    """Width/height of the whole, to a pixel."""
    fill: Annotated[str, Field(pattern=r"^(blur|#[0-9a-fA-F]{6})$")] = BLUR
    """``blur`` extends the picture with itself, enlarged and blurred; else a colour (``#000000``)."""
    name: Literal["pad"] = "pad"


@dataclass(frozen=True)
class Upscale:
    """Enlarge until the shorter side has so many pixels."""

    side: Pixels
    name: Literal["upscale"] = "upscale"


@dataclass(frozen=True)
class Downscale:
    """Shrink until the longer side has so many pixels."""

    side: Pixels
    name: Literal["downscale"] = "downscale"


@dataclass(frozen=True)
class Upright:
    """Store the pixels as they are shown, without an orientation mark."""

    name: Literal["upright"] = "upright"


@dataclass(frozen=True)
class Trim:
    """Keep one stretch of a video."""

    start: Seconds
    """Seconds from the beginning."""
    length: Annotated[Seconds, Field(gt=0)]
    """Seconds."""
    within: tuple[Seconds, Seconds] | None = None
    """Least and most seconds that are allowed: a length that is no whole number of frames is rounded into this."""
    name: Literal["trim"] = "trim"


@dataclass(frozen=True)
class Framerate:
    """Show frames at even times, so many a second; frames are repeated or left out, none is invented."""

    fps: Annotated[Fraction, BeforeValidator(_ratio), Field(gt=0, le=MAX_FPS)]
    name: Literal["framerate"] = "framerate"


@dataclass(frozen=True)
class Reencode:
    """Write a video anew as an MP4 of H.264 and AAC: one stream of each, upright, with square pixels."""

    name: Literal["reencode"] = "reencode"


Fix = Convert | Compress | Crop | Pad | Upscale | Downscale | Upright | Trim | Framerate | Reencode

_FIX: TypeAdapter[Fix] = TypeAdapter(Annotated[Fix, Field(discriminator="name")])


def to_json(fix: Fix) -> dict[str, Any]:
    """A JSON object that ``from_json`` turns back into this fix; ``name`` tells which one it is."""
    data: dict[str, Any] = _FIX.dump_python(fix, mode="json")
    return data


def from_json(data: Any) -> Fix:
    """Read a fix as the page sends it; raises InvalidRequest for what is none."""
    try:
        fix = _FIX.validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "name"
        rule = first["msg"].removeprefix("Value error, ")
        rule = Message("valid ({rule})", rule=f"{rule[:1].lower()}{rule[1:]}")
        raise InvalidRequest(Problem(f"fix.{field}"[:80], shown(first["input"]), rule)) from None
    if isinstance(fix, Compress) and fix.max_bytes < LEAST_BYTES:
        least = Message("at least {least:,} bytes", least=LEAST_BYTES)
        raise InvalidRequest(Problem("fix.compress.max_bytes", fix.max_bytes, least))
    return fix


def read_all(data: Any) -> list[Fix]:
    """Read a list of fixes as the page sends it; raises InvalidRequest."""
    return [from_json(one) for one in listed("fixes", data, MOST)]
