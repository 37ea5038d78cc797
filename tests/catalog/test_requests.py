from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from studio.catalog.models import CATALOG, Model, Options, Range
from studio.catalog.requests import (
    REQUESTS,
    Asset,
    ImageToVideo,
    ReferenceToVideo,
    Request,
    TextToVideo,
    VideoEdit,
    inputs_of,
    parameters_of,
    read_request,
    restore_request,
)
from studio.errors import InvalidRequest

MODELS = [model for provider in CATALOG.providers.values() for model in provider.models]
IMAGES = tuple(Asset(f"{number:064x}", f"image {number}.png") for number in range(12))
VIDEO = Asset("f" * 64, "clip.mp4", "https://example.com/clip.mp4")

every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.provider}:{model.id}")


def make(model: Model, /, **changes: Any) -> Request:
    """The smallest request for ``model``, with changes."""
    values: dict[str, Any] = {"provider": model.provider, "model": model.id, "prompt": "A horse at dawn"}
    for name, rule in model.inputs.items():
        files = (VIDEO,) if rule.kind == "video" else IMAGES
        values[name] = files[0] if rule.single else files[: rule.count[0]]
    return REQUESTS[model.mode](**values | changes)


def broken_fields(model: Model, /, **changes: Any) -> set[str]:
    """Names of the fields that the refusal of such a request points at."""
    with pytest.raises(InvalidRequest) as caught:
        make(model, **changes)
    return {problem.field for problem in caught.value.problems}


def takes(model: Model, field: str) -> bool:
    return field in {f.name for f in fields(REQUESTS[model.mode])}


@every_model
def test_what_is_left_out_becomes_the_models_default(model: Model) -> None:
    request = make(model)
    assert request.seed is None
    for name in parameters_of(type(request)):
        rule = model.parameters.get(name)
        assert getattr(request, name) == (rule.default if rule else None)


def test_every_parameter_and_input_of_the_catalog_is_declared_by_its_mode_and_the_other_way_round() -> None:
    for mode, kind in REQUESTS.items():
        models = [model for model in MODELS if model.mode == mode]
        assert {name for model in models for name in model.parameters} == set(parameters_of(kind))
        for model in models:
            assert list(model.inputs) == list(inputs_of(kind))
            for name, rule in model.inputs.items():
                assert rule.single == (not inputs_of(kind)[name].many)
                assert (rule.count[0] > 0) == inputs_of(kind)[name].required


@every_model
def test_every_whole_number_is_taken_up_to_both_ends_of_its_range(model: Model) -> None:
    for name, allowed in model.parameters.items():
        if not isinstance(allowed, Range):
            continue
        for value in (allowed.min, allowed.max):
            assert getattr(make(model, **{name: value}), name) == value
        for value in (allowed.min - 1, allowed.max + 1, float(allowed.min), str(allowed.min), True, [allowed.min]):
            assert broken_fields(model, **{name: value}) == {name}, value


@every_model
def test_only_listed_options_are_taken(model: Model) -> None:
    for name, options in model.parameters.items():
        if not isinstance(options, Options):
            continue
        for value in options.all:
            assert getattr(make(model, **{name: value}), name) == value
        for value in ("", options.default.swapcase() + " ", "4K", 720, [options.default]):
            assert broken_fields(model, **{name: value}) == {name}, value


