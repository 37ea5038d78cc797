"""The forms' own addresses, as any page or program may ask them: what is offered, what it costs, settling, sending."""

from __future__ import annotations

import copy
import io
from typing import Any

import httpx
import pytest
from PIL import Image

from studio.catalog.models import CATALOG, MODES
from studio.catalog.requests import REQUESTS
from studio.web.form.values import read
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess

WILD = (
    None,
    -1,
    0,
    [],
    {},
    "x" * 10_000,
    1e308,
    2.5,
    [[]] * 300,
    True,
    {"sha256": "../.."},
    [{"name": 5}],
)
NAMES = ("prompt", "provider", "model", "seed", "variants", "batch", "first_frame", "references", "video", "resolution")
NAMES += ("ratio", "duration", "watermark", "audio_setting")
TEXT, FRAME = "text-to-video", "image-to-video"
NEWER, OLDER = CATALOG.models("dashscope", TEXT)


def ask(visitor: httpx.Client, mode: str, what: str, body: Any, **headers: str) -> httpx.Response:
    return visitor.post(f"/studio/forms/{mode}/{what}", json=body, headers=headers)


def estimate(visitor: httpx.Client, mode: str = TEXT, **values: Any) -> dict[str, Any]:
    told: dict[str, Any] = ask(visitor, mode, "estimate", values).raise_for_status().json()
    return told


def lines(told: dict[str, Any], kind: str) -> list[str]:
    return [line["text"] for line in told["lines"] if line["kind"] == kind]


def jobs(visitor: httpx.Client) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = visitor.get("/studio/jobs").raise_for_status().json()["jobs"]
    return told


def picture(visitor: httpx.Client, size: tuple[int, int] = (640, 480), color: str = "teal") -> dict[str, str]:
    """Add a picture to the visitor's files; as a form names it."""
    written = io.BytesIO()
    Image.new("RGB", size, color).save(written, "PNG")
    query = {"mode": FRAME, "field": "first_frame", "name": f"{color}.png"}
    file = visitor.post("/studio/files", params=query, content=written.getvalue()).raise_for_status().json()
    return {"sha256": file["sha256"], "name": file["name"]}


def test_every_mode_is_offered_with_its_price(visitor: httpx.Client) -> None:
    answer = visitor.get("/studio/forms")
    assert answer.headers["cache-control"] == "no-store"
    forms = {form["mode"]: form for form in answer.json()["forms"]}
    assert list(forms) == list(MODES)
    text = forms[TEXT]
    assert (text["prefix"], text["variants"]) == ("t2v", [1, 2, 3, 4])
    assert (text["most"], text["most_batch"]) == (20, 100)
    (provider,) = text["providers"]
    assert [model["id"] for model in provider["models"]] == [NEWER.id, OLDER.id]
    newer, older = provider["models"]
    assert [one for one in newer["rates"] if one not in older["rates"]] == ["480P"]
    assert newer["parameters"]["duration"]["look"] == "slider"
    assert text["estimate"]["amount"] == "¥6.00"
    # What a form lacks the page sees itself.
    assert not any(lines(form["estimate"], "missing") for form in forms.values())
    assert forms["video-edit"]["estimate"]["amount"] == ""
    assert {mode: form["prefix"] for mode, form in forms.items()} == {mode: REQUESTS[mode].short for mode in MODES}


def test_what_is_not_named_has_its_default_and_the_price_is_of_all_videos(visitor: httpx.Client) -> None:
    told = estimate(visitor, prompt="A horse")
    assert (told["price"], told["amount"], told["count"]) == ("6.0 CNY", "¥6.00", 1)
    assert told["live"]
    both = estimate(visitor, prompt="A horse\n---\nA cow", variants=2, duration=3, resolution="720P")
    assert (both["amount"], both["sum"], both["count"]) == ("¥10.80", "4 × 3 s × ¥0.9 = ¥10.80", 4)
    older = estimate(visitor, prompt="A horse", model=OLDER.id)
    assert older["amount"] == "¥8.00"
    english = lines(both, "facts")
    chinese = ask(visitor, TEXT, "estimate", {"prompt": "A horse"}, **{"Accept-Language": "zh"}).json()
    assert english
    assert lines(chinese, "facts") != english


def test_less_than_one_video_has_no_price(visitor: httpx.Client) -> None:
    for count in (-1, 0, 5, 10**9, None, "many", 1.5):
        told = estimate(visitor, prompt="A horse", variants=count)
        assert (told["price"], told["amount"]) == ("none", "")
        assert "it must be a whole number from 1 to 4" in lines(told, "error")[0]
    cleared = estimate(visitor, prompt="A horse", duration=None)
    assert lines(cleared, "error") == ["Duration is empty; it must be a whole number from 3 to 15."]


