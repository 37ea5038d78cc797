"""What the form says of itself before it is sent: how long the prompt is, what it costs, what is odd or missing.

Both parts are drawn in the browser from one value that the server works out, so the rules stand in one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import gradio as gr

from studio.accounts.account import Account
from studio.catalog.models import CATALOG, Mode, Model
from studio.catalog.pricing import CREDITS, Quote
from studio.catalog.prompts import cleaned, measure
from studio.catalog.requests import REQUESTS, parameters_of
from studio.web.money.amounts import money, sum_text
from studio.web.money.limits import Note
from studio.web.shell.assets import draw
from studio.web.text import Translation


def meter_bar(elem_id: str, value: dict[str, Any]) -> gr.HTML:
    """A bar and a line under the prompt; its value is what ``meter`` gives."""
    return gr.HTML(
        value,
        html_template='<div class="meter"><i></i><span role="status"></span><b></b></div>',
        js_on_load=draw("meter"),
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes="f-meter",
    )


def summary_lines(elem_id: str, value: dict[str, Any], mode: Mode | None = None) -> gr.HTML:
    """Lines under the button: price, warnings, or the error of the last try; and what the form of ``mode`` waits for.

    Its value is an ``Estimate.summary``, at first one for each language.
    """
    return gr.HTML(
        value,
        html_template='<div class="waits" role="status" hidden></div><div class="summary"></div>',
        js_on_load=draw("summary", mode=mode),
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes="f-summary",
    )


def sent_lines(text: str, sent: Sequence[str], provider: str, words: Translation) -> list[tuple[str, str]]:
    """How the prompts that are written in ``text`` are ``sent``, where that is not as they are written."""
    lines = [
        ("sent-as", words("prompt.sent", provider=provider, prompt=one)) for one in sent if one not in cleaned(text)
    ]
    plain = text.replace("\r\n", "\n")
    return lines + ([("sent-as", words("prompt.cleaned"))] if cleaned(plain) != plain else [])


def meter(prompts: Sequence[str], model: Model, words: Translation) -> dict[str, Any]:
    """The longest prompt against the provider's limit: ``part`` of it used, ``level`` ok, near or over, the words."""
    prompt = max(prompts, key=lambda one: measure(one, model.prompt).units)
    length = measure(prompt, model.prompt)
    count = words("meter", used=f"{length.units:,}", most=f"{length.max_units:,}")
    note, level = "", "ok"
    if length.cut_at is not None:
        tail = prompt[max(0, length.cut_at - 24) : length.cut_at]
        provider = CATALOG.providers[model.provider].name
        over = "meter.over" if model.prompt.over == "cut" else "meter.refused"
        note, level = words(over, over=f"{length.over:,}", provider=provider, tail=tail), "over"
    elif length.near:
        note, level = words("meter.near", left=f"{length.max_units - length.units:,}"), "near"
    return {"count": count, "note": note, "level": level, "part": min(1.0, length.units / length.max_units)}


@dataclass(frozen=True)
class Estimate:
    """What is known of a request that is still a form."""

    button: str
    """The text of the submit button, price included."""
    ready: bool
    lines: tuple[tuple[str, str], ...] = ()
    """Kind (``price``, ``warning``, ``missing``, ``error``) and text."""
    settings: dict[str, Any] = field(default_factory=dict)
    """The form's values, which the browser keeps over a reload."""
    wrong: tuple[str, ...] = ()
    """The inputs whose values an error is about."""
    first: tuple[Note, ...] = ()
    """What is said before the lines, maybe with a moment in it."""
    notes: tuple[Note, ...] = ()
    """What is said behind them."""
    price: str = "none"
    """The price on the button as a press brings it along, ``8.00 CNY``."""

    def summary(self, *, outcome: bool = False) -> dict[str, Any]:
        """As the browser takes it; the first line of an ``outcome`` stays until the form is touched again."""
        plain: list[Note] = [(kind, text, None) for kind, text in self.lines]
        lines = [_line(one) for one in (*self.first, *plain, *self.notes)]
        said = {"lines": lines, "outcome": outcome, "wrong": list(self.wrong)}
        return said | {"settings": self.settings, "price": self.price}


def with_notes(summary: dict[str, Any], notes: Sequence[Note]) -> dict[str, Any]:
    """A summary that says ``notes`` at its end."""
    return summary | {"lines": [*summary["lines"], *map(_line, notes)]}


def _line(note: Note) -> dict[str, Any]:
    kind, text, at = note
    return {"kind": kind, "text": text} | ({"at": at} if at else {})


def price_lines(
    price: Quote | None, count: int, account: Account, words: Translation, credits: Decimal | None
) -> tuple[str, list[tuple[str, str]]]:
    """The button's text, the line that explains it, and a warning when the account's ``credits`` do not suffice.

    ``price`` is that of one of ``count`` videos.
    """
    if price is None:
        return words("generate"), [("price", words("price.unknown"))]
    whole = price.amount * count
    amount, total = money(whole, price.currency, words), sum_text(price, count, words)
    lines = [("price", total if account.live else words("price.sandbox", sum=total))]
    if credits is not None and price.currency == CREDITS and credits < whole:
        lines.append(("warning", words("credits.short", price=amount, left=money(credits, CREDITS, words))))
    return words("generate.price", price=amount) if account.live else words("generate.sandbox"), lines


def disputes(values: Mapping[str, Any], model: Model, words: Translation) -> list[tuple[str, str]]:
    """A warning for each value that only one source lists."""
    lines = []
    for name in parameters_of(REQUESTS[model.mode]):
        options = model.options(name)
        source = options.disputed(values[name]) if options is not None else None
        if source:
            line = words("disputed", name=words(name), value=values[name], source=words.said(CATALOG.sources[source]))
            lines.append(("warning", line))
    return lines
