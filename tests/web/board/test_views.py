from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from studio.catalog.models import CATALOG
from studio.catalog.pricing import Quote, ShownPrice
from studio.catalog.requests import Asset, ImageToVideo, TextToVideo
from studio.config import KEYS
from studio.database.engine import translated
from studio.database.states import State
from studio.errors import (
    AuthenticationFailed,
    ContentRefused,
    DatabaseBusy,
    Fault,
    FixFailed,
    InvalidRequest,
    KeyReused,
    NoSuchJob,
    OutputGone,
    OutputTaken,
    PriceHigher,
    Problem,
    RateLimited,
    ReplyLost,
    ResultCorrupt,
    StorageFull,
    StoreError,
    StudioError,
    TaskTaken,
    Unreadable,
)
from studio.jobs.model import Candidate, Job, Trace, VideoFile
from studio.message import Message
from studio.providers.base import TaskStatus, Usage
from studio.providers.clouds import CLIENTS
from studio.providers.codes import failure, refusal
from studio.web.board.views import view
from studio.web.faults import fault_view, sentence
from studio.web.money.amounts import money, rate_text
from studio.web.text import Translation
from tests.databases import make_job

DASHSCOPE, AIVIDEOAPI = (CLIENTS[name].codes for name in ("dashscope", "aivideoapi"))


def first_model_of(provider: str, mode: str) -> dict[str, str]:
    return {"provider": provider, "model": CATALOG.models(provider, mode)[0].id}


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
    return dict(view(make_job(**changes), Translation()))


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
        "expired": ["adopt"],
        "interrupted": ["adopt", "send-anyway"],
    }.get(state, [])


def test_a_task_that_the_provider_works_on_is_running_and_cannot_be_canceled() -> None:
    shown = seen(state=State.WAITING, task_id="t", task_status=TaskStatus.RUNNING)
    assert (shown["state"], shown["label"], shown["actions"]) == ("running", "Generating", ["stop"])
    waiting = seen(state=State.WAITING, task_id="t", task_status=TaskStatus.PENDING)
    assert (waiting["state"], waiting["actions"]) == ("waiting", ["cancel"])
    stopped = seen(state=State.WAITING, task_id="t", task_status=TaskStatus.RUNNING, stopped_at=1.0)
    assert (stopped["state"], stopped["label"], stopped["actions"]) == ("stopped", "Not tracked", ["watch"])


def test_a_task_that_the_provider_does_not_know_at_present_is_waited_for() -> None:
    shown = seen(state=State.WAITING, task_id="t", task_status=TaskStatus.UNKNOWN)
    assert (shown["state"], shown["actions"]) == ("waiting", ["stop"])
    assert "keeps checking for 24 hours" in shown["note"]


def test_a_job_whose_answer_was_lost_says_what_came_of_looking_for_its_task() -> None:
    assert seen(state=State.INTERRUPTED)["note"] == Translation()("trace.looking")
    candidates = (Candidate("t-1", TaskStatus.PENDING, 5.0), Candidate("t-2", TaskStatus.UNKNOWN, None))
    several = seen(state=State.INTERRUPTED, trace=Trace.SEVERAL, candidates=candidates)
    assert several["note"] == Translation()("trace.several")
    assert several["choices"] == [
        {"task_id": "t-1", "label": "In the queue", "created_at": 5.0},
        {"task_id": "t-2", "label": "unknown", "created_at": None},
    ]
    replaced = seen(state=State.INTERRUPTED, trace=Trace.NONE, sent_again="0")
    assert replaced["note"] == f"{Translation()('trace.none')} {Translation()('trace.sent_again')}"
    assert replaced["actions"] == ["adopt"]
    for state in (State.WAITING, State.SAVING, State.SUCCEEDED):
        assert Translation()("trace.found") in seen(state=state, task_id="t", trace=Trace.FOUND)["note"]


def test_what_holds_a_job_up_is_told_while_it_goes_on() -> None:
    held = seen(state=State.QUEUED, fault=RateLimited("slow down", "Throttling", "r-1", 429).fault("submit"))
    assert held["note"] == Translation()("state.queued.later")
    assert held["fault"]["what"] == "The provider is receiving too many requests."
    saving = seen(state=State.SAVING, task_id="t", fault=StorageFull("No space is left.").fault("save"))
    assert saving["note"] == Translation()("state.saving.later")
    assert "charges" in saving["fault"]["charged"]