def test_no_value_is_too_wild_for_a_form(cloud: SandboxServer, visitor: httpx.Client) -> None:
    for mode in MODES:
        for value in WILD:
            every = dict.fromkeys(NAMES, value)
            assert ask(visitor, mode, "estimate", every).status_code == 200, (mode, value)
            assert ask(visitor, mode, "settle", every).status_code == 200, (mode, value)
            for body in ({"values": every, "price": value}, {"values": value}):
                answer = ask(visitor, mode, "send", body)
                assert answer.status_code in (400, 404, 409), (mode, str(value)[:50], answer.text)
                assert answer.json()["error"]
    for name in ("resolution", "ratio", "duration", "watermark", "seed", "variants", "provider", "model"):
        answer = ask(visitor, TEXT, "send", {"values": {"prompt": "A horse", name: -1}})
        assert answer.status_code == 400
        assert answer.json()["fields"] == [name]
        assert "is “-1”; it must be" in answer.json()["error"]
    assert jobs(visitor) == []
    assert cloud.statistics()["requests"]["create"] == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'"x"', b"\xff"])
def test_what_is_no_object_is_refused_in_a_sentence(visitor: httpx.Client, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    for what in ("estimate", "settle", "send"):
        answer = visitor.post(f"/studio/forms/{TEXT}/{what}", content=body, headers=headers)
        assert answer.status_code == 400
        assert answer.json()["error"]


def test_a_mode_that_is_none_has_no_form(visitor: httpx.Client) -> None:
    for mode in ("nonsense", "..", "text_to_video"):
        assert ask(visitor, mode, "send", {"values": {"prompt": "A"}}).status_code == 404


def test_a_press_sends_what_was_shown_and_nothing_that_costs_more(cloud: SandboxServer, visitor: httpx.Client) -> None:
    values = {"prompt": "A horse", "variants": 2}
    one, two = estimate(visitor, prompt="A horse")["price"], estimate(visitor, **values)["price"]
    told = ask(visitor, TEXT, "send", {"values": values, "price": one})
    assert (told.status_code, told.json()["kind"]) == (409, "price_higher")
    said = "This costs ¥12.00, but ¥6.00 was shown. Nothing was generated or charged. "
    said += "Press again to generate for ¥12.00."
    assert told.json()["error"] == said
    for none in ("none", "", 12, 0, False, [two], {}):
        unseen = ask(visitor, TEXT, "send", {"values": values, "price": none})
        assert unseen.status_code == 409
        assert "no price was shown before" in unseen.json()["error"]
    assert jobs(visitor) == []
    assert cloud.statistics()["requests"]["create"] == 0
    for price in (two, "1000 CNY", None):  # as shown, dearer than it is, not told
        sent = ask(visitor, TEXT, "send", {"values": values, "price": price})
        assert sent.status_code == 200
        assert [job["price"] for job in sent.json()["jobs"]] == ["¥6.00", "¥6.00"]
    assert len(jobs(visitor)) == 6


def test_the_same_press_is_the_same_jobs_however_often_it_comes(visitor: httpx.Client) -> None:
    values = {"prompt": "At dawn\n---\nAt dusk", "seed": "7"}
    first = ask(visitor, TEXT, "send", {"values": values}, **{"Idempotency-Key": "press-1"}).json()["jobs"]
    again = ask(visitor, TEXT, "send", {"values": values}, **{"Idempotency-Key": "press-1"}).json()["jobs"]
    assert [job["id"] for job in again] == [job["id"] for job in first]
    assert [(job["prompt"], job["settings"]["seed"]) for job in first] == [("At dawn", 7), ("At dusk", 7)]
    other = ask(visitor, TEXT, "send", {"values": {"prompt": "Another"}}, **{"Idempotency-Key": "press-1"})
    assert (other.status_code, other.json()["kind"]) == (422, "key_reused")
    assert len(jobs(visitor)) == 2


def test_one_prompt_that_cannot_be_sent_keeps_all_of_them_here(cloud: SandboxServer, visitor: httpx.Client) -> None:
    answer = ask(visitor, TEXT, "send", {"values": {"prompt": "At dawn\n---\n" + "x" * 5001}})
    assert (answer.status_code, answer.json()["fields"]) == (400, ["prompt"])
    assert "shorten it by 1" in answer.json()["error"]
    assert jobs(visitor) == []
    assert cloud.statistics()["requests"]["create"] == 0


def test_each_picture_of_a_batch_becomes_a_video_or_none_does(
    cloud: SandboxServer, visitor: httpx.Client, other: httpx.Client
) -> None:
    good = [picture(visitor, color=color) for color in ("red", "green")]
    wide, theirs = picture(visitor, (1500, 400), "brown"), picture(other, color="navy")
    values = {"prompt": "It rains", "resolution": "720P", "duration": 3}
    told = estimate(visitor, FRAME, **values, batch=good, variants=2)
    assert (told["amount"], told["count"]) == ("¥10.80", 4)
    for batch, status in (([*good, wide], 400), ([*good, theirs], 404), ([{"sha256": "ab" * 32}], 404)):
        answer = ask(visitor, FRAME, "send", {"values": {**values, "batch": batch}})
        assert answer.status_code == status, answer.text
    assert ask(visitor, FRAME, "send", {"values": {**values, "batch": good * 51}}).status_code == 400
    assert jobs(visitor) == []
    assert cloud.statistics()["requests"]["create"] == 0
    sent = ask(visitor, FRAME, "send", {"values": {**values, "batch": good}, "price": "5.40 CNY"}).json()["jobs"]
    assert [job["settings"]["first_frame"]["name"] for job in sent] == ["red.png", "green.png"]


def test_a_file_of_somebody_else_is_in_no_form(visitor: httpx.Client, other: httpx.Client) -> None:
    mine, theirs = picture(visitor), picture(other, color="navy")
    told = estimate(visitor, FRAME, first_frame=[theirs])
    assert "navy.png" in lines(told, "error")[0]
    assert ask(visitor, FRAME, "send", {"values": {"first_frame": [theirs]}}).status_code == 404
    settled = ask(visitor, FRAME, "settle", {"first_frame": theirs}).json()
    assert settled["files"] == {"first_frame": []}
    assert [
        file["name"] for file in ask(visitor, FRAME, "settle", {"first_frame": mine}).json()["files"]["first_frame"]
    ]


def test_settings_of_any_making_are_had_as_far_as_they_are_settings(visitor: httpx.Client) -> None:
    plain = ask(visitor, TEXT, "settle", {"prompt": "A horse", "duration": 7}).json()
    assert (plain["values"]["prompt"], plain["values"]["duration"], plain["sentences"]) == ("A horse", 7, [])
    old = {"seed": -1, "ratio": "", "watermark": False, "title": "x", "duration": 99, "audio_setting": "loud"}
    settled = ask(visitor, TEXT, "settle", old).json()
    assert settled["sentences"] == [
        "happyhorse-1.1-t2v does not support this setting: title",
        "Duration: 99 s is no longer available; 5 s is selected instead",
        "happyhorse-1.1-t2v does not support this setting: Sound",
    ]
    assert (settled["values"]["seed"], settled["values"]["watermark"]) == ("", False)
    odd = ask(visitor, TEXT, "settle", {"prompt": {"a": None}, "seed": True}).json()
    assert odd["sentences"] == ['Prompt: {"a": null} cannot be used here', "Seed: Yes cannot be used here"]
    gone = ask(visitor, TEXT, "settle", {"model": "happyhorse-0.9-t2v", "resolution": "480P"}).json()
    assert gone["sentences"] == ["happyhorse-0.9-t2v is not available here; happyhorse-1.1-t2v is selected instead"]
    assert (gone["values"]["model"], gone["values"]["resolution"]) == (NEWER.id, "480P")


def test_what_one_source_alone_lists_is_said(visitor: httpx.Client) -> None:
    told = estimate(visitor, prompt="A horse", model=OLDER.id, ratio="21:9")
    assert "Only one source lists Aspect ratio 21:9" in lines(told, "warning")[0]
    assert lines(told, "error") == []
    facts = lines(estimate(visitor, prompt="A horse"), "facts")
    assert "1.1 is newer than 1.0: ¥1.2 per second at 1080P instead of ¥1.6. Only 1.1 supports 480P." in facts


def test_in_test_mode_nothing_is_charged_and_the_price_of_the_cloud_is_told(studio: StudioProcess) -> None:
    """Its own studio needs no key; what it would cost is known all the same."""
    bare = copy.copy(studio)
    with StudioProcess(bare.folder / "test-mode") as alone, alone.visitor() as visitor:
        told = estimate(visitor, prompt="A horse")
        assert (told["live"], told["price"], told["amount"]) == (False, "none", "¥6.00")
        sent = ask(visitor, TEXT, "send", {"values": {"prompt": "A horse"}, "price": told["price"]})
        assert sent.status_code == 200


def test_what_cannot_be_read_has_its_default_and_is_told_by_its_name() -> None:
    models = {"dashscope": CATALOG.models("dashscope", TEXT)}
    plain = {"prompt": "A", "provider": "dashscope", "model": "happyhorse-1.0-t2v", "seed": 7, "variants": 1}
    plain |= {"ratio": "16:9", "resolution": "720P", "duration": 5.0, "watermark": True}
    values = read(plain, models, plain)
    values.require()
    assert (values.seed, values.settings["duration"]) == ("7", 5)
    broken = read({**plain, "duration": None, "variants": "many"}, models, plain)
    assert broken.problems.keys() == {"duration", "variants"}
    assert (broken.variants, broken.settings["duration"]) == (1, 5.0)


@pytest.mark.parametrize("path", ["forms/none/send", "starters/none", "accounts/none/check", "jobs/none/none"])
def test_an_address_that_names_nothing_says_so(visitor: httpx.Client, path: str) -> None:
    answer = visitor.post(f"/studio/{path}", json={})
    assert (answer.status_code, answer.json()["kind"]) == (404, "not_found")
    assert answer.json()["error"] == "The studio does not know this request. Reload the page."
