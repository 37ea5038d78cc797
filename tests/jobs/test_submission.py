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

from studio.accounts.account import Account
from studio.catalog.pricing import Quote
from studio.catalog.requests import Request
from studio.database.states import State
from studio.errors import Fault, NotSent, PriceHigher, PublishFailed, StoreError
from studio.jobs.durable.workflows import SUBMIT, Workflows
from studio.jobs.model import Job
from studio.jobs.rows.store import Store
from studio.jobs.submit.publishing import Progress, Publisher
from studio.jobs.submit.submission import Submission
from studio.service import Studio
from studio.system.pace import PACE, Pace
from tests.databases import make_job
from tests.jobs.clouds import at_rest
from tests.jobs.test_engine import REQUEST, ended, happens, run, settings_for, until
from tests.jobs.test_publishing import first_frame, give
from tests.servers import SandboxServer


@pytest.fixture
def studio(instant_sandbox: SandboxServer, tmp_path: Path) -> Iterator[Studio]:
    with Studio(settings_for(instant_sandbox, tmp_path)) as running:
        yield running


async def done(studio: Studio) -> None:
    await happens(lambda: studio.engine._submission.on_the_wire == 0)


class Late(Publisher):
    """Fails when another worker, which took over, has just begun the POST."""

    def __init__(self, studio: Studio, error: Exception) -> None:
        super().__init__(studio.vault, studio.engine.store.engine)
        self._store = studio.engine.store
        self._error = error

    async def publish(self, request: Request, account: Account, progress: Progress) -> dict[str, str]:
        (job,) = self._store.page("eve", limit=1)
        self._store.move(job.id, State.SUBMITTING, submitting_at=time.time())
        raise self._error


@pytest.fixture
def resting(instant_sandbox: SandboxServer, tmp_path: Path) -> Iterator[Studio]:
    with at_rest(settings_for(instant_sandbox, tmp_path)) as studio:
        yield studio


async def submit(studio: Studio, store: Store, publisher: Publisher, job: Job, pace: Pace = PACE) -> None:
    """Send a job as a worker does."""
    await Submission(store, studio.engine.accounts, publisher, pace).run(job.id)
    await studio.engine.accounts[job.account].provider.aclose()


@pytest.mark.parametrize("error", [PublishFailed("No way."), NotSent("No answer.")], ids=["for good", "for now"])
def test_what_another_worker_has_on_the_wire_is_not_undone(
    resting: Studio, instant_sandbox: SandboxServer, error: Exception
) -> None:
    """Taken for dead while it published, a worker fails when the one that took over has just begun its POST."""
    studio, store = resting, resting.engine.store
    asset = studio.vault.keep("eve", "image", "a.png", studio.vault.path(give(studio, "gold").sha256)).asset
    job = make_job(owner="eve", account="dashscope:beijing", request=first_frame(asset), quote=None)
    store.add(job)
    run(submit(studio, store, Late(studio, error), job))
    now = store.get(job.id)
    assert now is not None
    assert (now.state, now.attempt, now.fault) == (State.SUBMITTING, 0, None)
    assert instant_sandbox.statistics()["creations"] == 0


def test_a_cancel_ends_the_upload_and_the_card_stays_canceled(studio: Studio, instant_sandbox: SandboxServer) -> None:
    instant_sandbox.faults({"endpoint": "upload", "do": "hang"})

    async def story() -> None:
        job = await studio.engine.accept("ada", first_frame(give(studio, "navy", more=2_000_000)))
        await until(studio, job, lambda now: now.state is State.PUBLISHING)
        with studio.engine.changes.subscribe("ada") as changes:
            await studio.engine.cancel("ada", job.id)
            await asyncio.wait_for(done(studio), 30)
            told = [changes.get_nowait() for _ in range(changes.qsize())]
        assert [news.state for news in told if isinstance(news, Job) and news.id == job.id][-1] is State.CANCELED
        assert studio.engine.progress(job.id) == {}

    run(story())


class FullDisk(Store):
    """Takes a job's failure, or that it is put off, at the third try only."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.refusals: list[str] = []

    def _refuse(self, job_id: str) -> None:
        if len(self.refusals) < 2:
            self.refusals.append(job_id)
            raise StoreError("The disk is full.")

    def move(self, job_id: str, to: State, **more: Any) -> Job | None:
        if to is State.FAILED:
            self._refuse(job_id)
        return super().move(job_id, to, **more)

    def postpone(self, job_id: str, until: float, fault: Fault | None = None) -> None:
        self._refuse(job_id)
        super().postpone(job_id, until, fault)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[FullDisk]:
    store = FullDisk(f"sqlite:///{tmp_path / 'full.db'}")
    yield store
    store.close()


SOON = Pace(write_again_seconds=0.01, busy_again_seconds=0.01)


def test_a_refusal_is_written_down_however_long_the_disk_refuses(
    resting: Studio, instant_sandbox: SandboxServer, full_disk: FullDisk
) -> None:
    """Forgotten, it would be taken for an answer that was lost, and may have been charged."""
    instant_sandbox.faults({"endpoint": "create", "do": "status", "status": 400, "code": "DataInspectionFailed"})
    studio, job = resting, make_job(account="dashscope:beijing", request=REQUEST)
    full_disk.add(job)
    publisher = Publisher(studio.vault, studio.engine.store.engine)
    run(submit(studio, full_disk, publisher, job, SOON))
    failed = full_disk.get(job.id)
    assert failed is not None
    assert failed.fault is not None
    assert (failed.state, failed.fault.charged, len(full_disk.refusals)) == (State.FAILED, "no", 2)


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
    full_disk: FullDisk, tmp_path: Path
) -> None:
    async def fail(_: str) -> None:
        raise KeyError("unforeseen")

    async def story() -> None:
        job = make_job()
        full_disk.add(job)
        own = f"sqlite:///{tmp_path / 'engine.db'}"
        workflows = Workflows(full_disk, own, asyncio.get_running_loop(), {SUBMIT: fail}, SOON)
        await asyncio.to_thread(workflows.launch, "me")
        await workflows.hand_over(SUBMIT, job)
        await happens(lambda: full_disk.in_state(State.QUEUED)[0].attempt == 1)
        (later,) = full_disk.in_state(State.QUEUED)
        assert len(full_disk.refusals) == 2
        assert later.not_before > time.time() + 30
        await asyncio.to_thread(workflows.stop)

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