@pytest.mark.parametrize(
    "error",
    [
        ReplyLost("gone"),
        Unreadable("<html>"),
        refusal(DASHSCOPE, "InternalError", "An internal error has occured.", 500),
        refusal(DASHSCOPE, None, "502 Bad Gateway", 502),
    ],
    ids=lambda error: f"{error.kind} {error}",
)
def test_an_interrupted_job_never_asks_to_be_tried_again(error: StudioError) -> None:
    fault = seen(state=State.INTERRUPTED, fault=error.fault("submit"))["fault"]
    assert fault["remedy"].startswith("The video may be generated and charged")
    assert fault["charged"] == "It is unclear whether this was charged."


def test_a_job_that_is_sent_again_by_itself_asks_nothing_of_its_visitor() -> None:
    busy = refusal(DASHSCOPE, "ModelUnavailable", "Later.", 503)
    held = seen(state=State.QUEUED, fault=busy.fault("submit"))["fault"]
    assert (held["what"], held["remedy"]) == (
        "The provider has no capacity for this model right now.",
        "The studio tries again automatically.",
    )
    over = seen(state=State.FAILED, task_id="t", fault=failure(DASHSCOPE, "InternalError", "Oh."))["fault"]
    assert over["remedy"] == "Try again in a few minutes."


FRAME = Asset("f" * 64, "frame.png")
WITH_FRAME = ImageToVideo(provider="dashscope", model="happyhorse-1.0-i2v", first_frame=FRAME)


@pytest.mark.parametrize(
    ("message", "request_", "what", "concerns"),
    [
        ("Input text data may contain inappropriate content.", WITH_FRAME, "refused the prompt.", ""),
        ("Input image data may contain inappropriate content.", WITH_FRAME, "refused a file.", ""),
        (
            "Input data may contain inappropriate content.",
            WITH_FRAME,
            "refused this.",
            "The problem is the prompt or a file.",
        ),
        ("Input data may contain inappropriate content.", None, "refused the prompt.", ""),
        ("Output data may contain inappropriate content.", WITH_FRAME, "refused the generated video.", ""),
        ("input.media[0]: refused.", WITH_FRAME, "refused a file.", "The problem is frame.png."),
        ("input.media[7]: refused.", WITH_FRAME, "refused a file.", ""),
        ("Refused.", WITH_FRAME, "refused this.", ""),
    ],
)
def test_a_refusal_names_the_input_that_the_provider_names(
    message: str, request_: ImageToVideo | None, what: str, concerns: str
) -> None:
    changes: dict[str, Any] = {"request": request_} if request_ else {}
    fault = failure(DASHSCOPE, "DataInspectionFailed", message)
    shown = seen(state=State.FAILED, task_id="t", fault=fault, **changes)["fault"]
    assert (shown["what"], shown["concerns"]) == (f"The provider’s content check {what}", concerns)


@pytest.mark.parametrize("provider", KEYS)
def test_who_has_a_key_refused_is_sent_to_the_setting_of_that_cloud(provider: str) -> None:
    fault = AuthenticationFailed("No.").fault("check")
    for told in (
        fault_view(fault, Translation(), provider=provider)["remedy"],
        seen(
            state=State.FAILED,
            fault=fault,
            request=TextToVideo(**first_model_of(provider, "text-to-video"), prompt="A"),
        )["fault"]["remedy"],
    ):
        assert [one.setting for one in KEYS.values() if one.setting in told] == [KEYS[provider].setting]


def test_a_parameter_that_is_refused_is_told_apart_from_media() -> None:
    about_prompt = refusal(DASHSCOPE, "InvalidParameter", "input.prompt is required.", 400).fault("submit")
    shown = seen(state=State.FAILED, task_id="t", fault=about_prompt)["fault"]
    assert (shown["what"], shown["concerns"]) == ("The provider refused the request.", "The problem is the prompt.")


def test_credits_that_came_back_are_told() -> None:
    fault = failure(AIVIDEOAPI, "upstream_error", "InvalidParameter: prompt 包含敏感词", charged="returned")
    shown = seen(state=State.FAILED, task_id="t", fault=fault)["fault"]
    assert (shown["what"], shown["charged"]) == (
        "The provider’s content check refused the prompt.",
        "The credits were returned.",
    )


def test_a_code_that_nobody_documented_is_shown_as_it_came() -> None:
    error = refusal(DASHSCOPE, "Of.A.Later.Version", "Translation, as they came.", 400, request_id="r-1")
    shown = seen(state=State.FAILED, fault=error.fault("submit"))["fault"]
    assert (shown["what"], shown["message"]) == ("The provider refused the request.", "Translation, as they came.")
    assert (shown["code"], shown["request_id"], shown["status"]) == ("Of.A.Later.Version", "r-1", 400)


