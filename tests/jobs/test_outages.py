"""Queued jobs while the provider takes none: few requests, honest cards, and none is forgotten."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.database.states import State
from studio.errors import NotSent, QuotaExhausted
from studio.jobs.model import Job
from studio.jobs.submit.outages import Outages
from studio.service import Studio
from studio.system.clock import CLOCK, Clock
from studio.system.pace import Pace
from tests.jobs.clouds import UNLIMITED, spoken_to_by
from tests.jobs.test_engine import happens, run, settings_for, until, with_prompt
from tests.servers import SandboxServer

PLACE = ("dashscope:beijing", "happyhorse-1.0-t2v")
FAULT = NotSent("No.").fault("submit")
JOBS = 50
LONGEST, SHORTEST = 0.5, 0.375
"""Seconds between two tries, as they are jittered."""


@pytest.fixture
def pace() -> Pace:
    return Pace(longest_delay=LONGEST)


@pytest.fixture
def studio(instant_sandbox: SandboxServer, tmp_path: Path, pace: Pace) -> Iterator[Studio]:
    unlimited = spoken_to_by(submissions_per_second=UNLIMITED)
    with Studio(settings_for(instant_sandbox, tmp_path), pace=pace, accounts=unlimited) as running:
        yield running


@pytest.mark.slow
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


@pytest.mark.parametrize("pace", [Pace(longest_delay=60.0)], ids=["a minute"])
def test_a_job_that_is_accepted_during_an_outage_says_at_once_why_it_waits(
    studio: Studio, instant_sandbox: SandboxServer
) -> None:
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


@pytest.mark.parametrize("pace", [Pace(first_delay=60.0)], ids=["a minute"])
def test_where_answers_are_lost_the_jobs_behind_are_not_drawn_in(
    studio: Studio, instant_sandbox: SandboxServer
) -> None:
    """Each job that tries may have been paid for. What was not sent does not say so of itself."""
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


def test_who_tries_next_and_when() -> None:
    clock = [1000.0]
    ours = Outages(Clock(monotonic=lambda: clock[0]))
    assert all(ours.enter(PLACE, job) for job in ("a", "b"))
    first_try = ours.failed(PLACE, "a", FAULT, None)
    assert 1 < first_try < 3
    assert ours.failed(PLACE, "b", FAULT, None) == first_try, "it was on its way when the outage began"
    assert not ours.admits(PLACE, "c")
    assert ours.admits((PLACE[0], "another model"), "c")

    clock[0] += first_try
    assert ours.enter(PLACE, "c")
    assert ours.enter(PLACE, "c")
    assert not ours.admits(PLACE, "d")
    ours.leave(PLACE, "c")  # it was canceled
    assert ours.enter(PLACE, "d")
    assert 3 <= ours.failed(PLACE, "d", FAULT, None) <= 5
    ours.leave(PLACE, "d")

    clock[0] += 5
    assert ours.enter(PLACE, "e")
    assert 60 <= ours.failed(PLACE, "e", FAULT, 60.0) <= 61
    assert ours.at(PLACE) == FAULT
    assert ours.over(PLACE, "f")
    assert ours.at(PLACE) is None
    assert not ours.over(PLACE, "f"), "that is no news"


def test_a_job_that_others_get_past_again_and_again_is_refused_for_its_own_sake() -> None:
    ours, refused = Outages(CLOCK), QuotaExhausted("No.").fault("submit")
    for other in ("b", "c"):
        ours.failed(PLACE, "a", refused, None)
        assert not ours.is_its_own(PLACE, "a"), "all may be refused now"
        ours.over(PLACE, other)
    assert ours.is_its_own(PLACE, "a")
    assert not ours.is_its_own(PLACE, "b")
    ours.failed(PLACE, "d", refused, None)
    assert not ours.is_its_own(PLACE, "a"), "others are refused as well"
    ours.over(PLACE, "a")
    assert not ours.is_its_own(PLACE, "a"), "it got through"


def test_after_two_tries_that_may_have_been_paid_for_the_next_one_is_late() -> None:
    clock = [1000.0]
    ours = Outages(Clock(monotonic=lambda: clock[0]))
    assert ours.failed(PLACE, "a", FAULT, None, dear=True) <= 2.5, "a connection may break once"
    assert ours.dear(PLACE)
    clock[0] += 3
    assert ours.enter(PLACE, "b")
    assert ours.failed(PLACE, "b", FAULT, None, dear=True) >= 48
    ours.leave(PLACE, "b")
    clock[0] += 1
    ours.hasten(PLACE)
    clock[0] += 3
    assert not ours.admits(PLACE, "c"), "whoever is in haste may not flood the cloud"
    clock[0] += 1
    assert ours.admits(PLACE, "c")


REFUSALS = [
    (400, "Arrearage", "quota_exhausted"),
    (401, "InvalidApiKey", "authentication_failed"),
    (403, "Model.AccessDenied", "permission_denied"),
    (429, "Throttling.AllocationQuota", "quota_exhausted"),
]


@pytest.mark.matrix
@pytest.mark.parametrize(("status", "code", "kind"), REFUSALS)
def test_an_account_that_refuses_everything_fails_no_job_and_all_go_on_by_themselves(
    studio: Studio, instant_sandbox: SandboxServer, status: int, code: str, kind: str
) -> None:
    refusal = {"do": "status", "status": status, "code": code, "message": "Not so."}
    instant_sandbox.faults({"endpoint": "create", "times": 1000, **refusal})

    async def story() -> None:
        jobs = await studio.engine.accept_all("ada", [with_prompt(f"Horse {number}") for number in range(6)])
        for job in jobs:
            held_up = await until(studio, job, lambda now: now.fault is not None)
            assert held_up.fault is not None
            assert (held_up.state, held_up.fault.kind, held_up.fault.message) == (State.QUEUED, kind, "Not so.")
            assert held_up.fault.charged == "no"
            assert held_up.fault.since is not None
        assert (await studio.engine.cancel("ada", jobs[0].id)).state is State.CANCELED
        tried = instant_sandbox.statistics()["requests"]["create"]
        await happens(lambda: instant_sandbox.statistics()["requests"]["create"] > tried + 1)
        instant_sandbox.http.delete("/_control/faults").raise_for_status()
        for job in jobs[1:]:
            assert (await until(studio, job, lambda now: now.task_id is not None)).fault is None

    run(story())
    assert instant_sandbox.statistics()["creations"] == 5


def test_a_job_that_alone_is_refused_as_if_by_the_account_fails_and_holds_up_no_other(
    studio: Studio, instant_sandbox: SandboxServer
) -> None:
    async def story() -> None:
        refused = await studio.engine.accept("ada", with_prompt("sandbox:refuse=Arrearage"))
        await until(studio, refused, lambda now: now.fault is not None)
        for number in range(20):
            other = await studio.engine.accept("ada", with_prompt(f"Horse {number}"))
            assert (await until(studio, other, lambda now: now.task_id is not None)).task_id
            if (await studio.engine.job("ada", refused.id)).state is State.FAILED:
                break
        job = await studio.engine.job("ada", refused.id)
        assert job.fault is not None
        assert (job.state, job.fault.code, job.fault.charged, job.fault.since) == (
            State.FAILED,
            "Arrearage",
            "no",
            None,
        )

    run(story())


@pytest.mark.parametrize("pace", [Pace(longest_delay=LONGEST, first_wait=0.01)], ids=["soon"])
def test_while_pages_come_in_place_of_answers_only_what_is_free_is_tried(
    studio: Studio, instant_sandbox: SandboxServer
) -> None:
    """A page says nothing of what became of the request, so each that is sent may have been paid for."""
    page = {"do": "html", "status": 503, "times": 1000}
    instant_sandbox.faults({"endpoint": "create", **page}, {"endpoint": "list", **page})

    def asked(endpoint: str) -> int:
        count: int = instant_sandbox.statistics()["requests"][endpoint]
        return count

    async def story() -> None:
        first = await studio.engine.accept("ada", with_prompt("The first"))
        await until(studio, first, lambda now: now.state is State.INTERRUPTED)
        others = await studio.engine.accept_all("ada", [with_prompt(f"Horse {number}") for number in range(5)])
        looked = asked("list")
        await happens(lambda: asked("list") >= looked + 24)  # several tries, each of several requests
        assert asked("create") == 1
        for job in others:
            assert (await studio.engine.job("ada", job.id)).state is State.QUEUED
        instant_sandbox.http.delete("/_control/faults").raise_for_status()
        for job in others:
            await until(studio, job, lambda now: now.task_id is not None)

    run(story())
    assert asked("create") == 6
