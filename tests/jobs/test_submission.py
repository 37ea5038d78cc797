"""The way to the provider when others work on the same job, the visitor has second thoughts, or the disk refuses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studio.catalog.pricing import Quote
from studio.database.states import State
from studio.errors import NotSent, PriceHigher, PublishFailed, StoreError
from studio.jobs.model import Job
from studio.service import Studio
from tests.databases import make_job
from tests.jobs.test_engine import REQUEST, ended, happens, run, settings_for, until
from tests.jobs.test_publishing import first_frame, give
from tests.servers import SandboxServer


@pytest.fixture
def studio(instant_sandbox: SandboxServer, tmp_path: Path) -> Iterator[Studio]:
    with Studio(settings_for(instant_sandbox, tmp_path)) as running:
        yield running


async def at_rest(studio: Studio) -> None:
    await happens(lambda: studio.engine._submission.on_the_wire == 0)


@pytest.mark.parametrize("error", [PublishFailed("No way."), NotSent("No answer.")], ids=["for good", "for now"])
def test_what_another_worker_has_on_the_wire_is_not_undone(
    studio: Studio, instant_sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Taken for dead while it published, a worker fails when the one that took over has just begun its POST."""

    async def publish(*_: object) -> None:
        (job,) = studio.engine.store.page("eve", limit=1)
        studio.engine.store.move(job.id, State.SUBMITTING, submitting_at=time.time())
        raise error

    monkeypatch.setattr(studio.engine._submission._publisher, "publish", publish)

    async def story() -> None:
        asset = studio.vault.keep("eve", "image", "a.png", studio.vault.path(give(studio, "gold").sha256)).asset
        job = await studio.engine.accept("eve", first_frame(asset))
        await until(studio, job, lambda now: now.state is State.SUBMITTING)
        await at_rest(studio)
        now = await studio.engine.job("eve", job.id)
        assert (now.state, now.attempt, now.fault) == (State.SUBMITTING, 0, None)

    run(story())
    assert instant_sandbox.statistics()["creations"] == 0


def test_a_cancel_ends_the_upload_and_the_card_stays_canceled(studio: Studio, instant_sandbox: SandboxServer) -> None:
    instant_sandbox.faults({"endpoint": "upload", "do": "hang"})

    async def story() -> None:
        job = await studio.engine.accept("ada", first_frame(give(studio, "navy", more=2_000_000)))
        await until(studio, job, lambda now: now.state is State.PUBLISHING)
        with studio.engine.changes.subscribe("ada") as changes:
            await studio.engine.cancel("ada", job.id)
            await asyncio.wait_for(at_rest(studio), 30)
            told = [changes.get_nowait() for _ in range(changes.qsize())]
        assert [news.state for news in told if isinstance(news, Job) and news.id == job.id][-1] is State.CANCELED
        assert studio.engine.progress(job.id) == {}

    run(story())


def test_a_refusal_is_written_down_however_long_the_disk_refuses(
    studio: Studio, instant_sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forgotten, it would be taken for an answer that was lost, and may have been charged."""
    instant_sandbox.faults({"endpoint": "create", "do": "status", "status": 400, "code": "DataInspectionFailed"})
    move, refusals = studio.engine.store.move, []

    def refuse_twice(job_id: str, to: State, **more: Any) -> Job | None:
        if to is State.FAILED and len(refusals) < 2:
            refusals.append(job_id)
            raise StoreError("The disk is full.")
        return move(job_id, to, **more)

    monkeypatch.setattr(studio.engine.store, "move", refuse_twice)

    async def story() -> None:
        job = await ended(studio, await studio.engine.accept("ada", REQUEST))
        assert job.fault is not None
        assert (job.state, job.fault.charged, len(refusals)) == (State.FAILED, "no", 2)

    run(story())


def test_what_went_wrong_before_is_not_told_of_a_request_on_its_way(
    studio: Studio, instant_sandbox: SandboxServer
) -> None:
    refusal = {"do": "status", "status": 429, "code": "Throttling.RateQuota", "retry_after": "0"}
    instant_sandbox.faults({"endpoint": "create", **refusal})

    async def story() -> None:
        with studio.engine.changes.subscribe("ada") as changes:
            job = await studio.engine.accept("ada", REQUEST)
            told = [job]
            while not told[-1].state.ended:
                news = await changes.get()
                assert isinstance(news, Job)
                told.append(news)
        assert told[-1].state is State.SUCCEEDED
        assert {now.state for now in told if now.fault is not None} == {State.QUEUED}
        assert [now.state for now in told].count(State.SUBMITTING) == 2

    run(story())


def test_what_nobody_foresaw_is_tried_again_later_even_if_the_disk_refuses_to_note_it(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    postpone, postponed = studio.engine.store.postpone, []

    async def fail(_: str) -> None:
        raise KeyError("unforeseen")

    def refuse_once(job_id: str, until: float) -> None:
        postponed.append(job_id)
        if len(postponed) == 1:
            raise StoreError("The disk is full.")
        postpone(job_id, until)

    monkeypatch.setitem(studio.engine._workflows._works, "submit", fail)  # type: ignore[arg-type]
    monkeypatch.setattr(studio.engine.store, "postpone", refuse_once)

    async def story() -> None:
        job = await studio.engine.accept("ada", REQUEST)
        later = await until(studio, job, lambda now: now.attempt == 1)
        assert (later.state, len(postponed)) == (State.QUEUED, 2)
        assert later.not_before > time.time() + 30
        assert (await studio.engine.cancel("ada", job.id)).state is State.CANCELED

    run(story())


def test_a_file_is_taken_for_what_is_held_whatever_address_comes_with_it(studio: Studio) -> None:
    """The checks and the price hold for the bytes that are here; an address may show others."""

    async def story() -> None:
        asset = replace(give(studio, "orchid"), url="https://elsewhere.example/long.mp4")
        job = await studio.engine.accept("ada", first_frame(asset))
        assert [one.url for one in job.request.assets] == [None]
        await ended(studio, job)

    run(story())


@pytest.mark.parametrize(
    ("rate", "currency"), [("0.5", "CNY"), ("2", "USD")], ids=["it was cheaper", "it was another currency"]
)
def test_what_costs_more_after_an_update_than_was_shown_is_not_sent(
    studio: Studio, instant_sandbox: SandboxServer, rate: str, currency: str
) -> None:
    told = Quote(Decimal(5), Decimal(rate), currency, "seed")
    dearer = make_job(account="dashscope:beijing", quote=told)
    cheaper = make_job(account="dashscope:beijing", quote=replace(told, rate=Decimal(9), currency="CNY"))
    for job in (dearer, cheaper):
        studio.engine.store.add(job)

    async def story() -> None:
        refused = await ended(studio, dearer)
        assert refused.fault is not None
        assert (refused.state, refused.fault.kind, refused.fault.charged) == (State.FAILED, "price_higher", "no")
        with pytest.raises(PriceHigher):
            await studio.engine.send_again("ada", dearer.id)
        assert (await ended(studio, cheaper)).state is State.SUCCEEDED

    run(story())
    assert instant_sandbox.statistics()["requests"]["create"] == 1
