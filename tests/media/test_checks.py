from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.catalog.models import CATALOG, MediaLimits
from studio.media.checks import Finding, Verdict, check_image, check_video, verdict
from studio.media.facts import VideoFacts, probe_video
from studio.media.images import ImageFacts, read_image
from tests.media.videos import cut, make_video, turn

PASS, ADVICE, DISPUTED, REFUSED = Verdict
MIB = 2**20

FRAME = CATALOG.limits["dashscope-image"]
REFERENCE = CATALOG.limits["dashscope-reference"]
CLIP = CATALOG.limits["dashscope-video"]
OTHER_CLOUDS_CLIP = CATALOG.limits["aivideoapi-video"]

IMAGE = ImageFacts("JPEG", 500_000, 1280, 720, "RGB", 1, 1, False, True)
VIDEO = VideoFacts(
    format="MP4",
    bytes=5_000_000,
    width=1280,
    height=720,
    seconds=Decimal("6.62"),
    fps=Fraction(24),
    variable=False,
    codec="h264",
    pixel_format="yuv420p",
    audio_codec="aac",
    streams=1,
    turned=False,
    frames=159,
    packets=159,
)


def finding(rule: str, findings: list[Finding]) -> Finding:
    (found,) = [one for one in findings if one.rule == rule]
    return found


def judged_image(rule: str, limits: tuple[MediaLimits, ...] = FRAME, **changes: Any) -> Verdict:
    return finding(rule, check_image(replace(IMAGE, **changes), limits)).verdict


def judged_video(rule: str, limits: tuple[MediaLimits, ...] = CLIP, **changes: Any) -> Verdict:
    return finding(rule, check_video(replace(VIDEO, **changes), limits)).verdict


@pytest.mark.parametrize("limits", [FRAME, REFERENCE, CATALOG.limits["aivideoapi-image"]])
def test_a_good_image_passes_every_rule(limits: tuple[MediaLimits, ...]) -> None:
    findings = check_image(IMAGE, limits)
    assert {one.rule for one in findings} >= {"format", "bytes", "side"}
    assert verdict(findings) is PASS


@pytest.mark.parametrize("limits", [CLIP, OTHER_CLOUDS_CLIP])
def test_a_good_video_passes_every_rule(limits: tuple[MediaLimits, ...]) -> None:
    findings = check_video(VIDEO, limits)
    assert {one.rule for one in findings} == {"format", "bytes", "seconds", "side", "ratio", "max_side", "fps"}
    assert verdict(findings) is PASS


@pytest.mark.parametrize(
    ("rule", "changes", "expected"),
    [
        ("format", {"format": "WEBP"}, PASS),
        ("format", {"format": "PNG"}, PASS),
        ("format", {"format": "GIF"}, REFUSED),
        ("format", {"format": "BMP"}, REFUSED),
        ("bytes", {"bytes": 10 * MIB}, PASS),
        ("bytes", {"bytes": 10 * MIB + 1}, DISPUTED),
        ("bytes", {"bytes": 20 * MIB}, DISPUTED),
        ("bytes", {"bytes": 20 * MIB + 1}, REFUSED),
        ("side", {"width": 300, "height": 300}, PASS),
        ("side", {"width": 299, "height": 300}, REFUSED),
        ("side", {"width": 300, "height": 299}, REFUSED),
        ("ratio", {"width": 750, "height": 300}, PASS),
        ("ratio", {"width": 751, "height": 300}, REFUSED),
        ("ratio", {"width": 300, "height": 750}, PASS),
        ("ratio", {"width": 300, "height": 751}, REFUSED),
    ],
)
def test_an_image_is_judged_at_the_very_edge_of_each_rule(
    rule: str, changes: dict[str, Any], expected: Verdict
) -> None:
    assert judged_image(rule, **changes) is expected


