"""The facts of a file against the limits of a model: findings, one a rule.

Where the sources of a limit differ, what all allow passes, what only some allow is disputed and may be sent, and what
none allows is refused. What no limit is about, and is better otherwise, is advice. A finding carries the measured value
and the limit as text; the sentence around them comes from the text table by ``rule``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from studio.catalog.models import CATALOG, MediaLimits
from studio.catalog.sizes import decimal_text, ratio_text
from studio.media.facts import VideoFacts
from studio.media.images import ImageFacts

_TRANSFERS = {"smpte2084": "HDR (PQ)", "arib-std-b67": "HDR (HLG)"}
_ROUNDED = Fraction(102, 100)
"""Times are rounded to a thousandth of a second: that much beyond a limit is none."""
_MB = 2**20
"""The documents' megabyte, as the catalog reads it."""


class Verdict(StrEnum):
    """Ordered by gravity; a file's verdict is its gravest finding's."""

    PASS = "pass"
    ADVICE = "advice"
    """Would be better otherwise."""
    DISPUTED = "disputed"
    """Allowed by some of the sources alone."""
    REFUSED = "refused"


@dataclass(frozen=True)
class Finding:
    """One rule and how the file stands to it."""

    rule: str
    """``format``, ``bytes``, ``side``, ``ratio``, ``seconds``, ``fps`` …; key of its words in the text table."""
    verdict: Verdict
    measured: str
    limit: str
    sources: tuple[str, ...] = ()
    """Catalog keys of the sources that allow what the others do not."""
    fix: str | None = None
    """Name of the one-click fix that mends it (see ``studio.media.fixes``)."""
    by_source: tuple[tuple[str, str], ...] = ()
    """Where the sources differ: each one's limit, and its catalog key."""


def verdict(findings: Iterable[Finding]) -> Verdict:
    """The gravest verdict of all."""
    gravity = list(Verdict)
    return max((finding.verdict for finding in findings), key=gravity.index, default=Verdict.PASS)


def check_image(facts: ImageFacts, limits: Sequence[MediaLimits]) -> list[Finding]:
    """Every rule for an image (seeds: i2v, r2v, videoedit, Media input limits)."""
    # A camera's MPO is a JPEG with further pictures behind its end, which a reader of JPEGs does not see.
    kind, frames = ("JPEG", 1) if facts.format == "MPO" else (facts.format, facts.frames)
    side = _side(facts.width, facts.height, limits)
    findings = [
        _judge("format", limits, lambda one: kind in one.formats, kind, _formats, "convert"),
        _bytes(facts.bytes, limits),
        side,
        *_ratio(Fraction(facts.width, facts.height), limits),
        *_max_side(facts.width, facts.height, limits),
    ]
    advised = max((one.advised_side or 0 for one in limits), default=0)
    if side.verdict is Verdict.PASS and min(facts.width, facts.height) < advised:
        findings.append(_advice("advised_side", side.measured, f"≥ {advised} px", "upscale"))
    if not facts.complete:
        findings.append(_cut(facts))
    if frames > 1:
        findings.append(_advice("animated", str(frames), "1", "convert"))
    if facts.orientation != 1:
        findings.append(_advice("orientation", str(facts.orientation), "1", "upright"))
    if facts.alpha:
        findings.append(_advice("alpha", facts.mode, "RGB", "convert"))
    if facts.mode == "CMYK":
        findings.append(_advice("color", facts.mode, "RGB", "convert"))
    if facts.deep:
        findings.append(_advice("depth", facts.mode, "8 bit", "convert"))
    return findings


