from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from studio.catalog.pricing import Quote, ShownPrice, quote
from studio.catalog.requests import Asset, ImageToVideo, Request, TextToVideo, VideoEdit
from studio.errors import PriceHigher
from studio.web.money.amounts import sum_text
from studio.web.text import Translation

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


@pytest.mark.parametrize(
    ("request_", "length", "count", "told"),
    [
        (text(duration=5), None, 1, "5 s × ¥1.6 = ¥8.00"),
        (text(duration=5), None, 6, "6 × 5 s × ¥1.6 = ¥48.00"),
        (edit(resolution="720P"), "12.3", 1, "(12.3 s + 12.3 s) × ¥0.9 = ¥22.14"),
        (edit(), "60", 4, "4 × (60 s + 15 s) × ¥1.6 = ¥480.00"),
        (edit(), "12.3456789", 20, "20 × (12.3457 s + 12.3457 s) × ¥1.6 = ¥790.12"),
    ],
)
def test_a_price_is_told_as_a_sum_that_adds_up(request_: Request, length: str | None, count: int, told: str) -> None:
    found = quote(request_, "beijing", input_seconds=Decimal(length) if length else None)
    assert found is not None
    assert sum_text(found, count, Translation()) == told
    assert sum_text(found, count, Translation("zh")) == told.replace(" s", " 秒")
    assert Quote.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_a_quote_of_before_has_its_price_still() -> None:
    old = {"seconds": "5", "rate": "1.6", "currency": "CNY", "source": "prices"}
    assert Quote.from_json(old).amount == 8


@pytest.mark.parametrize("shown", ["8.00 CNY", "7.995 CNY", "8 CNY", "1000000 CNY"])
def test_what_costs_no_more_than_was_shown_is_sent(shown: str) -> None:
    seen = ShownPrice.of(shown)
    assert seen is not None
    seen.require([HALF, HALF, None])


def test_who_does_not_say_what_was_shown_is_asked_nothing() -> None:
    assert ShownPrice.of(None) is None


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("7.99 CNY", "7.99 CNY was shown"),
        ("8.00 credits", "8.00 credits was shown"),
        *(
            (given, "no price was shown")
            for given in ("", "none", "8.00", 8, 8.0, 0, True, False, [], ["8.00 CNY"], {})
        ),
        ("8,00 CNY", "no price was shown"),
        ("1e9 CNY", "no price was shown"),
        ("٨ CNY", "no price was shown"),
    ],
)
def test_what_costs_more_than_was_shown_is_told(shown: object, said: str) -> None:
    seen = ShownPrice.of(shown)
    assert seen is not None
    with pytest.raises(PriceHigher, match=f"This costs 8.0 CNY, (and|but) {said}"):
        seen.require([HALF, HALF])
    seen.require([None])


HALF = Quote(Decimal(5), Decimal("0.8"), "CNY", "somewhere")
