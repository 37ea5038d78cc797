"""The engine against a real sandbox: from acceptance to a file on disk, and every fault on the way."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.catalog.requests import TextToVideo
from studio.config import Settings
from studio.database.states import State
from studio.errors import NoSuchJob, NotAllowed
from studio.jobs.model import Job
from studio.media.facts import probe_video
from studio.providers.base import TaskStatus
from studio.service import Studio
from studio.system.pace import Pace
from tests.servers import SandboxServer

REQUEST = TextToVideo(
    provider="dashscope", model="happyhorse-1.0-t2v", prompt="A horse at dawn", resolution="720P", duration=3, seed=7
)


@pytest.fixture
def sandbox(instant_sandbox: SandboxServer) -> SandboxServer:
    return instant_sandbox


@pytest.fixture(scope="module")
def running(instant_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio that takes the sandbox for the cloud."""
    soon = Pace(longest_delay=0.5, first_wait=0.1)
    with Studio(settings_for(instant_server, tmp_path_factory.mktemp("studio")), pace=soon) as studio:
        yield studio


@pytest.fixture
def studio(running: Studio, sandbox: SandboxServer) -> Studio:
    """The running studio, its cloud as if just started; each test leaves its jobs ended."""
    return running


def settings_for(sandbox: SandboxServer, folder: Path, **more: str) -> Settings:
    environ = {
        "DASHSCOPE_API_KEY": sandbox.key,
        "DASHSCOPE_BASE_URL": sandbox.url,
        "STUDIO_DATA_DIR": str(folder / "data"),
        "OUTPUT_DIR": str(folder / "output"),
        "STUDIO_PORT": "0",
        "STUDIO_POLL_SECONDS": "0.3",
    }
    settings = Settings.load(environ | more, folder / "no.env")
    settings.check()
    return settings


def run(story: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(story, 120))


async def until(studio: Studio, job: Job, reached: Callable[[Job], bool]) -> Job:
    """Follow the job's changes until ``reached``; fails after the story's time."""
    with studio.engine.changes.subscribe(job.owner) as changes:
        now = await studio.engine.job(job.owner, job.id)
        while not reached(now):
            news = None
            with contextlib.suppress(TimeoutError):  # what is waited for may happen at the far side, without news
                news = await asyncio.wait_for(changes.get(), 0.5)
            now = news if isinstance(news, Job) and news.id == job.id else await studio.engine.job(job.owner, job.id)
    return now


async def happens(what: Callable[[], bool]) -> None:
    """Wait for what happens at the far side or on another loop; fails after the story's time."""
    while not what():  # noqa: ASYNC110
        await asyncio.sleep(0.02)


async def settled(studio: Studio) -> None:
    """Until rows were compared with workflows at the start: one that is being sent has its workflow, and would be taken
    for lost without."""
    await happens(lambda: studio.engine._supervisor._recovered)


async def ended(studio: Studio, job: Job) -> Job:
    return await until(studio, job, lambda now: now.state.ended)


async def not_saved(studio: Studio, job: Job, kind: str) -> Job:
    """Wait until the result did not come home, for a fault of this kind: the job waits and tells that it is paid."""
    waits = await until(studio, job, lambda now: now.fault is not None)
    assert waits.fault is not None
    assert (waits.state, waits.fault.kind, waits.fault.charged) == (State.SAVING, kind, "yes")
    return waits


def with_prompt(prompt: str) -> TextToVideo:
    return replace(REQUEST, prompt=prompt)


