from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from studio.pricing import Quote, quote
from studio.requests import Asset, ImageToVideo, TextToVideo, VideoEdit

VIDEO = Asset("a" * 64, "clip.mp4")


def text(**fields: Any) -> TextToVideo:
    return TextToVideo(provider="dashscope", prompt="A horse", **{"model": "happyhorse-1.0-t2v", **fields})


def edit(**fields: Any) -> VideoEdit:
    return VideoEdit(
        **{"provider": "dashscope", "model": "happyhorse-1.0-video-edit", "prompt": "In ink", "video": VIDEO, **fields}
    )


def amount(found: Quote | None) -> tuple[Decimal, str]:
    assert found is not None
    return found.amount, found.currency


@pytest.mark.parametrize(
    ("fields", "region", "price"),
    [
        ({"resolution": "720P", "duration": 5}, "beijing", "4.5"),
        ({"resolution": "1080P", "duration": 15}, "beijing", "24.0"),
        ({}, "beijing", "8.0"),
        ({"resolution": "720P", "duration": 3}, "singapore", "3.147564"),
        ({"resolution": "1080P", "duration": 7}, "singapore", "12.590256"),
        ({"model": "happyhorse-1.1-t2v", "resolution": "480P", "duration": 3}, "virginia", "1.35"),
        ({"model": "happyhorse-1.1-t2v", "duration": 10}, "frankfurt", "12.0"),
    ],
)
def test_a_generated_second_has_its_price(fields: dict[str, Any], region: str, price: str) -> None:
    assert amount(quote(text(**fields), region)) == (Decimal(price), "CNY")


@pytest.mark.parametrize(
    ("length", "billed"),
    [("3", "6"), ("6.62", "13.24"), ("15", "30"), ("15.04", "30.04"), ("40", "55"), ("60", "75")],
)
def test_an_edit_is_billed_for_its_input_and_at_most_15_seconds_of_output(length: str, billed: str) -> None:
    found = quote(edit(resolution="720P"), "beijing", input_seconds=Decimal(length))
    assert found is not None
    assert found.seconds == Decimal(billed)
    assert found.amount == Decimal(billed) * Decimal("0.9")


def test_an_edit_without_the_length_of_its_video_has_no_price_yet() -> None:
    assert quote(edit(), "beijing") is None


def test_aivideoapi_counts_credits() -> None:
    request = ImageToVideo(
        provider="aivideoapi", model="happyhorse-1.0-image-to-video", prompt="It turns", first_frame=VIDEO, duration=4
    )
    assert amount(quote(request, "global")) == (Decimal("110.0"), "credits")
    cut = edit(provider="aivideoapi", resolution="1080P")
    assert amount(quote(cut, "global", input_seconds=Decimal(20))) == (Decimal("1697.5"), "credits")


def test_a_quote_survives_json_to_the_last_digit() -> None:
    found = quote(edit(), "singapore", input_seconds=Decimal("6.673333"))
    assert found is not None
    again = Quote.from_json(json.loads(json.dumps(found.to_json())))
    assert again == found
    assert again.amount == found.amount == Decimal("13.346666") * Decimal("1.798608")
