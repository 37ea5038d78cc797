"""The same key from the same visitor is the same jobs; and what happens after a commit undoes nothing."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from studio.accounts.limits import Limit, Limits
from studio.catalog.pricing import ShownPrice
from studio.database.states import State
from studio.errors import InvalidRequest, KeyReused, NotAllowed, PriceHigher
from studio.jobs.model import Job, new_id
from studio.jobs.rows.idempotency import IdempotencyKey
from studio.jobs.rows.store import Store
from studio.service import Studio
from tests.databases import make_job
from tests.jobs.test_engine import REQUEST, ended, run, settings_for, with_prompt
from tests.servers import SandboxServer


def idempotency(key: str = "k-1", asked: object = "a horse") -> IdempotencyKey:
    made = IdempotencyKey.of(key, asked)
    assert made is not None
    return made


def test_the_same_key_gives_the_jobs_that_were_made_with_it(store_url: str) -> None:
    one = Limit("visitor_jobs", "STUDIO_VISITOR_JOBS", "under_way", True, Decimal(2))
    store = Store(store_url, Limits((one,)))
    first = store.add_all([make_job(), make_job()], idempotency())
    assert store.add_all([make_job(), make_job()], idempotency()) == first
    assert store.add_all([make_job()], idempotency()) == first
    assert store.made("ada", idempotency()) == first
    assert store.made("eve", idempotency()) == []
    assert store.count("ada") == 2
    (other,) = store.add_all([make_job(owner="eve")], idempotency())
    assert other.owner == "eve"
    with pytest.raises(KeyReused):
        store.add_all([make_job()], idempotency(asked="another horse"))
    with pytest.raises(KeyReused):
        store.made("ada", idempotency(asked="another horse"))
    store.close()


def test_of_many_at_once_with_one_key_one_makes_the_jobs(store_url: str) -> None:
    stores = [Store(store_url) for _ in range(2)]
    gate = threading.Barrier(6)

    def ask(number: int) -> list[str]:
        gate.wait()
        return [job.id for job in stores[number % 2].add_all([make_job(), make_job()], idempotency())]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(6)))
    assert answers == [answers[0]] * 6
    assert stores[0].count("ada") == 2
    for store in stores:
        store.close()


def test_a_job_in_the_place_of_another_is_made_once_with_its_key(store: Store) -> None:
    old = make_job(state=State.INTERRUPTED)
    store.add(old)
    new = store.add(make_job(), in_place_of=old.id, idempotency=idempotency())
    assert new is not None
    assert store.made("ada", idempotency()) == [new]
    assert store.add(make_job(), in_place_of=old.id, idempotency=idempotency("k-2")) is None


@pytest.mark.parametrize("key", [" ", "a b", "ä", "x" * 256, "a\n"])
def test_a_key_is_short_and_visible(key: str) -> None:
    with pytest.raises(InvalidRequest, match="Idempotency-Key"):
        IdempotencyKey.of(key, "")


def test_without_a_key_each_request_is_a_new_one(store: Store) -> None:
    assert IdempotencyKey.of("", "a horse") is IdempotencyKey.of(None, "a horse") is None
    store.add_all([make_job()])
    store.add_all([make_job()])
    assert store.count("ada") == 2


def test_a_listener_that_fails_does_not_undo_what_is_on_disk(store: Store) -> None:
    def fails(job: Job) -> None:
        raise RuntimeError(f"{job.id} cannot be told")

    store.on_change = fails
    old, new = make_job(state=State.INTERRUPTED), make_job()
    assert store.add_all([old, new]) == [old, new]
    assert store.move(new.id, State.CANCELED) is not None
    assert store.add(make_job(), in_place_of=old.id) is not None
    assert store.count("ada") == 3


@pytest.fixture
def deaf(instant_sandbox: SandboxServer, tmp_path: Path, either: dict[str, str]) -> Iterator[Studio]:
    """A studio whose listener fails, and which cannot hand anything over by itself at first."""
    with Studio(settings_for(instant_sandbox, tmp_path, **either)) as studio:
        tell = studio.engine.store.on_change

        def fails(job: Job) -> None:
            tell(job)
            raise RuntimeError("nobody listens")

        studio.engine.store.on_change = fails
        yield studio


def test_what_was_accepted_is_sent_once_though_all_that_follows_fails(
    deaf: Studio, instant_sandbox: SandboxServer
) -> None:
    async def story() -> None:
        key = idempotency()
        asked = [deaf.engine.accept("ada", REQUEST, idempotency=key) for _ in range(5)]
        jobs = await asyncio.gather(*asked)
        assert len({job.id for job in jobs}) == 1
        done = await ended(deaf, jobs[0])
        assert done.state is State.SUCCEEDED
        assert (await deaf.engine.accept("ada", REQUEST, idempotency=key)).id == done.id
        with pytest.raises(KeyReused):
            await deaf.engine.accept("ada", with_prompt("Another"), idempotency=idempotency(asked="another"))

    run(story())
    assert instant_sandbox.statistics()["creations"] == 1


def test_a_job_is_sent_anyway_once_for_all_calls_with_one_key(deaf: Studio) -> None:
    old = make_job(state=State.INTERRUPTED, account=deaf.engine.offered["dashscope"].name)
    deaf.engine.store.add(old)

    async def story() -> None:
        calls = [deaf.engine.send_anyway("ada", old.id, idempotency=idempotency()) for _ in range(4)]
        made = {job.id for job in await asyncio.gather(*calls)}
        assert len(made) == 1
        with pytest.raises(NotAllowed):
            await deaf.engine.send_anyway("ada", old.id, idempotency=idempotency("k-2"))

    run(story())


@pytest.mark.parametrize("state", [State.CANCELED, State.INTERRUPTED])
def test_a_job_is_sent_once_more_at_todays_price_if_that_is_no_more_than_it_shows(
    deaf: Studio, instant_sandbox: SandboxServer, state: State
) -> None:
    """Its row may be older than the prices, or come from another studio."""
    job = make_job(state=state, account=deaf.engine.offered["dashscope"].name)
    assert job.quote is not None
    shown = {price: replace(job.quote, rate=Decimal(price)) for price in ("-1000", "0", "0.01", "1000")}
    jobs = {price: replace(job, id=new_id(time.time()), quote=quote) for price, quote in shown.items()}
    deaf.engine.store.add_all(list(jobs.values()))
    act = deaf.engine.send_again if state is State.CANCELED else deaf.engine.send_anyway

    async def story() -> None:
        dear = jobs.pop("1000")
        for cheap in jobs.values():
            with pytest.raises(PriceHigher):
                await act("ada", cheap.id)
            with pytest.raises(PriceHigher):
                await act("ada", dear.id, shown=ShownPrice.of("0.01 CNY"))
        sent = await act("ada", dear.id)
        assert sent.quote == job.quote
        await ended(deaf, sent)

    run(story())
    assert instant_sandbox.statistics()["creations"] == 1


def test_a_job_is_sent_again_once_with_its_key(deaf: Studio, instant_sandbox: SandboxServer) -> None:
    async def story() -> None:
        job = await ended(deaf, await deaf.engine.accept("ada", with_prompt("sandbox:refuse=InvalidParameter")))
        assert job.state is State.FAILED
        both = await asyncio.gather(
            *(deaf.engine.send_again("ada", job.id, idempotency=idempotency()) for _ in range(2))
        )
        assert {one.id for one in both} == {job.id}
        await ended(deaf, both[0])
        await ended(deaf, await deaf.engine.send_again("ada", job.id, idempotency=idempotency()))
        history = await deaf.engine.history("ada", job.id)
        assert [event.what for event in history].count("queued") == 2

    run(story())
