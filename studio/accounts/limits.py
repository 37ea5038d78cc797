"""What strangers may take of a studio: money, jobs, bytes. Looked at in the transaction that admits.

A limit is data: what is counted (a ``Measure``), whose (everyone's or each visitor's), and how much is the most. All
that is counted stands in the rows themselves, so there is no second record that could disagree with them.

A guest is known by a cookie, and cookies are free. So all guests of one network (an IPv4 address, an IPv6 /64) count as
one visitor, and everyone's limit is the one pot of all of them. Days are UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol, Self

from sqlalchemy import Connection, func, select, text

from studio.accounts.account import in_sandbox
from studio.accounts.charges import DAY, committed
from studio.catalog.pricing import Quote
from studio.config import Settings
from studio.database.schema import EVENTS, HOLDINGS, JOBS
from studio.database.states import ANEW, ENDED, State
from studio.errors import Costs, LimitReached, NoLimits, SpendingLimit, Use
from studio.visitors.visitor import Visitor

PUBLIC = {"visitor_jobs": 40, "visitor_daily_jobs": 200, "visitor_bytes": 4 * 10**9}
"""What a public studio goes by where nothing is set, a sandbox too: generous, and an end to a flood."""
NEAR = Decimal("0.8")
"""From this part of a limit on, the page warns."""
_LOCK = 0x48483032

Measure = Literal["money", "under_way", "jobs", "bytes"]


class AdmittedJob(Protocol):
    """A job, as far as limits look at it."""

    @property
    def owner(self) -> str: ...
    @property
    def network(self) -> str | None: ...
    @property
    def account(self) -> str: ...
    @property
    def quote(self) -> Quote | None: ...


@dataclass(frozen=True)
class Limit:
    """The most there may be of something."""

    name: str
    """Its field in the settings."""
    setting: str
    measure: Measure
    each: bool
    """Whether each visitor has it, or all share it."""
    most: Decimal


_DECLARED: Sequence[tuple[str, Measure, bool]] = (
    ("daily_limit", "money", False),
    ("visitor_daily_limit", "money", True),
    ("visitor_jobs", "under_way", True),
    ("visitor_daily_jobs", "jobs", True),
    ("visitor_bytes", "bytes", True),
)


@dataclass(frozen=True)
class Limits:
    """The limits of one studio."""

    limits: tuple[Limit, ...] = ()
    missing: tuple[str, ...] = ()
    """Settings without which no job is taken that costs money."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those that are set, and those that a public studio has anyway."""
        limits = []
        for name, measure, each in _DECLARED:
            most = getattr(settings, name)
            if most is None and settings.public:
                most = PUBLIC.get(name)
            if most is not None:
                limits.append(Limit(name, f"STUDIO_{name.upper()}", measure, each, Decimal(most)))
        return cls(tuple(limits), settings.missing_limits)

    def admit(self, connection: Connection, jobs: Sequence[AdmittedJob], now: float) -> None:
        """Raise LimitReached or NoLimits if ``jobs`` of one visitor, just written over ``connection``, are too many.

        ``now`` is by the clock that the jobs bear. The transaction is then to be rolled back. Of two at once the second
        waits for the first.
        """
        prices = _prices(jobs)
        if self.missing and prices is not None:
            raise NoLimits(self.missing)
        if not self.limits or not jobs:
            return
        _lock(connection)
        visitor = Visitor(jobs[0].owner, jobs[0].network)
        for limit in self.limits:
            if limit.measure == "money":
                wanted = prices or {}
            else:
                wanted = {_UNITS[limit.measure]: Decimal(0 if limit.measure == "bytes" else len(jobs))}
            for unit, amount in wanted.items():
                used = _used(connection, limit, visitor, unit, now)
                if used > limit.most or (limit.measure == "bytes" and used >= limit.most):
                    raise _reached(_use(limit, used - amount, unit, now), amount, _costs(prices))

    def admit_bytes(self, connection: Connection, visitor: Visitor, more: int, *, written: bool = False) -> None:
        """Raise LimitReached if the visitor may not hold ``more`` bytes beside what is held.

        With ``written`` they are held already over ``connection``, whose transaction is then to be rolled back.
        """
        for limit in self.limits:
            if limit.measure == "bytes":
                if written:
                    _lock(connection)
                used = _bytes(connection, visitor if limit.each else None) - (more if written else 0)
                if used + more > limit.most or used >= limit.most:
                    raise _reached(_use(limit, used, "bytes"), Decimal(more), ())

    def uses(self, connection: Connection, visitor: Visitor, currencies: Sequence[str], now: float) -> list[Use]:
        """How much of each limit is taken, of money in each of ``currencies``; ``now`` as of ``admit``."""
        return [
            _use(limit, _used(connection, limit, visitor, unit, now), unit, now)
            for limit in self.limits
            for unit in (currencies if limit.measure == "money" else [_UNITS[limit.measure]])
        ]


