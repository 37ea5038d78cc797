"""Clocks that are put forward or back under a studio, and clouds whose clocks differ from ours: nothing is lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from studio.database.states import State
from studio.jobs.model import AHEAD, Job, Trace
from studio.jobs.rows.store import Store
from studio.library.history import Library
from studio.outputs.locations import Locations
from studio.service import Studio
from studio.system.clock import Clock, PatientClock
from studio.system.pace import Pace
from tests.databases import make_job, new_database
from tests.jobs.clouds import Undated, spoken_to_by
from tests.jobs.test_engine import happens, run, settings_for, until, with_prompt
from tests.servers import SandboxServer

HOUR = 3600.0
BUSY = {"do": "status", "status": 429, "code": "Throttling.RateQuota", "retry_after": "60"}


class Jumping:
    """A wall clock that is put forward and back."""

    def __init__(self) -> None:
        self.wrong = 0.0
        self.clock = Clock(wall=lambda: time.time() + self.wrong)


@pytest.fixture
def sandbox(instant_sandbox: SandboxServer) -> SandboxServer:
    return instant_sandbox


async def running(studio: Studio, sandbox: SandboxServer) -> list[Job]:
    """Eight jobs that the provider works on, and that are all watched."""
    sandbox.rules(hold="RUNNING", running_per_model=100)
    jobs = [await studio.engine.accept("ada", with_prompt(f"Horse {number}")) for number in range(8)]
    return [await until(studio, job, lambda now: now.started_at is not None) for job in jobs]


async def all_saved(studio: Studio, jobs: list[Job]) -> None:
    for job in jobs:
        await until(studio, job, lambda now: now.state is State.SUCCEEDED)


@pytest.mark.matrix
@pytest.mark.parametrize("jump", [-HOUR, HOUR], ids=["back", "forward"])
def test_when_the_clock_jumps_an_hour_under_the_studio_all_is_saved(
    sandbox: SandboxServer, tmp_path: Path, jump: float
) -> None:
    wall = Jumping()

    async def story(studio: Studio) -> None:
        jobs = await running(studio, sandbox)
        sandbox.faults({"endpoint": "list", **BUSY})
        lists = sandbox.statistics()["requests"]["list"]
        await happens(lambda: sandbox.statistics()["requests"]["list"] > lists)  # a pause begins
        wall.wrong = jump
        sandbox.rules(hold=None)
        await all_saved(studio, jobs)
        late = await studio.engine.accept("ada", with_prompt("After the jump"))
        await all_saved(studio, [late])
        assert studio.engine.silence < 60

    with Studio(settings_for(sandbox, tmp_path), wall.clock) as studio:
        run(story(studio))
    assert sandbox.statistics()["creations"] == 9


@pytest.mark.slow
@pytest.mark.matrix
@pytest.mark.parametrize("jump", [-HOUR, HOUR], ids=["back", "forward"])
def test_when_the_clock_jumps_an_hour_between_two_starts_all_is_saved(
    sandbox: SandboxServer, tmp_path: Path, jump: float
) -> None:
    wall, settings = Jumping(), settings_for(sandbox, tmp_path)
    with Studio(settings, wall.clock) as studio:
        jobs = run(running(studio, sandbox))
        sandbox.faults({"endpoint": "create", "do": "status", "status": 503, "code": "ModelUnavailable"})

        async def put_off() -> Job:
            job = await studio.engine.accept("ada", with_prompt("It waits for the cloud"))
            return await until(studio, job, lambda now: now.not_before > 0)

        jobs.append(run(put_off()))
    wall.wrong = jump
    sandbox.rules(hold=None)
    with Studio(settings, wall.clock) as studio:
        run(all_saved(studio, jobs))
    assert sandbox.statistics()["creations"] == 9


@pytest.mark.matrix
@pytest.mark.parametrize("wrong", [-HOUR, HOUR], ids=["behind", "ahead"])
@pytest.mark.parametrize("put_right", [False, True], ids=["and-stays", "and-is-put-right"])
def test_a_lost_reply_is_found_at_a_cloud_whose_clock_is_an_hour_from_ours(
    sandbox: SandboxServer, tmp_path: Path, wrong: float, put_right: bool
) -> None:
    wall = Jumping()
    wall.wrong = wrong

    async def story(studio: Studio) -> None:
        await studio.engine.check_key("dashscope:beijing")  # as when the page is opened
        sandbox.faults({"endpoint": "create", "do": "reset_after"}, {"endpoint": "list", "times": 1000, **BUSY})
        job = await studio.engine.accept("ada", with_prompt("A horse at dawn"))
        await until(studio, job, lambda now: now.state is State.INTERRUPTED)
        wall.wrong = 0.0 if put_right else wrong
        sandbox.http.delete("/_control/faults").raise_for_status()
        job = await until(studio, job, lambda now: now.state is State.SUCCEEDED)
        assert job.trace is Trace.FOUND

    with Studio(settings_for(sandbox, tmp_path), wall.clock) as studio:
        run(story(studio))
    assert sandbox.statistics()["creations"] == 1


def test_where_the_clouds_clock_is_not_known_nobody_says_that_no_task_was_made(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    soon = Pace(appeared_after=0.5)

    async def story(studio: Studio) -> None:
        sandbox.faults({"endpoint": "create", "do": "reset"})
        job = await studio.engine.accept("ada", with_prompt("A horse at dawn"))
        await until(studio, job, lambda now: now.trace is Trace.UNLISTED)

    undated = spoken_to_by(transport=Undated())
    with Studio(settings_for(sandbox, tmp_path), pace=soon, accounts=undated) as studio:
        run(story(studio))


def test_where_it_was_not_known_when_the_request_left_another_hours_list_proves_nothing(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    soon = Pace(appeared_after=0.5)
    wall, settings = Jumping(), settings_for(sandbox, tmp_path)
    wall.wrong = -HOUR

    async def lose(studio: Studio) -> Job:
        sandbox.faults({"endpoint": "create", "do": "reset_after"}, {"endpoint": "list", "times": 1000, **BUSY})
        job = await studio.engine.accept("ada", with_prompt("A horse at dawn"))
        return await until(studio, job, lambda now: now.state is State.INTERRUPTED)

    with Studio(settings, wall.clock, soon, spoken_to_by(transport=Undated())) as studio:
        job = run(lose(studio))
    wall.wrong = 0.0
    sandbox.http.delete("/_control/faults").raise_for_status()
    with Studio(settings, wall.clock, soon) as studio:
        run(until(studio, job, lambda now: now.trace is not None))
        assert studio.engine.store.get(job.id).trace is Trace.UNLISTED  # type: ignore[union-attr]
    assert sandbox.statistics()["creations"] == 1


def test_the_providers_clock_is_asked_for_before_the_first_request_that_is_paid(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    async def story(studio: Studio) -> None:
        jobs = await studio.engine.accept_all("ada", [with_prompt(f"Horse {number}") for number in range(3)])
        for job in jobs:
            job = await until(studio, job, lambda now: now.state is State.SUCCEEDED)
            (sent,) = [one for one in await studio.engine.history("ada", job.id) if one.what == "submitting"]
            assert abs(sent.detail[AHEAD]) < 5

    with Studio(settings_for(sandbox, tmp_path)) as studio:
        run(story(studio))


@pytest.mark.parametrize("jump", [-HOUR, HOUR], ids=["back", "forward"])
def test_a_deletion_can_be_undone_also_when_the_clock_jumps(tmp_path: Path, jump: float) -> None:
    wall = Jumping()
    store = Store(f"sqlite:///{tmp_path / 'studio.db'}", clock=wall.clock)
    library, job = Library(store, Locations.folder(tmp_path)), make_job(state=State.SUCCEEDED)
    store.add(job)
    library.delete("ada", [job.id])
    wall.wrong = jump
    assert library.sweep(library.clock.now()) == 0
    assert library.restore("ada", [job.id]) == [job.id]
    store.close()


def test_what_is_being_written_is_no_older_for_a_database_whose_clock_is_ahead(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    with Studio(settings_for(sandbox, tmp_path)) as studio:
        studio.library.clock = PatientClock(Clock(wall=lambda: time.time() + 2 * HOUR))
        given = studio.settings.data_dir / "media" / "given.part"
        result = studio.output_dir / "happyhorse-1.1-t2v" / "videos" / "result.part"
        for file in (given, result):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"x")
        studio.sweep_files()
        assert given.exists()
        assert result.exists()


@pytest.mark.slow
@pytest.mark.parametrize("jump", [-HOUR, HOUR], ids=["back", "forward"])
def test_when_the_clock_of_the_databases_server_jumps_all_is_saved(
    sandbox: SandboxServer, tmp_path: Path, postgresql: str, jump: float
) -> None:
    """Under the studio, and between two starts."""
    url = new_database(postgresql, "ALTER DATABASE {name} SET search_path = public, pg_catalog")
    server = create_engine(url)

    def jumps(by: float) -> None:
        body = f"SELECT pg_catalog.clock_timestamp() + make_interval(secs => {by})"
        with server.begin() as connection:
            shown = f"FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS '{body}'"
            connection.execute(text(f"CREATE OR REPLACE {shown}"))

    settings = settings_for(sandbox, tmp_path, DATABASE_URL=url.replace("+psycopg", ""))

    async def story(studio: Studio) -> list[Job]:
        jobs = await running(studio, sandbox)
        jumps(jump)
        before = studio.engine.store.clock.wall()
        await happens(lambda: abs(studio.engine.store.clock.wall() - before - jump) < 60)
        sandbox.rules(hold=None)
        await all_saved(studio, jobs)
        late = await studio.engine.accept("ada", with_prompt("After the jump"))
        await all_saved(studio, [late])
        return await running(studio, sandbox)

    with Studio(settings) as studio:
        jobs = run(story(studio))
    jumps(0.0)
    sandbox.rules(hold=None)
    with Studio(settings) as studio:
        run(all_saved(studio, jobs))
    server.dispose()
    assert sandbox.statistics()["creations"] == 17
