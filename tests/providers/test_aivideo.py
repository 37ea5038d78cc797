"""AIVideoAPI's protocol: what is written and what is read."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from studio.catalog.requests import Asset, ImageToVideo, ReferenceToVideo, Request, TextToVideo, VideoEdit
from studio.errors import (
    AuthenticationFailed,
    NotAllowed,
    NotFound,
    NotSent,
    PermissionDenied,
    ProviderError,
    ProviderFault,
    QuotaExhausted,
    RateLimited,
    ReplyLost,
    RequestRefused,
    StudioError,
    Unreadable,
)
from studio.providers.aivideo import AIVideo, read_created, read_credits, read_error, read_task, to_body
from studio.providers.base import TaskStatus, Usage
from tests.providers.wires import told_by
from tests.servers import ScriptedServer, answer

pytestmark = pytest.mark.anyio

KEY = SecretStr("sk-0123456789abcdef")
TASK = "8b6a5162-5c91-4a42-8e80-4c8ef5486f24"
FRAME = Asset("f" * 64, "frame.png")
FACE = Asset("a" * 64, "face.png")
FAN = Asset("b" * 64, "fan.png", url="https://example.com/fan.png")
CLIP = Asset("c" * 64, "clip.mp4", url="https://example.com/clip.mp4")
PUBLISHED = {
    FRAME.sha256: "https://studio.example/studio/public/frame",
    FACE.sha256: "https://bucket.example/face.png?X-Amz-Signature=0",
}
REQUEST = TextToVideo(provider="aivideoapi", model="happyhorse-1.0-text-to-video", prompt="A horse", seed=7)

COMPLETED = {
    "id": TASK,
    "status": "completed",
    "model": "happyhorse-1.0-text-to-video",
    "created_at": 1774790227,
    "completed_at": 1774790589,
    "output": {
        "urls": ["https://file.aivideoapi.ai/videos/2026/05/25/abc.mp4"],
        "metadata": {"usage": {"video_count": 1, "video_duration": 5, "video_ratio": "16:9"}},
    },
}
FAILED = {
    "id": TASK,
    "status": "failed",
    "model": "happyhorse-1.0-text-to-video",
    "created_at": 1774793758,
    "error": {"code": "upstream_error", "message": "InvalidParameter: prompt 包含敏感词"},
}
TABLE = [
    (400, "invalid_request", RequestRefused),
    (401, "invalid_api_key", AuthenticationFailed),
    (402, "insufficient_credits", QuotaExhausted),
    (403, "ip_not_allowed", PermissionDenied),
    (404, "model_not_found", NotFound),
    (404, "task_not_found", NotFound),
    (429, "rate_limit_exceeded", RateLimited),
    (429, "spend_limit_exceeded", QuotaExhausted),
    (500, "internal_error", ProviderFault),
    (503, "upstream_error", ProviderFault),
]
"""The seed's table of errors: HTTP status, code, what it becomes."""


def told(body: Any) -> bytes:
    return answer(json.dumps(body).encode())


def wrapped(data: Any) -> dict[str, Any]:
    return {"code": 200, "msg": "success", "data": data}


