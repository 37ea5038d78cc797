from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest
from pydantic import ValidationError

from studio.catalog.models import CATALOG, MODES, Catalog, Model, Options, Range

TEXT = resources.files("studio.catalog").joinpath("catalog.toml").read_text("utf-8")
MODELS = [model for provider in CATALOG.providers.values() for model in provider.models]


def named(model: Model) -> str:
    return f"{model.provider}:{model.id}"


def cited(entry: Any) -> Iterator[str]:
    """Every ``source`` below ``entry``."""
    if isinstance(entry, dict):
        for key, value in entry.items():
            if key == "source":
                yield value
            else:
                yield from cited(value)
    elif isinstance(entry, list):
        for value in entry:
            yield from cited(value)


def test_every_cited_source_is_explained_and_every_explained_one_is_cited() -> None:
    data = tomllib.loads(TEXT)
    assert set(cited(data)) == set(data["sources"])


@pytest.mark.parametrize("provider", ["dashscope", "aivideoapi"])
def test_both_of_todays_clouds_have_a_model_for_every_mode(provider: str) -> None:
    for mode in MODES:
        models = CATALOG.models(provider, mode)
        assert models, mode
        assert {model.mode for model in models} == {mode}


@pytest.mark.parametrize("model", MODELS, ids=named)
def test_a_default_is_among_the_values(model: Model) -> None:
    for parameter in model.parameters.values():
        if isinstance(parameter, Options):
            assert parameter.default in parameter.values
        elif isinstance(parameter, Range):
            assert parameter.default is None or parameter.min <= parameter.default <= parameter.max


@pytest.mark.parametrize("model", MODELS, ids=named)
def test_every_resolution_has_a_price_in_every_region_that_a_source_prices(model: Model) -> None:
    unpriced = set()
    regions = CATALOG.providers[model.provider].regions
    for region in [name for name, one in regions.items() if one.offers(model.id)]:
        for resolution in model.resolution.all:
            rate = CATALOG.rate(model, region, resolution)
            if rate is None:
                unpriced.add(region)
            else:
                assert rate.amount > 0
    assert unpriced == {name for name, one in regions.items() if one.prices is None and one.offers(model.id)}


@pytest.mark.parametrize("region", CATALOG.providers["dashscope"].regions)
def test_a_region_has_models_that_exist_and_an_address(region: str) -> None:
    about = CATALOG.providers["dashscope"].regions[region]
    assert {CATALOG.model("dashscope", name).id for name in about.sells or ()} == set(about.sells or ())
    assert about.host or about.workspace_host
    assert about.prices or about.terms


def test_a_region_sells_its_own_models_the_default_one_first() -> None:
    def sold(mode: str, region: str) -> list[str]:
        return [model.version for model in CATALOG.models("dashscope", mode, region)]

    assert sold("text-to-video", "beijing") == ["1.1", "1.0"]
    assert sold("text-to-video", "tokyo") == sold("reference-to-video", "token-plan") == ["1.1"]
    assert (sold("video-edit", "tokyo"), sold("video-edit", "token-plan")) == (["1.0"], [])
    assert CATALOG.rate(CATALOG.model("dashscope", "happyhorse-1.0-t2v"), "tokyo", "720P") is None


def test_a_key_tells_by_its_beginning_where_it_belongs() -> None:
    dashscope = CATALOG.providers["dashscope"]
    assert [dashscope.region_of(key) for key in ("sk-sp-abc", "sk-abc", "sk-s")] == ["token-plan", None, None]


@pytest.mark.parametrize("model", MODELS, ids=named)
def test_every_media_input_has_limits_for_its_kind(model: Model) -> None:
    for name, rule in model.inputs.items():
        limits = CATALOG.media_limits(model, name)
        assert limits
        assert all((one.seconds is not None) == (rule.kind == "video") for one in limits)


def test_a_price_is_exact() -> None:
    t2v = CATALOG.model("dashscope", "happyhorse-1.0-t2v")
    rate = CATALOG.rate(t2v, "singapore", "1080P")
    assert rate is not None
    assert (rate.amount, rate.currency, rate.source) == (Decimal("1.798608"), "CNY", "prices")


def test_a_resolution_without_a_price_has_no_rate() -> None:
    assert CATALOG.rate(CATALOG.model("dashscope", "happyhorse-1.0-t2v"), "beijing", "480P") is None


def test_an_unknown_model_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        CATALOG.model("dashscope", "happyhorse-9.9-t2v")
    with pytest.raises(KeyError):
        CATALOG.model("aivideoapi", "happyhorse-1.0-t2v")


def test_the_first_model_of_a_mode_is_the_newest() -> None:
    assert [CATALOG.models("dashscope", mode)[0].id for mode in MODES] == [
        "happyhorse-1.1-t2v",
        "happyhorse-1.1-i2v",
        "happyhorse-1.1-r2v",
        "happyhorse-1.0-video-edit",
    ]


def test_options_tell_who_alone_lists_a_value() -> None:
    ratio = CATALOG.model("dashscope", "happyhorse-1.0-t2v").options("ratio")
    assert ratio is not None
    assert ratio.disputed("21:9") == "docs"
    assert ratio.disputed("16:9") is None
    assert ratio.all == ("16:9", "9:16", "1:1", "4:3", "3:4", "4:5", "5:4", "9:21", "21:9")
    assert Options(default="a", values=("a",), source="docs").disputed("b") is None
    newer = CATALOG.model("dashscope", "happyhorse-1.1-t2v")
    assert (ratio := newer.options("ratio")) is not None
    assert ratio.disputed("21:9") is None
    assert newer.resolution.disputed("480P") is None


def test_only_dashscope_has_a_watermark() -> None:
    assert all(("watermark" in model.parameters) == (model.provider == "dashscope") for model in MODELS)


def test_nothing_in_the_catalog_can_be_changed() -> None:
    with pytest.raises(ValidationError):
        MODELS[0].id = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("prompt_required = true", "prompt_requird = true", "prompt_requird"),
        ("duration = { default = 5, min = 3,", 'duration = { default = 5, min = "three",', "min"),
        ('over = "cut"', 'over = "ignored"', "over"),
        ('mode = "text-to-video"', 'mode = "text-to-song"', "text-to-song"),
        ('prices = "singapore"', 'prices = "singapure"', "no prices of 1.0 for singapure"),
        ('currency = "CNY"', 'currencies = "CNY"', "currency"),
    ],
)
def test_a_file_of_another_shape_is_refused(old: str, new: str, named: str) -> None:
    assert old in TEXT
    with pytest.raises((ValidationError, KeyError), match=named):
        Catalog.load(TEXT.replace(old, new))


def test_bad_toml_is_refused() -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        Catalog.load(TEXT + "\n[unfinished")
