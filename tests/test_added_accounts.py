"""Accounts that come and go while the studio runs: engine, file and settings change together, or none of them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from studio.config import AddedKey
from studio.database.states import State
from studio.errors import AccountKept, DatabaseBusy, Fault, KeysNotSaved, NotAllowed
from studio.jobs.model import Job, Trace
from studio.service import Studio
from studio.system.pace import Pace
from tests.databases import make_job
from tests.jobs.test_engine import REQUEST, ended, run, settings_for
from tests.servers import SandboxServer

LIVE = "dashscope:beijing"


@pytest.fixture(autouse=True)
def _nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key of a developer's."""
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))


@pytest.fixture
def studio(instant_sandbox: SandboxServer, tmp_path: Path) -> Iterator[Studio]:
    """A studio without a key, which soon gives up waiting for its database."""
    settings = settings_for(instant_sandbox, tmp_path, DASHSCOPE_API_KEY="")
    with Studio(settings, pace=Pace(busy_seconds=1.5, longest_delay=0.5, first_wait=0.1)) as studio:
        yield studio


@pytest.fixture
def key(instant_sandbox: SandboxServer) -> AddedKey:
    return AddedKey(SecretStr(instant_sandbox.key), "beijing")


@contextmanager
def another_writes(studio: Studio) -> Iterator[None]:
    """As long as this lasts, another program writes to the database."""
    with closing(sqlite3.connect(studio.settings.data_dir / "studio.db", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield


def keys_file(studio: Studio) -> Path:
    return studio.settings.data_dir / "keys.json"


def is_live(studio: Studio) -> bool:
    """Whether the account is there: for the engine, in the settings and in the file, or nowhere."""
    places = {
        LIVE in studio.engine.accounts,
        studio.engine.offered["dashscope"].live,
        "dashscope" in studio.settings.added_keys,
        keys_file(studio).is_file() and "dashscope" in json.loads(keys_file(studio).read_text()),
    }
    assert len(places) == 1, "they disagree"
    return places.pop()


def test_a_key_that_came_while_the_database_was_locked_is_nowhere_and_can_be_added_later(
    studio: Studio, key: AddedKey
) -> None:
    async def story() -> None:
        with another_writes(studio), pytest.raises(DatabaseBusy):
            await studio.add_account("dashscope", key)
        assert not is_live(studio)
        await studio.add_account("dashscope", key)
        assert is_live(studio)
        job = await ended(studio, await studio.engine.accept("ada", REQUEST))
        assert (job.account, job.state) == (LIVE, State.SUCCEEDED)

    run(story())


@pytest.mark.parametrize("damage", ["a folder", "damaged"])
def test_a_key_that_cannot_be_written_down_is_neither_added_nor_removed(
    studio: Studio, key: AddedKey, damage: str
) -> None:
    file = keys_file(studio)

    def spoil() -> None:
        file.mkdir() if damage == "a folder" else file.write_text("{damaged")

    async def story() -> None:
        spoil()
        with pytest.raises(KeysNotSaved, match=r"keys\.json"):
            await studio.add_account("dashscope", key)
        assert (LIVE in studio.engine.accounts, studio.settings.live) == (False, False)
        file.rmdir() if file.is_dir() else file.unlink()
        await studio.add_account("dashscope", key)

        kept = file.read_text()
        file.unlink()
        spoil()
        with pytest.raises(KeysNotSaved, match=r"keys\.json"):
            await studio.remove_account("dashscope")
        file.rmdir() if file.is_dir() else file.unlink()
        file.write_text(kept)
        assert is_live(studio)
        job = await ended(studio, await studio.engine.accept("ada", REQUEST))
        assert (job.account, job.state) == (LIVE, State.SUCCEEDED)
        await studio.remove_account("dashscope")
        assert not is_live(studio)

    run(story())


def test_a_key_stays_when_the_sandbox_that_is_to_take_its_place_cannot_come(
    instant_sandbox: SandboxServer, tmp_path: Path, key: AddedKey
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "keys.json").write_text(
        json.dumps({"dashscope": {"key": key.key.get_secret_value(), "region": "beijing"}})
    )
    settings = settings_for(instant_sandbox, tmp_path, DASHSCOPE_API_KEY="")

    async def story(studio: Studio) -> None:
        assert studio.sandbox is None
        with another_writes(studio), pytest.raises(DatabaseBusy):
            await studio.remove_account("dashscope")
        assert is_live(studio)
        await studio.remove_account("dashscope")
        assert not is_live(studio)
        assert (await ended(studio, await studio.engine.accept("ada", REQUEST))).state is State.SUCCEEDED

    with Studio(settings, pace=Pace(busy_seconds=1.5)) as studio:
        run(story(studio))


def stored(studio: Studio, **changes: Any) -> Job:
    job = make_job(account=LIVE, submitting_at=time.time(), **changes)
    studio.engine.store.add(job)
    return job


def accept(studio: Studio, cloud: SandboxServer) -> Coroutine[Any, Any, Job]:
    return studio.engine.accept("ada", REQUEST)


def send_anyway(studio: Studio, cloud: SandboxServer) -> Coroutine[Any, Any, Job]:
    return studio.engine.send_anyway("ada", stored(studio, state=State.INTERRUPTED, trace=Trace.NONE).id)


def send_again(studio: Studio, cloud: SandboxServer) -> Coroutine[Any, Any, Job]:
    refused = Fault("request_refused", "submit", "No.")
    return studio.engine.send_again("ada", stored(studio, state=State.FAILED, fault=refused).id)


def adopt(studio: Studio, cloud: SandboxServer) -> Coroutine[Any, Any, Job]:
    return studio.engine.adopt("ada", stored(studio, state=State.EXPIRED).id, cloud.task())


@pytest.mark.matrix(4)
@pytest.mark.parametrize("ask", [accept, send_anyway, send_again, adopt])
@pytest.mark.parametrize("removed_first", [False, True])
def test_no_job_is_left_at_an_account_that_goes_in_the_same_moment(
    studio: Studio,
    instant_sandbox: SandboxServer,
    key: AddedKey,
    ask: Callable[[Studio, SandboxServer], Coroutine[Any, Any, Job]],
    removed_first: bool,
) -> None:
    async def story() -> None:
        await studio.add_account("dashscope", key)
        asked = ask(studio, instant_sandbox)
        with another_writes(studio):  # so that neither is done before the other has begun
            both = [asked, studio.remove_account("dashscope")]
            begun = []
            for one in reversed(both) if removed_first else both:
                begun.append(asyncio.create_task(one))
                await asyncio.sleep(0.3)
        job, removed = sorted(await asyncio.gather(*begun, return_exceptions=True), key=_is_of_removal)
        if isinstance(job, Job) and job.account == LIVE:
            assert isinstance(removed, AccountKept)
            assert is_live(studio)
            await ended(studio, job)
            await studio.remove_account("dashscope")
        else:
            assert isinstance(job, NotAllowed | Job)
            assert removed is None
        assert not is_live(studio)
        assert LIVE not in studio.engine.store.unfinished()

    run(story())


def _is_of_removal(outcome: object) -> bool:
    return outcome is None or isinstance(outcome, AccountKept)