def check_video(facts: VideoFacts, limits: Sequence[MediaLimits]) -> list[Finding]:
    """Every rule for a video (seed: videoedit, Input video)."""
    findings = [
        _judge("format", limits, lambda one: facts.format in one.formats, facts.format, _formats, "reencode"),
        _bytes(facts.bytes, limits),
        *_seconds(facts.seconds, limits),
        *_useful(facts.seconds),
        _side(facts.width, facts.height, limits),
        *_ratio(Fraction(facts.width, facts.height), limits),
        *_max_side(facts.width, facts.height, limits),
        *_fps(facts.fps, limits),
    ]
    findings += _parts(facts, limits)
    if facts.variable:
        findings.append(_advice("variable_fps", "", "", "framerate"))
    if facts.longest is not None:
        findings.append(_advice("longest", f"{facts.longest:.1f} s", f"{facts.seconds:.1f} s", "reencode"))
    if facts.streams != 1:
        findings.append(_advice("streams", str(facts.streams), "1", "reencode"))
    advised = {one.advised_codec for one in limits if one.advised_codec}
    if advised and facts.codec not in advised:
        findings.append(_advice("codec", facts.codec, ", ".join(sorted(advised)), "reencode"))
    if facts.hdr:
        shown = f"{facts.bits} bit {_TRANSFERS.get(facts.transfer or '', 'Dolby Vision')}"
        findings.append(_advice("hdr", shown, "SDR (BT.709)", None if facts.dolby_only else "reencode"))
    elif (facts.bits, facts.chroma) != (8, "4:2:0"):
        findings.append(_advice("pixels", f"{facts.bits} bit {facts.chroma}", "8 bit 4:2:0", "reencode"))
    if facts.turned:
        findings.append(_advice("rotation", "", "", "reencode"))
    if facts.truncated:
        findings.append(Finding("complete", Verdict.REFUSED, f"{facts.packets}", f"{facts.frames}"))
    elif facts.announced is not None and facts.bytes < facts.announced:
        findings.append(_cut(facts))
    return findings


def _cut(facts: ImageFacts | VideoFacts) -> Finding:
    """What is there against what was announced, where anything was."""
    if facts.announced is None or facts.announced <= facts.bytes:
        return Finding("complete", Verdict.REFUSED, "", "")
    return Finding("complete", Verdict.REFUSED, f"{facts.bytes:,} bytes", f"{facts.announced:,} bytes")


def _judge(
    rule: str,
    limits: Sequence[MediaLimits],
    allows: Callable[[MediaLimits], bool],
    measured: str,
    limit_of: Callable[[MediaLimits], str],
    fix: str | None,
) -> Finding:
    """``limit_of`` says in text what a source allows; nothing where it is silent."""
    stated = [(text, one.source) for one in limits if (text := limit_of(one))]
    texts = list(dict.fromkeys(text for text, _ in stated))
    differing = tuple(stated) if len(texts) > 1 else ()
    allowing = tuple(one.source for one in limits if allows(one))
    if len(allowing) == len(limits):
        return Finding(rule, Verdict.PASS, measured, " / ".join(texts), by_source=differing)
    grade = Verdict.DISPUTED if allowing else Verdict.REFUSED
    return Finding(rule, grade, measured, " / ".join(texts), allowing, fix, differing)


def _bytes(size: int, limits: Sequence[MediaLimits]) -> Finding:
    """In megabytes; to the byte where megabytes would not tell the file from its limit."""
    measured = f"{size / _MB:.2f} MB" if size >= _MB / 10 else f"{max(size / 1024, 1):.0f} KB"
    beside = {one.max_bytes for one in limits if one.max_bytes != size and f"{one.max_bytes / _MB:.2f} MB" == measured}

    def limit(one: MediaLimits) -> str:
        exact = f" ({one.max_bytes:,} bytes)" if one.max_bytes in beside else ""
        return f"≤ {_number(one.max_bytes / _MB)} MB{exact}"

    shown = f"{size:,} bytes" if beside else measured
    return _judge("bytes", limits, lambda one: size <= one.max_bytes, shown, limit, "compress")


def _side(width: int, height: int, limits: Sequence[MediaLimits]) -> Finding:
    """Of the shorter side, which is the same as of width and height."""
    shorter = min(width, height)
    return _judge(
        "side",
        limits,
        lambda one: shorter >= one.min_side,
        f"{shorter} px",
        lambda one: f"≥ {one.min_side} px",
        "upscale",
    )


def _max_side(width: int, height: int, limits: Sequence[MediaLimits]) -> Iterator[Finding]:
    longer = max(width, height)
    if any(one.max_side is not None for one in limits):

        def allows(one: MediaLimits) -> bool:
            return one.max_side is None or longer <= one.max_side

        def limit(one: MediaLimits) -> str:
            return "" if one.max_side is None else f"≤ {one.max_side} px"

        yield _judge("max_side", limits, allows, f"{longer} px", limit, "downscale")