@every_model
def test_a_prompt_may_be_just_as_long_as_the_limit(model: Model) -> None:
    units = model.prompt.max_units
    for prompt in ("x" * units, "马" * (units // model.prompt.cjk_units)):
        assert make(model, prompt=prompt).prompt == prompt
        assert broken_fields(model, prompt=prompt + "x") == {"prompt"}


@every_model
def test_an_empty_prompt_is_taken_only_where_it_is_optional(model: Model) -> None:
    for prompt in ("", " \n\t　"):
        if model.prompt_required:
            assert broken_fields(model, prompt=prompt) == {"prompt"}
        else:
            assert make(model, prompt=prompt).prompt == prompt
    assert broken_fields(model, prompt=None) == {"prompt"}
    assert broken_fields(model, prompt=b"horse") == {"prompt"}


@every_model
def test_the_watermark_is_yes_or_no_or_not_there(model: Model) -> None:
    if "watermark" not in model.parameters:
        assert broken_fields(model, watermark=False) == {"watermark"}
        assert broken_fields(model, watermark=True) == {"watermark"}
    else:
        assert make(model, watermark=False).watermark is False
        assert broken_fields(model, watermark=0) == {"watermark"}
        assert broken_fields(model, watermark="false") == {"watermark"}


@every_model
def test_as_many_references_are_taken_as_the_mode_allows(model: Model) -> None:
    if "references" not in model.inputs:
        assert not takes(model, "references")
        return
    least, most = model.inputs["references"].count
    for number in (least, most):
        assert len(make(model, references=IMAGES[:number]).references) == number
    assert broken_fields(model, references=IMAGES[: most + 1]) == {"references"}
    if least:
        assert broken_fields(model, references=IMAGES[: least - 1]) == {"references"}


@every_model
def test_a_request_survives_json_and_the_store(model: Model) -> None:
    request = make(model, seed=7, resolution=model.resolution.all[-1], prompt="马 🐎 \u0000")
    assert read_request(request.to_json()) == request
    data = json.loads(json.dumps(request.to_json()))
    assert data["mode"] == model.mode
    assert read_request(data) == request
    assert restore_request(data) == request
    assert restore_request(data).catalog_model == model


@every_model
def test_a_model_of_another_mode_is_refused_with_those_of_this_one(model: Model) -> None:
    other = next(m for m in MODELS if m.provider == model.provider and m.mode != model.mode)
    with pytest.raises(InvalidRequest, match=f"model is '{other.id}'; it must be one of .*{model.id}"):
        make(model, model=other.id)


def test_an_unknown_provider_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidRequest, match="dashscope, aivideoapi"):
        TextToVideo(provider="acme", model="happyhorse-1.0-t2v", prompt="A horse")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "foreign"),
    [
        (TextToVideo, {"first_frame", "references", "video", "audio_setting"}),
        (ImageToVideo, {"ratio", "references", "video", "audio_setting"}),
        (ReferenceToVideo, {"first_frame", "video", "audio_setting"}),
        (VideoEdit, {"first_frame", "ratio", "duration"}),
    ],
)
def test_a_field_of_another_mode_does_not_exist(kind: type[Request], foreign: set[str]) -> None:
    assert not foreign & {field.name for field in fields(kind)}
    data = make(CATALOG.models("dashscope", kind.mode)[0]).to_json()
    for name in foreign:
        with pytest.raises(InvalidRequest, match=f"{name} is .*left out: {kind.mode} does not support it"):
            read_request(data | {name: "x"})


@pytest.mark.parametrize("mode", [None, "text-to-song", 3, ["text-to-video"]])
def test_an_unknown_mode_is_refused(mode: object) -> None:
    with pytest.raises(InvalidRequest, match=r"mode is .*text-to-video, image-to-video"):
        read_request({"mode": mode, "prompt": "A horse"})


def test_every_broken_rule_is_told_at_once() -> None:
    t2v = CATALOG.model("dashscope", "happyhorse-1.0-t2v")
    assert broken_fields(t2v, prompt="", resolution="8K", seed=-1, watermark="no", ratio="2:1", duration=99) == {
        "prompt",
        "resolution",
        "seed",
        "watermark",
        "ratio",
        "duration",
    }


def test_a_refusal_names_the_value_and_the_limit() -> None:
    t2v = CATALOG.model("dashscope", "happyhorse-1.0-t2v")
    with pytest.raises(InvalidRequest) as caught:
        make(t2v, duration=16)
    assert str(caught.value) == "duration is 16; it must be a whole number from 3 to 15."
    with pytest.raises(InvalidRequest, match=r"'5,003 characters'; it must be at most 5,000 .*shorten it by 3"):
        make(t2v, prompt="马" * 2501 + "x")


def test_a_stored_request_is_not_judged_again() -> None:
    data = make(CATALOG.model("dashscope", "happyhorse-1.0-i2v")).to_json()
    old = data | {"model": "happyhorse-0.9-i2v", "duration": 99, "prompt": "x" * 9999}
    restored = restore_request(old)
    assert isinstance(restored, ImageToVideo)
    assert (restored.model, restored.duration, len(restored.prompt)) == ("happyhorse-0.9-i2v", 99, 9999)
    assert restored.first_frame == IMAGES[0]
    with pytest.raises(InvalidRequest):
        read_request(old)


