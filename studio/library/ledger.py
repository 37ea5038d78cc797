"""What was spent: the jobs themselves, read as accounts. There is no second record that could disagree with them.

Days are UTC. A job counts on the day it was sent. Of its price a part is ``billed`` (the provider said so), or ``open``
(not known: it runs, its answer was lost, or it failed and the provider reports usage all the same), or neither: it
failed or was canceled free of charge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, func, select

from studio.accounts.account import in_sandbox
from studio.accounts.charges import Charge, charge_of, column_field
from studio.database.engine import translated
from studio.database.schema import JOBS

AT_ONCE = 500
"""Jobs that are read in one go."""
_SENT_AT = func.coalesce(JOBS.c.submitting_at, JOBS.c.submitted_at)
_COLUMNS = tuple(
    JOBS.c[name]
    for name in (
        *("id", "account", "provider", "model", "mode", "state", "prompt", "task_id"),
        *("request", "quote", "usage", "fault", "price"),
    )
)


@dataclass(frozen=True)
class LedgerEntry:
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
class LedgerLine:
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
        """As of ``LedgerEntry``."""
        return not in_sandbox(self.account)


def entries(database: Engine, owner: str, *, since: float = 0.0, at_once: int = AT_ONCE) -> Iterator[LedgerEntry]:
    """The visitor's jobs that were sent, newest first, read as they are asked for; in between no connection is held."""
    query = select(*_COLUMNS, _SENT_AT.label("sent_at")).where(JOBS.c.owner == owner)
    query = query.where(since <= _SENT_AT).order_by(JOBS.c.id.desc()).limit(at_once)
    page = query
    while True:
        with translated(), database.connect() as connection:
            rows = connection.execute(page).all()
        yield from map(_entry, rows)
        if len(rows) < at_once:
            return
        page = query.where(JOBS.c.id < rows[-1].id)


def lines(database: Engine, owner: str, *, since: float = 0.0) -> list[LedgerLine]:
    """The visitor's ledger, newest day first."""
    sums: dict[tuple[date, str, str, str, str], list[Charge]] = {}
    for one in entries(database, owner, since=since):
        sums.setdefault((one.day, one.account, one.provider, one.model, one.currency), []).append(one.charge)
    found = [LedgerLine(*key, len(charges), _sum(charges)) for key, charges in sums.items()]
    return sorted(found, key=lambda line: (-line.day.toordinal(), line.account, line.model, line.currency))


def _entry(row: Any) -> LedgerEntry:
    charge = charge_of(row)
    if in_sandbox(row.account):
        charge = Charge(charge.estimate, Decimal(0), Decimal(0))
    return LedgerEntry(
        sent_at=row.sent_at,
        job=row.id,
        account=row.account,
        provider=row.provider,
        mode=row.mode,
        model=row.model,
        resolution=str(column_field(row.request, "resolution")),
        state=row.state,
        task_id=row.task_id or "",
        prompt=row.prompt,
        currency=str(column_field(row.quote, "currency")),
        charge=charge,
    )


def _sum(charges: list[Charge]) -> Charge:
    return Charge(
        sum((one.estimate for one in charges), Decimal(0)),
        sum((one.billed for one in charges), Decimal(0)),
        sum((one.open for one in charges), Decimal(0)),
    )
