"""Withdrawing a task, or only its watching, and what happens when its end comes at the same moment."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from studio.database.states import State
from studio.errors import NotAllowed
from studio.jobs.model import Job, JobTask
from studio.providers.base import Task, TaskStatus
from studio.providers.dashscope import DashScope
from studio.service import Studio
from tests.databases import make_job
from tests.jobs.clouds import spoken_to_by
from tests.jobs.test_engine import ended, happens, run, settings_for, until, with_prompt
from tests.servers import SandboxServer


class Halting(DashScope):
    """Asks for no task while it is held."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.going, self.halted = threading.Event(), threading.Event()
        self.going.set()

    async def get(self, task_id: str) -> Task:
        if not self.going.is_set():
            self.halted.set()
            await asyncio.to_thread(self.going.wait, 30)
        return await super().get(task_id)


@pytest.fixture(scope="module")
def running(instant_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    settings = settings_for(instant_server, tmp_path_factory.mktemp("cancel"))
    with Studio(settings, accounts=spoken_to_by(Halting)) as studio:
        yield studio


@pytest.fixture
def studio(running: Studio, instant_sandbox: SandboxServer) -> Studio:
    return running


@pytest.fixture
def sandbox(instant_sandbox: SandboxServer) -> SandboxServer:
    return instant_sandbox


async def submitted(studio: Studio, status: TaskStatus) -> Job:
    job = await studio.engine.accept("ada", with_prompt("A horse at dawn"))
    return await until(studio, job, lambda now: now.task_status is status)


def test_a_cancel_whose_answer_was_lost_is_a_cancel(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.rules(hold="PENDING")
    sandbox.faults({"endpoint": "cancel", "do": "reset_after"})

    async def story() -> None:
        job = await submitted(studio, TaskStatus.PENDING)
        assert (await studio.engine.cancel("ada", job.id)).state is State.CANCELED

    run(story())
    assert sandbox.statistics()["requests"]["cancel"] == 2


def test_a_task_that_starts_at_that_moment_is_not_canceled_and_is_brought_home(
    studio: Studio, sandbox: SandboxServer
) -> None:
    sandbox.rules(hold="PENDING")
    refusal = {"do": "status", "status": 400, "code": "UnsupportedOperation", "message": "Failed to cancel the task."}
    sandbox.faults({"endpoint": "cancel", **refusal})

    async def story() -> None:
        job = await submitted(studio, TaskStatus.PENDING)
        with pytest.raises(NotAllowed, match="already started"):
            await studio.engine.cancel("ada", job.id)
        sandbox.rules(hold=None)
        assert (await ended(studio, job)).state is State.SUCCEEDED

    run(story())


def test_a_task_that_was_canceled_elsewhere_ends_canceled(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.rules(hold="PENDING")

    async def story() -> None:
        job = await submitted(studio, TaskStatus.PENDING)
        sandbox.request("POST", f"/api/v1/tasks/{job.task_id}/cancel").raise_for_status()
        assert (await ended(studio, job)).state is State.CANCELED
        with pytest.raises(NotAllowed, match="“Canceled”"):
            await studio.engine.cancel("ada", job.id)

    run(story())


def test_a_running_task_is_left_to_itself_and_watched_again(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.rules(hold="RUNNING")

    async def story() -> None:
        job = await submitted(studio, TaskStatus.RUNNING)
        with pytest.raises(NotAllowed, match="“Generating”"):
            await studio.engine.cancel("ada", job.id)
        stopped = await studio.engine.stop_watching("ada", job.id)
        assert stopped.stopped_at is not None
        monitor = studio.engine._watchers[job.account]
        await happens(lambda: job.id not in monitor._looks)  # it may be looked at just now
        looks = sandbox.statistics()["requests"]["get"]
        sandbox.rules(hold=None)
        await asyncio.sleep(1)
        assert sandbox.statistics()["requests"]["get"] == looks
        assert (await studio.engine.job("ada", job.id)).state is State.WAITING
        await studio.engine.watch_again("ada", job.id)
        done = await ended(studio, job)
        assert (done.state, done.stopped_at) == (State.SUCCEEDED, None)
        for late in (studio.engine.stop_watching, studio.engine.watch_again):
            with pytest.raises(NotAllowed, match="“Done”"):
                await late("ada", job.id)

    run(story())


def test_an_end_that_was_seen_when_the_watching_stops_is_kept(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.rules(hold="RUNNING")
    provider = studio.engine.accounts["dashscope:beijing"].provider
    assert isinstance(provider, Halting)

    async def story() -> None:
        job = await submitted(studio, TaskStatus.RUNNING)
        provider.going.clear()
        assert await asyncio.to_thread(provider.halted.wait, 30)
        sandbox.rules(hold=None)
        await asyncio.to_thread(sandbox.finished, job.task_id)
        await studio.engine.stop_watching("ada", job.id)
        provider.going.set()
        done = await ended(studio, job)
        assert (done.state, done.stopped_at) == (State.SUCCEEDED, None)

    run(story())


def test_only_a_task_of_dashscope_that_waits_can_be_canceled() -> None:
    waiting = make_job(state=State.WAITING, task_id="t", task_status=TaskStatus.PENDING)
    assert waiting.cancelable
    for status in (TaskStatus.RUNNING, TaskStatus.UNKNOWN):
        assert not replace(waiting, task=JobTask("t", status)).cancelable
    object.__setattr__(waiting.request, "provider", "aivideoapi")
    assert not waiting.cancelable
