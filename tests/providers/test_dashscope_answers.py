"""What DashScope's answers are taken for, the documented ones and others that it may give one day."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from studio.catalog.requests import TextToVideo
from studio.errors import NotFound, Unreadable
from studio.providers.base import ListedTask, Task, TaskPage, TaskStatus, Usage
from studio.providers.dashscope import DashScope, read_page, read_task
from tests.servers import ScriptedServer, answer

pytestmark = pytest.mark.anyio

KEY = SecretStr("sk-0123456789")


def test_a_finished_task_is_read_with_its_times_in_utc_plus_8() -> None:
    task = read_task(
        {
            "request_id": "r",
            "output": {
                "task_id": "t",
                "task_status": "SUCCEEDED",
                "submit_time": "2026-04-20 12:58:20.114",
                "scheduled_time": "2026-04-20 12:58:21.000",
                "end_time": "2026-04-21 00:00:00.000",
                "orig_prompt": "A horse",
                "video_url": "https://example.com/a.mp4?Expires=1",
            },
            "usage": {
                "duration": 13.24,
                "input_video_duration": 6.62,
                "output_video_duration": 6.62,
                "video_count": 1,
                "SR": 720,
            },
        }
    )
    assert task.status is TaskStatus.SUCCEEDED
    assert task.status.final
    assert task.submitted_at == datetime(2026, 4, 20, 4, 58, 20, 114000, UTC).timestamp()
    assert task.started_at == datetime(2026, 4, 20, 4, 58, 21, tzinfo=UTC).timestamp()
    assert task.ended_at == datetime(2026, 4, 20, 16, tzinfo=UTC).timestamp()
    assert (task.prompt, task.video_url) == ("A horse", "https://example.com/a.mp4?Expires=1")
    assert task.usage == Usage(13.24, 6.62, 6.62, "720P", None)
    assert task.fault is None


def test_a_failed_task_keeps_the_providers_words() -> None:
    output = {"task_id": "t", "task_status": "FAILED", "code": "InvalidParameter", "message": "Too dark."}
    fault = read_task({"request_id": "r", "output": output}).fault
    assert fault is not None
    assert (fault.kind, fault.code, fault.message, fault.retryable) == (
        *("request_refused", "InvalidParameter", "Too dark."),
        False,
    )
    silent = {"output": {"task_id": "t", "task_status": "FAILED"}}
    assert read_task(silent).fault is not None
    assert read_task(silent | {"code": "InvalidParameter", "message": "Too dark."}).fault == replace(
        fault, request_id=None
    )


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("PENDING", TaskStatus.PENDING),
        ("running", TaskStatus.RUNNING),
        ("CANCELED", TaskStatus.CANCELED),
        ("UNKNOWN", TaskStatus.UNKNOWN),
        ("SUSPENDED", TaskStatus.RUNNING),
        (None, TaskStatus.RUNNING),
    ],
)
def test_a_status_that_is_missing_or_not_documented_is_looked_at_again(told: str | None, status: TaskStatus) -> None:
    task = read_task({"output": {"task_id": "t", "task_status": told}})
    assert task.status is status
    assert task.usage is None
    assert task.submitted_at is None


@pytest.mark.parametrize(
    "usage",
    [
        *(None, [], {}, {"duration": None}, {"duration": "much"}, {"duration": "nan"}),
        *({"duration": 5, "input_video_duration": []}, {"duration": "5", "SR": "1080p"}),
    ],
)
def test_a_bill_that_cannot_be_read_does_not_hide_the_result(usage: object) -> None:
    output = {"task_id": "t", "task_status": "SUCCEEDED", "video_url": "https://example.com/a.mp4"}
    task = read_task({"output": output, "usage": usage})
    assert task.video_url == "https://example.com/a.mp4"
    assert task.usage is None or task.usage.billed_seconds == 5


def test_a_bill_is_read_from_text_and_a_time_in_the_zone_it_names() -> None:
    output = {"task_id": "t", "task_status": "Succeeded", "submit_time": "2026-04-20T04:58:20Z", "end_time": "soon"}
    usage = {"duration": "13.24", "input_video_duration": "6.62", "SR": "1080p", "new_field": {}}
    task = read_task({"output": output | {"task_metrics": {"TOTAL": 1}}, "usage": usage})
    assert (task.status, task.usage) == (TaskStatus.SUCCEEDED, Usage(13.24, 6.62, None, "1080P", None))
    assert (task.submitted_at, task.ended_at) == (datetime(2026, 4, 20, 4, 58, 20, tzinfo=UTC).timestamp(), None)


@pytest.mark.parametrize("output", [{"task_id": "t-1"}, {"task_id": "t-1", "task_status": "FAILED"}])
async def test_whatever_a_submission_says_of_its_task_a_look_decides(
    request_of_a_video: TextToVideo, output: dict[str, Any]
) -> None:
    body = {"code": "InvalidParameter", "message": "It names a task all the same.", "output": output}
    async with ScriptedServer(answer(json.dumps(body).encode())) as server:
        client = DashScope(server.url, KEY)
        task = await client.create(request_of_a_video)
        await client.aclose()
    assert (task.id, task.status, task.request_id) == ("t-1", TaskStatus.PENDING, None)


async def test_a_look_that_is_refused_is_about_its_task_unless_it_says_otherwise() -> None:
    missing = answer(b'{"code": "NotFound", "message": "Task not found.", "request_id": "r"}', "404 No")
    refused = answer(b'{"code": "InvalidParameter", "message": "task_id is not valid."}', "400 No")
    elsewhere = answer(b'{"code": "WorkSpaceNotFound", "message": "No such workspace."}', "404 No")
    async with ScriptedServer(missing, refused, elsewhere, answer(b"<h1>", "404 No")) as server:
        client = DashScope(server.url, KEY)
        assert await client.get("t") == Task("t", TaskStatus.UNKNOWN, request_id="r")
        assert await client.get("t") == Task("t", TaskStatus.UNKNOWN)
        for _ in range(2):
            with pytest.raises(NotFound):
                await client.get("t")
        await client.aclose()


@pytest.mark.parametrize("status", ["CANCELED", "RUNNING"])
async def test_a_cancel_that_is_not_answered_as_documented_counts_when_the_task_says_so(status: str) -> None:
    look = answer(json.dumps({"output": {"task_id": "t", "task_status": status}}).encode())
    async with ScriptedServer(answer(b"{}"), look) as server:
        client = DashScope(server.url, KEY)
        with nullcontext() if status == "CANCELED" else pytest.raises(Unreadable):
            await client.cancel("t")
        await client.aclose()
    assert [head.split()[:2] for head in server.requests] == [
        ["POST", "/api/v1/tasks/t/cancel"],
        ["GET", "/api/v1/tasks/t"],
    ]


@pytest.mark.parametrize("broken", [{}, {"output": None}, {"output": []}, {"output": {}}, {"output": {"task_id": ""}}])
def test_an_answer_that_names_no_task_is_unreadable(broken: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read_task(broken)


def test_a_look_at_a_known_task_may_leave_its_name_out() -> None:
    assert read_task({"output": {"task_status": "CANCELED"}}, "t").id == "t"


ROW = {"task_id": "t", "status": "RUNNING", "model_name": "m", "gmt_create": 1745286268733, "start_time": 1745286268761}
LISTED = ListedTask("t", TaskStatus.RUNNING, "m", 1745286268.733, 1745286268.761)


@pytest.mark.parametrize(
    ("body", "page"),
    [
        (
            {"total": 12, "data": [ROW], "total_page": 2, "page_no": 2, "page_size": 10, "request_id": "r"},
            TaskPage((LISTED,), 12),
        ),
        ({"output": {"tasks": [ROW]}}, TaskPage((LISTED,), 1)),
        ({"tasks": [ROW, "noise", {}]}, TaskPage((LISTED,), 1)),
        ({"total": "7", "data": [ROW | {"gmt_create": "1745286268733"}]}, TaskPage((LISTED,), 7)),
        ({"total": 1, "data": [ROW | {"start_time": 0}]}, TaskPage((replace(LISTED, started_at=None),), 1)),
        ({"total": 0, "data": [], "total_page": 0}, TaskPage((), 0)),
        ({"total": 0, "data": None}, TaskPage((), 0)),
    ],
    ids=["documented", "sdk", "with-noise", "numbers-as-text", "not-begun", "empty", "nothing"],
)
def test_a_page_is_read_in_each_known_shape(body: dict[str, Any], page: TaskPage) -> None:
    assert read_page(body) == page


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {}}, {"output": {}}, {"data": [], "total": "many"}])
def test_a_page_of_another_shape_is_unreadable(body: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read_page(body)
