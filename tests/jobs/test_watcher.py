"""How many requests it takes to watch jobs: by lists of any size, with lists that mislead, and through an outage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from studio.database.states import State
from studio.errors import ProviderFault
from studio.jobs.model import Job
from studio.jobs.watch.listing import LARGEST_PAGE, Listing
from studio.providers.base import Task, TaskPage, TaskStatus
from studio.providers.dashscope import DashScope
from studio.service import Studio
from studio.system.pace import PACE, Pace
from tests.databases import make_job
from tests.jobs.clouds import spoken_to_by
from tests.jobs.test_engine import happens, run, settings_for, until, with_prompt
from tests.servers import SandboxServer


@pytest.fixture
def sandbox(instant_sandbox: SandboxServer) -> SandboxServer:
    return instant_sandbox


class Odd(DashScope):
    """Lists what it listed before while it is ``stale``, and breaks over the task that is ``sick``."""

    stale = False
    sick: str | None = None

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.pages: dict[TaskStatus, TaskPage] = {}

    async def list(self, *, status: TaskStatus, **asked: Any) -> TaskPage:  # type: ignore[override]
        if not self.stale:
            return await super().list(status=status, **asked)
        return self.pages.get(status) or self.pages.setdefault(status, await super().list(status=status, **asked))

    async def get(self, task_id: str) -> Task:
        if task_id == self.sick:
            raise ProviderFault("It broke.", status=500)
        return await super().get(task_id)


@pytest.fixture
def pace() -> Pace:
    return PACE


@pytest.fixture
def studio(sandbox: SandboxServer, tmp_path: Path, pace: Pace) -> Iterator[Studio]:
    with Studio(settings_for(sandbox, tmp_path), pace=pace, accounts=spoken_to_by(Odd)) as running:
        yield running


def cloud(studio: Studio) -> Odd:
    provider = studio.engine.accounts["dashscope:beijing"].provider
    assert isinstance(provider, Odd)
    return provider


def submitted(studio: Studio, sandbox: SandboxServer, count: int) -> list[Job]:
    """Jobs whose tasks the provider has."""
    values = {"state": State.WAITING, "account": "dashscope:beijing", "submitted_at": time.time()}
    jobs = [make_job(task_id=sandbox.task(), request=with_prompt("A horse at dawn"), **values) for _ in range(count)]
    for job in jobs:
        studio.engine.store.add(job)
    return jobs


async def asked(sandbox: SandboxServer, count: int) -> int:
    """Wait until tasks were asked for so many times; how many times it was."""

    def looks() -> int:
        return int(sandbox.statistics()["requests"]["get"])

    await happens(lambda: looks() >= count)
    return looks()


async def succeed(studio: Studio, jobs: Sequence[Job]) -> None:
    for job in jobs:
        await until(studio, job, lambda now: now.state is State.SUCCEEDED)


def test_the_size_of_a_page_is_found_by_asking(sandbox: SandboxServer) -> None:
    sandbox.rules(hold="PENDING", page_size=12, limited=False)
    tasks = {sandbox.task() for _ in range(30)}

    async def story() -> None:
        provider = DashScope(sandbox.url, SecretStr(sandbox.key))
        listing = Listing(provider)
        for requests in (3, 6):
            found = await listing.tasks(since=time.time() - 60, status=TaskStatus.PENDING, most_pages=10)
            assert set(found) == tasks
            assert sandbox.statistics()["requests"]["list"] == requests
        assert listing.page_size == 12
        assert len(await listing.tasks(since=time.time() - 60, most_pages=2)) == 24
        await provider.aclose()

    run(story())


def test_a_page_grows_again_and_is_never_smaller_than_what_nobody_refuses(sandbox: SandboxServer) -> None:
    sandbox.rules(hold="PENDING", page_size=3, limited=False)  # as a page that came half empty
    for _ in range(15):
        sandbox.task()

    async def story() -> None:
        provider = DashScope(sandbox.url, SecretStr(sandbox.key))
        listing = Listing(provider, grows_after=2)
        sizes = []
        for lists in range(8):
            sandbox.rules(page_size=3 if lists == 0 else 100)
            await listing.tasks(since=time.time() - 60, most_pages=1)
            sizes.append(listing.page_size)
        assert sizes == [10, 10, 10, 20, 20, 20, 40, 40]
        await provider.aclose()

    run(story())


def test_a_size_that_is_refused_is_halved(sandbox: SandboxServer) -> None:
    sandbox.rules(hold="PENDING")
    tasks = {sandbox.task() for _ in range(12)}
    sandbox.faults({"endpoint": "list", "do": "status", "status": 400, "code": "InvalidParameter", "times": 3})

    async def story() -> None:
        provider = DashScope(sandbox.url, SecretStr(sandbox.key))
        listing = Listing(provider)
        assert set(await listing.tasks(since=time.time() - 60, most_pages=10)) == tasks
        assert listing.page_size == LARGEST_PAGE // 8
        await provider.aclose()

    run(story())


@pytest.mark.matrix
@pytest.mark.parametrize(
    "fault",
    [
        {"do": "status", "status": 403, "code": "AccessDenied"},
        {"do": "status", "status": 400, "code": "InvalidParameter"},
        {"do": "shape"},
        {"do": "html", "status": 200},
    ],
    ids=["403", "400", "shape", "html"],
)
def test_where_lists_are_of_no_use_each_task_is_asked_for(
    studio: Studio, sandbox: SandboxServer, fault: dict[str, object]
) -> None:
    sandbox.rules(hold="RUNNING")
    sandbox.faults({"endpoint": "list", "times": 1000, **fault})
    jobs = submitted(studio, sandbox, 6)

    async def story() -> None:
        await asked(sandbox, len(jobs))
        sandbox.rules(hold=None)
        await succeed(studio, jobs)

    run(story())
    seen = sandbox.statistics()["requests"]
    assert seen["list"] <= 8
    assert seen["get"] >= 12


@pytest.mark.parametrize("pace", [Pace(list_from=1)], ids=["lists"])
def test_a_list_that_stays_behind_is_believed_ever_less(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.rules(hold="RUNNING")
    jobs = submitted(studio, sandbox, 5)
    provider, monitor = cloud(studio), studio.engine._watchers["dashscope:beijing"]

    async def story() -> None:
        for job in jobs:
            await until(studio, job, lambda now: now.task_status is TaskStatus.RUNNING)
        provider.stale = True
        await happens(lambda: len(provider.pages) == 2)
        sandbox.rules(hold=None)
        await succeed(studio, jobs)
        assert monitor._trust < PACE.distrust_after / 2

    run(story())


def test_a_task_that_cannot_be_told_of_holds_up_no_other(studio: Studio, sandbox: SandboxServer) -> None:
    sick, *others = submitted(studio, sandbox, 4)
    cloud(studio).sick = sick.task_id
    run(succeed(studio, others))


@pytest.mark.parametrize("pace", [Pace(tries=1, longest_pause=0.6)], ids=["at once"])
def test_an_outage_costs_few_requests_and_no_job(studio: Studio, sandbox: SandboxServer) -> None:
    monitor = studio.engine._watchers["dashscope:beijing"]
    sandbox.rules(hold="RUNNING")
    jobs = submitted(studio, sandbox, 12)

    async def story() -> None:
        sandbox.faults(
            *({"endpoint": endpoint, "do": "status", "status": 503, "times": 10_000} for endpoint in ("get", "list"))
        )
        await happens(lambda: monitor._pause == 0.6)
        begun, before = time.monotonic(), sandbox.statistics()["requests"]
        for job in jobs * 3:
            monitor.wake(job.id)
        during = await asked(sandbox, before["get"] + 3) - before["get"]
        assert during <= (time.monotonic() - begun) / 0.6 + 1
        assert sandbox.statistics()["requests"]["list"] == before["list"]
        assert {(await studio.engine.job("ada", job.id)).state for job in jobs} == {State.WAITING}
        sandbox.http.delete("/_control/faults").raise_for_status()
        sandbox.rules(hold=None, limited=False)
        await succeed(studio, jobs)

    run(story())


def test_waking_again_and_again_costs_one_request_a_second(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.rules(hold="RUNNING")
    (job,) = submitted(studio, sandbox, 1)

    async def story() -> None:
        await until(studio, job, lambda now: now.task_status is TaskStatus.RUNNING)
        monitor = studio.engine._watchers["dashscope:beijing"]
        begun, before = time.monotonic(), sandbox.statistics()["requests"]["get"]
        while time.monotonic() < begun + 1.5:
            monitor.wake(job.id)
            monitor.wake("no job of ours")
            await asyncio.sleep(0.001)
        looks = sandbox.statistics()["requests"]["get"] - before
        assert looks <= (time.monotonic() - begun) / 0.3 + 2  # its own pace is a look every 0.3 s
        sandbox.rules(hold=None)
        await succeed(studio, [job])

    run(story())


def test_a_task_that_the_provider_does_not_know_is_asked_for_ever_more_seldom(
    studio: Studio, sandbox: SandboxServer
) -> None:
    job = make_job(state=State.WAITING, account="dashscope:beijing", task_id="unheard-of", submitted_at=time.time())
    studio.engine.store.add(job)

    async def story() -> None:
        looks = await asked(sandbox, 3)
        assert time.time() - job.created_at >= 0.3 * (2**looks - 1)
        now = await studio.engine.job("ada", job.id)
        assert (now.state, now.task_status) == (State.WAITING, TaskStatus.UNKNOWN)

    run(story())


def test_a_job_that_is_not_watched_ends_when_its_task_is_forgotten(studio: Studio) -> None:
    now = time.time()
    values = {"account": "dashscope:beijing", "task_id": "forgotten", "submitted_at": now - 25 * 3600}
    job = make_job(state=State.WAITING, stopped_at=now - 20 * 3600, **values)
    studio.engine.store.add(job)
    run(until(studio, job, lambda now: now.state is State.EXPIRED))