@pytest.mark.parametrize(
    ("rule", "changes", "expected"),
    [
        ("format", {"format": "MOV"}, PASS),
        ("format", {"format": "Matroska"}, REFUSED),
        ("bytes", {"bytes": 100 * MIB}, PASS),
        ("bytes", {"bytes": 100 * MIB + 1}, REFUSED),
        ("seconds", {"seconds": Decimal(3)}, PASS),
        ("seconds", {"seconds": Decimal("2.999999")}, REFUSED),
        ("seconds", {"seconds": Decimal(60)}, PASS),
        ("seconds", {"seconds": Decimal("60.000001")}, REFUSED),
        ("side", {"width": 640, "height": 360}, PASS),
        ("side", {"width": 640, "height": 359}, DISPUTED),
        ("side", {"width": 320, "height": 640}, DISPUTED),
        ("side", {"width": 319, "height": 640}, REFUSED),
        ("max_side", {"width": 2160, "height": 1080}, PASS),
        ("max_side", {"width": 1080, "height": 2161}, DISPUTED),
        ("max_side", {"width": 4096, "height": 2160}, DISPUTED),
        ("max_side", {"width": 4097, "height": 2160}, REFUSED),
        ("ratio", {"width": 1000, "height": 400}, PASS),
        ("ratio", {"width": 1001, "height": 400}, REFUSED),
        ("ratio", {"width": 400, "height": 1000}, PASS),
        ("ratio", {"width": 399, "height": 1000}, REFUSED),
        ("fps", {"fps": Fraction(7999, 1000)}, REFUSED),
        ("fps", {"fps": Fraction(8)}, DISPUTED),
        ("fps", {"fps": Fraction(8001, 1000)}, PASS),
        ("fps", {"fps": Fraction(60)}, PASS),
        ("fps", {"fps": Fraction(60001, 1000)}, DISPUTED),
    ],
)
def test_a_video_is_judged_at_the_very_edge_of_each_rule(rule: str, changes: dict[str, Any], expected: Verdict) -> None:
    assert judged_video(rule, **changes) is expected


def test_where_only_one_source_speaks_nothing_is_disputed() -> None:
    assert judged_video("side", OTHER_CLOUDS_CLIP, width=640, height=320) is PASS
    assert judged_video("max_side", OTHER_CLOUDS_CLIP, width=2161, height=1080) is REFUSED


def test_a_disputed_value_names_who_allows_it_both_limits_and_the_fix() -> None:
    assert finding("bytes", check_image(replace(IMAGE, bytes=12 * MIB), FRAME)) == Finding(
        "bytes",
        DISPUTED,
        "12.00 MB",
        "≤ 10 MB / ≤ 20 MB",
        ("docs",),
        "compress",
        (("≤ 10 MB", "seed-i2v"), ("≤ 20 MB", "docs")),
    )
    assert finding("side", check_video(replace(VIDEO, width=640, height=340), CLIP)) == Finding(
        "side",
        DISPUTED,
        "340 px",
        "≥ 320 px / ≥ 360 px",
        ("seed-edit",),
        "upscale",
        (("≥ 320 px", "seed-edit"), ("≥ 360 px", "docs")),
    )


def test_a_refused_value_shows_the_limit_and_the_fix() -> None:
    assert finding("ratio", check_image(replace(IMAGE, width=1000, height=300), FRAME)) == Finding(
        "ratio", REFUSED, "3.33:1", "1:2.5 – 2.5:1", fix="crop"
    )
    assert finding("seconds", check_video(replace(VIDEO, seconds=Decimal("72.5")), CLIP)) == Finding(
        "seconds", REFUSED, "72.5 s", "3 – 60 s", fix="trim"
    )
    assert finding("fps", check_video(replace(VIDEO, fps=Fraction(15, 2)), CLIP)) == Finding(
        "fps",
        REFUSED,
        "7.5",
        "> 8 / 8 – 60",
        fix="framerate",
        by_source=(("> 8", "seed-edit"), ("8 – 60", "docs")),
    )


