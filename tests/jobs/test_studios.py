"""Studios that come and go: other settings, other databases, a stop in the middle."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from studio.errors import StoreError
from studio.jobs import tending
from studio.jobs.model import Job, State
from studio.jobs.store import Worker
from studio.providers.base import TaskStatus
from studio.service import Studio
from tests.jobs.test_engine import REQUEST, ended, run, settings_for, until
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


def test_many_jobs_are_watched_by_lists_and_none_is_lost(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    instant_sandbox.rules(running=1.0, running_per_model=1000)
    with Studio(settings_for(instant_sandbox, tmp_path, STUDIO_POLL_SECONDS="1")) as studio:

        async def story() -> None:
            studio.engine.accounts["dashscope:beijing"].provider._submissions = Unlimited()  # type: ignore[attr-defined]
            jobs = [await studio.engine.accept("ada", REQUEST) for _ in range(40)]
            states = [(await ended(studio, job)).state for job in jobs]
            assert states == [State.SUCCEEDED] * 40

        run(story())
    seen = instant_sandbox.statistics()
    assert seen["creations"] == 40
    assert seen["requests"]["list"] > 0
    assert seen["busiest_second"] <= 20


class Unlimited(dict[str, Any]):
    """Submission budgets that never wait: the account's budget alone is under test."""

    def setdefault(self, key: str, default: Any = None) -> Any:
        default.rate = 1000
        return super().setdefault(key, default)


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


def test_postgresql_by_url_does_the_same(sandbox: SandboxServer, tmp_path: Path, postgresql: str) -> None:
    import psycopg

    name = f"engine{int(time.time() * 1000)}"
    with psycopg.connect(postgresql.format(name="postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    url = postgresql.format(name=name).replace("+psycopg", "")
    with Studio(settings_for(sandbox, tmp_path, DATABASE_URL=url)) as studio:

        async def story() -> None:
            jobs = [await studio.engine.accept("ada", REQUEST) for _ in range(3)]
            assert [(await ended(studio, job)).state for job in jobs] == [State.SUCCEEDED] * 3

        run(story())
    assert sandbox.statistics()["creations"] == 3


def test_a_dead_worker_stays_on_the_list_until_its_work_is_taken_over(
    sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever dies over the taking over is followed by another, who finds it there."""
    monkeypatch.setattr(tending, "TEND_SECONDS", 0.05)
    with Studio(settings_for(sandbox, tmp_path)) as studio:
        store, resumed = studio.engine.store, threading.Event()

        def die(worker_id: str) -> None:
            resumed.set()
            raise StoreError("The disk is gone.")

        with monkeypatch.context() as patch:
            patch.setattr(studio.engine._workflows, "resume", die)
            store.beat(Worker("dead", "elsewhere", 1, beat_at=time.time() - tending.DEAD_AFTER - 1))
            assert resumed.wait(10)
            assert "dead" in [worker.id for worker in store.workers()]
        deadline = time.monotonic() + 10
        while "dead" in [worker.id for worker in store.workers()]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
