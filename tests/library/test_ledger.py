from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import QueuePool

from studio.accounts.charges import Charge, committed
from studio.database.states import State
from studio.errors import Fault
from studio.jobs.model import Job
from studio.jobs.rows.store import Store
from studio.library.ledger import entries, lines
from studio.providers.base import Usage
from tests.databases import make_job

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
        ({"state": State.FAILED, "fault": failed("no"), "usage": Usage(3)}, "0", "4.8"),
        ({"state": State.FAILED, "fault": failed("returned"), "usage": Usage(0)}, "0", "0"),
        ({"state": State.CANCELED, "usage": Usage(5)}, "0", "8"),
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


def test_who_reads_slowly_holds_no_connection(store: Store) -> None:
    jobs = [sent() for _ in range(5)]
    for job in jobs:
        store.add(job)
    assert isinstance(store.engine.pool, QueuePool)
    read = []
    for entry in entries(store.engine, "ada", at_once=2):
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
        assert committed(connection, "CNY", NOON) == 3 * PRICE + Decimal("7.2")
        assert committed(connection, "credits", NOON) == 0
