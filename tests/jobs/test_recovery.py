"""Databases of jobs and of workflows that are not of one moment: nothing hangs, and nothing is sent twice."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from studio.catalog.requests import ImageToVideo, Request
from studio.config import Settings
from studio.database.states import State
from studio.jobs.durable.recovery import recover
from studio.jobs.model import Job
from studio.jobs.rows.store import Store, Worker
from studio.service import Studio
from tests.databases import make_job, new_database
from tests.jobs.test_engine import REQUEST, ended, happens, run, settings_for, until
from tests.servers import SandboxServer

LOST = "jobs and workflows were not of one moment"


@pytest.fixture
def sandbox(instant_sandbox: SandboxServer) -> SandboxServer:
    return instant_sandbox


def snapshot(settings: Settings, to: Path) -> Path:
    """Copies of both databases as they are at this moment, of jobs that are being worked on."""
    to.mkdir()
    for name in ("studio.db", "engine.db"):
        with closing(sqlite3.connect(settings.data_dir / name)) as source, closing(sqlite3.connect(to / name)) as copy:
            source.backup(copy)
    return to


def put_back(settings: Settings, jobs: Path, workflows: Path | None) -> None:
    """Lay the jobs of one moment and the workflows of another, or none, in place of what is there."""
    for path in settings.data_dir.glob("*.db*"):
        path.unlink()
    shutil.copy(jobs / "studio.db", settings.data_dir)
    if workflows is not None:
        shutil.copy(workflows / "engine.db", settings.data_dir)
    with closing(sqlite3.connect(settings.data_dir / "studio.db")) as database:
        database.execute("UPDATE workers SET beat_at = beat_at - 60")  # as if it were opened a minute later
        database.commit()


def frame_request(studio: Studio, folder: Path) -> ImageToVideo:
    picture = folder / "frame.png"
    Image.effect_noise((320, 320), 90).save(picture)
    frame = studio.vault.keep("ada", "image", "frame.png", picture).asset
    return ImageToVideo(provider="dashscope", model="happyhorse-1.0-i2v", first_frame=frame, duration=3)


async def accepted(studio: Studio, *requests: Request) -> list[Job]:
    return [await studio.engine.accept("ada", one) for one in requests]


async def reached(studio: Studio, jobs: Collection[Job], state: State) -> None:
    for job in jobs:
        await until(studio, job, lambda now: now.state is state)


def numbered(count: int) -> list[Request]:
    return [replace(REQUEST, prompt=f"Horse {number}") for number in range(count)]


def line(caplog: pytest.LogCaptureFixture) -> str:
    lines = [record.getMessage() for record in caplog.records if LOST in record.getMessage()]
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.slow
def test_with_the_workflows_lost_each_job_goes_on_from_its_row(
    sandbox: SandboxServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As when only the jobs were copied: one is being published, one sent, one saved, and some are queued."""
    settings = settings_for(sandbox, tmp_path)
    sandbox.faults({"endpoint": "download", "do": "hang"})
    with Studio(settings) as studio:

        async def begin() -> list[Job]:
            saving = await accepted(studio, REQUEST)
            await reached(studio, saving, State.SAVING)
            sandbox.faults({"endpoint": "upload", "do": "hang"}, {"endpoint": "create", "do": "hang", "times": 3})
            publishing = await accepted(studio, frame_request(studio, tmp_path))
            await reached(studio, publishing, State.PUBLISHING)
            rest = await accepted(studio, *numbered(7))  # of one visitor four at once
            await until(studio, rest[0], lambda now: now.state is State.SUBMITTING)
            await happens(lambda: sandbox.statistics()["requests"]["create"] == 4)
            return [*saving, *publishing, *rest]

        jobs = run(begin())
        copy = snapshot(settings, tmp_path / "copy")
    before = Store(f"sqlite:///{copy / 'studio.db'}")
    states = {job.id: now.state for job in jobs if (now := before.get(job.id)) is not None}
    before.close()
    assert set(states.values()) == {State.SAVING, State.PUBLISHING, State.SUBMITTING, State.QUEUED}
    put_back(settings, copy, None)
    sandbox.clear()
    sandbox.rules(limited=False, pending=0)
    sandbox.task()
    with caplog.at_level(logging.WARNING, "studio.jobs"), Studio(settings) as studio:
        for job in jobs:
            sent = states[job.id] is State.SUBMITTING
            expected = {State.INTERRUPTED} if sent else {State.SUCCEEDED, State.EXPIRED}
            assert run(ended(studio, job)).state in expected, states[job.id]
    sent = sum(state is State.SUBMITTING for state in states.values())
    assert line(caplog).endswith(f": {sent} jobs interrupted, 1 jobs queued again")
    again = sum(state in (State.QUEUED, State.PUBLISHING) for state in states.values())
    assert sandbox.statistics()["requests"]["create"] == 1 + again