def test_a_refused_job_can_be_sent_again_and_one_that_may_be_charged_cannot() -> None:
    refused = seen(
        state=State.FAILED, fault=AuthenticationFailed("Invalid key", "InvalidApiKey", "r", 401).fault("submit")
    )
    assert refused["actions"] == ["send-again"]
    assert (refused["fault"]["code"], refused["fault"]["status"]) == ("InvalidApiKey", 401)
    lost = seen(state=State.INTERRUPTED, fault=ReplyLost("gone").fault("submit"))
    assert "send-again" not in lost["actions"]
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
        ({"account": "sandbox"}, "Free (¥8.00 as AI video)"),
        ({"account": LIVE}, "¥8.00 estimated"),
        ({"account": LIVE, "state": State.SUCCEEDED, "usage": Usage(4.5)}, "¥7.20 charged"),
        ({"account": LIVE, "state": State.SUCCEEDED}, "¥8.00 estimated"),
        ({"account": "sandbox:aivideoapi", "state": State.SUCCEEDED}, "Free (¥8.00 as AI video)"),
        ({"account": "sandbox", "state": State.FAILED}, ""),
        ({"account": LIVE, "state": State.FAILED}, ""),
        ({"account": LIVE, "state": State.CANCELED}, ""),
        ({"account": LIVE, "state": State.INTERRUPTED}, "¥8.00 estimated"),
        ({"account": LIVE, "quote": None}, ""),
    ],
)
def test_the_cost_is_what_is_known_of_it(changes: dict[str, Any], cost: str) -> None:
    assert seen(**changes)["cost"] == cost


def test_the_cost_of_a_test_run_is_short_where_there_is_little_room() -> None:
    assert seen(account="sandbox")["cost_short"] == "Free"
    assert seen(account="sandbox", state=State.FAILED)["cost_short"] == ""
    assert seen(account=LIVE)["cost_short"] == "¥8.00 estimated"


def test_a_finished_video_says_where_it_is_and_what_it_is() -> None:
    job = make_job(state=State.SUCCEEDED, task_id="t", video=VIDEO)
    video = view(job, Translation())["video"]
    assert video is not None
    assert video["url"] == f"/studio/media/{job.id}/video"
    assert video["facts"] == ["1280 × 720", "5.0 s", "24 fps", "H.264 + AAC", "3.0 MB"]
    assert "happyhorse-1.0-t2v/videos/a.mp4" in video["saved"]
    silent = make_job(video=VideoFile(**{**vars(VIDEO), "audio_codec": None, "poster": None}))
    video = view(silent, Translation())["video"]
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
    text = json.dumps(view(job, Translation()))
    for private in ("ada-the-visitor", LIVE, "Signature"):
        assert private not in text


def test_the_settings_of_a_view_make_the_same_request_again() -> None:
    job = make_job()
    settings = dict(view(job, Translation())["settings"])
    assert settings.pop("mode") == "text-to-video"
    assert TextToVideo(**settings) == job.request
    assert view(job, Translation())["chips"] == ["happyhorse-1.0-t2v", "1080P", "16:9", "5 s", "Seed 7"]


def test_a_broken_rule_is_told_in_the_names_of_the_form() -> None:
    error = InvalidRequest(Problem("seed", -1, "a whole number"), Problem("prompt", "x" * 90, "shorter"))
    told = sentence(error, Translation())
    assert "Seed is “-1”; it must be a whole number." in told
    assert f"Prompt is “{'x' * 39}…”; it must be shorter." in told
    told = sentence(InvalidRequest(Problem("since", {"a": True}, "a number")), Translation())
    assert told == 'since is “{"a": true}”; it must be a number.'
    for nothing in ("", " \n", None):
        told = sentence(InvalidRequest(Problem("prompt", nothing, "a description of the video")), Translation())
        assert told == "Write a prompt first."
    told = sentence(InvalidRequest(Problem("ratio", None, "one of 16:9, 9:16")), Translation())
    assert told == "Aspect ratio is empty; it must be one of 16:9, 9:16."