def refused(code: str, message: str = "No.") -> bytes:
    return json.dumps({"error": {"code": code, "message": message, "type": "some_error"}}).encode()


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (
            TextToVideo(
                provider="aivideoapi",
                model="happyhorse-1.0-text-to-video",
                prompt="雨夜霓虹街道中的电影感跟拍镜头, image 1",
            ),
            {
                "prompt": "雨夜霓虹街道中的电影感跟拍镜头, image 1",
                "aspect_ratio": "16:9",
                "resolution": "720p",
                "duration": 5,
            },
        ),
        (
            ImageToVideo(
                provider="aivideoapi",
                model="happyhorse-1.0-image-to-video",
                prompt="女孩缓慢转头",
                first_frame=FRAME,
                resolution="1080P",
                duration=3,
                seed=0,
            ),
            {
                "prompt": "女孩缓慢转头",
                "image_urls": [PUBLISHED[FRAME.sha256]],
                "resolution": "1080p",
                "duration": 3,
                "seed": 0,
            },
        ),
        (
            ReferenceToVideo(
                provider="aivideoapi",
                model="happyhorse-1.0-reference-to-video",
                prompt="character1 takes the fan of [image 2]",
                references=(FACE, FAN),
                ratio="9:16",
            ),
            {
                "prompt": "[Image 1] takes the fan of [Image 2]",
                "image_urls": [PUBLISHED[FACE.sha256], FAN.url],
                "aspect_ratio": "9:16",
                "resolution": "720p",
                "duration": 5,
            },
        ),
        (
            VideoEdit(provider="aivideoapi", model="happyhorse-1.0-video-edit", prompt="Make image 1 rain", video=CLIP),
            {
                "prompt": "Make image 1 rain",
                "video_urls": [CLIP.url],
                "resolution": "720p",
                "audio_setting": "auto",
            },
        ),
        (
            VideoEdit(
                provider="aivideoapi",
                model="happyhorse-1.0-video-edit",
                prompt="Wear character1",
                video=CLIP,
                references=(FACE,),
                audio_setting="origin",
            ),
            {
                "prompt": "Wear [Image 1]",
                "video_urls": [CLIP.url],
                "image_urls": [PUBLISHED[FACE.sha256]],
                "resolution": "720p",
                "audio_setting": "origin",
            },
        ),
    ],
    ids=lambda value: getattr(value, "mode", ""),
)
def test_a_request_becomes_the_documented_json(request_: Request, fields: dict[str, Any]) -> None:
    assert to_body(request_, PUBLISHED) == {"model": request_.model, "input": fields}


def test_a_callback_is_asked_for_only_where_there_is_an_address() -> None:
    assert "callback_url" not in to_body(REQUEST, {})
    assert to_body(REQUEST, {}, "https://studio.example/cb")["callback_url"] == "https://studio.example/cb"


@pytest.mark.parametrize(
    "body",
    [wrapped({"taskId": TASK}), {"id": TASK, "status": "pending"}, {"code": 0, "data": {"task_id": TASK}}],
    ids=["wrapped", "flat", "another-code"],
)
async def test_a_submission_is_one_post_with_the_key(body: dict[str, Any]) -> None:
    async with ScriptedServer(told(body)) as server:
        client = AIVideo(f"{server.url}/v1/", KEY)
        task = await client.create(REQUEST)
        await client.aclose()
    assert (task.id, task.status) == (TASK, TaskStatus.PENDING)
    (head,) = server.requests
    assert head.startswith("POST /v1/videos/generations HTTP/1.1")
    assert f"authorization: bearer {KEY.get_secret_value()}" in head.lower()


@pytest.mark.parametrize(("status", "code", "kind"), TABLE, ids=[row[1] for row in TABLE])
async def test_each_documented_error_has_its_class(status: int, code: str, kind: type[ProviderError]) -> None:
    async with ScriptedServer(answer(refused(code, "Because."), f"{status} No", x_request_id="r-1")) as server:
        client = AIVideo(server.url, KEY)
        with pytest.raises(ProviderError) as caught:
            await client.create(REQUEST)
        await client.aclose()
    error = caught.value
    assert type(error) is kind
    assert (error.code, error.message, error.status, error.request_id) == (code, "Because.", status, "r-1")
    assert error.task_made == ("unknown" if status >= 500 else "no")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "task_made"),
    [
        (200, {"code": 402, "msg": "Your credit balance is too low."}, QuotaExhausted, "no"),
        (200, {"code": 500, "msg": "Oops"}, ProviderFault, "unknown"),
        (200, {"code": 7001, "msg": "Something new"}, RequestRefused, "unknown"),
        (200, {"error": {"code": "invalid_api_key", "message": "No."}}, AuthenticationFailed, "no"),
        (401, {"code": 401, "msg": "Who?"}, AuthenticationFailed, "no"),
        (502, None, ProviderFault, "unknown"),
        (418, {}, RequestRefused, "no"),
    ],
)
def test_an_error_is_read_from_every_shape(
    status: int, body: dict[str, Any] | None, kind: type[ProviderError], task_made: str
) -> None:
    error = read_error(httpx.Response(status, text="<h1>Bad  gateway</h1>"), body)
    assert type(error) is kind
    assert error.task_made == task_made
    assert error.message == ("<h1>Bad gateway</h1>" if not body else error.message)


