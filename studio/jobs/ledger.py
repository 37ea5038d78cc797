"""What was spent: the jobs themselves, read as accounts. There is no second record that could disagree with them.

Days are UTC. A job counts on the day it was sent. Of its price a part is ``billed`` (the provider said so), or ``open``
(not known: it runs, its answer was lost, or it failed and the provider reports usage all the same), or neither: it
failed or was canceled free of charge.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, select

from studio.catalog.pricing import Quote
from studio.database.engine import translated
from studio.database.schema import JOBS
from studio.jobs.accounts import SANDBOXES, in_sandbox
from studio.jobs.model import State, is_bill
from studio.providers.base import Usage

DAY = 86400
AT_ONCE = 500
"""Jobs that are read in one go."""
_STILL_TO_SEND = (State.QUEUED, State.PUBLISHING)
_SENT_AT = func.coalesce(JOBS.c.submitting_at, JOBS.c.submitted_at)
_COLUMNS = tuple(
    JOBS.c[name]
    for name in (
        *("id", "account", "provider", "model", "mode", "state", "prompt", "task_id"),
        *("request", "quote", "usage", "fault", "price"),
    )
)


@dataclass(frozen=True)
class Charge:
    """What one job costs, in the currency of its quote."""

    estimate: Decimal
    billed: Decimal
    open: Decimal


@dataclass(frozen=True)
class Entry:
    """One job that was sent."""

    sent_at: float
    job: str
    account: str
    provider: str
    mode: str
    model: str
    resolution: str
    state: str
    task_id: str
    prompt: str
    currency: str
    """Empty where no price was known."""
    charge: Charge

    @property
    def day(self) -> date:
        return datetime.fromtimestamp(self.sent_at, UTC).date()

    @property
    def live(self) -> bool:
        """Whether it cost money, and not only would have."""
        return not in_sandbox(self.account)


@dataclass(frozen=True)
class Line:
    """The jobs of one day, account, model and currency, added up."""

    day: date
    account: str
    provider: str
    model: str
    currency: str
    jobs: int
    charge: Charge

    @property
    def live(self) -> bool:
        """As of ``Entry``."""
        return not in_sandbox(self.account)


def entries(database: Engine, owner: str, *, since: float = 0.0) -> Iterator[Entry]:
    """The visitor's jobs that were sent, newest first, read as they are asked for; in between no connection is held."""
    query = select(*_COLUMNS, _SENT_AT.label("sent_at")).where(JOBS.c.owner == owner)
    query = query.where(since <= _SENT_AT).order_by(JOBS.c.id.desc()).limit(AT_ONCE)
    page = query
    while True:
        with translated(), database.connect() as connection:
            rows = connection.execute(page).all()
        yield from map(_entry, rows)
        if len(rows) < AT_ONCE:
            return
        page = query.where(JOBS.c.id < rows[-1].id)


def lines(database: Engine, owner: str, *, since: float = 0.0) -> list[Line]:
    """The visitor's ledger, newest day first."""
    sums: dict[tuple[date, str, str, str, str], list[Charge]] = {}
    for one in entries(database, owner, since=since):
        sums.setdefault((one.day, one.account, one.provider, one.model, one.currency), []).append(one.charge)
    found = [Line(*key, len(charges), _sum(charges)) for key, charges in sums.items()]
    return sorted(found, key=lambda line: (-line.day.toordinal(), line.account, line.model, line.currency))


def committed(
    connection: Connection, currency: str, *, now: float | None = None, mine: ColumnElement[bool] | None = None
) -> Decimal:
    """What is spent or promised today: billed or open since midnight, and what is still to be sent.

    By all visitors, or by those whose jobs are ``mine``.
    """
    midnight = (time.time() if now is None else now) // DAY * DAY
    waits = JOBS.c.state.in_(_STILL_TO_SEND)
    query = select(JOBS.c.state, JOBS.c.quote, JOBS.c.usage, JOBS.c.fault, JOBS.c.price)
    query = query.where(waits | (JOBS.c.submitting_at >= midnight), JOBS.c.account.not_in(SANDBOXES.values()))
    total = Decimal(0)
    for row in connection.execute(query if mine is None else query.where(mine)):
        if _field(row.quote, "currency") == currency:
            charge = _charge(row)
            total += charge.billed + charge.open
    return total


def _entry(row: Any) -> Entry:
    charge = _charge(row)
    if in_sandbox(row.account):
        charge = Charge(charge.estimate, Decimal(0), Decimal(0))
    return Entry(
        sent_at=row.sent_at,
        job=row.id,
        account=row.account,
        provider=row.provider,
        mode=row.mode,
        model=row.model,
        resolution=str(_field(row.request, "resolution")),
        state=row.state,
        task_id=row.task_id or "",
        prompt=row.prompt,
        currency=str(_field(row.quote, "currency")),
        charge=charge,
    )


def _charge(row: Any) -> Charge:
    try:
        return _read_charge(row)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):  # a damaged row costs what it cost
        price = Decimal(str(row.price))
        price = price if price.is_finite() and price > 0 else Decimal(0)
        return Charge(price, Decimal(0), Decimal(0) if _free(State(row.state), None) else price)


def _read_charge(row: Any) -> Charge:
    if not row.quote:
        return Charge(Decimal(0), Decimal(0), Decimal(0))
    quote = Quote.from_json(row.quote)
    billed, open_ = Decimal(0), Decimal(0)
    if row.usage:
        used = Decimal(str(Usage.from_json(row.usage).billed_seconds)) * quote.rate
        if is_bill(State(row.state), row.fault["charged"] if row.fault else None):
            billed = used
        else:
            open_ = used
    elif not _free(State(row.state), row.fault):
        open_ = quote.amount
    return Charge(quote.amount, billed, open_)


def _field(data: Any, name: str) -> Any:
    """A field of a JSON column, which may be damaged; empty where it is not there."""
    return data.get(name) or "" if isinstance(data, dict) else ""


def _free(state: State, fault: Mapping[str, Any] | None) -> bool:
    """Whether a job without a bill certainly has none to come."""
    failed_free = state is State.FAILED and fault is not None and fault["charged"] in ("no", "returned")
    return state is State.CANCELED or failed_free


def _sum(charges: list[Charge]) -> Charge:
    return Charge(
        sum((one.estimate for one in charges), Decimal(0)),
        sum((one.billed for one in charges), Decimal(0)),
        sum((one.open for one in charges), Decimal(0)),
    )
