"""What a request will cost: one quote, shown on the button and stored with the job."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Self

from studio.catalog.models import CATALOG
from studio.catalog.requests import Request
from studio.errors import PriceHigher
from studio.message import Message

CREDITS = "credits"
"""The currency of providers that are paid in advance."""


@dataclass(frozen=True)
class Quote:
    """An estimate before the job and the yardstick after it."""

    seconds: Decimal
    """Billed seconds: output, and for a video edit input and output together."""
    rate: Decimal
    """Price of one second."""
    currency: str
    """ISO 4217 code, or ``credits``."""
    source: str
    """Catalog key of the price's source."""
    input_seconds: Decimal = Decimal(0)
    """Those of the billed seconds that are a video edit's input."""

    @property
    def amount(self) -> Decimal:
        return self.seconds * self.rate

    def to_json(self) -> dict[str, Any]:
        return {key: str(value) for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Raises ValueError for what is no price: less than nothing, endless or no number would upset every limit."""
        of_input = Decimal(data.get("input_seconds", 0))
        read = cls(Decimal(data["seconds"]), Decimal(data["rate"]), data["currency"], data["source"], of_input)
        if not all(part.is_finite() and part >= 0 for part in (read.seconds, read.rate, of_input, read.amount)):
            raise ValueError("its price is none")
        return read


ROUNDED = Decimal("0.005")
"""What is shown is rounded to hundredths."""
_SHOWN = re.compile(r"(\d{1,12}(?:\.\d{1,40})?) ([A-Za-z]{1,10})", re.ASCII)


@dataclass(frozen=True)
class ShownPrice:
    """The price that somebody saw before asking, which is a promise; without an amount there was none."""

    amount: Decimal | None
    currency: str = ""
    of_job: bool = False
    """Whether it stands with a job that is to be made once more."""

    @classmethod
    def of(cls, value: object) -> Self | None:
        """As ``8.00 CNY``. None for None: who does not say what was seen is asked nothing. Of anything else that is no
        such text, no price was seen."""
        if value is None:
            return None
        found = _SHOWN.fullmatch(value) if isinstance(value, str) else None
        return cls(Decimal(found[1]), found[2]) if found else cls(None)

    @classmethod
    def with_job(cls, price: Quote | None) -> Self:
        """The price of a job, as it is shown wherever the same can be sent once more; none where it cannot be read."""
        return cls(price.amount, price.currency, of_job=True) if price is not None else cls(None, of_job=True)

    def require(self, quotes: Sequence[Quote | None]) -> None:
        """Raise PriceHigher if all of ``quotes`` together are more; a price that is not known is promised by nobody."""
        sums: dict[str, Decimal] = {}
        for one in quotes:
            if one is not None:
                sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.amount
        seen = None if self.amount is None else (self.amount, self.currency)
        for currency, amount in sums.items():
            if self.amount is None or currency != self.currency or amount - self.amount > ROUNDED:
                price = f"{amount} {currency}"
                if seen is None:
                    said = Message(
                        "This costs {price}, and no price was shown before. Nothing was generated or charged.",
                        price=price,
                    )
                else:
                    was = f"{seen[0]} {seen[1]}"
                    said = Message(
                        "This costs {price}, but {shown} was shown. Nothing was generated or charged.",
                        price=price,
                        shown=was,
                    )
                raise PriceHigher(said, (amount, currency), seen, of_job=self.of_job)


def quote(request: Request, region: str, *, input_seconds: Decimal | None = None) -> Quote | None:
    """The price of ``request`` in ``region``, or None where the catalog has no price for it.

    ``input_seconds`` is the exact probed duration of an edit's video; the output is as long, at most 15 s, and both
    are billed (source: AIVideoAPI page and seed: videoedit, Output duration rule).
    """
    model = request.catalog_model
    rate = CATALOG.rate(model, region, request.resolution or model.resolution.default)
    if rate is None:
        return None
    if any(rule.billed for rule in model.inputs.values()):
        if input_seconds is None:
            return None
        seconds = input_seconds + min(input_seconds, CATALOG.edit.max_output_seconds)
        return Quote(seconds, rate.amount, rate.currency, rate.source, input_seconds)
    return Quote(Decimal(request.parameters.get("duration", 0)), rate.amount, rate.currency, rate.source)
