"""The studio killed with SIGKILL at each point of a job's way, then started again: nothing lost, nothing sent twice."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from studio.media.facts import probe_video
from tests.servers import SandboxServer
from tests.studio_process import ENDED, StudioProcess


@pytest.fixture
def sandbox(instant_sandbox: SandboxServer) -> SandboxServer:
    return instant_sandbox


@pytest.fixture(scope="module")
def mortal(instant_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    folder = tmp_path_factory.mktemp("mortal")
    with StudioProcess(folder, instant_server, STUDIO_POLL_SECONDS="0.3") as process:
        yield process


@pytest.fixture
def studio(mortal: StudioProcess, sandbox: SandboxServer) -> StudioProcess:
    """One studio for all tests, which each starts again after its deaths and leaves with its jobs ended."""
    return mortal


@pytest.fixture
def visitor(studio: StudioProcess) -> Iterator[httpx.Client]:
    with studio.visitor() as client:
        yield client


def killed(studio: StudioProcess) -> None:
    studio.kill()
    studio.restart()


@pytest.mark.slow
def test_killed_while_publishing(
    studio: StudioProcess, visitor: httpx.Client, sandbox: SandboxServer, tmp_path: Path
) -> None:
    path = tmp_path / "frame.png"
    Image.effect_noise((500, 500), 20).save(path)
    sandbox.faults({"endpoint": "upload", "do": "hang"})
    (sent,) = visitor.post("/gradio_api/upload", files={"files": path.read_bytes()}).raise_for_status().json()
    frame = {"path": sent, "meta": {"_type": "gradio.FileData"}}
    settings = ["", "happyhorse-1.0-i2v", "720P", 3, True, 7]
    answer = visitor.post("/gradio_api/run/image_to_video", json={"data": [frame, *settings]}).raise_for_status()
    job_id = answer.json()["data"][0]["id"]
    wait_for_requests(sandbox, "upload", 1)
    killed(studio)
    assert studio.wait(visitor, job_id)["state"] == "succeeded"
    assert sandbox.statistics()["creations"] == 1


@pytest.mark.slow
def test_killed_before_the_post(studio: StudioProcess, visitor: httpx.Client, sandbox: SandboxServer) -> None:
    refusal = {"do": "status", "status": 429, "code": "Throttling.RateQuota", "retry_after": "3"}
    sandbox.faults({"endpoint": "create", **refusal})
    job = studio.submit(visitor, "A horse at dawn")
    studio.wait(visitor, job["id"], lambda now: [event["what"] for event in now["history"]].count("queued") == 2)
    killed(studio)
    assert studio.wait(visitor, job["id"])["state"] == "succeeded"
    assert sandbox.statistics()["creations"] == 1


def test_killed_during_a_post_that_made_no_task(
    studio: StudioProcess, visitor: httpx.Client, sandbox: SandboxServer
) -> None:
    sandbox.faults({"endpoint": "create", "do": "hang"})
    job = studio.submit(visitor, "A horse that was never made")
    wait_for_requests(sandbox, "create", 1)
    killed(studio)
    studio.wait(visitor, job["id"])
    time.sleep(2)
    found = studio.job(visitor, job["id"])
    assert (found["state"], found["fault"]["kind"]) == ("interrupted", "reply_lost")
    assert found["actions"] == ["adopt", "send-anyway"]
    seen = sandbox.statistics()
    assert (seen["creations"], seen["requests"]["create"]) == (0, 1)


def test_killed_during_posts_that_made_tasks(
    studio: StudioProcess, visitor: httpx.Client, sandbox: SandboxServer
) -> None:
    count = 3
    sandbox.faults({"endpoint": "create", "do": "hang_after", "times": count})
    jobs = [studio.submit(visitor, f"Foal {number}") for number in range(count)]
    deadline = time.monotonic() + 60
    while sandbox.statistics()["creations"] < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    killed(studio)
    for job in jobs:
        found = studio.wait(visitor, job["id"], lambda now: now["state"] == "succeeded")
        assert sandbox.get(found["task_id"])["output"]["orig_prompt"] == job["prompt"]
        assert "interrupted" in [event["what"] for event in found["history"]]
    seen = sandbox.statistics()
    assert (seen["creations"], seen["requests"]["create"]) == (count, count)


@pytest.mark.slow
def test_killed_while_waiting(studio: StudioProcess, visitor: httpx.Client, sandbox: SandboxServer) -> None:
    sandbox.rules(hold="RUNNING")
    job = studio.submit(visitor, "A horse at dawn")
    before = studio.wait(visitor, job["id"], lambda now: now["state"] == "running")
    killed(studio)
    sandbox.rules(hold=None)
    after = studio.wait(visitor, job["id"])
    assert (after["state"], after["task_id"]) == ("succeeded", before["task_id"])
    assert sandbox.statistics()["creations"] == 1


@pytest.mark.slow
def test_killed_while_downloading(studio: StudioProcess, visitor: httpx.Client, sandbox: SandboxServer) -> None:
    others = videos(studio)
    sandbox.faults({"endpoint": "download", "do": "hang"})
    job = studio.submit(visitor, "A horse at dawn")
    studio.wait(visitor, job["id"], lambda now: now["state"] == "saving")
    wait_for_requests(sandbox, "download", 1)
    killed(studio)
    assert studio.wait(visitor, job["id"])["state"] == "succeeded"
    (video,) = videos(studio) - others
    assert not probe_video(video).truncated
    assert not list(studio.output_dir.rglob("*.part"))
    assert json.loads(video.with_suffix(".json").read_text())["job"] == job["id"]
    assert sandbox.statistics()["creations"] == 1


@pytest.mark.slow
def test_killed_again_and_again_at_any_moment(
    studio: StudioProcess, visitor: httpx.Client, sandbox: SandboxServer
) -> None:
    """Whatever the moment: every accepted job is there and ends, and every task that was made belongs to a job."""
    chance = random.Random(20260421)
    others = videos(studio)
    accepted: list[str] = []
    for longest in (0.0, 0.8, 1.6):
        for _ in range(3):  # each with a prompt of its own: between equals that were interrupted nothing is guessed
            accepted.append(studio.submit(visitor, f"Horse {len(accepted)}")["id"])
        time.sleep(chance.uniform(0.0, longest))
        killed(studio)
    made: set[str] = set()
    succeeded: list[dict[str, Any]] = []
    deadline = time.monotonic() + 180
    while {job["task_id"] for job in succeeded} != made or not made:
        assert time.monotonic() < deadline, "a task that was paid for has no job"
        time.sleep(0.2)
        jobs = [studio.job(visitor, job_id) for job_id in accepted]
        if any(job["state"] not in ENDED for job in jobs):
            continue
        assert {job["state"] for job in jobs} <= {"succeeded", "interrupted"}
        succeeded = [job for job in jobs if job["state"] == "succeeded"]
        made = {task["id"] for task in sandbox.statistics()["tasks"]}
    assert sandbox.statistics()["requests"]["create"] <= len(accepted)
    assert len(made) == len(succeeded) == len(videos(studio) - others)


def test_a_stop_in_good_order_interrupts_nothing(
    studio: StudioProcess, visitor: httpx.Client, sandbox: SandboxServer
) -> None:
    sandbox.faults({"endpoint": "create", "do": "delay", "seconds": 1.0})
    job = studio.submit(visitor, "A horse at dawn")
    wait_for_requests(sandbox, "create", 1)
    assert studio.stop() == 0
    studio.restart()
    assert studio.wait(visitor, job["id"])["state"] == "succeeded"
    assert sandbox.statistics()["creations"] == 1


def videos(studio: StudioProcess) -> set[Path]:
    return set(studio.output_dir.rglob("*.mp4"))


def wait_for_requests(sandbox: SandboxServer, endpoint: str, count: int) -> None:
    deadline = time.monotonic() + 60
    while sandbox.statistics()["requests"][endpoint] < count:
        assert time.monotonic() < deadline, f"no {endpoint} came"
        time.sleep(0.02)