def _lock(connection: Connection) -> None:
    """Let the transactions that admit go one after another: SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


_UNITS: dict[Measure, str] = {"under_way": "jobs", "jobs": "jobs", "bytes": "bytes"}


def _prices(jobs: Sequence[AdmittedJob]) -> dict[str, Decimal] | None:
    """What ``jobs`` cost by currency, with None for a price that is not known; None when all are free."""
    paid = [job for job in jobs if not in_sandbox(job.account)]
    if not paid:
        return None
    prices: dict[str, Decimal] = {}
    for job in paid:
        if job.quote is None:
            prices[_UNKNOWN] = Decimal(0)
        else:
            prices[job.quote.currency] = prices.get(job.quote.currency, Decimal(0)) + job.quote.amount
    return prices


_UNKNOWN = ""


def _costs(prices: dict[str, Decimal] | None) -> Costs:
    return tuple((amount, currency) for currency, amount in (prices or {}).items() if currency != _UNKNOWN)


def _used(connection: Connection, limit: Limit, visitor: Visitor, unit: str, now: float) -> Decimal:
    if limit.measure == "money" and unit == _UNKNOWN:
        raise SpendingLimit("The price is unknown.")
    return _MEASURES[limit.measure](connection, visitor if limit.each else None, unit, now)


def _money(connection: Connection, visitor: Visitor | None, unit: str, now: float) -> Decimal:
    return committed(connection, unit, now, mine=visitor.owns(JOBS) if visitor else None)


def _under_way(connection: Connection, visitor: Visitor | None, unit: str, now: float) -> Decimal:
    return _count(connection, JOBS.c.state.not_in(ENDED), visitor)


def _made_today(connection: Connection, visitor: Visitor | None, unit: str, now: float) -> Decimal:
    """Those that failed or were canceled count too, and each time that one was sent anew: they were work. Ids begin
    with the time of their making."""
    midnight = now // DAY * DAY
    made = _count(connection, (JOBS.c.id >= f"{int(midnight * 1000):012x}") & (JOBS.c.created_at >= midnight), visitor)
    again = select(func.count()).select_from(JOBS.join(EVENTS, EVENTS.c.job_id == JOBS.c.id))
    again = again.where(JOBS.c.updated_at >= midnight, EVENTS.c.at >= midnight, EVENTS.c.what == State.QUEUED)
    again = again.where(EVENTS.c.detail[ANEW].as_string().is_not(None))
    return made + (connection.scalar(again if visitor is None else again.where(visitor.owns(JOBS))) or 0)


def _bytes(connection: Connection, visitor: Visitor | None, unit: str = "bytes", now: float = 0.0) -> Decimal:
    """The files that were given, and the videos that were made and not deleted."""
    files = select(func.sum(HOLDINGS.c.facts["bytes"].as_float()))
    made = select(func.sum(JOBS.c.video["bytes"].as_float())).where(JOBS.c.deleted_at.is_(None))
    if visitor is not None:
        files, made = files.where(visitor.owns(HOLDINGS)), made.where(visitor.owns(JOBS))
    return sum((Decimal(connection.scalar(query) or 0) for query in (files, made)), Decimal(0))


def _count(connection: Connection, which: Any, visitor: Visitor | None) -> Decimal:
    query = select(func.count()).select_from(JOBS).where(which)
    return Decimal(connection.scalar(query if visitor is None else query.where(visitor.owns(JOBS))) or 0)


_MEASURES: dict[Measure, Callable[[Connection, Visitor | None, str, float], Decimal]] = {
    "money": _money,
    "under_way": _under_way,
    "jobs": _made_today,
    "bytes": _bytes,
}


def _use(limit: Limit, used: Decimal, unit: str, now: float = 0.0) -> Use:
    daily = limit.measure in ("money", "jobs")
    return Use(limit.name, limit.setting, limit.most, used, unit, (now // DAY + 1) * DAY if daily else None)


def _reached(use: Use, wanted: Decimal, costs: Costs) -> LimitReached:
    kind = LimitReached if use.unit in _UNITS.values() else SpendingLimit
    said = f"{use.used} of {use.most} {use.unit} are taken ({use.setting}), and this would add {wanted}."
    return kind(said, use, wanted, costs)