@pytest.mark.parametrize(
    "body", [wrapped({"taskId": TASK}), wrapped(FAILED), COMPLETED, FAILED, wrapped({"balance": 1})]
)
def test_an_answer_is_no_error_even_if_its_task_failed(body: dict[str, Any]) -> None:
    assert read_error(httpx.Response(200), body) is None


@pytest.mark.parametrize("answered", [COMPLETED, wrapped(COMPLETED)], ids=["flat", "wrapped"])
def test_a_finished_task_is_read(answered: dict[str, Any]) -> None:
    task = read_task(answered, "asked-for")
    assert (task.id, task.status) == (TASK, TaskStatus.SUCCEEDED)
    assert (task.submitted_at, task.ended_at) == (1774790227.0, 1774790589.0)
    assert task.video_url == "https://file.aivideoapi.ai/videos/2026/05/25/abc.mp4"
    assert task.usage == Usage(billed_seconds=5.0, output_seconds=5.0, ratio="16:9")
    assert task.fault is None
    assert task.answer == answered


@pytest.mark.parametrize("answered", [FAILED, wrapped(FAILED)], ids=["flat", "wrapped"])
def test_a_failed_task_keeps_the_providers_words_and_returns_the_credits(answered: dict[str, Any]) -> None:
    task = read_task(answered, TASK)
    assert task.status is TaskStatus.FAILED
    assert task.fault is not None
    assert (task.fault.kind, task.fault.code) == ("content_refused", "upstream_error")
    assert task.fault.message == "InvalidParameter: prompt 包含敏感词"
    assert task.fault.charged == "returned"


@pytest.mark.parametrize(
    ("error", "message"), [("It broke.", "It broke."), (None, "The provider gives no reason."), ({}, "The provider")]
)
def test_a_failed_task_may_give_its_reason_in_another_shape(error: Any, message: str) -> None:
    fault = read_task(FAILED | {"error": error}, TASK).fault
    assert fault is not None
    assert fault.message.startswith(message)


@pytest.mark.parametrize(
    ("told_status", "status"),
    [
        ("pending", TaskStatus.PENDING),
        ("processing", TaskStatus.RUNNING),
        ("Completed", TaskStatus.SUCCEEDED),
        ("archiving", TaskStatus.RUNNING),
    ],
)
def test_a_status_that_is_not_documented_is_looked_at_again(told_status: str, status: TaskStatus) -> None:
    assert read_task({"id": TASK, "status": told_status, "progress": None}, TASK).status is status


@pytest.mark.parametrize(
    "output",
    [
        None,
        {"urls": None},
        {"urls": []},
        {"urls": "abc"},
        {"urls": {}},
        {"urls": [None], "metadata": []},
        {"metadata": {"usage": {"video_duration": "five"}}},
    ],
)
def test_a_result_that_cannot_be_read_is_still_a_finished_task(output: Any) -> None:
    task = read_task(COMPLETED | {"output": output, "created_at": "yesterday"}, TASK)
    assert (task.status, task.video_url, task.usage, task.submitted_at) == (TaskStatus.SUCCEEDED, None, None, None)


def test_numbers_may_come_as_text() -> None:
    output = {"urls": ["https://x/a.mp4"], "metadata": {"usage": {"video_duration": "5"}}}
    task = read_task(COMPLETED | {"output": output, "created_at": "1774790227"}, TASK)
    assert (task.submitted_at, task.usage) == (1774790227.0, Usage(billed_seconds=5.0, output_seconds=5.0))


