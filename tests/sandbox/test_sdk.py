"""Alibaba's own SDK takes the sandbox for its cloud, in both of its generations."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import dashscope
import pytest
from dashscope import VideoSynthesis
from dashscope.v2.client import Client
from dashscope.v2.errors import DashScopeError
from PIL import Image

from tests.servers import SandboxServer

SMALL: dict[str, Any] = {"resolution": "720P", "duration": 3, "seed": 7, "watermark": False}
T2V: dict[str, Any] = {"model": "happyhorse-1.0-t2v", "prompt": "A horse at dawn", "ratio": "16:9", **SMALL}
I2V: dict[str, Any] = {"model": "happyhorse-1.0-i2v", "prompt": "It turns its head", **SMALL}


@pytest.fixture
def frame(tmp_path: Path) -> str:
    path = tmp_path / "frame.png"
    Image.effect_noise((320, 400), 90).save(path)
    return str(path)


@pytest.fixture
def first(instant_sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> SandboxServer:
    """The sandbox as the cloud of the SDK's first generation."""
    monkeypatch.setattr(dashscope, "base_http_api_url", f"{instant_sandbox.url}/api/v1")
    monkeypatch.setattr(dashscope, "api_key", instant_sandbox.key)
    return instant_sandbox


@pytest.fixture
def second(instant_sandbox: SandboxServer) -> Iterator[Client]:
    """A client of the SDK's second generation."""
    client = Client(api_key=instant_sandbox.key, base_url=f"{instant_sandbox.url}/api/v1", max_retries=0)
    yield client
    client.close()


def test_the_first_generation_creates_waits_and_gets_the_video(first: SandboxServer) -> None:
    made = VideoSynthesis.async_call(**T2V)
    assert (made.status_code, made.output.task_status) == (HTTPStatus.OK, "PENDING")
    done = VideoSynthesis.wait(made)
    assert (done.output.task_id, done.output.task_status) == (made.output.task_id, "SUCCEEDED")
    assert first.http.get(done.output.video_url).content[4:8] == b"ftyp"
    assert done.usage["duration"] == 3


def test_the_first_generation_uploads_a_frame(first: SandboxServer, frame: str) -> None:
    made = VideoSynthesis.async_call(**I2V, media=[{"type": "first_frame", "url": frame}])
    assert made.status_code == HTTPStatus.OK, made.message
    seen = first.statistics()["requests"]
    assert (seen["policy"], seen["upload"], seen["create"]) == (1, 1, 1)
    assert VideoSynthesis.wait(made).output.task_status == "SUCCEEDED"


def test_the_first_generation_lists_and_cancels(first: SandboxServer) -> None:
    first.rules(hold="PENDING")
    made = VideoSynthesis.async_call(**T2V)
    listed = VideoSynthesis.list(status="PENDING", model_name=T2V["model"])
    assert [task["task_id"] for task in listed.output["data"]] == [made.output.task_id]
    assert VideoSynthesis.cancel(made).status_code == HTTPStatus.OK
    assert VideoSynthesis.fetch(made).output.task_status == "CANCELED"
    again = VideoSynthesis.cancel(made)
    assert (again.status_code, again.code) == (HTTPStatus.BAD_REQUEST, "UnsupportedOperation")


def test_the_first_generation_is_told_of_a_refusal(first: SandboxServer) -> None:
    refused = VideoSynthesis.async_call(**{**T2V, "duration": 16})
    assert (refused.status_code, refused.code) == (HTTPStatus.BAD_REQUEST, "InvalidParameter")
    assert refused.request_id
    failed = VideoSynthesis.call(**{**T2V, "prompt": "sandbox:fail=DataInspectionFailed"})
    assert (failed.output.task_status, failed.output["code"]) == ("FAILED", "DataInspectionFailed")
    unknown = VideoSynthesis.fetch("no-such-task")
    assert unknown.output.task_status == "UNKNOWN"


def test_the_second_generation_creates_waits_and_gets_the_video(second: Client, instant_sandbox: SandboxServer) -> None:
    made = second.videos.jobs.create(**T2V)
    done = second.videos.jobs.wait(made, poll_interval=0.1)
    assert (done.task_id, done.succeeded) == (made.task_id, True)
    assert instant_sandbox.http.get(done.video_url).content[4:8] == b"ftyp"


def test_the_second_generation_uploads_a_frame(second: Client, instant_sandbox: SandboxServer, frame: str) -> None:
    made = second.videos.jobs.create(**I2V, media=[{"type": "first_frame", "url": frame}])
    seen = instant_sandbox.statistics()["requests"]
    assert (seen["policy"], seen["upload"], seen["create"]) == (1, 1, 1)
    assert second.videos.jobs.wait(made, poll_interval=0.1).succeeded


def test_the_second_generation_lists_and_cancels(second: Client, instant_sandbox: SandboxServer) -> None:
    instant_sandbox.rules(hold="PENDING")
    made = second.videos.jobs.create(**T2V)
    # It looks for the tasks under another name than the documentation gives them.
    assert second.videos.jobs.list(status="PENDING").total == 1
    second.videos.jobs.cancel(made.task_id)
    assert second.videos.jobs.fetch(made.task_id).status == "CANCELED"
    with pytest.raises(DashScopeError, match="Failed to cancel the task"):
        second.videos.jobs.cancel(made.task_id)


def test_the_second_generation_is_told_of_a_wrong_key(instant_sandbox: SandboxServer) -> None:
    client = Client(api_key="sk-wrong", base_url=f"{instant_sandbox.url}/api/v1", max_retries=0)
    with pytest.raises(DashScopeError, match="Invalid API-key provided"):
        client.videos.jobs.create(**T2V)
    client.close()