def _ratio(ratio: Fraction, limits: Sequence[MediaLimits]) -> Iterator[Finding]:
    """Width/height, both ends included."""
    if bounds := [Fraction(bound) for one in limits for bound in one.ratio or ()]:

        def allows(one: MediaLimits) -> bool:
            return one.ratio is None or Fraction(one.ratio[0]) <= ratio <= Fraction(one.ratio[1])

        def limit(one: MediaLimits) -> str:
            return " – ".join(ratio_text(Fraction(bound)) for bound in one.ratio or ())

        yield _judge("ratio", limits, allows, ratio_text(ratio, bounds), limit, "crop")


def _seconds(seconds: Decimal, limits: Sequence[MediaLimits]) -> Iterator[Finding]:
    """Both ends included. What is too long can be trimmed; what is too short has no fix."""
    if spans := [one.seconds for one in limits if one.seconds is not None]:

        def allows(one: MediaLimits) -> bool:
            return one.seconds is None or one.seconds[0] <= seconds <= one.seconds[1]

        def limit(one: MediaLimits) -> str:
            return f"{one.seconds[0]} – {one.seconds[1]} s" if one.seconds else ""

        bounds = [bound for span in spans for bound in span]
        fix = "trim" if seconds > min(most for _, most in spans) else None
        yield _judge("seconds", limits, allows, f"{_measured(seconds, bounds)} s", limit, fix)


def _useful(seconds: Decimal) -> Iterator[Finding]:
    """Of an edit's video only the beginning comes out, and all of it is billed."""
    most = CATALOG.edit.max_output_seconds
    if seconds > most:
        yield _advice("billed", f"{_measured(seconds, [most])} s", f"{most} s", "trim")


def _fps(fps: Fraction, limits: Sequence[MediaLimits]) -> Iterator[Finding]:
    """Of a limit that must be exceeded the limit itself is not enough."""
    spans = [(one.fps_above, one.fps_min, one.fps_max) for one in limits]
    if bounds := [bound for span in spans for bound in span if bound is not None]:
        yield _judge("fps", limits, lambda one: one.allows_fps(fps), _measured(fps, bounds), _rates, "framerate")


def _parts(facts: VideoFacts, limits: Sequence[MediaLimits]) -> Iterator[Finding]:
    """A rate that varies, where it leaves what a source asks of every part of it, though its average does not."""
    least, most = facts.slowest, facts.fastest
    if least is None or most is None or not any(one.fps_parts for one in limits):
        return

    inside = min(least * _ROUNDED, facts.fps), max(most / _ROUNDED, facts.fps)

    def allows(one: MediaLimits) -> bool:
        parts = not one.fps_parts or all(map(one.allows_fps, inside))
        return parts or not one.allows_fps(facts.fps)  # the average is told of by the rule for it

    if not all(map(allows, limits)):
        span = f"{_number(least, 1)} – {_number(most, 1)} fps"

        def limit(one: MediaLimits) -> str:
            return f"{_rates(one)} fps" if one.fps_parts else ""

        yield _judge("fps_parts", limits, allows, span, limit, "framerate")


def _rates(one: MediaLimits) -> str:
    """``> 8``, ``8 – 60``, ``≤ 60``; nothing where the source says nothing."""
    if one.fps_min is not None and one.fps_max is not None:
        return f"{one.fps_min} – {one.fps_max}"
    bounds = {">": one.fps_above, "≥": one.fps_min, "≤": one.fps_max}
    return ", ".join(f"{sign} {bound}" for sign, bound in bounds.items() if bound is not None)


def _advice(rule: str, measured: str, limit: str, fix: str | None) -> Finding:
    return Finding(rule, Verdict.ADVICE, measured, limit, (), fix)


def _formats(one: MediaLimits) -> str:
    return ", ".join(one.formats)


def _measured(value: Decimal | Fraction, limits: Sequence[Decimal | Fraction]) -> str:
    """With enough digits that what is beside a limit never reads as the limit itself."""
    return decimal_text(Fraction(value), 3, [Fraction(limit) for limit in limits])


def _number(value: Decimal | Fraction | float, digits: int = 3) -> str:
    return decimal_text(Fraction(value), digits)
