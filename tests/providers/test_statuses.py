"""Words for a task's status that no document knows."""

from __future__ import annotations

import pytest

from studio.providers import aivideo, dashscope
from studio.providers.base import TaskStatus

URL = "https://results.example/video.mp4"


@pytest.mark.parametrize(
    ("word", "url", "status", "shown"),
    [
        ("succeeded", URL, TaskStatus.SUCCEEDED, None),
        ("Success", URL, TaskStatus.SUCCEEDED, None),
        ("COMPLETED", URL, TaskStatus.SUCCEEDED, None),
        ("ARCHIVED", URL, TaskStatus.SUCCEEDED, None),
        ("SUCCESS", None, TaskStatus.RUNNING, "SUCCESS"),
        ("SUSPENDED", None, TaskStatus.RUNNING, "SUSPENDED"),
        ("In-Queue", None, TaskStatus.PENDING, "In-Queue"),
        ("Error", None, TaskStatus.FAILED, None),
        ("timed out", None, TaskStatus.FAILED, None),
        ("CANCELLED", None, TaskStatus.CANCELED, None),
        ("failed", URL, TaskStatus.FAILED, None),
        (None, None, TaskStatus.RUNNING, ""),
        (["PENDING"], None, TaskStatus.RUNNING, ""),
    ],
)
def test_dashscope(word: object, url: str | None, status: TaskStatus, shown: str | None) -> None:
    task = dashscope.read_task({"output": {"task_id": "t", "task_status": word, "video_url": url}})
    assert (task.status, task.word) == (status, shown)
    assert (task.fault is not None) is (status is TaskStatus.FAILED)


@pytest.mark.parametrize(
    ("word", "urls", "status", "shown"),
    [
        ("success", [URL], TaskStatus.SUCCEEDED, None),
        ("succeeded", [URL], TaskStatus.SUCCEEDED, None),
        ("succeeded", [], TaskStatus.RUNNING, "succeeded"),
        ("completed", [], TaskStatus.SUCCEEDED, None),
        ("cancelled", [], TaskStatus.CANCELED, None),
        ("timeout", [], TaskStatus.FAILED, None),
        ("moderating", [], TaskStatus.RUNNING, "moderating"),
    ],
)
def test_aivideoapi(word: str, urls: list[str], status: TaskStatus, shown: str | None) -> None:
    task = aivideo.read_task({"id": "t", "status": word, "output": {"urls": urls}}, "t")
    assert (task.status, task.word) == (status, shown)


def test_what_a_list_says_is_read_in_the_same_words() -> None:
    rows = [{"task_id": str(number), "status": word} for number, word in enumerate(("Queued", "Done", "SUSPENDED"))]
    page = dashscope.read_page({"data": rows, "total": 3})
    assert [task.status for task in page.tasks] == [TaskStatus.PENDING, TaskStatus.SUCCEEDED, TaskStatus.RUNNING]
