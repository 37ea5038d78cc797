"""One-click fixes: what is done to a file to make it acceptable, as data.

``studio.media.plan`` says which ones a file needs; the page may replace a parameter (the anchor of a crop, the range of
a trim); ``studio.media.image_fixes`` and ``studio.media.video_fixes`` make the mended copy. The original is never
touched.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from studio.errors import InvalidRequest, Problem
from studio.told import Told

MAX_FPS = 240
"""The studio's own bound: what cameras of today record at most."""

Share = Annotated[float, Field(ge=0, le=1)]
Pixels = Annotated[int, Field(gt=0, le=65_535)]
Bytes = Annotated[int, Field(gt=0)]
Ratio = Annotated[Fraction, Field(gt=0)]
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

    start: Annotated[Decimal, Field(ge=0)]
    """Seconds from the beginning."""
    length: Annotated[Decimal, Field(gt=0)]
    """Seconds."""
    within: tuple[Decimal, Decimal] | None = None
    """Least and most seconds that are allowed: a length that is no whole number of frames is rounded into this."""
    name: Literal["trim"] = "trim"


@dataclass(frozen=True)
class Framerate:
    """Show frames at even times, so many a second; frames are repeated or left out, none is invented."""

    fps: Annotated[Fraction, Field(gt=0, le=MAX_FPS)]
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
        return _FIX.validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "name"
        rule = f"{first['msg'][:1].lower()}{first['msg'][1:]}"
        raise InvalidRequest(Problem(f"fix.{field}", first["input"], Told("valid ({rule})", rule=rule))) from None