def test_a_field_that_the_store_does_not_know_yet_is_its_default() -> None:
    data = make(CATALOG.model("dashscope", "happyhorse-1.0-t2v")).to_json()
    del data["seed"], data["watermark"]
    restored = restore_request(data)
    assert (restored.seed, restored.watermark) == (None, None)


def test_a_request_cannot_be_changed() -> None:
    request = make(MODELS[0])
    with pytest.raises(FrozenInstanceError):
        request.prompt = "Another horse"  # type: ignore[misc]
    assert {request, make(MODELS[0])} == {request}


@pytest.mark.parametrize(
    ("mode", "damage", "field"),
    [
        ("image-to-video", {"first_frame": None}, "first_frame"),
        ("image-to-video", {"first_frame": "cat.png"}, "first_frame"),
        ("image-to-video", {"first_frame": {"sha256": "a" * 64}}, "first_frame"),
        ("image-to-video", {"first_frame": {"sha256": "../" * 21 + "a", "name": "cat.png"}}, "first_frame"),
        ("image-to-video", {"first_frame": {"sha256": "a" * 64, "name": "cat.png", "url": 3}}, "first_frame"),
        ("reference-to-video", {"references": {"sha256": "a"}}, "references"),
        ("reference-to-video", {"references": ["cat.png"]}, "references"),
        ("video-edit", {"video": []}, "video"),
        ("text-to-video", {"model": ["happyhorse-1.0-t2v"]}, "model"),
        ("text-to-video", {"prompt": "Half of a horse: \ud83d"}, "prompt"),
    ],
)
def test_json_of_another_shape_is_refused_by_its_field(mode: str, damage: dict[str, Any], field: str) -> None:
    data = make(CATALOG.models("dashscope", mode)[0]).to_json()
    with pytest.raises(InvalidRequest, match=f"{field} is "):
        read_request(data | damage)


@pytest.mark.parametrize(
    ("mode", "field"),
    [
        ("image-to-video", "first_frame"),
        ("video-edit", "video"),
        ("text-to-video", "model"),
        ("video-edit", "provider"),
    ],
)
def test_json_without_a_required_field_is_refused_by_its_name(mode: str, field: str) -> None:
    data = make(CATALOG.models("dashscope", mode)[0]).to_json()
    del data[field]
    with pytest.raises(InvalidRequest, match=f"{field} is "):
        read_request(data)


@pytest.mark.parametrize("provider", CATALOG.providers)
def test_a_prompt_is_kept_as_it_was_typed_and_as_it_is_sent(provider: str) -> None:
    r2v = CATALOG.models(provider, "reference-to-video")[0]
    request = make(r2v, prompt="character1 rides", references=IMAGES[:1])
    assert (request.prompt, request.sent_prompt) == ("character1 rides", "[Image 1] rides")
    data = json.loads(json.dumps(request.to_json()))
    assert data["sent_prompt"] == "[Image 1] rides"
    assert read_request(data | {"sent_prompt": "Something else"}) == restore_request(data) == request
    # One of a time when it was sent as it was typed.
    assert restore_request({**data, "sent_prompt": "character1 rides"}).sent_prompt == "character1 rides"
    del data["sent_prompt"]
    assert restore_request(data).sent_prompt == "character1 rides"
    assert "sent_prompt" not in make(r2v, prompt="[Image 1] rides").to_json()


@every_model
def test_a_prompt_is_cleaned_and_one_that_cannot_be_seen_is_none(model: Model) -> None:
    assert make(model, prompt="A\x00 horse\r\nruns").prompt == "A horse\nruns"
    for blank in ("\u200b\u2060", "\x00\x1f", "\ufeff \u3164"):
        if model.prompt_required:
            assert broken_fields(model, prompt=blank) == {"prompt"}
        else:
            assert make(model, prompt=blank).sent_prompt == ""


@pytest.mark.parametrize("provider", CATALOG.providers)
def test_the_length_counts_in_what_is_sent(provider: str) -> None:
    r2v = CATALOG.models(provider, "reference-to-video")[0]
    longest = "image 1 " + "x" * (r2v.prompt.max_units - len("[Image 1] "))
    assert len(make(r2v, prompt=longest).sent_prompt) == r2v.prompt.max_units
    assert broken_fields(r2v, prompt=longest + "x") == {"prompt"}
