"""What the card of a running job says while its provider cannot be asked, or says what nobody documented."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.database.states import State
from studio.jobs.model import Job
from studio.providers.base import Task, TaskStatus
from studio.providers.dashscope import DashScope
from studio.service import Studio
from studio.system.pace import Pace
from tests.jobs.clouds import spoken_to_by
from tests.jobs.test_engine import ended, run, settings_for, until
from tests.jobs.test_watcher import submitted
from tests.servers import SandboxServer

ACCOUNT = "dashscope:beijing"


class Vague(DashScope):
    """Says of each task what no document knows, until it is asked to speak plainly."""

    plainly = True

    async def get(self, task_id: str) -> Task:
        task = await super().get(task_id)
        return task if self.plainly else replace(task, status=TaskStatus.RUNNING, word="SUSPENDED")


@pytest.fixture
def pace() -> Pace:
    return Pace(first_wait=0.01, longest_pause=0.5)


@pytest.fixture
def studio(instant_sandbox: SandboxServer, tmp_path: Path, pace: Pace) -> Iterator[Studio]:
    with Studio(settings_for(instant_sandbox, tmp_path), pace=pace, accounts=spoken_to_by(Vague)) as running:
        yield running


async def held_up(studio: Studio, job: Job, kind: str) -> Job:
    return await until(studio, job, lambda now: now.fault is not None and now.fault.kind == kind)


def test_the_cards_say_since_when_the_provider_cannot_be_asked_until_it_can(
    studio: Studio, instant_sandbox: SandboxServer
) -> None:
    instant_sandbox.rules(hold="RUNNING")
    begun = time.time()
    instant_sandbox.faults(
        *({"endpoint": one, "do": "status", "status": 503, "times": 1000} for one in ("get", "list"))
    )
    jobs = submitted(studio, instant_sandbox, 2)

    async def story() -> None:
        for job in jobs:
            now = await held_up(studio, job, "provider_fault")
            assert now.fault is not None
            assert now.fault.since is not None
            assert now.state is State.WAITING
            assert begun <= now.fault.since <= time.time()
        instant_sandbox.http.delete("/_control/faults").raise_for_status()
        for job in jobs:
            assert (await until(studio, job, lambda now: now.fault is None)).state is State.WAITING
        instant_sandbox.faults(
            *(
                {"endpoint": one, "do": "status", "status": 401, "code": "InvalidApiKey", "times": 1000}
                for one in ("get", "list")
            )
        )
        await held_up(studio, jobs[0], "authentication_failed")
        instant_sandbox.http.delete("/_control/faults").raise_for_status()
        instant_sandbox.rules(hold=None)
        for job in jobs:
            assert (await ended(studio, job)).state is State.SUCCEEDED

    run(story())


@pytest.mark.parametrize("pace", [Pace(first_wait=0.01, longest_pause=0.5, given_up_after=0.5)], ids=["soon"])
def test_a_task_whose_day_is_over_ends_when_nobody_could_be_asked_for_long(
    studio: Studio, instant_sandbox: SandboxServer
) -> None:
    instant_sandbox.faults({"endpoint": "get", "do": "status", "status": 401, "code": "InvalidApiKey", "times": 1000})
    (job,) = submitted(studio, instant_sandbox, 1)

    async def story() -> None:
        await held_up(studio, job, "authentication_failed")
        studio.engine.store.note(job.id, when={State.WAITING}, submitted_at=time.time() - 25 * 3600)
        over = await ended(studio, job)
        assert over.fault is not None
        assert (over.state, over.fault.charged) == (State.EXPIRED, "unknown")

    run(story())


def test_a_word_that_nobody_documented_is_shown_and_ends_with_the_tasks_day(
    studio: Studio, instant_sandbox: SandboxServer
) -> None:
    provider = studio.engine.accounts[ACCOUNT].provider
    assert isinstance(provider, Vague)
    provider.plainly = False
    first, second = submitted(studio, instant_sandbox, 2)

    async def story() -> None:
        for job in (first, second):
            now = await held_up(studio, job, "status_undocumented")
            assert now.fault is not None
            assert "SUSPENDED" in now.fault.message
        studio.engine.store.note(first.id, when={State.WAITING}, submitted_at=time.time() - 25 * 3600)
        over = await ended(studio, first)
        assert over.fault is not None
        assert (over.state, over.fault.kind, over.fault.charged) == (
            State.EXPIRED,
            "status_undocumented",
            "unknown",
        )
        provider.plainly = True
        assert (await ended(studio, second)).state is State.SUCCEEDED

    run(story())
