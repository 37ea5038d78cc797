from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from studio.catalog.models import CATALOG
from studio.media.checks import Verdict, check_image, check_video, verdict
from studio.media.facts import VideoFacts
from studio.media.fixes import Compress, Convert, Crop, Downscale, Fix, Framerate, Pad, Reencode, Trim, Upright, Upscale
from studio.media.framing import lay_out
from studio.media.images import ImageFacts
from studio.media.plan import plan

FRAME = CATALOG.limits["dashscope-image"]
REFERENCE = CATALOG.limits["dashscope-reference"]
CLIP = CATALOG.limits["dashscope-video"]

IMAGE = ImageFacts("JPEG", 500_000, 1280, 720, "RGB", 1, 1, False, True)
VIDEO = VideoFacts(
    "MP4", 5_000_000, 1280, 720, Decimal(6), Fraction(24), False, "h264", "yuv420p", "aac", 1, False, 144, 144
)
AT_MOST_10_MB = Compress(10 * 2**20)
AT_MOST_100_MB = Compress(100 * 2**20)


def planned_image(limits: Any = FRAME, *, pad: bool = False, **changes: Any) -> list[Fix]:
    facts = replace(IMAGE, **changes)
    return plan(facts, check_image(facts, limits), limits, pad=pad)


def planned_video(*, pad: bool = False, **changes: Any) -> list[Fix]:
    facts = replace(VIDEO, **changes)
    return plan(facts, check_video(facts, CLIP), CLIP, pad=pad)


def test_what_passes_needs_no_fix() -> None:
    assert planned_image() == []
    assert planned_video() == []


@pytest.mark.parametrize(
    ("changes", "fixes"),
    [
        ({"format": "GIF", "frames": 9}, [Convert("PNG")]),
        ({"format": "BMP"}, [Convert("PNG")]),
        ({"format": "AVIF"}, [Convert("JPEG")]),
        ({"format": "WEBP", "frames": 9}, [Convert("WEBP")]),
        ({"format": "PNG", "mode": "RGBA", "alpha": True}, [Convert("PNG")]),
        ({"mode": "CMYK"}, [Convert("JPEG")]),
        ({"orientation": 6}, [Upright()]),
        ({"bytes": 12 * 2**20}, []),
        ({"width": 300, "height": 200}, [Upscale(300)]),
        ({"width": 3000, "height": 1000}, [Crop(Fraction(5, 2))]),
        ({"width": 1000, "height": 3000}, [Crop(Fraction(2, 5))]),
        ({"width": 900, "height": 310, "format": "TIFF"}, [Convert("PNG"), Crop(Fraction(5, 2))]),
        ({"width": 900, "height": 200, "orientation": 8}, [Upright(), Crop(Fraction(5, 2)), Upscale(300)]),
    ],
)
def test_each_finding_of_an_image_gets_its_fix(changes: dict[str, Any], fixes: list[Fix]) -> None:
    assert planned_image(**changes) == [*fixes, AT_MOST_10_MB]


@pytest.mark.parametrize(
    ("changes", "fixes"),
    [
        ({"format": "Matroska"}, [Reencode()]),
        ({"codec": "hevc"}, [Reencode()]),
        ({"turned": True}, [Reencode()]),
        ({"bytes": 2**30}, []),
        ({"seconds": Decimal(61)}, [Trim(Decimal(0), Decimal(15), (Decimal(3), Decimal(15)))]),
        ({"seconds": Decimal("15.04")}, [Trim(Decimal(0), Decimal(15), (Decimal(3), Decimal(15)))]),
        ({"fps": Fraction(8)}, [Framerate(Fraction(16))]),
        ({"fps": Fraction(6)}, [Framerate(Fraction(12))]),
        ({"fps": Fraction(1)}, [Framerate(Fraction(9))]),
        ({"fps": Fraction(120)}, [Framerate(Fraction(60))]),
        ({"fps": Fraction(100)}, [Framerate(Fraction(50))]),
        ({"fps": Fraction(240000, 1001)}, [Framerate(Fraction(60))]),
        ({"fps": Fraction(2999, 100), "variable": True}, [Framerate(Fraction(30))]),
        ({"width": 640, "height": 320}, [Upscale(360)]),
        ({"width": 4096, "height": 2160}, [Downscale(2160)]),
        ({"width": 3000, "height": 1000}, [Crop(Fraction(5, 2)), Downscale(2160)]),
    ],
)
def test_each_finding_of_a_video_gets_its_fix(changes: dict[str, Any], fixes: list[Fix]) -> None:
    assert planned_video(**changes) == [*fixes, AT_MOST_100_MB]


