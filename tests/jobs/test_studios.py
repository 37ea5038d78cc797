"""Studios that come and go: other settings, other databases, a stop in the middle."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest

from studio.database.states import State
from studio.errors import ConfigError, StoreError
from studio.jobs.durable.workers import Supervisor, this_process
from studio.jobs.durable.workflows import Workflow, Workflows
from studio.jobs.model import Job
from studio.jobs.rows.store import DueJob, Store, Worker
from studio.jobs.submit.outages import Outages
from studio.providers.base import TaskStatus
from studio.service import Studio, _signing_secret
from studio.system.pace import PACE, Pace
from tests.databases import make_job, new_database
from tests.jobs.clouds import UNLIMITED, spoken_to_by
from tests.jobs.test_engine import REQUEST, ended, happens, run, settings_for, settled, until
from tests.servers import SandboxServer


def test_an_unreachable_provider_keeps_the_job_queued(sandbox: SandboxServer, tmp_path: Path) -> None:
    with Studio(settings_for(sandbox, tmp_path, DASHSCOPE_BASE_URL="http://127.0.0.1:9")) as studio:

        async def story() -> None:
            job = await studio.engine.accept("ada", REQUEST)
            held_up = await until(studio, job, lambda now: now.fault is not None)
            assert held_up.state is State.QUEUED
            assert held_up.fault is not None
            assert held_up.fault.kind == "not_sent"
            canceled = await studio.engine.cancel("ada", job.id)
            assert canceled.state is State.CANCELED

        run(story())


@pytest.mark.slow
def test_many_jobs_are_watched_by_lists_and_none_is_lost(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    instant_sandbox.rules(running=1.0, running_per_model=1000)
    settings = settings_for(instant_sandbox, tmp_path, STUDIO_POLL_SECONDS="1")
    with Studio(settings, accounts=spoken_to_by(submissions_per_second=UNLIMITED)) as studio:

        async def story() -> None:
            jobs = [await studio.engine.accept("ada", REQUEST) for _ in range(40)]
            states = [(await ended(studio, job)).state for job in jobs]
            assert states == [State.SUCCEEDED] * 40

        run(story())
    seen = instant_sandbox.statistics()
    assert seen["creations"] == 40
    assert seen["requests"]["list"] > 0
    assert seen["busiest_second"] <= 20


def test_a_stopped_studio_goes_on_where_it_was(sandbox: SandboxServer, tmp_path: Path) -> None:
    settings = settings_for(sandbox, tmp_path)
    sandbox.rules(hold="RUNNING")

    async def begin(studio: Studio) -> Job:
        job = await studio.engine.accept("ada", REQUEST)
        return await until(studio, job, lambda now: now.task_status is TaskStatus.RUNNING)

    with Studio(settings) as first:
        job = run(begin(first))
    sandbox.rules(hold=None)
    with Studio(settings) as second:
        assert run(ended(second, job)).state is State.SUCCEEDED
    assert sandbox.statistics()["creations"] == 1


@pytest.mark.slow
def test_postgresql_by_url_does_the_same(sandbox: SandboxServer, tmp_path: Path, postgresql: str) -> None:
    url = new_database(postgresql).replace("+psycopg", "")
    with Studio(settings_for(sandbox, tmp_path, DATABASE_URL=url)) as studio:

        async def story() -> None:
            jobs = [await studio.engine.accept("ada", REQUEST) for _ in range(3)]
            assert [(await ended(studio, job)).state for job in jobs] == [State.SUCCEEDED] * 3

        run(story())
    assert sandbox.statistics()["creations"] == 3


class Hands:
    """What a worker hands work over to. The first taking over dies, and each handing over lasts for an hour."""

    def __init__(self) -> None:
        self.taken_over: list[str] = []
        self.handed_over: list[str] = []

    def forget_but(self, due: object) -> None:
        pass

    def in_turn(self, work: str, due: Iterable[DueJob]) -> Iterator[DueJob]:
        yield from due

    async def hand_over(self, work: str, job: DueJob) -> bool:
        self.handed_over.append(job.id)
        await asyncio.sleep(3600)
        return True

    def stalled(self, due: object) -> list[str]:
        return []

    def unfinished(self, worker_id: str | None = None) -> list[Workflow]:
        if worker_id is not None:
            self.taken_over.append(worker_id)
            if len(self.taken_over) == 1:
                raise StoreError("The disk is gone.")
        return []

    def known(self, ids: object) -> list[Workflow]:
        return []

    def resume(self, begun: object) -> None:
        pass

    def delete(self, lost: object) -> None:
        pass

    def sweep(self) -> None:
        pass


@contextlib.asynccontextmanager
async def tended(store: Store, hands: Hands) -> AsyncIterator[None]:
    """A worker ``me`` looks after the jobs and the other workers."""
    me = this_process(store.clock.wall())
    store.beat(me)
    soon = Pace(due_seconds=0.05, beat_seconds=0.05)
    tender = Supervisor(me, store, ["sandbox"], cast(Workflows, hands), Outages(store.clock), soon)
    work = asyncio.create_task(tender.run())
    yield
    work.cancel()


def test_a_worker_with_much_to_hand_over_is_not_taken_for_dead(store: Store) -> None:
    async def story() -> None:
        store.add(make_job())
        hands = Hands()
        async with tended(store, hands):
            await happens(lambda: len(hands.handed_over) == 1)
            (first,) = store.workers()
            await happens(lambda: store.workers()[0].beat_at >= first.beat_at + 0.2)

    run(story())


def test_what_another_process_changes_is_told_to_the_page_once(
    sandbox: SandboxServer, tmp_path: Path, postgresql: str
) -> None:
    url = new_database(postgresql)
    with Studio(settings_for(sandbox, tmp_path, DATABASE_URL=url.replace("+psycopg", ""))) as studio:

        async def story() -> None:
            await settled(studio)
            elsewhere = Store(url)
            later = time.time() + 60  # so that nobody takes its answer for lost meanwhile
            job = make_job(state=State.SUBMITTING, account="another", updated_at=later)
            with studio.engine.changes.subscribe("ada") as changes:
                elsewhere.add(job)
                assert await changes.get() == job
                moved = elsewhere.move(job.id, State.FAILED)
                assert await changes.get() == moved
                other = make_job(state=State.SUBMITTING, account="another")
                elsewhere.add(other)
                assert await changes.get() == other
            elsewhere.close()

        run(story())


def test_a_dead_worker_stays_on_the_list_until_its_work_is_taken_over(store: Store) -> None:
    """Whoever dies over the taking over is followed by another, who finds it there."""

    def dead() -> bool:
        return "dead" in [worker.id for worker in store.workers()]

    async def story() -> None:
        store.beat(Worker("dead", "elsewhere", 1, beat_at=time.time() - PACE.dead_after - 1))
        hands = Hands()
        async with tended(store, hands):
            await happens(lambda: not dead())
        assert hands.taken_over == ["dead", "dead"]

    run(story())


def test_studios_that_start_at_once_sign_with_one_secret(tmp_path: Path) -> None:
    gate = threading.Barrier(8)

    def start(_: int) -> bytes:
        gate.wait()
        return _signing_secret(tmp_path)

    with ThreadPoolExecutor(8) as pool:
        (secret,) = set(pool.map(start, range(8)))
    assert len(secret) == 32
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
    assert _signing_secret(tmp_path) == secret


def test_a_studio_that_dies_over_its_secret_leaves_none(tmp_path: Path) -> None:
    def die(_: int) -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _signing_secret(tmp_path, fresh=die)
    assert len(_signing_secret(tmp_path)) == 32


def test_where_there_are_no_hard_links_a_secret_is_kept(tmp_path: Path) -> None:
    def refuse(*_: Path) -> None:
        raise PermissionError("Operation not permitted")

    secret = _signing_secret(tmp_path, link=refuse)
    assert len(secret) == 32
    assert _signing_secret(tmp_path) == secret
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize("left", [b"", b"a part"])
def test_with_a_secret_that_was_cut_no_studio_starts(sandbox: SandboxServer, tmp_path: Path, left: bytes) -> None:
    settings = settings_for(sandbox, tmp_path)
    (settings.data_dir / "secret").write_bytes(left)
    with pytest.raises(ConfigError, match="was cut"):
        Studio(settings)
    assert (settings.data_dir / "secret").read_bytes() == left
