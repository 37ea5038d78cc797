from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from studio.errors import (
    AuthenticationFailed,
    ContentRefused,
    Fault,
    InvalidRequest,
    Problem,
    RateLimited,
    ReplyLost,
    ResultCorrupt,
    StorageFull,
)
from studio.jobs.model import Job, State, VideoFile
from studio.pricing import Quote
from studio.providers.base import TaskStatus, Usage
from studio.requests import TextToVideo
from studio.web.text import Words
from studio.web.views import money, rate_text, sentence, view
from tests.jobs.conftest import make_job

VIDEO = VideoFile(
    path="happyhorse-1.0-t2v/videos/a.mp4",
    poster="happyhorse-1.0-t2v/videos/a.jpg",
    bytes=3 * 2**20,
    sha256="f" * 64,
    width=1280,
    height=720,
    seconds=5.04,
    fps=24.0,
    codec="h264",
    audio_codec="aac",
)
LIVE = "dashscope:beijing"


def seen(**changes: Any) -> dict[str, Any]:
    return dict(view(make_job(**changes), Words()))


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_label_and_what_can_be_done(state: State) -> None:
    shown = seen(state=state)
    assert shown["state"] == state
    assert shown["label"]
    assert shown["actions"] == {
        "queued": ["cancel"],
        "publishing": ["cancel"],
        "waiting": ["cancel"],
        "canceled": ["send-again"],
    }.get(state, [])


def test_a_task_that_the_provider_works_on_is_running_and_cannot_be_canceled() -> None:
    shown = seen(state=State.WAITING, task_id="t", task_status=TaskStatus.RUNNING)
    assert (shown["state"], shown["label"], shown["actions"]) == ("running", "Running", [])
    waiting = seen(state=State.WAITING, task_id="t", task_status=TaskStatus.PENDING)
    assert (waiting["state"], waiting["actions"]) == ("waiting", ["cancel"])


def test_what_holds_a_job_up_is_told_while_it_goes_on() -> None:
    held = seen(state=State.QUEUED, fault=RateLimited("slow down", "Throttling", "r-1", 429).fault("submit"))
    assert held["note"] == Words()("state.queued.later")
    assert held["fault"]["what"] == "The provider asks to slow down."
    saving = seen(state=State.SAVING, task_id="t", fault=StorageFull("No space is left.").fault("save"))
    assert saving["note"] == Words()("state.saving.later")
    assert "charges" in saving["fault"]["charged"]


def test_a_refused_job_can_be_sent_again_and_one_that_may_be_charged_cannot() -> None:
    refused = seen(
        state=State.FAILED, fault=AuthenticationFailed("Invalid key", "InvalidApiKey", "r", 401).fault("submit")
    )
    assert refused["actions"] == ["send-again"]
    assert (refused["fault"]["code"], refused["fault"]["status"]) == ("InvalidApiKey", 401)
    lost = seen(state=State.INTERRUPTED, fault=ReplyLost("gone").fault("submit"))
    assert lost["actions"] == []
    made = seen(state=State.FAILED, task_id="t", fault=ContentRefused("no", "DataInspectionFailed").fault("generate"))
    assert made["actions"] == []


@pytest.mark.parametrize("state", [State.FAILED, State.EXPIRED])
def test_a_result_that_is_not_here_can_be_saved_again(state: State) -> None:
    shown = seen(state=state, task_id="t", fault=ResultCorrupt("ends early").fault("save"))
    assert shown["actions"] == ["save-again"]


def test_a_fault_without_words_of_its_own_still_says_what_the_provider_said() -> None:
    shown = seen(state=State.FAILED, fault=Fault("of_a_later_version", "watch", "Something new"))["fault"]
    assert (shown["what"], shown["remedy"], shown["message"]) == ("Something went wrong.", "", "Something new")


@pytest.mark.parametrize(
    ("changes", "cost"),
    [
        ({"account": "sandbox"}, "free (¥8.00 in the cloud)"),
        ({"account": LIVE}, "¥8.00 estimated"),
        ({"account": LIVE, "state": State.SUCCEEDED, "usage": Usage(4.5)}, "¥7.20 billed"),
        ({"account": LIVE, "state": State.FAILED}, ""),
        ({"account": LIVE, "state": State.CANCELED}, ""),
        ({"account": LIVE, "state": State.INTERRUPTED}, "¥8.00 estimated"),
        ({"account": LIVE, "quote": None}, ""),
    ],
)
def test_the_cost_is_what_is_known_of_it(changes: dict[str, Any], cost: str) -> None:
    assert seen(**changes)["cost"] == cost


def test_a_finished_video_says_where_it_is_and_what_it_is() -> None:
    job = make_job(state=State.SUCCEEDED, task_id="t", video=VIDEO)
    video = view(job, Words())["video"]
    assert video is not None
    assert video["url"] == f"/studio/media/{job.id}/video"
    assert video["facts"] == ["1280 × 720", "5.0 s", "24 fps", "H.264 + AAC", "3.0 MB"]
    assert "happyhorse-1.0-t2v/videos/a.mp4" in video["saved"]
    silent = make_job(video=VideoFile(**{**vars(VIDEO), "audio_codec": None, "poster": None}))
    video = view(silent, Words())["video"]
    assert video is not None
    assert (video["facts"][3], video["poster"]) == ("H.264", None)


def test_a_view_is_json_and_says_nothing_of_visitor_account_or_the_results_address() -> None:
    job: Job = make_job(
        owner="ada-the-visitor",
        account=LIVE,
        state=State.SUCCEEDED,
        result_url="https://bucket.example.com/video.mp4?Signature=abc",
        video=VIDEO,
    )
    text = json.dumps(view(job, Words()))
    for private in ("ada-the-visitor", LIVE, "Signature"):
        assert private not in text


def test_the_settings_of_a_view_make_the_same_request_again() -> None:
    job = make_job()
    settings = dict(view(job, Words())["settings"])
    assert settings.pop("mode") == "text-to-video"
    assert TextToVideo(**settings) == job.request
    assert view(job, Words())["chips"] == ["happyhorse-1.0-t2v", "1080P", "16:9", "5 s", "seed 7"]


def test_a_broken_rule_is_told_in_the_names_of_the_form() -> None:
    error = InvalidRequest(Problem("seed", -1, "a whole number"), Problem("prompt", "x" * 90, "shorter"))
    told = sentence(error, Words())
    assert "Seed: -1 is given; it must be a whole number." in told
    assert f"Prompt: {'x' * 39}… is given; it must be shorter." in told


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("8", "CNY", "¥8.00"),
        ("0.5", "USD", "$0.50"),
        ("137.50", "credits", "137.5 credits"),
        ("100", "credits", "100 credits"),
    ],
)
def test_money_is_written_in_its_currency(amount: str, currency: str, text: str) -> None:
    assert money(Decimal(amount), currency) == text


def test_a_rate_keeps_every_digit_that_the_provider_states() -> None:
    assert rate_text(Quote(Decimal(5), Decimal("1.049188"), "CNY", "prices")) == "¥1.049188"
    assert rate_text(Quote(Decimal(5), Decimal("27.50"), "credits", "prices")) == "27.5 credits"