@pytest.mark.parametrize(
    ("error", "after"),
    [
        (StoreError("The studio’s database cannot be used (disk I/O error)."), " Nothing was generated or charged."),
        (FixFailed("The fix was canceled."), " Your original is unchanged."),
        (NoSuchJob(Message("There is no video with the ID {id}.", id="7")), ""),
        (OutputGone("The file no longer exists."), ""),
        (OutputTaken(Message("There is already a file named {name}.", name="a")), ""),
        (TaskTaken("Another video in this studio has this task."), ""),
        (KeyReused("This Idempotency-Key was already sent with another request."), ""),
    ],
    ids=lambda one: getattr(one, "kind", ""),
)
def test_what_happened_is_said_once(error: StudioError, after: str) -> None:
    assert sentence(error, Translation()) == f"{error.said}{after}"


def test_what_the_database_cannot_do_is_told_with_the_way_out_and_that_nothing_was_paid() -> None:
    locked = sqlite3.OperationalError("database is locked")
    with pytest.raises(DatabaseBusy) as caught, translated():
        raise OperationalError("INSERT", {}, locked)
    assert sentence(caught.value, Translation()) == (
        "Another program is using the studio’s database (database is locked). "
        "Nothing was generated or charged. Close that program and try again."
    )
    assert sentence(caught.value, Translation("zh")) == (
        "Studio 的数据库被其他程序占用（database is locked）。未生成视频，也未扣费。请关闭该程序后重试。"
    )


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
    assert money(Decimal(amount), currency, Translation()) == text


def test_a_rate_keeps_every_digit_that_the_provider_states() -> None:
    assert rate_text(Quote(Decimal(5), Decimal("1.049188"), "CNY", "prices"), Translation()) == "¥1.049188"
    assert rate_text(Quote(Decimal(5), Decimal("27.50"), "credits", "prices"), Translation()) == "27.5 credits"


def test_usage_of_a_task_that_failed_is_one_truth_in_figure_and_words() -> None:
    fault = failure(DASHSCOPE, "InternalError.Algo", "Broken.")
    shown = seen(state=State.FAILED, account=LIVE, task_id="t", usage=Usage(5), fault=fault)
    assert shown["cost"] == "¥8.00 reported"
    assert shown["fault"]["charged"] == (
        "The provider reports ¥8.00 as used. According to its documentation, this is not charged: check the bill."
    )
    withdrawn = seen(state=State.CANCELED, account=LIVE, task_id="t", usage=Usage(5))
    assert (withdrawn["cost"], withdrawn["note"]) == ("¥8.00 reported", shown["fault"]["charged"])
    free = seen(state=State.FAILED, account=LIVE, task_id="t", usage=Usage(0), fault=fault)
    assert (free["cost"], free["fault"]["charged"]) == ("", "Nothing was charged.")


def test_a_video_that_is_not_as_it_was_asked_for_says_so() -> None:
    def note(**changes: Any) -> str:
        video = replace(VIDEO, **{"width": 1920, "height": 1080} | changes)
        return str(seen(state=State.SUCCEEDED, account=LIVE, video=video, usage=Usage(5, output_seconds=5))["note"])

    assert note() == ""
    assert note(width=1088, height=1920) == ""
    assert note(seconds=3.04) == "The video is 3.0 s long instead of 5 s."
    assert note(width=1280, height=720) == "The video is 1280 × 720 pixels instead of 1080P."


def test_a_running_job_whose_provider_cannot_be_asked_says_since_when_and_what_comes() -> None:
    trouble = replace(AuthenticationFailed("No.", "InvalidApiKey").fault("watch"), charged="unknown", since=0.0)
    shown = seen(state=State.WAITING, task_id="t", submitted_at=86400.0, fault=replace(trouble, since=90000.0))
    assert shown["note"].startswith("The provider is still working on this, but cannot be reached right now.")
    assert shown["note"].endswith("The provider keeps the task and its result until about 1970-01-03 00:00 UTC.")
    assert (shown["fault"]["since"], shown["fault"]["charged"]) == ("Since 1970-01-02 01:00 UTC.", "")


def test_what_rose_in_price_while_it_waited_is_only_sent_by_the_form() -> None:
    with pytest.raises(PriceHigher) as caught:
        ShownPrice.with_job(Quote(Decimal(5), Decimal("0.5"), "CNY", "seed")).require(
            [Quote(Decimal(5), Decimal("1.6"), "CNY", "seed")]
        )
    shown = seen(state=State.FAILED, account=LIVE, fault=caught.value.fault("submit"))
    assert shown["actions"] == []  # sending it again goes by the price that it was asked for at
    assert "Use these settings" in shown["fault"]["remedy"]
    assert shown["fault"]["charged"] == "Nothing was charged."