def test_too_short_a_video_has_no_fix() -> None:
    assert finding("seconds", check_video(replace(VIDEO, seconds=Decimal(2)), CLIP)).fix is None


@pytest.mark.parametrize(
    ("size", "measured", "limit"),
    [
        (20 * MIB + 1, "20,971,521 bytes", "≤ 10 MB / ≤ 20 MB (20,971,520 bytes)"),
        (20 * MIB - 1, "20,971,519 bytes", "≤ 10 MB / ≤ 20 MB (20,971,520 bytes)"),
        (20 * MIB + 5_000, "20,976,520 bytes", "≤ 10 MB / ≤ 20 MB (20,971,520 bytes)"),
        (10 * MIB + 1, "10,485,761 bytes", "≤ 10 MB (10,485,760 bytes) / ≤ 20 MB"),
        (20 * MIB + 10_000, "20.01 MB", "≤ 10 MB / ≤ 20 MB"),
        (20 * MIB, "20.00 MB", "≤ 10 MB / ≤ 20 MB"),
        (3_456_789, "3.30 MB", "≤ 10 MB / ≤ 20 MB"),
    ],
)
def test_a_file_beside_its_limit_is_counted_to_the_byte(size: int, measured: str, limit: str) -> None:
    found = finding("bytes", check_image(replace(IMAGE, bytes=size), FRAME))
    assert (found.measured, found.limit) == (measured, limit)


def test_every_limit_that_differs_is_shown() -> None:
    strict, loose = (
        one.model_copy(update={"seconds": (Decimal(3), Decimal(most)), "fps_above": Decimal(slow)})
        for one, most, slow in zip(CLIP, (30, 60), (12, 8), strict=True)
    )
    found = check_video(replace(VIDEO, seconds=Decimal(40), fps=Fraction(10)), [strict, loose])
    each = (("3 – 30 s", strict.source), ("3 – 60 s", loose.source))
    long = Finding("seconds", DISPUTED, "40 s", "3 – 30 s / 3 – 60 s", (loose.source,), "trim", each)
    assert finding("seconds", found) == long
    assert finding("fps", found).limit == "> 12 / 8 – 60"


@pytest.mark.parametrize(
    ("form", "refused", "advised"),
    [
        ("MPO", set(), set()),
        ("GIF", {"format"}, {"animated"}),
        ("WEBP", set(), {"animated"}),
        ("PNG", set(), {"animated"}),
    ],
)
def test_several_pictures_in_one_file(tmp_path: Path, form: str, refused: set[str], advised: set[str]) -> None:
    """The further pictures of a camera's MPO are no animation: to everyone else it is a JPEG."""
    first, second = Image.new("RGB", (400, 400), "red"), Image.new("RGB", (400, 400), "blue")
    first.save(tmp_path / "picture", form, save_all=True, append_images=[second])
    facts = read_image(tmp_path / "picture")
    assert facts.frames == 2
    findings = check_image(facts, FRAME)
    assert {one.rule for one in findings if one.verdict is REFUSED} == refused
    assert {one.rule for one in findings if one.verdict is ADVICE} == advised


@pytest.mark.parametrize(
    ("changes", "rule", "shown"),
    [
        ({"seconds": Decimal("60.000001")}, "seconds", "60.000001 s"),
        ({"seconds": Decimal("2.9999")}, "seconds", "2.9999 s"),
        ({"seconds": Decimal("2.6666666")}, "seconds", "2.667 s"),
        ({"seconds": Decimal("60.000000")}, "seconds", "60 s"),
        ({"width": 25_003, "height": 10_000}, "ratio", "2.5003:1"),
        ({"width": 10_000, "height": 25_003}, "ratio", "1:2.5003"),
        ({"fps": Fraction(80001, 10000)}, "fps", "8.0001"),
        ({"fps": Fraction(24000, 1001)}, "fps", "23.976"),
    ],
)
def test_a_measure_beside_its_limit_does_not_read_as_the_limit(changes: dict[str, Any], rule: str, shown: str) -> None:
    assert finding(rule, check_video(replace(VIDEO, **changes), CLIP)).measured == shown