def test_what_an_edit_cost_is_not_guessed() -> None:
    assert read_task(COMPLETED | {"model": "happyhorse-1.0-video-edit"}, TASK).usage is None


@pytest.mark.parametrize("body", [{}, wrapped(None), wrapped({}), wrapped([]), {"data": "x"}])
def test_an_answer_of_another_shape_is_unreadable(body: dict[str, Any]) -> None:
    for read in (read_created, lambda answer: read_task(answer, TASK), read_credits):
        with pytest.raises(Unreadable):
            read(body)


@pytest.mark.parametrize(("balance", "left"), [(9800, "9800"), ("27.5", "27.5"), (0.5, "0.5"), (-1, "-1")])
async def test_the_credits_are_what_the_account_says(balance: Any, left: str) -> None:
    async with ScriptedServer(told(wrapped({"balance": balance, "total_purchased": 1}))) as server:
        client = AIVideo(server.url, KEY)
        assert await client.check() == Decimal(left)
        await client.aclose()
    assert server.requests[0].startswith("GET /v1/credits ")


@pytest.mark.parametrize("balance", ["much", None, "NaN", [], True])
def test_a_balance_that_is_no_number_is_unreadable(balance: Any) -> None:
    with pytest.raises(Unreadable):
        read_credits(wrapped({"balance": balance}))


async def test_a_task_that_is_not_there_is_an_answer_and_a_lost_page_is_not() -> None:
    async with ScriptedServer(answer(refused("task_not_found"), "404 No"), answer(b"<h1>", "404 No")) as server:
        client = AIVideo(server.url, KEY)
        assert (await client.get(TASK)).status is TaskStatus.UNKNOWN
        with pytest.raises(NotFound):
            await client.get(TASK)
        await client.aclose()


async def test_a_look_is_repeated_with_the_id_as_one_part_of_the_path() -> None:
    async with ScriptedServer(answer(b"", "503 Busy", retry_after="0"), told(COMPLETED)) as server:
        client = AIVideo(server.url, KEY)
        assert (await client.get("a/b")).status is TaskStatus.SUCCEEDED
        await client.aclose()
    assert [head.split()[1] for head in server.requests] == ["/v1/tasks/a%2Fb"] * 2


@pytest.mark.parametrize("garbled", [b"no HTTP\r\n\r\n", answer(b"<h1>")], ids=["cut", "html"])
async def test_a_submission_that_may_have_arrived_is_not_repeated(garbled: bytes) -> None:
    async with ScriptedServer(garbled) as server:
        client = AIVideo(server.url, KEY)
        with pytest.raises((ReplyLost, Unreadable)) as caught:
            await client.create(REQUEST)
        await client.aclose()
    assert caught.value.task_made == "unknown"
    assert len(server.requests) == 1


async def test_what_cannot_be_reached_was_never_sent() -> None:
    client = AIVideo("http://127.0.0.1:9", KEY)
    with pytest.raises(NotSent):
        await client.create(REQUEST)
    await client.aclose()


async def test_what_it_does_not_offer_is_said_and_nothing_is_sent() -> None:
    async with ScriptedServer(told({})) as server:
        client = AIVideo(server.url, KEY)
        for asked in (client.list(), client.cancel(TASK)):
            with pytest.raises(NotAllowed, match="AIVideoAPI"):
                await asked
        await client.aclose()
    assert not client.lists
    assert server.requests == []


async def test_the_key_is_never_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = KEY.get_secret_value()
    async with ScriptedServer(answer(refused("invalid_api_key", f"{key} is wrong, Bearer {key}"), "401 No")) as server:
        client = AIVideo(server.url, KEY)
        for asked in (client.create(REQUEST), client.get(TASK), client.check()):
            with pytest.raises(StudioError) as caught:
                await asked
            assert key not in told_by(caught.value) + repr(client) + repr(client.__dict__) + caplog.text
        await client.aclose()
