"""What a request will cost: one quote, shown on the button and stored with the job."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Self

from studio.catalog import CATALOG
from studio.requests import Request, VideoEdit

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

    @property
    def amount(self) -> Decimal:
        return self.seconds * self.rate

    def to_json(self) -> dict[str, Any]:
        return {key: str(value) for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(Decimal(data["seconds"]), Decimal(data["rate"]), data["currency"], data["source"])


def quote(request: Request, region: str, *, input_seconds: Decimal | None = None) -> Quote | None:
    """The price of ``request`` in ``region``, or None where the catalog has no price for it.

    ``input_seconds`` is the exact probed duration of an edit's video; the output is as long, at most 15 s, and both
    are billed (source: AIVideoAPI page and seed: videoedit, Output duration rule).
    """
    assert request.resolution is not None
    rate = CATALOG.rate(request.rules, region, request.resolution)
    if rate is None:
        return None
    if isinstance(request, VideoEdit):
        if input_seconds is None:
            return None
        seconds = input_seconds + min(input_seconds, CATALOG.edit.max_output_seconds)
    else:
        seconds = Decimal(request.duration or 0)
    return Quote(seconds, rate.amount, rate.currency, rate.source)