def test_a_job_becomes_a_video_with_its_evidence(studio: Studio, sandbox: SandboxServer) -> None:
    async def story() -> None:
        job = await ended(studio, await studio.engine.accept("lovelace", REQUEST))
        assert job.state is State.SUCCEEDED
        assert job.video is not None
        assert job.quote is not None
        assert job.quote.amount == 3 * job.quote.rate
        assert job.usage is not None
        assert job.usage.billed_seconds == 3
        path = studio.output_dir / job.video.path
        assert path.parent == studio.output_dir / "happyhorse-1.0-t2v" / "videos"
        facts = probe_video(path)
        told = (job.video.bytes, job.video.width, job.video.height, job.video.codec, job.video.audio_codec)
        assert told == (facts.bytes, facts.width, facts.height, facts.codec, facts.audio_codec)
        assert job.video.seconds == float(facts.seconds)
        assert path.with_suffix(".jpg").is_file()
        assert not list(path.parent.glob("*.part"))
        evidence = json.loads(path.with_suffix(".json").read_text())
        assert evidence["task_id"] == job.task_id
        assert evidence["request"]["seed"] == 7
        assert evidence["result_url"].startswith(sandbox.url)
        statuses = [line["task_status"] for line in evidence["history"] if "task_status" in line]
        assert statuses[-1] == "SUCCEEDED"
        assert "lovelace" not in json.dumps(evidence)
        assert sandbox.key not in json.dumps(evidence)
        what = [event.what for event in await studio.engine.history("lovelace", job.id)]
        assert [state for state in what if state != "task"] == [
            "queued",
            "submitting",
            "waiting",
            "saving",
            "succeeded",
        ]

    run(story())
    assert sandbox.statistics()["creations"] == 1


def test_another_visitor_does_not_learn_of_a_job(studio: Studio) -> None:
    async def story() -> None:
        job = await studio.engine.accept("ada", REQUEST)
        for look in (studio.engine.job, studio.engine.history, studio.engine.cancel, studio.engine.send_again):
            with pytest.raises(NoSuchJob):
                await look("eve", job.id)
        assert await studio.engine.jobs("eve") == []
        assert await studio.engine.count("eve") == 0
        await ended(studio, job)

    run(story())


@pytest.mark.matrix
@pytest.mark.parametrize(
    "fault",
    [
        {"do": "status", "status": 429, "code": "Throttling.RateQuota", "retry_after": "0.2"},
        {"do": "status", "status": 429, "code": "Throttling.BurstRate"},
        {"do": "status", "status": 503, "code": "ModelUnavailable"},
    ],
    ids=["429 with Retry-After", "429", "503 ModelUnavailable"],
)
def test_a_clear_refusal_for_now_is_sent_again(studio: Studio, sandbox: SandboxServer, fault: dict[str, Any]) -> None:
    sandbox.faults({"endpoint": "create", "times": 2, **fault})

    async def story() -> None:
        job = await studio.engine.accept("ada", REQUEST)
        held_up = await until(studio, job, lambda now: now.fault is not None)
        assert held_up.state is State.QUEUED
        assert held_up.fault is not None
        assert held_up.fault.charged == "no"
        assert (await ended(studio, job)).state is State.SUCCEEDED

    run(story())
    seen = sandbox.statistics()
    assert (seen["creations"], seen["requests"]["create"]) == (1, 3)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "InvalidParameter", "request_refused"),
        (400, "DataInspectionFailed", "content_refused"),
        (400, "InvalidURL", "request_refused"),
    ],
)
def test_a_final_refusal_fails_the_job_without_charge_and_can_be_sent_again(
    studio: Studio, sandbox: SandboxServer, status: int, code: str, kind: str
) -> None:
    sandbox.faults({"endpoint": "create", "do": "status", "status": status, "code": code, "message": "No."})

    async def story() -> None:
        job = await ended(studio, await studio.engine.accept("ada", REQUEST))
        assert job.state is State.FAILED
        assert job.fault is not None
        assert (job.fault.kind, job.fault.code, job.fault.charged) == (kind, code, "no")
        again = await studio.engine.send_again("ada", job.id)
        assert again.state is State.QUEUED
        assert (await ended(studio, again)).state is State.SUCCEEDED

    run(story())
    assert sandbox.statistics()["creations"] == 1


@pytest.mark.parametrize(
    ("fault", "creations"),
    [
        ({"do": "reset"}, 0),
        ({"do": "reset_after"}, 1),
        ({"do": "status_after", "status": 500, "code": "InternalError"}, 1),
        ({"do": "html", "status": 502}, 0),
        ({"do": "shape"}, 0),
        ({"do": "truncate"}, 1),
    ],
    ids=lambda value: str(value.get("do")) if isinstance(value, dict) else "",
)
def test_a_lost_answer_interrupts_and_is_never_sent_again(
    studio: Studio, sandbox: SandboxServer, fault: dict[str, Any], creations: int
) -> None:
    closed = {"endpoint": "list", "do": "status", "status": 403, "code": "AccessDenied", "times": 1000}
    sandbox.faults({"endpoint": "create", **fault}, closed)

    async def story() -> None:
        job = await ended(studio, await studio.engine.accept("ada", REQUEST))
        assert job.state is State.INTERRUPTED
        assert job.fault is not None
        assert job.fault.charged == "unknown"
        with pytest.raises(NotAllowed):
            await studio.engine.send_again("ada", job.id)
        await asyncio.sleep(1)

    run(story())
    seen = sandbox.statistics()
    assert (seen["creations"], seen["requests"]["create"]) == (creations, 1)


