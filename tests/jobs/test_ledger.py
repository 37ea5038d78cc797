from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import QueuePool

from studio.errors import Budget, Fault, SpendingLimit
from studio.jobs import ledger
from studio.jobs.ledger import Charge, DailyLimit, committed, entries, lines
from studio.jobs.model import Job, State
from studio.jobs.store import Store
from studio.providers.base import Usage
from tests.jobs.conftest import make_job

LIVE = "dashscope:beijing"
PRICE = Decimal("8.00")
"""Of ``make_job``: 5 seconds of 1080P in Beijing."""
NOON = datetime(2026, 4, 21, 12, tzinfo=UTC).timestamp()


def failed(charged: Any) -> Fault:
    return Fault("request_refused", "generate", "No.", charged=charged)


def sent(**changes: Any) -> Job:
    return make_job(**{"account": LIVE, "submitting_at": NOON, "state": State.WAITING} | changes)


@pytest.mark.parametrize(
    ("changes", "billed", "unknown"),
    [
        ({}, "0", "8"),
        ({"state": State.SUCCEEDED, "usage": Usage(4.5)}, "7.2", "0"),
        ({"state": State.SUCCEEDED}, "0", "8"),
        ({"state": State.FAILED, "fault": failed("no")}, "0", "0"),
        ({"state": State.FAILED, "fault": failed("returned")}, "0", "0"),
        ({"state": State.FAILED, "fault": failed("unknown")}, "0", "8"),
        ({"state": State.FAILED, "fault": failed("yes"), "usage": Usage(5)}, "8", "0"),
        ({"state": State.CANCELED}, "0", "0"),
        ({"state": State.INTERRUPTED, "fault": failed("unknown")}, "0", "8"),
        ({"state": State.EXPIRED, "fault": failed("unknown")}, "0", "8"),
        ({"account": "sandbox", "state": State.SUCCEEDED, "usage": Usage(5)}, "0", "0"),
        ({"deleted_at": NOON, "state": State.SUCCEEDED, "usage": Usage(5)}, "8", "0"),
    ],
)
def test_a_jobs_price_is_billed_or_open_or_neither(
    store: Store, changes: dict[str, Any], billed: str, unknown: str
) -> None:
    store.add(sent(**changes))
    (entry,) = entries(store.engine, "ada")
    assert entry.charge == Charge(PRICE, Decimal(billed), Decimal(unknown))


def test_a_ledger_has_a_line_for_each_day_account_and_model(store: Store) -> None:
    day = 86400
    for job in (
        sent(),
        sent(state=State.SUCCEEDED, usage=Usage(5)),
        sent(account="sandbox"),
        sent(submitting_at=NOON - day),
        sent(submitting_at=None, submitted_at=NOON - day, task_id="adopted"),
        sent(submitting_at=None, state=State.CANCELED),
        sent(owner="eve"),
    ):
        store.add(job)
    found = lines(store.engine, "ada")
    assert [(str(line.day), line.account, line.live, line.jobs) for line in found] == [
        ("2026-04-21", LIVE, True, 2),
        ("2026-04-21", "sandbox", False, 1),
        ("2026-04-20", LIVE, True, 2),
    ]
    assert (found[0].provider, found[0].model, found[0].currency) == ("dashscope", "happyhorse-1.0-t2v", "CNY")
    assert found[0].charge == Charge(2 * PRICE, PRICE, PRICE)
    assert [str(line.day) for line in lines(store.engine, "ada", since=NOON)] == ["2026-04-21"] * 2


def test_who_reads_slowly_holds_no_connection(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "AT_ONCE", 2)
    jobs = [sent() for _ in range(5)]
    for job in jobs:
        store.add(job)
    assert isinstance(store.engine.pool, QueuePool)
    read = []
    for entry in entries(store.engine, "ada"):
        read.append(entry.job)
        assert store.engine.pool.checkedout() == 0
        store.add(sent())  # what comes in between is newer than all that follows
    assert read == sorted((job.id for job in jobs), reverse=True)


