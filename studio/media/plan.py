"""From findings to fixes: what "fix all" does to a file, so that its checks pass afterwards."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from studio.catalog.models import CATALOG, MediaLimits
from studio.media.checks import Finding, Verdict
from studio.media.facts import VideoFacts
from studio.media.fixes import (
    MAX_FPS,
    Compress,
    Convert,
    Crop,
    Downscale,
    Fix,
    Framerate,
    ImageFormat,
    Pad,
    Reencode,
    Trim,
    Upright,
    Upscale,
)
from studio.media.framing import lay_out
from studio.media.images import ImageFacts

_LOSSLESS = frozenset({"GIF", "BMP", "TIFF", "ICO", "PPM"})


def plan(
    facts: ImageFacts | VideoFacts,
    findings: Iterable[Finding],
    limits: Sequence[MediaLimits],
    *,
    pad: bool = False,
    length: Decimal | None = None,
) -> list[Fix]:
    """The fixes that mend the findings which have one, in the order of work; empty when there are none.

    The aim is what every source of the limits allows. Leave findings out to leave the file so: with those refused
    alone, what is merely advised stays. ``pad`` extends a picture of a forbidden ratio instead of cropping it.
    ``length`` is that of a video when it is trimmed, in seconds; else as much of it as comes out, since what is beyond
    is billed for nothing.
    """
    needs = {finding.fix for finding in findings if finding.verdict is not Verdict.PASS and finding.fix}
    if not needs:
        return []
    fixes: list[Fix] = []
    if isinstance(facts, VideoFacts):
        fixes += _in_time(facts, needs, limits, CATALOG.edit.max_output_seconds if length is None else length)
        fixes += _in_space(facts.width, facts.height, needs, limits, pad=pad, even=True)
        if "reencode" in needs:
            fixes.append(Reencode())
    else:
        if "upright" in needs:
            fixes.append(Upright())
        if "convert" in needs:
            fixes.append(Convert(_image_format(facts, limits)))
        fixes += _in_space(facts.width, facts.height, needs, limits, pad=pad, even=False)
    # Always: whatever is written anew can come out larger than it was.
    max_bytes = min(one.max_bytes for one in limits)
    only_webp = not _allowed("JPEG", limits) and _allowed("WEBP", limits)
    fixes.append(Compress(max_bytes, "WEBP") if only_webp else Compress(max_bytes))
    return fixes


def _in_time(facts: VideoFacts, needs: set[str], limits: Sequence[MediaLimits], length: Decimal) -> list[Fix]:
    fixes: list[Fix] = []
    if "trim" in needs and (spans := [one.seconds for one in limits if one.seconds is not None]):
        least, most = max(span[0] for span in spans), min(length, *(span[1] for span in spans))
        if facts.seconds > most:
            fixes.append(Trim(Decimal(0), most, within=(least, most)))
    if "framerate" in needs:
        fixes.append(Framerate(_steady(facts.fps, limits)))
    return fixes


def _in_space(
    width: int, height: int, needs: set[str], limits: Sequence[MediaLimits], *, pad: bool, even: bool
) -> list[Fix]:
    fixes: list[Fix] = []
    if "crop" in needs:
        ratio = _nearest_ratio(Fraction(width, height), limits)
        fixes.append(Pad(ratio) if pad else Crop(ratio))
    size = lay_out(width, height, fixes, even=even).size
    least = max(one.min_side for one in limits)
    advised = max(least, *(one.advised_side or 0 for one in limits))
    # A crop can make a picture too small that was not; then, as when it was, the advised size is the aim.
    if min(size) < (advised if needs & {"upscale", "crop"} else least):
        fixes.append(Upscale(advised))
    if "downscale" in needs and (bounds := [one.max_side for one in limits if one.max_side is not None]):
        fixes.append(Downscale(min(bounds)))
    return fixes


def _nearest_ratio(ratio: Fraction, limits: Sequence[MediaLimits]) -> Fraction:
    spans = [one.ratio for one in limits if one.ratio is not None]
    least = max((Fraction(span[0]) for span in spans), default=ratio)
    most = min((Fraction(span[1]) for span in spans), default=ratio)
    return min(max(ratio, least), most)


def _steady(fps: Fraction, limits: Sequence[MediaLimits]) -> Fraction:
    """A whole frame rate within every limit that shows, or leaves out, every frame alike, near enough: of one that is
    too slow the least multiple, of one that is too fast the greatest part.

    Whole, because then a video of whole seconds has a whole number of frames and its length stays what it was.
    """
    most = min((one.fps_max for one in limits if one.fps_max is not None), default=Decimal(MAX_FPS))
    if fps > most:
        return Fraction(round(fps / math.ceil(fps / Fraction(most))))
    times = 1
    while not all(one.allows_fps(Fraction(round(times * fps))) for one in limits) and times * fps < most:
        times += 1
    return Fraction(min(round(times * fps), MAX_FPS))


def _image_format(facts: ImageFacts, limits: Sequence[MediaLimits]) -> ImageFormat:
    """The format it has, if that is allowed; a lossless one for a lossless one; else JPEG."""
    formats: tuple[ImageFormat, ...] = ("JPEG", "PNG", "WEBP")
    allowed = [name for name in formats if _allowed(name, limits)]
    if not allowed:
        raise ValueError("no image format that the studio writes is allowed by every source")
    for name in allowed:
        if name == facts.format:
            return name
    return "PNG" if "PNG" in allowed and facts.format in _LOSSLESS else allowed[0]


def _allowed(name: str, limits: Sequence[MediaLimits]) -> bool:
    return all(name in one.formats for one in limits)