def test_a_video_may_keep_the_longest_that_is_allowed_instead_of_what_comes_out() -> None:
    facts = replace(VIDEO, seconds=Decimal(61))
    assert plan(facts, check_video(facts, CLIP), CLIP, length=Decimal(90)) == [
        Trim(Decimal(0), Decimal(60), (Decimal(3), Decimal(60))),
        AT_MOST_100_MB,
    ]
    short = replace(VIDEO, seconds=Decimal(40), fps=Fraction(8))
    assert plan(short, check_video(short, CLIP), CLIP, length=Decimal(40)) == [Framerate(Fraction(16)), AT_MOST_100_MB]


def test_a_reference_is_enlarged_to_what_is_advised() -> None:
    assert planned_image(REFERENCE, width=500, height=500) == [Upscale(720), AT_MOST_10_MB]


def test_a_forbidden_ratio_can_be_padded_instead() -> None:
    assert planned_image(pad=True, width=1500, height=310) == [Pad(Fraction(5, 2)), AT_MOST_10_MB]
    assert planned_video(pad=True, width=1500, height=310) == [Pad(Fraction(5, 2)), AT_MOST_100_MB]


def test_findings_that_are_left_out_are_left_alone() -> None:
    facts = replace(IMAGE, width=3000, height=1000, orientation=6)
    refused = [one for one in check_image(facts, FRAME) if one.verdict is Verdict.REFUSED]
    assert plan(facts, refused, FRAME) == [Crop(Fraction(5, 2)), AT_MOST_10_MB]


def test_what_no_fix_mends_is_not_promised() -> None:
    assert planned_video(seconds=Decimal(2)) == []
    assert planned_image(complete=False) == []


@pytest.mark.parametrize("pad", [False, True])
@pytest.mark.parametrize("key", [key for key in CATALOG.limits if not key.endswith("video")])
def test_any_image_has_an_accepted_size_after_its_plan(key: str, pad: bool) -> None:
    dice, limits = random.Random(2), CATALOG.limits[key]
    for _ in range(500):
        facts = replace(IMAGE, width=dice.randint(1, 3000), height=dice.randint(1, 3000))
        fixes = plan(facts, check_image(facts, limits), limits, pad=pad)
        width, height = lay_out(facts.width, facts.height, fixes, even=False).size
        assert verdict(check_image(replace(facts, width=width, height=height), limits)) is Verdict.PASS, facts


@pytest.mark.parametrize("pad", [False, True])
@pytest.mark.parametrize("key", [key for key in CATALOG.limits if key.endswith("video")])
def test_any_video_has_an_accepted_size_and_rate_after_its_plan(key: str, pad: bool) -> None:
    dice, limits = random.Random(3), CATALOG.limits[key]
    for _ in range(500):
        facts = replace(
            VIDEO,
            width=dice.randint(16, 5000),
            height=dice.randint(16, 5000),
            fps=Fraction(dice.randint(100, 60_000), 1001),
        )
        fixes = plan(facts, check_video(facts, limits), limits, pad=pad)
        if not fixes:
            continue
        width, height = lay_out(facts.width, facts.height, fixes, even=True).size
        fps = next((fix.fps for fix in fixes if isinstance(fix, Framerate)), facts.fps)
        mended = replace(facts, width=width, height=height, fps=fps)
        assert verdict(check_video(mended, limits)) is Verdict.PASS, facts
