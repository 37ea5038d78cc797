"""What a form says of itself before it is sent: what it costs, what is missing, what is odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from studio.accounts.account import Account
from studio.catalog.models import CATALOG, Model
from studio.catalog.pricing import CREDITS, Quote
from studio.catalog.requests import REQUESTS, parameters_of
from studio.web.form.views import EstimateView, LineView
from studio.web.money.amounts import money, sum_text
from studio.web.money.limits import Note
from studio.web.text import Translation


class Line(NamedTuple):
    """Something that the form says."""

    kind: Literal["missing", "error", "warning", "facts"]
    text: str
    about: str = ""
    """The input that it is about."""
    at: float | None = None
    """The moment that stands for a blank in the text."""

    def view(self) -> LineView:
        view: LineView = {"kind": self.kind, "text": self.text, "about": self.about}
        return view | {"at": self.at} if self.at is not None else view


@dataclass(frozen=True)
class Estimate:
    """What is known of a request that is still a form."""

    amount: str = ""
    sum: str = ""
    price: str = "none"
    """The price as a press brings it along, ``8.00 CNY``."""
    live: bool = False
    count: int = 1
    lines: tuple[Line, ...] = ()

    def with_lines(self, lines: Sequence[Line]) -> Estimate:
        return replace(self, lines=tuple(lines))

    def with_notes(self, notes: Sequence[Note]) -> Estimate:
        """What the studio's limits say, behind its own lines."""
        lines = (Line(kind, text, "", at) for kind, text, at in notes)
        return replace(self, lines=(*self.lines, *lines))

    def view(self) -> EstimateView:
        return {
            "price": self.price,
            "amount": self.amount,
            "sum": self.sum,
            "live": self.live,
            "count": self.count,
            "lines": [line.view() for line in self.lines],
        }


def priced(price: Quote | None, count: int, account: Account, words: Translation, credits: Decimal | None) -> Estimate:
    """What ``count`` videos cost, each at ``price``; with a warning when the account's ``credits`` do not suffice."""
    if price is None:
        return Estimate(live=account.live, count=count)
    whole = price.amount * count
    lines: tuple[Line, ...] = ()
    if credits is not None and price.currency == CREDITS and credits < whole:
        amounts = {"price": money(whole, CREDITS, words), "left": money(credits, CREDITS, words)}
        lines = (Line("warning", words("credits.short", **amounts)),)
    return Estimate(
        amount=money(whole, price.currency, words),
        sum=sum_text(price, count, words),
        price=f"{whole:f} {price.currency}" if account.live else "none",
        live=account.live,
        count=count,
        lines=lines,
    )


def disputes(values: Mapping[str, Any], model: Model, words: Translation) -> list[Line]:
    """A warning for each value that only one source lists."""
    lines = []
    for name in parameters_of(REQUESTS[model.mode]):
        options = model.options(name)
        source = options.disputed(values[name]) if options is not None else None
        if source:
            line = words("disputed", name=words(name), value=values[name], source=words.said(CATALOG.sources[source]))
            lines.append(Line("warning", line, name))
    return lines