@pytest.mark.slow
def test_jobs_older_than_their_workflows_are_not_sent_again(
    sandbox: SandboxServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_for(sandbox, tmp_path)
    with Studio(settings) as studio:

        async def begin() -> tuple[list[Job], Path]:
            sandbox.faults({"endpoint": "create", "do": "delay", "seconds": 1.0, "times": 6})
            jobs = await accepted(studio, *numbered(6))
            older = snapshot(settings, tmp_path / "older")
            for job in jobs:
                assert (await ended(studio, job)).state is State.SUCCEEDED
            sandbox.faults({"endpoint": "create", "do": "hang"})
            unknown = await accepted(studio, replace(REQUEST, prompt="A horse of which the older copy knows nothing"))
            await reached(studio, unknown, State.SUBMITTING)
            return jobs, older

        jobs, older = run(begin())
        newer = snapshot(settings, tmp_path / "newer")
    creations = sandbox.statistics()["creations"]
    put_back(settings, older, newer)
    with caplog.at_level(logging.WARNING, "studio.jobs"), Studio(settings) as studio:
        # Their tasks are found in the cloud's list, and so are their videos.
        for job in jobs:
            assert run(until(studio, job, lambda now: now.state is State.SUCCEEDED)).task_id is not None
    assert sandbox.statistics()["creations"] == creations
    said = "".join(record.getMessage() for record in caplog.records if LOST in record.getMessage())
    assert "jobs interrupted" in said
    assert "1 workflows deleted" in said


def test_jobs_newer_than_their_workflows_go_on(
    sandbox: SandboxServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_for(sandbox, tmp_path)
    with Studio(settings) as studio:

        async def begin() -> tuple[list[Job], Path]:
            older = snapshot(settings, tmp_path / "older")
            sandbox.faults({"endpoint": "upload", "do": "hang"})
            publishing = await accepted(studio, frame_request(studio, tmp_path))
            await reached(studio, publishing, State.PUBLISHING)
            sandbox.faults({"endpoint": "create", "do": "status", "status": 429, "retry_after": "3", "times": 9})
            return [*publishing, *await accepted(studio, *numbered(5))], older

        jobs, older = run(begin())
        newer = snapshot(settings, tmp_path / "newer")
    sandbox.faults()
    put_back(settings, newer, older)
    with caplog.at_level(logging.WARNING, "studio.jobs"), Studio(settings) as studio:
        for job in jobs:
            assert run(ended(studio, job)).state in (State.SUCCEEDED, State.INTERRUPTED)
    assert "1 jobs queued again" in line(caplog)


def test_what_another_living_worker_does_is_left_to_it(sandbox: SandboxServer, tmp_path: Path, postgresql: str) -> None:
    """Its workflow stands in the database that both have, and itself on the list of workers."""
    url = new_database(postgresql).replace("+psycopg", "")
    sandbox.faults({"endpoint": "upload", "do": "hang"}, {"endpoint": "create", "do": "hang"})
    settings = settings_for(sandbox, tmp_path, DATABASE_URL=url)
    with Studio(settings) as studio:

        async def story() -> None:
            (publishing,) = await accepted(studio, frame_request(studio, tmp_path))
            (submitting,) = await accepted(studio, REQUEST)
            await reached(studio, [publishing], State.PUBLISHING)
            await reached(studio, [submitting], State.SUBMITTING)
            store, tender = studio.engine.store, studio.engine._supervisor
            me = studio.engine._worker
            store.beat(Worker("newcomer", me.host, me.pid, store.clock.wall()))
            assert await asyncio.to_thread(recover, store, tender._workflows, "newcomer") == {}
            # Its workflows are missed as soon as it is not on the list any more.
            lost = make_job(state=State.PUBLISHING, account=publishing.account)
            store.add(lost)
            mended = await asyncio.to_thread(recover, store, tender._workflows, "newcomer")
            assert mended == {"jobs queued again": 1}
            for job, state in ((publishing, State.PUBLISHING), (submitting, State.SUBMITTING)):
                assert (await studio.engine.job("ada", job.id)).state is state

        run(story())
