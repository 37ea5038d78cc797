"""Jobs whose account, model or settings are gone: told, counted, ended, and going on when they are back."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from studio.accounts.charges import committed
from studio.accounts.missing import account_missing
from studio.catalog.requests import LostRequest, TextToVideo
from studio.database.states import State
from studio.errors import AccountMissing, Fault, ModelMissing
from studio.jobs.model import Job, Trace
from studio.jobs.rows.store import Store
from studio.jobs.watch.orphaned import OrphanedJobs
from studio.library.history import Filter, Library
from studio.library.ledger import entries
from studio.outputs.locations import Locations
from studio.service import Studio
from studio.system.pace import Pace
from studio.web.board.views import view
from studio.web.text import Translation
from tests.databases import make_job
from tests.jobs.test_engine import ended, run, settings_for, until
from tests.servers import SandboxServer

GONE, HERE = "dashscope:beijing", "dashscope:singapore"
DAY = 24 * 3600.0


def stored(store: Store, **changes: Any) -> Job:
    job = make_job(**{"account": GONE} | changes)
    store.add(job)
    return job


def now(store: Store, job: Job) -> Job:
    found = store.get(job.id)
    assert found is not None
    return found


def shown(store: Store, job: Job) -> dict[str, Any]:
    return dict(view(now(store, job), Translation()))


def test_what_is_queued_says_what_to_set_can_be_canceled_and_is_given_up_after_a_day(store: Store) -> None:
    job = stored(store)
    ours = OrphanedJobs(store, [HERE])
    ours.look(time.time())
    card = shown(store, job)
    assert (card["state"], card["actions"], card["fault"]["charged"]) == ("queued", ["cancel"], "Nothing was charged.")
    assert card["note"] == "Saved; waiting for the API key of DashScope · Beijing."
    assert "Set DASHSCOPE_REGION=beijing, DASHSCOPE_API_KEY" in card["fault"]["remedy"]
    with store.engine.connect() as connection:
        assert committed(connection, "CNY", time.time()) == 8
    ours.look(time.time() + DAY - 60)
    assert now(store, job).state is State.QUEUED
    ours.look(time.time() + DAY + 60)
    assert shown(store, job)["state"] == "failed"
    with store.engine.connect() as connection:
        assert committed(connection, "CNY", time.time()) == 0
    assert Library(store, Locations.folder(Path())).delete("ada", [job.id]) == [job.id]


def test_a_task_that_runs_says_until_when_its_result_can_be_had_and_expires(store: Store) -> None:
    sent_at = time.time() - DAY + 60
    job = stored(store, state=State.WAITING, task_id="t", submitted_at=sent_at, submitting_at=sent_at)
    ours = OrphanedJobs(store, [HERE])
    ours.look(time.time())
    card = shown(store, job)
    assert card["actions"] == ["stop"]
    assert "until about" in card["note"]
    assert "DASHSCOPE_REGION=beijing" in card["fault"]["remedy"]
    ours.look(time.time() + 120)
    over = now(store, job)
    assert over.fault is not None
    assert (over.state, over.fault.kind, over.fault.charged) == (State.EXPIRED, "account_missing", "unknown")
    (entry,) = entries(store.engine, "ada")
    assert (entry.charge.billed, entry.charge.open) == (0, 8)
    assert Library(store, Locations.folder(Path())).delete("ada", [job.id]) == [job.id]


def test_one_that_is_not_watched_expires_too(store: Store) -> None:
    job = stored(store, state=State.WAITING, task_id="t", submitted_at=time.time() - DAY - 60, stopped_at=1.0)
    OrphanedJobs(store, [HERE]).look(time.time())
    assert now(store, job).state is State.EXPIRED


def test_one_whose_answer_was_lost_says_that_nobody_can_look_for_its_task(store: Store) -> None:
    lost = Fault("reply_lost", "submit", "Gone.", charged="unknown")
    job = stored(store, state=State.INTERRUPTED, submitting_at=time.time() - DAY + 60, fault=lost)
    ours = OrphanedJobs(store, [HERE])
    ours.look(time.time())
    card = shown(store, job)
    assert card["note"].startswith("Its task cannot be searched for")
    assert "DASHSCOPE_REGION=beijing" in card["fault"]["remedy"]
    assert Library(store, Locations.folder(Path())).delete("ada", [job.id]) == []
    ours.look(time.time() + 120)
    assert now(store, job).trace is Trace.UNLISTED


def test_an_account_that_another_process_watches_is_not_missing(store: Store) -> None:
    job = stored(store)
    store.hold(f"watch:{GONE}", "another", 60)
    OrphanedJobs(store, [HERE]).look(time.time())
    assert now(store, job).fault is None


@pytest.mark.parametrize(
    ("account", "setting"),
    [
        ("aivideoapi", "AIVIDEOAPI_KEY"),
        ("sandbox", "STUDIO_PROVIDER=sandbox"),
        ("dashscope:singapore", "DASHSCOPE_REGION=singapore"),
        ("dashscope:atlantis", "no account dashscope:atlantis"),
        ("fal", "no account fal"),
    ],
)
def test_the_setting_is_named(account: str, setting: str) -> None:
    assert setting in str(account_missing(account))


@pytest.mark.parametrize(
    "request_json",
    ["{broken", "null", "[]", '{"mode": "hologram"}', '{"mode": "image-to-video", "first_frame": 7}', '{"mode": []}'],
)
def test_a_row_whose_request_cannot_be_read_is_shown_as_what_is_left(tmp_path: Path, request_json: str) -> None:
    store = Store(f"sqlite:///{tmp_path / 'studio.db'}")
    job, other = stored(store), stored(store, state=State.INTERRUPTED, submitting_at=time.time())
    with store.engine.begin() as connection:
        damage = text("UPDATE jobs SET request = :json, quote = '{1', provider = 'fal', model = 'gone' WHERE id = :id")
        connection.execute(damage, {"json": request_json, "id": job.id})
    for found in (
        *store.page("ada"),
        *(entry.job for entry in Library(store, Locations.folder(tmp_path)).page("ada", Filter()).entries),
    ):
        assert view(found, Translation())["prompt"] == "A horse at dawn"
    assert isinstance(now(store, job).request, LostRequest)
    assert len(store.changed(0)) == 2
    assert [one.id for one in store.claimants(GONE, 0)] == [other.id]
    assert list(entries(store.engine, "ada"))
    with store.engine.connect() as connection:
        committed(connection, "CNY", time.time())
    OrphanedJobs(store, [HERE]).look(time.time())
    store.close()


def test_jobs_go_on_when_the_account_is_back_and_every_action_answers_until_then(
    instant_sandbox: SandboxServer, tmp_path: Path, either: dict[str, str]
) -> None:
    instant_sandbox.rules(hold="RUNNING")
    settings = settings_for(instant_sandbox, tmp_path, DASHSCOPE_REGION="singapore", **either)
    with Studio(settings, pace=Pace(orphaned_look_seconds=0.2)) as studio:
        store = studio.engine.store
        task = instant_sandbox.task()
        queued = stored(store, not_before=0.0)
        running = stored(store, state=State.WAITING, task_id=task, submitted_at=time.time())
        lost = stored(store, state=State.INTERRUPTED, submitting_at=time.time())

        async def story() -> None:
            for job in (queued, running):
                await until(studio, job, lambda now: now.fault is not None and now.fault.kind == "account_missing")
            engine = studio.engine
            for act in (engine.send_anyway, engine.send_again):
                with pytest.raises(AccountMissing, match="DASHSCOPE_REGION=beijing"):
                    await act("ada", lost.id)
            with pytest.raises(AccountMissing):
                await engine.adopt("ada", lost.id, "another")
            with pytest.raises(AccountMissing):
                await engine.send_again("ada", queued.id)

        run(story())
    instant_sandbox.rules(hold=None)
    with Studio(settings_for(instant_sandbox, tmp_path, **either)) as studio:

        async def back() -> None:
            for job in (queued, running):
                assert (await ended(studio, job)).state is State.SUCCEEDED

        run(back())


def test_a_finished_video_is_brought_home_without_its_account(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    task = instant_sandbox.task()
    url = instant_sandbox.finished(task)["output"]["video_url"]
    with Studio(settings_for(instant_sandbox, tmp_path, DASHSCOPE_REGION="singapore")) as studio:
        job = stored(studio.engine.store, state=State.SAVING, task_id=task, result_url=url, finished_at=time.time())

        async def story() -> None:
            assert (await ended(studio, job)).state is State.SUCCEEDED

        run(story())


def test_a_model_that_is_gone_is_told_and_nothing_is_sent(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    gone = TextToVideo(provider="dashscope", model="happyhorse-1.0-t2v", prompt="A horse at dawn")
    object.__setattr__(gone, "model", "happyhorse-0.9-t2v")
    with Studio(settings_for(instant_sandbox, tmp_path)) as studio:
        queued = stored(studio.engine.store, request=gone)
        lost = stored(studio.engine.store, request=gone, state=State.INTERRUPTED, submitting_at=time.time())

        async def story() -> None:
            held_up = await until(studio, queued, lambda now: now.fault is not None)
            assert held_up.fault is not None
            assert (held_up.state, held_up.fault.kind, held_up.fault.charged) == (State.QUEUED, "model_missing", "no")
            for act, job in ((studio.engine.send_anyway, lost), (studio.engine.send_again, queued)):
                with pytest.raises(ModelMissing, match=r"happyhorse-0\.9-t2v is no longer"):
                    await act("ada", job.id)
            await asyncio.sleep(0.5)
            assert (await studio.engine.cancel("ada", queued.id)).state is State.CANCELED

        run(story())
    assert instant_sandbox.statistics()["requests"]["create"] == 0
