"""Amounts of money as a visitor reads them."""

from __future__ import annotations

from decimal import Decimal

from studio.catalog.pricing import Quote
from studio.web.text import Translation

_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€"}


def money(amount: Decimal, currency: str, words: Translation) -> str:
    """``¥8.00``, ``137.5 credits``."""
    if currency in _SYMBOLS:
        return f"{_SYMBOLS[currency]}{amount:,.2f}"
    return f"{round(amount, 2).normalize():,f} {unit_of(currency, words)}"


def sign_of(currency: str) -> str:
    """``¥``; empty where a currency has none."""
    return _SYMBOLS.get(currency, "")


def unit_of(currency: str, words: Translation) -> str:
    """What stands behind an amount whose currency has no sign."""
    return words(currency) if words.has(currency) else currency


def rate_text(quote: Quote, words: Translation) -> str:
    """The price of one second, to the last digit that the provider states."""
    symbol = _SYMBOLS.get(quote.currency)
    return f"{symbol}{quote.rate:f}" if symbol else f"{quote.rate.normalize():f} {unit_of(quote.currency, words)}"


def rate_words(amount: Decimal, currency: str, words: Translation) -> str:
    """As ``rate_text``, of a rate alone."""
    return rate_text(Quote(Decimal(1), amount, currency, ""), words)


def sum_text(quote: Quote, count: int, words: Translation) -> str:
    """How the price of ``count`` videos comes about: ``6 × 5 s × ¥1.6 = ¥48.00``, ``(4 s + 4 s) × ¥0.9 = ¥7.20``.

    The seconds have as many digits as it takes for the sum to add up.
    """
    whole = money(quote.amount * count, quote.currency, words)
    lengths = [one for one in (quote.input_seconds, quote.seconds - quote.input_seconds) if one]
    for digits in range(1, 10):
        rounded = [round(one, digits) for one in lengths]
        if money(sum(rounded, Decimal(0)) * quote.rate * count, quote.currency, words) == whole:
            break
    shown = " + ".join(words("seconds", seconds=f"{one.normalize():f}") for one in rounded)
    factors = [shown if len(rounded) < 2 else f"({shown})", rate_text(quote, words)]
    return " × ".join([*([str(count)] if count > 1 else []), *factors]) + f" = {whole}"
