"""The facts of a file against the limits of a model: findings, one a rule.

Where the sources of a limit differ, what all allow passes, what only some allow passes with a warning that names them,
and what none allows is refused. A finding carries the measured value and the limit as text; the sentence around them
comes from the text table by ``rule``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from studio.catalog import Limits
from studio.media.facts import VideoFacts
from studio.media.images import ImageFacts

_MB = 2**20
"""The documents' megabyte, as the catalog reads it."""


class Verdict(StrEnum):
    """Ordered by gravity; a file's verdict is its gravest finding's."""

    PASS = "pass"
    WARNING = "warning"
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


def verdict(findings: Iterable[Finding]) -> Verdict:
    """The gravest verdict of all."""
    gravity = list(Verdict)
    return max((finding.verdict for finding in findings), key=gravity.index, default=Verdict.PASS)


def check_image(facts: ImageFacts, limits: Sequence[Limits]) -> list[Finding]:
    """Every rule for an image (seeds: i2v, r2v, videoedit, Media input limits)."""
    # A camera's MPO is a JPEG with further pictures behind its end, which a reader of JPEGs does not see.
    kind, frames = ("JPEG", 1) if facts.format == "MPO" else (facts.format, facts.frames)
    side = _side(facts.width, facts.height, limits)
    findings = [
        _judge("format", limits, lambda one: kind in one.formats, kind, _formats(limits), "convert"),
        _bytes(facts.bytes, limits),
        side,
        *_ratio(Fraction(facts.width, facts.height), limits),
        *_max_side(facts.width, facts.height, limits),
    ]
    advised = max((one.advised_side or 0 for one in limits), default=0)
    if side.verdict is Verdict.PASS and min(facts.width, facts.height) < advised:
        findings.append(_advice("advised_side", side.measured, f"≥ {advised} px", "upscale"))
    if not facts.complete:
        findings.append(Finding("complete", Verdict.REFUSED, "", ""))
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


def check_video(facts: VideoFacts, limits: Sequence[Limits]) -> list[Finding]:
    """Every rule for a video (seed: videoedit, Input video)."""
    findings = [
        _judge("format", limits, lambda one: facts.format in one.formats, facts.format, _formats(limits), "reencode"),
        _bytes(facts.bytes, limits),
        *_seconds(facts.seconds, limits),
        _side(facts.width, facts.height, limits),
        *_ratio(Fraction(facts.width, facts.height), limits),
        *_max_side(facts.width, facts.height, limits),
        *_fps(facts.fps, limits),
    ]
    if facts.variable:
        findings.append(_advice("variable_fps", "", "", "framerate"))
    if facts.streams != 1:
        findings.append(_advice("streams", str(facts.streams), "1", "reencode"))
    advised = {one.advised_codec for one in limits if one.advised_codec}
    if advised and facts.codec not in advised:
        findings.append(_advice("codec", facts.codec, ", ".join(sorted(advised)), "reencode"))
    if facts.turned:
        findings.append(_advice("rotation", "", "", "reencode"))
    if facts.truncated:
        findings.append(Finding("complete", Verdict.REFUSED, f"{facts.packets}", f"{facts.frames}"))
    return findings


def _judge(
    rule: str, limits: Sequence[Limits], allows: Callable[[Limits], bool], measured: str, limit: str, fix: str | None
) -> Finding:
    allowing = tuple(one.source for one in limits if allows(one))
    if len(allowing) == len(limits):
        return Finding(rule, Verdict.PASS, measured, limit)
    if allowing:
        return Finding(rule, Verdict.WARNING, measured, limit, allowing, fix)
    return Finding(rule, Verdict.REFUSED, measured, limit, (), fix)


def _bytes(size: int, limits: Sequence[Limits]) -> Finding:
    """In megabytes; to the byte where megabytes would not tell the file from its limit."""
    bounds = [one.max_bytes for one in limits]
    limit = _span([bound / _MB for bound in bounds], "≤ {} MB")
    measured = f"{size / _MB:.2f} MB" if size >= _MB / 10 else f"{size / 1024:.0f} KB"
    if beside := [bound for bound in bounds if bound != size and f"{bound / _MB:.2f} MB" == measured]:
        measured, limit = f"{size:,} bytes", f"{limit} ({beside[0]:,} bytes)"
    return _judge("bytes", limits, lambda one: size <= one.max_bytes, measured, limit, "compress")


