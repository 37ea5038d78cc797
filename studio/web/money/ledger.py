"""Addresses of the ledger: what was spent lately, as the page's panel shows it, and all of it as a table."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypedDict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from studio.accounts.charges import DAY
from studio.catalog.models import CATALOG
from studio.library.ledger import LedgerEntry, LedgerLine, entries, lines
from studio.service import Studio
from studio.web.answers import answers_errors
from studio.web.money.amounts import money
from studio.web.money.limits import LimitView, LimitViews, limit_view
from studio.web.text import Translation
from studio.web.visitors.asker import visitor_at

DAYS = 31
"""That the panel looks back."""
_COLUMNS = (
    *("day", "time", "provider", "account", "mode", "model", "resolution", "state", "currency"),
    *("estimate", "billed", "open", "task_id", "job", "prompt"),
)
_FORMULA = tuple("=+-@＝＋－＠\t\r\n")
"""What a spreadsheet would take for the beginning of a formula."""


class LedgerLineView(TypedDict):
    """The jobs of a day, an account and a model."""

    day: str
    """Of UTC: `2026-11-30`."""
    where: str
    """The account, in words."""
    model: str
    jobs: int
    estimate: str
    billed: str
    unknown: str
    """What may have been charged or not; empty where nothing is open."""


class TestLineView(TypedDict):
    """The test runs of a day and a model."""

    day: str
    model: str
    jobs: int
    price: str
    """What the cloud asks for the same videos."""


class TestRunsView(TypedDict):
    """What was made in test mode, and so cost nothing."""

    lines: list[TestLineView]
    sum: str
    """Empty where there are none."""


class LedgerView(TypedDict):
    """What was spent lately."""

    lines: list[LedgerLineView]
    sums: list[str]
    """One for each currency."""
    tests: TestRunsView
    limits: list[LimitView]
    period: str


def money_routes(studio: Studio) -> list[BaseRoute]:
    ledger = Money(studio)
    return [Route("/studio/money", ledger.panel), Route("/studio/money.csv", ledger.table)]


class Money:
    """The handlers. A visitor sees what the own jobs cost, and of the others' how much of the limit is left."""

    def __init__(self, studio: Studio) -> None:
        self._database = studio.engine.store.engine
        self._clock = studio.engine.store.clock
        self._limits = LimitViews(studio)

    @answers_errors
    async def panel(self, request: Request) -> Response:
        """The last days, a line for each day, account and model, with their sums; and the limit."""
        words: Translation = request.state.words
        since = (self._clock.wall() // DAY - DAYS + 1) * DAY
        found = await asyncio.to_thread(lines, self._database, request.state.visitor, since=since)
        paid, tests = [one for one in found if one.live], [one for one in found if not one.live]
        uses = await asyncio.to_thread(self._limits.uses, visitor_at(request))
        ledger: LedgerView = {
            "lines": [_line(line, words) for line in paid],
            "sums": _sums(paid, words),
            "tests": {"lines": [_test_line(line, words) for line in tests], "sum": _test_sum(tests, words)},
            "limits": [limit_view(use, words) for use in uses],
            "period": words("money.period", days=DAYS),
        }
        return JSONResponse(ledger)

    @answers_errors
    async def table(self, request: Request) -> Response:
        """Every job that was sent, as CSV in UTF-8 with the mark that spreadsheets know it by, and its columns named in
        the visitor's language. In English the names never change: scripts read the table by them."""
        name = f"happyhorse-{datetime.fromtimestamp(self._clock.wall(), UTC):%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        rows = entries(self._database, request.state.visitor)
        columns = [request.state.words(f"csv.{column}") for column in _COLUMNS]
        return StreamingResponse(_csv(columns, rows), media_type="text/csv; charset=utf-8", headers=headers)


def _line(line: LedgerLine, words: Translation) -> LedgerLineView:
    charge = line.charge
    return {
        "day": line.day.isoformat(),
        "where": _where(line, words),
        "model": line.model,
        "jobs": line.jobs,
        "estimate": _amount(charge.estimate, line, words),
        "billed": _amount(charge.billed, line, words),
        "unknown": _amount(charge.open, line, words) if charge.open else "",
    }


def _test_line(line: LedgerLine, words: Translation) -> TestLineView:
    price = _amount(line.charge.estimate, line, words)
    return {"day": line.day.isoformat(), "model": line.model, "jobs": line.jobs, "price": price}


def _amount(value: Decimal, line: LedgerLine, words: Translation) -> str:
    return money(value, line.currency, words) if line.currency else ""


def _sums(paid: list[LedgerLine], words: Translation) -> list[str]:
    sums = []
    for currency in sorted({line.currency for line in paid if line.currency}):
        mine = [line.charge for line in paid if line.currency == currency]
        billed, open_ = (sum((getattr(one, name) for one in mine), Decimal(0)) for name in ("billed", "open"))
        text = words("money.sum", billed=money(billed, currency, words))
        more = words("money.sum.open", open=money(open_, currency, words)) if open_ else ""
        sums.append(words.join(text, more))
    return sums


def _test_sum(tests: list[LedgerLine], words: Translation) -> str:
    if not tests:
        return ""
    prices: dict[str, Decimal] = {}
    for line in tests:
        if line.currency:
            prices[line.currency] = prices.get(line.currency, Decimal(0)) + line.charge.estimate
    price = " + ".join(money(amount, currency, words) for currency, amount in sorted(prices.items()))
    return words.join(words("money.tests.sum"), words("money.tests.price", price=price) if price else "")


def _where(line: LedgerLine, words: Translation) -> str:
    region = line.account.partition(":")[2]
    provider = CATALOG.providers.get(line.provider)
    if provider is None:
        return line.account
    return " · ".join(
        [provider.name, *([words.said(provider.regions[region].name)] if region in provider.regions else [])]
    )


def _csv(columns: list[str], rows: Iterator[LedgerEntry]) -> Iterator[str]:
    text = io.StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    table.writerow(columns)
    yield f"\ufeff{text.getvalue()}"
    for entry in rows:
        text.seek(0)
        text.truncate()
        charge = entry.charge
        figures = [f"{amount:f}" if entry.currency else "" for amount in (charge.estimate, charge.billed, charge.open)]
        about = (entry.provider, entry.account, entry.mode, entry.model, entry.resolution, entry.state, entry.currency)
        sent = datetime.fromtimestamp(entry.sent_at, UTC)
        table.writerow(
            [
                *(f"{sent:%Y-%m-%d}", f"{sent:%H:%M:%S}", *map(_cell, about), *figures),
                *(_cell(entry.task_id), entry.job, _cell(entry.prompt)),
            ]
        )
        yield text.getvalue()


def _cell(text: str) -> str:
    """A text that no spreadsheet reads as a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
