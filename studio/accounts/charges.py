"""What a job costs, as its row tells: estimated, billed, or not known yet.

Of a job's price a part is ``billed`` (the provider said so), or ``open`` (not known: it runs, its answer was lost, or
it failed and the provider reports usage all the same), or neither: it failed or was canceled free of charge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from studio.accounts.account import SANDBOXES
from studio.catalog.pricing import Quote
from studio.database.schema import JOBS
from studio.database.states import UNSENT, State
from studio.providers.base import Usage

DAY = 86400


@dataclass(frozen=True)
class Charge:
    """What one job costs, in the currency of its quote."""

    estimate: Decimal
    billed: Decimal
    open: Decimal


def committed(connection: Connection, currency: str, now: float, *, mine: ColumnElement[bool] | None = None) -> Decimal:
    """What is spent or promised today: billed or open since midnight, and what is still to be sent.

    By all visitors, or by those whose jobs are ``mine``.
    """
    midnight = now // DAY * DAY
    waits = JOBS.c.state.in_(list(UNSENT))
    query = select(JOBS.c.state, JOBS.c.quote, JOBS.c.usage, JOBS.c.fault, JOBS.c.price)
    query = query.where(waits | (JOBS.c.submitting_at >= midnight), JOBS.c.account.not_in(SANDBOXES.values()))
    total = Decimal(0)
    for row in connection.execute(query if mine is None else query.where(mine)):
        if column_field(row.quote, "currency") == currency:
            charge = charge_of(row)
            total += charge.billed + charge.open
    return total


def charge_of(row: Any) -> Charge:
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


def column_field(data: Any, name: str) -> Any:
    """A field of a JSON column, which may be damaged; empty where it is not there."""
    return data.get(name) or "" if isinstance(data, dict) else ""


def _free(state: State, fault: Mapping[str, Any] | None) -> bool:
    """Whether a job without a bill certainly has none to come."""
    failed_free = state is State.FAILED and fault is not None and fault["charged"] in ("no", "returned")
    return state is State.CANCELED or failed_free


def is_bill(state: State, charged: str | None) -> bool:
    """Whether the usage that a provider tells of a job's task is what it bills; ``charged`` is that of the job's fault.

    Not so for a task that failed or was withdrawn: such is not billed, by the documents of both clouds.
    """
    return not (state is State.CANCELED or (state is State.FAILED and charged != "yes"))
