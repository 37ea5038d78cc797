"""Queued jobs while the provider takes none: few requests, honest cards, and none is forgotten."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.errors import NotSent
from studio.jobs import outages
from studio.jobs.model import Job, State
from studio.jobs.outages import Outages
from studio.service import Studio
from tests.jobs.test_engine import happens, run, settings_for, until, with_prompt
from tests.jobs.test_studios import Unlimited
from tests.servers import SandboxServer

PLACE = ("dashscope:beijing", "happyhorse-1.0-t2v")
FAULT = NotSent("No.").fault("submit")
JOBS = 50
LONGEST, SHORTEST = 0.5, 0.375
"""Seconds between two tries, as they are jittered."""


@pytest.fixture
def studio(instant_sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    monkeypatch.setattr(outages, "LONGEST_DELAY", LONGEST)
    with Studio(settings_for(instant_sandbox, tmp_path)) as running:
        running.engine.accounts[PLACE[0]].provider._submissions = Unlimited()  # type: ignore[attr-defined]
        yield running


def test_however_many_jobs_wait_one_at_a_time_tries_and_then_all_go(
    studio: Studio, instant_sandbox: SandboxServer
) -> None:
    refusal = {"do": "status", "status": 503, "code": "ModelUnavailable"}
    instant_sandbox.faults({"endpoint": "create", "times": 1000, **refusal})

    def sent() -> int:
        count: int = instant_sandbox.statistics()["requests"]["create"]
        return count

    async def story() -> None:
        begun = time.monotonic()
        jobs = await studio.engine.accept_all("ada", [with_prompt(f"Horse {number}") for number in range(JOBS)])
        for job in jobs:
            held_up = await until(studio, job, lambda now: now.fault is not None)
            assert held_up.fault is not None
            assert (held_up.state, held_up.fault.kind, held_up.fault.charged) == (State.QUEUED, "provider_fault", "no")
        before = sent()
        await happens(lambda: sent() > before + 1)
        assert sent() <= 20 + (time.monotonic() - begun) / SHORTEST  # the first were on their way when it began
        instant_sandbox.http.delete("/_control/faults").raise_for_status()
        for job in jobs:
            taken = await until(studio, job, lambda now: now.task_id is not None)
            assert taken.fault is None

    run(story())
    assert instant_sandbox.statistics()["creations"] == JOBS


def test_a_job_that_is_accepted_during_an_outage_says_at_once_why_it_waits(
    studio: Studio, instant_sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "LONGEST_DELAY", 60)
    refusal = {"do": "status", "status": 429, "code": "Throttling.RateQuota", "retry_after": "60"}
    instant_sandbox.faults({"endpoint": "create", **refusal})

    async def story() -> None:
        first = await studio.engine.accept("ada", with_prompt("The first"))
        await until(studio, first, lambda now: now.fault is not None)
        second = await studio.engine.accept("ada", with_prompt("The second"))
        held_up = await until(studio, second, lambda now: now.fault is not None)
        assert held_up.state is State.QUEUED
        assert instant_sandbox.statistics()["requests"]["create"] == 1
        for job in (first, second):
            assert (await studio.engine.cancel("ada", job.id)).state is State.CANCELED

    run(story())


def test_where_answers_are_lost_the_jobs_behind_are_not_drawn_in(
    studio: Studio, instant_sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each job that tries may have been paid for. What was not sent does not say so of itself."""
    monkeypatch.setattr(outages, "back_off", lambda *_: 60.0)
    instant_sandbox.faults({"endpoint": "create", "do": "reset", "times": 1000})

    async def story() -> None:
        first = await studio.engine.accept("ada", with_prompt("The first"))
        await until(studio, first, lambda now: now.state is State.INTERRUPTED)
        second = await studio.engine.accept("ada", with_prompt("The second"))
        held_up: Job = await until(studio, second, lambda now: now.fault is not None)
        assert held_up.fault is not None
        assert (held_up.state, held_up.fault.kind, held_up.fault.charged) == (State.QUEUED, "not_sent", "no")
        assert (await studio.engine.cancel("ada", second.id)).state is State.CANCELED

    run(story())
    assert instant_sandbox.statistics()["requests"]["create"] == 1


def test_who_tries_next_and_when(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    ours = Outages()
    assert all(ours.enter(PLACE, job) for job in ("a", "b"))
    first_try = ours.failed(PLACE, "a", FAULT, None)
    assert 1001 < first_try < 1003
    assert ours.failed(PLACE, "b", FAULT, None) == first_try, "it was on its way when the outage began"
    assert not ours.admits(PLACE, "c")
    assert ours.admits((PLACE[0], "another model"), "c")

    clock[0] = first_try
    assert ours.enter(PLACE, "c")
    assert ours.enter(PLACE, "c")
    assert not ours.admits(PLACE, "d")
    ours.leave(PLACE, "c")  # it was canceled
    assert ours.enter(PLACE, "d")
    assert 3 <= ours.failed(PLACE, "d", FAULT, None) - clock[0] <= 5
    ours.leave(PLACE, "d")

    clock[0] += 5
    assert ours.enter(PLACE, "e")
    assert 60 <= ours.failed(PLACE, "e", FAULT, 60.0) - clock[0] <= 61
    assert ours.at(PLACE) == FAULT
    assert ours.over(PLACE)
    assert ours.at(PLACE) is None
    assert not ours.over(PLACE), "that is no news"
