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
    smallest = min(facts.width, facts.height)
    findings = [
        _judge("format", limits, lambda one: facts.format in one.formats, facts.format, _formats(limits), "convert"),
        _judge(
            "bytes", limits, lambda one: facts.bytes <= one.max_bytes, _mb(facts.bytes), _most_mb(limits), "compress"
        ),
        _judge(
            "side",
            limits,
            lambda one: smallest >= one.min_side,
            _size(facts.width, facts.height),
            _span([one.min_side for one in limits], "≥ {} px"),
            "upscale",
        ),
        *_ratio(Fraction(facts.width, facts.height), limits),
    ]
    advised = max((one.advised_side or 0 for one in limits), default=0)
    if findings[2].verdict is Verdict.PASS and smallest < advised:
        findings.append(_advice("advised_side", _size(facts.width, facts.height), f"≥ {advised} px", "upscale"))
    if not facts.complete:
        findings.append(Finding("complete", Verdict.REFUSED, "", ""))
    if facts.frames > 1:
        findings.append(_advice("animated", str(facts.frames), "1", "convert"))
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
    shortest, longest = sorted((facts.width, facts.height))
    size = _size(facts.width, facts.height)
    findings = [
        _judge("format", limits, lambda one: facts.format in one.formats, facts.format, _formats(limits), "reencode"),
        _judge(
            "bytes", limits, lambda one: facts.bytes <= one.max_bytes, _mb(facts.bytes), _most_mb(limits), "compress"
        ),
        *_seconds(facts.seconds, limits),
        _judge(
            "side",
            limits,
            lambda one: shortest >= one.min_side,
            size,
            _span([o.min_side for o in limits], "≥ {} px"),
            "upscale",
        ),
        *_ratio(Fraction(facts.width, facts.height), limits),
    ]
    if bounded := [one.max_side for one in limits if one.max_side is not None]:
        findings.append(
            _judge(
                "max_side",
                limits,
                lambda one: longest <= (one.max_side or longest),
                size,
                _span(bounded, "≤ {} px"),
                "downscale",
            )
        )
    if slow := [one.fps_above for one in limits if one.fps_above is not None]:
        findings.append(
            _judge(
                "fps",
                limits,
                lambda one: facts.fps > (one.fps_above or 0),
                _number(facts.fps),
                f"> {max(slow)}",
                "framerate",
            )
        )
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


def _ratio(ratio: Fraction, limits: Sequence[Limits]) -> Iterator[Finding]:
    bounded = [one for one in limits if one.ratio is not None]
    if not bounded:
        return

    def allows(one: Limits) -> bool:
        return one.ratio is None or Fraction(one.ratio[0]) <= ratio <= Fraction(one.ratio[1])

    assert bounded[0].ratio is not None
    least, most = bounded[0].ratio
    yield _judge(
        "ratio", limits, allows, _as_ratio(ratio), f"1:{_number(1 / Fraction(least))} – {_number(most)}:1", "crop"
    )


def _seconds(seconds: Decimal, limits: Sequence[Limits]) -> Iterator[Finding]:
    bounded = [one.seconds for one in limits if one.seconds is not None]
    if not bounded:
        return

    def allows(one: Limits) -> bool:
        return one.seconds is None or one.seconds[0] <= seconds <= one.seconds[1]

    least, most = bounded[0]
    fix = "trim" if seconds > most else None
    yield _judge("seconds", limits, allows, f"{_number(seconds)} s", f"{least} – {most} s", fix)


def _advice(rule: str, measured: str, limit: str, fix: str | None) -> Finding:
    return Finding(rule, Verdict.WARNING, measured, limit, (), fix)


def _formats(limits: Sequence[Limits]) -> str:
    return ", ".join(dict.fromkeys(name for one in limits for name in one.formats))


def _most_mb(limits: Sequence[Limits]) -> str:
    return _span([one.max_bytes / 2**20 for one in limits], "≤ {} MB")


def _span(values: Sequence[float], pattern: str) -> str:
    """One limit, or both where the sources differ: ``≤ 10 MB / 20 MB``."""
    return pattern.format(" / ".join(_number(value) for value in dict.fromkeys(values)))


def _mb(size: int) -> str:
    """Rounded away from the nearest limit, so that what is over never reads as if it were not."""
    return f"{-(-size * 100 // 2**20) / 100:.2f} MB"


def _size(width: int, height: int) -> str:
    return f"{width} × {height} px"


def _as_ratio(ratio: Fraction) -> str:
    return f"{_number(ratio)}:1" if ratio >= 1 else f"1:{_number(1 / ratio)}"


def _number(value: Decimal | Fraction | float) -> str:
    return f"{float(value):.3f}".rstrip("0").rstrip(".")
