"""What the page and scripts are told of the limits."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, TypedDict

from studio.accounts.limits import NEAR
from studio.catalog.models import CATALOG
from studio.errors import Busy, LimitReached, NoLimits, StorageReserved, StudioError, Use
from studio.service import Studio
from studio.visitors.visitor import Visitor
from studio.web.money.amounts import money
from studio.web.text import Translation

AT = "{at}"
"""Stands in a text for a moment that the page writes in the visitor's own time."""
_SOON = {"visitor_jobs": 60, "visitor_streams": 30, "streams": 30}
"""Seconds after which there may be room again, of limits that do not begin anew at a known time."""


_FRESH_SECONDS = 2.0
_REMEMBERED = 256
"""Visitors whose uses are kept for that long: a form asks whenever its price can have changed."""
Note = tuple[Literal["error", "warning"], str, float | None]
"""Kind and text of a line of the form, and the moment that its ``AT`` stands for."""


@dataclass
class _Look:
    at: float
    network: str | None
    uses: list[Use] | None = None


class LimitView(TypedDict):
    """A limit as the panel shows it."""

    text: str
    near: bool
    """Whether it is nearly taken."""
    at: float | None
    """What the blank ``{at}`` in the text stands for: seconds since 1970, UTC."""


class LimitViews:
    """How the limits of the studio stand for who asks. Methods block and may be called from any thread."""

    def __init__(self, studio: Studio) -> None:
        self._store = studio.engine.store
        self._limits = studio.limits
        self._accounts = studio.engine.accounts
        self._looks: OrderedDict[str, _Look] = OrderedDict()
        self._lock = threading.Lock()
        studio.engine.changes.hear(self._forget)

    def uses(self, visitor: Visitor) -> list[Use]:
        """How much of each limit is taken now, of money in each currency that is paid in here."""
        live = {account.provider.name for account in self._accounts.values() if account.live}
        tables = [table for name in live for table in CATALOG.providers[name].prices.values()]
        return self._store.uses(visitor, sorted({table.currency for table in tables}))

    def warnings(self, visitor: Visitor, words: Translation) -> list[Note]:
        """What is nearly taken; what others took, or files that came, a moment ago may be missing from it."""
        if not self._limits.limits:
            return []
        return [("warning", near_text(use, words), use.again_at) for use in self._lately(visitor) if near(use)]

    def _lately(self, visitor: Visitor) -> list[Use]:
        now = self._store.clock.monotonic()
        with self._lock:
            last = self._looks.get(visitor.id)
            if last and last.uses is not None and last.network == visitor.network and now - last.at < _FRESH_SECONDS:
                return last.uses
            look = self._looks[visitor.id] = _Look(now, visitor.network)
            while len(self._looks) > _REMEMBERED:
                self._looks.popitem(last=False)
        uses = self.uses(visitor)
        look.uses = uses  # seen by nobody if the visitor's jobs changed meanwhile
        return uses

    def _forget(self, visitor: str) -> None:
        with self._lock:
            self._looks.pop(visitor, None)

    def missing(self, words: Translation) -> list[Note]:
        """That no job is taken here that costs money, and what would change that."""
        if not self._limits.missing:
            return []
        return [("error", words.said(NoLimits(self._limits.missing).said), None)]


def limit_sentence(error: LimitReached, words: Translation, at: str | None = None) -> str:
    """What was refused by which limit, in sentences; ``at`` stands for when it begins anew, else that is UTC."""
    use = error.use
    if use is None:
        return words("limit.unknown")
    cost = " + ".join(money(amount, currency, words) for amount, currency in error.costs)
    facts = {
        "wanted": _amount(error.wanted, use.unit, words),
        "used": _amount(use.used, use.unit, words),
        "most": _amount(use.most, use.unit, words),
        "setting": use.setting,
        "at": at or utc(use.again_at or 0.0),
        "cost": words("limit.cost", cost=cost) if cost else "",
    }
    return words(f"limit.refused.{use.limit}", **facts)


def use_text(use: Use, words: Translation) -> str:
    """How much of a limit is taken."""
    used, most = (_amount(amount, use.unit, words) for amount in (use.used, use.most))
    return words(f"limit.state.{use.limit}", used=used, most=most)


def near(use: Use) -> bool:
    """Whether the page warns of it."""
    return use.used >= use.most * NEAR


def near_text(use: Use, words: Translation) -> str:
    """A warning, with ``AT`` in it where the limit begins anew at a known time."""
    state = use_text(use, words)
    return words("limit.near", state=state, at=AT) if use.again_at else words("limit.near.open", state=state)


def limit_view(use: Use, words: Translation) -> LimitView:
    if near(use):
        return {"text": near_text(use, words), "near": True, "at": use.again_at}
    return {"text": use_text(use, words), "near": False, "at": None}


def utc(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def again_at(error: StudioError) -> float | None:
    """When what was refused may be asked again, where that is known."""
    return error.use.again_at if isinstance(error, LimitReached) and error.use else None


def status_of(error: StudioError) -> tuple[int, Mapping[str, str]] | None:
    """HTTP's status for a refusal by a limit or for want of a place, and the headers that go with it."""
    if isinstance(error, StorageReserved):
        return 507, {}
    if isinstance(error, Busy):
        return 503, {"Retry-After": str(error.retry_after)}
    if not isinstance(error, LimitReached) or error.use is None:
        return None
    at = error.use.again_at
    seconds = _SOON.get(error.use.limit) if at is None else max(1, round(at - time.time()))
    return (429, {"Retry-After": str(seconds)}) if seconds else (409, {})


def _amount(amount: Decimal, unit: str, words: Translation) -> str:
    if unit == "bytes":
        return f"{amount / 10**9:.2f} GB" if amount >= 10**9 else f"{amount / 10**6:.1f} MB"
    return f"{amount:,f}" if unit in ("jobs", "streams") else money(amount, unit, words)
