"""The columns of the library as a table.

This list is the only place where they are declared: the page draws what stands here, and calls a column by the text
``column.<name>``, or as its setting is called. An order that a column sorts by is declared in ``library/history.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypedDict

from studio.accounts.account import in_sandbox
from studio.catalog.models import CATALOG
from studio.catalog.sizes import ratio_text, resolution_of
from studio.jobs.model import Job
from studio.library.history import Sort
from studio.web.board.views import nothing_due
from studio.web.money.amounts import money
from studio.web.text import Translation

Cell = str | float


@dataclass(frozen=True)
class Column:
    """A fact of each job."""

    name: str
    cell: Callable[[Job, Translation], Cell]
    """Its text; of a moment, the seconds since 1970."""
    kind: Literal["text", "figure", "moment"] = "text"
    """How it is written: figures end at the right edge, moments are told in the visitor's own time."""
    sorts: tuple[Sort, Sort] | None = None
    """The orders that a press on its head asks for in turn: the falling one, the rising one."""


class ColumnView(TypedDict):
    """A column as the page draws it."""

    name: str
    label: str
    """Key of what it is called."""
    kind: str
    sorts: list[str]
    """Empty, or the falling and the rising order."""


def _mode(job: Job, words: Translation) -> str:
    return words(f"tab.{job.mode}") if words.has(f"tab.{job.mode}") else job.mode


def _model(job: Job, words: Translation) -> str:
    """The version, and whose it is where several clouds have it; the whole name of one that is not in the catalog."""
    try:
        return CATALOG.model(job.provider, job.request.model).version
    except KeyError:
        return job.request.model


def _provider(job: Job, words: Translation) -> str:
    if in_sandbox(job.account):
        return words("account.sandbox")
    return CATALOG.provider_name(job.provider)


def length(job: Job, words: Translation) -> str:
    return words("seconds", seconds=f"{round(job.seconds, 1):g}") if job.seconds else ""


def _ratio(job: Job, words: Translation) -> str:
    if asked := getattr(job.request, "ratio", None):
        return str(asked)
    return ratio_text(Fraction(job.video.width, job.video.height)) if job.video else ""


def _resolution(job: Job, words: Translation) -> str:
    video = job.video
    return (resolution_of(video.width, video.height) if video else None) or job.request.resolution or ""


def _seed(job: Job, words: Translation) -> str:
    return "" if job.request.seed is None else str(job.request.seed)


def price(job: Job, words: Translation) -> str:
    """In short what it cost, or will."""
    if job.quote is None or nothing_due(job):
        return ""
    amount = next(one for one in (job.billed, job.reported, job.quote.amount) if one is not None)
    return words("free") if in_sandbox(job.account) else money(amount, job.quote.currency, words)


def _made(job: Job, words: Translation) -> float:
    return job.created_at


COLUMNS = (
    Column("mode", _mode),
    Column("model", _model),
    Column("provider", _provider),
    Column("length", length, "figure", ("longest", "shortest")),
    Column("ratio", _ratio),
    Column("resolution", _resolution),
    Column("seed", _seed, "figure"),
    Column("cost", price, "figure", ("dearest", "cheapest")),
    Column("made", _made, "moment", ("newest", "oldest")),
)


def columns() -> list[ColumnView]:
    """The columns in their order, for the page."""
    return [
        {"name": one.name, "label": _label(one), "kind": one.kind, "sorts": list(one.sorts or ())} for one in COLUMNS
    ]


def _label(column: Column) -> str:
    """As a column, as a setting, or as it is called anywhere."""
    keys = (f"column.{column.name}", f"setting.{column.name}", column.name)
    return next(key for key in keys if Translation().has(key))


def cells(job: Job, words: Translation) -> Mapping[str, Cell]:
    """What stands in the job's row, by column."""
    return {column.name: column.cell(job, words) for column in COLUMNS}