def test_committed_is_what_is_spent_or_promised_today_by_anyone(store: Store) -> None:
    midnight = NOON // 86400 * 86400
    for job in (
        sent(),
        sent(owner="eve", state=State.SUCCEEDED, usage=Usage(4.5), submitting_at=midnight),
        sent(state=State.QUEUED, submitting_at=None),
        sent(state=State.QUEUED, submitting_at=midnight - 9999),  # sent again
        sent(submitting_at=midnight - 1),
        sent(state=State.CANCELED),
        sent(account="sandbox"),
        sent(quote=None),
    ):
        store.add(job)
    with store.engine.connect() as connection:
        assert committed(connection, "CNY", now=NOON) == 3 * PRICE + Decimal("7.2")
        assert committed(connection, "credits", now=NOON) == 0


def limited(url: str, amount: str) -> Store:
    return Store(url, DailyLimit(Decimal(amount)))


def test_a_job_that_is_too_much_for_today_is_not_written_down(database_url: str) -> None:
    store = limited(database_url, "20")
    for _ in range(2):
        store.add(make_job(account=LIVE))
    refused = make_job(account=LIVE, owner="eve")
    with pytest.raises(SpendingLimit) as caught:
        store.add(refused)
    assert caught.value.budget == Budget(Decimal(20), Decimal(16), PRICE, "CNY")
    assert store.get(refused.id) is None
    assert store.history(refused.id) == []
    store.add(make_job(account="sandbox"))
    store.close()


def test_several_jobs_are_taken_whole_or_not_at_all(database_url: str) -> None:
    store = limited(database_url, "20")
    with pytest.raises(SpendingLimit) as caught:
        store.add_all([make_job(account=LIVE) for _ in range(3)])
    assert caught.value.budget == Budget(Decimal(20), Decimal(0), 3 * PRICE, "CNY")
    assert store.count("ada") == 0
    store.add_all([make_job(account=LIVE) for _ in range(2)])
    assert store.count("ada") == 2
    store.close()


def test_a_limit_is_reached_exactly_and_not_passed(database_url: str) -> None:
    store = limited(database_url, "16.00")
    store.add(make_job(account=LIVE))
    store.add(make_job(account=LIVE))
    with pytest.raises(SpendingLimit):
        store.add(make_job(account=LIVE))
    store.close()


def test_what_nobody_can_price_is_not_sent_under_a_limit(database_url: str) -> None:
    store = limited(database_url, "1000")
    with pytest.raises(SpendingLimit, match="No price is known"):
        store.add(make_job(account=LIVE, quote=None))
    store.close()


def test_what_was_free_does_not_count_and_sending_it_again_does(database_url: str) -> None:
    store = limited(database_url, "10")
    refused = make_job(account=LIVE, state=State.FAILED, fault=failed("no"), submitting_at=time.time())
    store.add(refused)
    other = make_job(account=LIVE)
    store.add(other)
    with pytest.raises(SpendingLimit):
        store.move(refused.id, State.QUEUED, anew=True)
    assert store.get(refused.id) == refused
    assert store.move(other.id, State.CANCELED) is not None
    again = store.move(refused.id, State.QUEUED, anew=True)
    assert again is not None
    assert again.state is State.QUEUED
    store.close()


def test_of_many_at_once_no_more_are_taken_than_the_limit_allows(database_url: str) -> None:
    stores = [limited(database_url, "24") for _ in range(2)]
    gate = threading.Barrier(8)

    def try_it(number: int) -> bool:
        gate.wait()
        try:
            stores[number % 2].add(make_job(account=LIVE))
        except SpendingLimit:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(try_it, range(8)))
    assert sum(outcomes) == 3
    assert stores[0].count("ada") == 3
    for store in stores:
        store.close()