def _side(width: int, height: int, limits: Sequence[Limits]) -> Finding:
    """Of the shorter side, which is the same as of width and height."""
    limit = _span([one.min_side for one in limits], "≥ {} px")
    return _judge(
        "side", limits, lambda one: min(width, height) >= one.min_side, _size(width, height), limit, "upscale"
    )


def _max_side(width: int, height: int, limits: Sequence[Limits]) -> Iterator[Finding]:
    if bounds := [one.max_side for one in limits if one.max_side is not None]:

        def allows(one: Limits) -> bool:
            return one.max_side is None or max(width, height) <= one.max_side

        yield _judge("max_side", limits, allows, _size(width, height), _span(bounds, "≤ {} px"), "downscale")


def _ratio(ratio: Fraction, limits: Sequence[Limits]) -> Iterator[Finding]:
    """Width/height, both ends included."""
    if spans := [(Fraction(one.ratio[0]), Fraction(one.ratio[1])) for one in limits if one.ratio is not None]:

        def allows(one: Limits) -> bool:
            return one.ratio is None or Fraction(one.ratio[0]) <= ratio <= Fraction(one.ratio[1])

        bounds = [bound for span in spans for bound in span]
        limit = " / ".join(dict.fromkeys(f"{_as_ratio(least)} – {_as_ratio(most)}" for least, most in spans))
        yield _judge("ratio", limits, allows, _as_ratio(ratio, bounds), limit, "crop")


def _seconds(seconds: Decimal, limits: Sequence[Limits]) -> Iterator[Finding]:
    """Both ends included. What is too long can be trimmed; what is too short has no fix."""
    if spans := [one.seconds for one in limits if one.seconds is not None]:

        def allows(one: Limits) -> bool:
            return one.seconds is None or one.seconds[0] <= seconds <= one.seconds[1]

        bounds = [bound for span in spans for bound in span]
        limit = " / ".join(dict.fromkeys(f"{least} – {most} s" for least, most in spans))
        fix = "trim" if seconds > min(most for _, most in spans) else None
        yield _judge("seconds", limits, allows, f"{_measured(seconds, bounds)} s", limit, fix)


def _fps(fps: Fraction, limits: Sequence[Limits]) -> Iterator[Finding]:
    """The limit itself is not enough."""
    if bounds := [one.fps_above for one in limits if one.fps_above is not None]:

        def allows(one: Limits) -> bool:
            return one.fps_above is None or fps > one.fps_above

        yield _judge("fps", limits, allows, _measured(fps, bounds), _span(bounds, "> {}"), "framerate")


def _advice(rule: str, measured: str, limit: str, fix: str | None) -> Finding:
    return Finding(rule, Verdict.WARNING, measured, limit, (), fix)


def _formats(limits: Sequence[Limits]) -> str:
    return ", ".join(dict.fromkeys(name for one in limits for name in one.formats))


def _span(values: Sequence[Decimal | float], pattern: str) -> str:
    """One limit, or both where the sources differ: ``≤ 10 / 20 MB``."""
    return pattern.format(" / ".join(_number(value) for value in dict.fromkeys(values)))


def _size(width: int, height: int) -> str:
    return f"{width} × {height} px"


def _as_ratio(ratio: Fraction, limits: Sequence[Fraction] = ()) -> str:
    if ratio >= 1:
        return f"{_measured(ratio, limits)}:1"
    return f"1:{_measured(1 / ratio, [1 / limit for limit in limits])}"


def _measured(value: Decimal | Fraction, limits: Sequence[Decimal | Fraction]) -> str:
    """With enough digits that what is beside a limit never reads as the limit itself."""
    exact = Fraction(value)
    for digits in range(3, 9):
        text = _number(exact, digits)
        if Fraction(text) == exact or all(Fraction(text) != Fraction(limit) for limit in limits):
            break
    return text


def _number(value: Decimal | Fraction | float, digits: int = 3) -> str:
    return f"{float(value):.{digits}f}".rstrip("0").rstrip(".")