def test_a_reference_should_be_larger_than_it_must() -> None:
    def advice(height: int) -> list[tuple[str, Verdict]]:
        findings = check_image(replace(IMAGE, height=height), REFERENCE)
        return [(one.rule, one.verdict) for one in findings if "side" in one.rule]

    assert advice(720) == [("side", PASS)]
    assert advice(719) == [("side", PASS), ("advised_side", ADVICE)]
    assert advice(400) == [("side", PASS), ("advised_side", ADVICE)]
    assert advice(399) == [("side", REFUSED)]
    assert not [one for one in check_image(replace(IMAGE, height=400), FRAME) if one.rule == "advised_side"]


def test_a_reference_may_have_any_ratio() -> None:
    assert not [one for one in check_image(replace(IMAGE, width=4000), REFERENCE) if one.rule == "ratio"]


@pytest.mark.parametrize(
    ("rule", "changes", "fix"),
    [
        ("animated", {"frames": 12}, "convert"),
        ("orientation", {"orientation": 6}, "upright"),
        ("alpha", {"alpha": True, "mode": "RGBA"}, "convert"),
        ("color", {"mode": "CMYK"}, "convert"),
        ("depth", {"mode": "I;16"}, "convert"),
    ],
)
def test_an_unusual_image_passes_with_advice(rule: str, changes: dict[str, Any], fix: str) -> None:
    findings = check_image(replace(IMAGE, **changes), FRAME)
    assert (finding(rule, findings).verdict, finding(rule, findings).fix) == (ADVICE, fix)
    assert verdict(findings) is ADVICE


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("variable_fps", {"variable": True}),
        ("streams", {"streams": 2}),
        ("codec", {"codec": "hevc"}),
        ("rotation", {"turned": True}),
    ],
)
def test_an_unusual_video_passes_with_advice(rule: str, changes: dict[str, Any]) -> None:
    findings = check_video(replace(VIDEO, **changes), CLIP)
    assert finding(rule, findings).fix is not None
    assert verdict(findings) is ADVICE


def test_what_ends_early_is_refused() -> None:
    assert judged_image("complete", complete=False) is REFUSED
    broken = finding("complete", check_video(replace(VIDEO, packets=90), CLIP))
    assert (broken.verdict, broken.measured, broken.limit) == (REFUSED, "90", "159")


def test_the_gravest_finding_decides() -> None:
    passed, advised, disputed, refused = (Finding("side", grade, "", "") for grade in Verdict)
    assert verdict([]) is PASS
    assert verdict([passed, advised, passed]) is ADVICE
    assert verdict([advised, disputed, passed]) is DISPUTED
    assert verdict([refused, disputed, passed]) is REFUSED


@pytest.mark.process
def test_real_files_are_judged_by_what_they_are(tmp_path: Path) -> None:
    good = probe_video(make_video(tmp_path / "good.mp4", seconds=3))
    assert verdict(check_video(good, CLIP)) is PASS
    clip = make_video(tmp_path / "bad.mkv", size="300x1000", rate="7", seconds=2)
    refused = {one.rule for one in check_video(probe_video(clip), CLIP) if one.verdict is REFUSED}
    assert refused == {"format", "seconds", "side", "ratio", "fps"}
    short = make_video(tmp_path / "cut.mp4", "-movflags", "+faststart", seconds=4)
    cut(short, 0.6)
    turn(short)
    odd = {one.rule: one.verdict for one in check_video(probe_video(short), CLIP) if one.verdict is not PASS}
    assert odd == {"rotation": ADVICE, "complete": REFUSED}
    picture = tmp_path / "picture.gif"
    Image.new("RGB", (299, 900)).save(picture)
    refused = {one.rule for one in check_image(read_image(picture), FRAME) if one.verdict is REFUSED}
    assert refused == {"format", "side", "ratio"}
