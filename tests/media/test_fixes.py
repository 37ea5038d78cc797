from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from studio.errors import InvalidRequest
from studio.media.fixes import (
    Compress,
    Convert,
    Crop,
    Downscale,
    Fix,
    Framerate,
    Pad,
    Reencode,
    Trim,
    Upright,
    Upscale,
    from_json,
    read_all,
    to_json,
)

EVERY = [
    Convert("PNG"),
    Compress(10_485_760, "WEBP"),
    Crop(Fraction(5, 2), (0.0, 1.0)),
    Pad(Fraction(2, 5), "#102030"),
    Upscale(720),
    Downscale(2160),
    Upright(),
    Trim(Decimal("1.25"), Decimal("15"), (Decimal(3), Decimal(60))),
    Framerate(Fraction(30000, 1001)),
    Reencode(),
]


@pytest.mark.parametrize("fix", EVERY, ids=lambda fix: fix.name)
def test_a_fix_survives_the_way_to_the_page_and_back(fix: Fix) -> None:
    assert from_json(json.loads(json.dumps(to_json(fix)))) == fix


def test_a_fix_tells_its_name_and_exact_parameters() -> None:
    assert to_json(Crop(Fraction(5, 2))) == {"name": "crop", "ratio": "5/2", "anchor": [0.5, 0.5]}


def test_a_parameter_can_be_replaced() -> None:
    assert replace(Crop(Fraction(5, 2)), anchor=(0.0, 0.0)) == Crop(Fraction(5, 2), (0.0, 0.0))


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ("crop", "fix.name"),
        ({"name": "format_disk"}, "fix.name"),
        ({"name": "crop"}, "fix.crop.ratio"),
        ({"name": "crop", "ratio": "0/5"}, "fix.crop.ratio"),
        ({"name": "crop", "ratio": "5/2", "anchor": [0, 1.5]}, "fix.crop.anchor.1"),
        ({"name": "pad", "ratio": "5/2", "fill": "black:x=1"}, "fix.pad.fill"),
        ({"name": "pad", "ratio": "5/2", "fill": "#000000\n"}, "fix.pad.fill"),
        ({"name": "trim", "start": "-1", "length": "3"}, "fix.trim.start"),
        ({"name": "trim", "start": "NaN", "length": "3"}, "fix.trim.start"),
        ({"name": "trim", "start": "0", "length": "0"}, "fix.trim.length"),
        ({"name": "framerate", "fps": "100000"}, "fix.framerate.fps"),
        ({"name": "upscale", "side": 10**9}, "fix.upscale.side"),
        ({"name": "convert", "format": "EPS"}, "fix.convert.format"),
        ({"name": "compress", "max_bytes": 0}, "fix.compress.max_bytes"),
        ({"name": "compress", "max_bytes": 300}, "fix.compress.max_bytes"),
        ({"name": "crop", "ratio": "1e60000000"}, "fix.crop.ratio"),
        ({"name": "crop", "ratio": "9" * 100_000}, "fix.crop.ratio"),
        ({"name": "pad", "ratio": "1/" + "9" * 5000}, "fix.pad.ratio"),
        ({"name": "pad", "ratio": [5, 2]}, "fix.pad.ratio"),
        ({"name": "framerate", "fps": "1e-9999999"}, "fix.framerate.fps"),
        ({"name": "framerate", "fps": "3_0"}, "fix.framerate.fps"),
        ({"name": "trim", "start": "1e60000000", "length": "3"}, "fix.trim.start"),
        ({"name": "trim", "start": 0, "length": 1e300}, "fix.trim.length"),
        ({"name": "trim", "start": 0, "length": 10**5000}, "fix.trim.length"),
        ({"name": "trim", "start": 0, "length": "٣"}, "fix.trim.length"),
        ({"name": "upscale", "side": "1e3"}, "fix.upscale.side"),
        ({"name": "upscale", "side": True}, "fix.upscale.side"),
        ({"name": "compress", "max_bytes": "9" * 5000}, "fix.compress.max_bytes"),
        ({"name": "crop", "ratio": "5/2", "anchor": ["0", "1e999999"]}, "fix.crop.anchor.1"),
        ({"name": {"name": {}}}, "fix.name"),
    ],
)
def test_what_is_no_fix_is_refused_by_the_field_that_is_wrong(data: Any, field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        from_json(data)
    assert caught.value.problems[0].field == field
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("given", [None, {}, "crop", [{"name": "upright"}] * 17])
def test_a_file_gets_a_list_of_few_fixes(given: Any) -> None:
    assert read_all([{"name": "upright"}, {"name": "reencode"}]) == [Upright(), Reencode()]
    with pytest.raises(InvalidRequest, match="it must be a list of 0 to 16"):
        read_all(given)