def test_what_the_provider_fails_fails_with_its_words(studio: Studio) -> None:
    async def story() -> None:
        job = await ended(studio, await studio.engine.accept("ada", with_prompt("sandbox:fail=DataInspectionFailed")))
        assert job.state is State.FAILED
        assert job.fault is not None
        assert (job.fault.kind, job.fault.code, job.fault.stage) == (
            "content_refused",
            "DataInspectionFailed",
            "generate",
        )
        assert job.fault.charged == "no"

    run(story())


def test_a_task_that_the_provider_does_not_know_is_given_up_when_its_day_is_over(studio: Studio) -> None:
    async def story() -> None:
        job = await studio.engine.accept("ada", with_prompt("sandbox:unknown"))
        await until(studio, job, lambda now: now.task_status is TaskStatus.UNKNOWN)
        await asyncio.sleep(1)
        assert (await studio.engine.job("ada", job.id)).state is State.WAITING
        studio.engine.store.note(job.id, when={State.WAITING}, submitted_at=time.time() - 25 * 3600)
        job = await ended(studio, job)
        assert job.state is State.EXPIRED
        assert job.fault is not None
        assert job.fault.kind == "task_unknown"

    run(story())


def test_polls_that_fail_are_not_jobs_that_failed(studio: Studio, sandbox: SandboxServer) -> None:
    faults = [{"do": "reset"}, {"do": "status", "status": 500}, {"do": "html", "status": 502}, {"do": "shape"}]
    sandbox.faults(*({"endpoint": "get", **fault} for fault in faults))

    async def story() -> None:
        assert (await ended(studio, await studio.engine.accept("ada", REQUEST))).state is State.SUCCEEDED

    run(story())


@pytest.mark.matrix(2)
@pytest.mark.parametrize("fault", ["truncate", "wrong_length", "garbage", "reset"])
def test_a_broken_download_is_fetched_again(studio: Studio, sandbox: SandboxServer, fault: str) -> None:
    sandbox.faults({"endpoint": "download", "do": fault})

    async def story() -> None:
        job = await ended(studio, await studio.engine.accept("ada", REQUEST))
        assert job.state is State.SUCCEEDED
        assert job.video is not None
        assert [
            path.name for path in (studio.output_dir / job.video.path).parent.iterdir() if ".part" in path.name
        ] == []

    run(story())


def test_a_result_that_is_gone_expires(studio: Studio) -> None:
    async def story() -> None:
        job = await ended(studio, await studio.engine.accept("ada", with_prompt("sandbox:expired")))
        assert job.state is State.EXPIRED
        assert job.fault is not None
        assert (job.fault.kind, job.fault.charged) == ("result_expired", "yes")
        again = await studio.engine.save_again("ada", job.id)
        assert again.state is State.SAVING
        assert (await ended(studio, again)).state is State.EXPIRED

    run(story())


def test_a_pending_task_is_canceled_at_the_provider(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.rules(hold="PENDING")

    async def story() -> None:
        job = await until(
            studio, await studio.engine.accept("ada", REQUEST), lambda now: now.task_status is TaskStatus.PENDING
        )
        canceled = await studio.engine.cancel("ada", job.id)
        assert canceled.state is State.CANCELED
        assert sandbox.get(job.task_id or "")["output"]["task_status"] == "CANCELED"

    run(story())


def test_a_running_task_is_not_canceled(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.rules(hold="RUNNING")

    async def story() -> None:
        job = await studio.engine.accept("ada", REQUEST)
        await until(studio, job, lambda now: now.task_status is TaskStatus.RUNNING)
        with pytest.raises(NotAllowed):
            await studio.engine.cancel("ada", job.id)
        sandbox.rules(hold=None)
        assert (await ended(studio, job)).state is State.SUCCEEDED

    run(story())
