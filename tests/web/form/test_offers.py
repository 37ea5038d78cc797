"""What the form says of what an account sells."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from importlib import resources

import pytest
from pydantic import SecretStr

from studio.accounts.account import Account
from studio.catalog.models import CATALOG, MODES, Catalog, Mode, ProviderName
from studio.catalog.pricing import quote
from studio.catalog.requests import Asset, Request, TextToVideo, VideoEdit
from studio.errors import InvalidRequest
from studio.jobs.submit.admission import require_sold
from studio.providers.dashscope import DashScope
from studio.web.form.estimate import Line
from studio.web.form.offers import models_sold, modes_offered, not_sold, offer_lines
from studio.web.text import LANGUAGES, Translation

WORDS = Translation()
NEWER, OLDER = CATALOG.models("dashscope", "text-to-video")
(EDIT,) = CATALOG.models("dashscope", "video-edit")
CLIP = Asset("f" * 64, "clip.mp4")


def account(region: str) -> Account:
    provider = DashScope("http://127.0.0.1:9", SecretStr("sk-test"))
    return Account(f"dashscope:{region}", provider, region, live=True, poll_seconds=15)


def offered(region: str) -> dict[ProviderName, Account]:
    return {"dashscope": account(region)}


def said(request: Request, region: str, count: int = 1, seconds: int = 4, words: Translation = WORDS) -> list[str]:
    """The form's lines for ``count`` such videos."""
    price = quote(request, region, input_seconds=Decimal(seconds))
    models = models_sold(offered(region), request.mode)["dashscope"]
    resolution = request.resolution or ""
    lines = offer_lines(request.catalog_model, models, resolution, price, count, account(region), words)
    return [line.text for line in lines]


def text_to_video(model: str = NEWER.id, resolution: str = "1080P") -> TextToVideo:
    return TextToVideo(provider="dashscope", model=model, prompt="A horse", resolution=resolution)


def test_a_cloud_that_lacks_a_mode_leaves_it_to_the_others_and_alone_has_no_form_for_it() -> None:
    text = resources.files("studio.catalog").joinpath("catalog.toml").read_text("utf-8")
    head, _, *models = text.split("[[providers.aivideoapi.models]]")
    catalog = Catalog.load("[[providers.aivideoapi.models]]".join([head, *models]))
    lacked: Mode = "text-to-video"
    assert not catalog.models("aivideoapi", lacked)
    alone = {"aivideoapi": replace(account("global"), name="aivideoapi")}
    both = {**alone, **offered("beijing")}
    assert modes_offered(both, catalog) == list(MODES)
    assert modes_offered(alone, catalog) == [mode for mode in MODES if mode != lacked]
    for mode in modes_offered(both, catalog):
        sold = models_sold(both, mode, catalog)
        assert all(sold.values())
        assert ("aivideoapi" in sold) == (mode != lacked)


@pytest.mark.parametrize(
    ("model", "resolution", "line"),
    [
        (NEWER.id, "1080P", "1.1 is newer than 1.0: ¥1.2 per second at 1080P instead of ¥1.6. Only 1.1 supports 480P."),
        (OLDER.id, "1080P", "1.1 is newer than 1.0: ¥1.2 per second at 1080P instead of ¥1.6. Only 1.1 supports 480P."),
        (NEWER.id, "720P", "1.1 is newer than 1.0; both cost the same at 720P. Only 1.1 supports 480P."),
        (NEWER.id, "480P", "1.1 is newer than 1.0. Only 1.1 supports 480P."),
    ],
)
def test_the_versions_are_told_apart_where_both_are_sold(model: str, resolution: str, line: str) -> None:
    assert said(text_to_video(model, resolution), "beijing") == [line]
    assert said(text_to_video(NEWER.id, resolution), "tokyo") == []


def test_an_offer_stands_beside_the_list_price_that_counts() -> None:
    edit = VideoEdit(provider="dashscope", model=EDIT.id, prompt="In ink", video=CLIP, resolution="1080P")
    price = quote(edit, "beijing", input_seconds=Decimal("2.5"))
    assert price is not None
    assert price.amount == 8
    told = "Offer seen in September 2026: ¥6.40. This page uses the list price."
    lines = offer_lines(EDIT, [EDIT], "1080P", price, 1, account("beijing"), WORDS)
    assert lines == [Line("facts", told)]
    assert "¥25.60" in offer_lines(EDIT, [EDIT], "1080P", price, 4, account("beijing"), WORDS)[0].text
    assert said(edit, "tokyo", seconds=4)[0].startswith("Offer seen in September 2026: ¥10.24.")
    assert offer_lines(EDIT, [EDIT], "1080P", None, 1, account("beijing"), WORDS) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_token_plan_has_terms_and_no_price(language: str) -> None:
    assert quote(text_to_video(), "token-plan") is None
    (line,) = said(text_to_video(), "token-plan", words=Translation(language))
    assert "Token Plan" in line


@pytest.mark.parametrize(
    ("region", "mode", "models"),
    [
        ("beijing", "text-to-video", [NEWER, OLDER]),
        ("tokyo", "text-to-video", [NEWER]),
        ("tokyo", "video-edit", [EDIT]),
        ("token-plan", "video-edit", [EDIT]),
    ],
)
def test_a_form_offers_what_the_account_sells(region: str, mode: Mode, models: list[object]) -> None:
    assert list(models_sold(offered(region), mode)["dashscope"]) == models


def test_a_mode_that_is_not_sold_is_told_and_refused() -> None:
    edit = VideoEdit(provider="dashscope", model=EDIT.id, prompt="In ink", video=CLIP)
    (line,) = not_sold(EDIT, account("token-plan"), WORDS)
    assert (line.kind, line.text) == (
        "missing",
        "Token Plan has no model for “Edit”. Use an account in another region",
    )
    assert not_sold(EDIT, account("tokyo"), WORDS) == []
    require_sold(edit, account("tokyo"))
    with pytest.raises(InvalidRequest, match="Token Plan has no model for this one"):
        require_sold(edit, account("token-plan"))
    with pytest.raises(InvalidRequest, match="available in Tokyo: happyhorse"):
        require_sold(text_to_video(OLDER.id), account("tokyo"))
