"""What may be changed in the row of a job: its columns, with the types that they have in a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TypedDict, cast

from studio.catalog.pricing import Quote
from studio.catalog.requests import Request
from studio.database.rows import JobColumns
from studio.errors import Fault
from studio.jobs.model import Candidate, Trace, VideoFile
from studio.providers.base import TaskStatus, Usage


class Columns(TypedDict, total=False):
    """What a move may change besides the state, and a note at all. A name or type that is none is an error of mypy."""

    request: Request
    quote: Quote | None
    not_before: float
    submitting_at: float | None
    submitted_at: float | None
    started_at: float | None
    finished_at: float | None
    saved_at: float | None
    task_id: str | None
    request_id: str | None
    task_status: TaskStatus | None
    result_url: str | None
    usage: Usage | None
    fault: Fault | None
    video: VideoFile | None
    trace: Trace | None
    candidates: Sequence[Candidate]
    stopped_at: float | None


def plain(columns: Columns) -> JobColumns:
    """As the driver takes them."""
    return cast(JobColumns, {name: _plain(value) for name, value in columns.items()})


def _plain(value: object) -> object:
    if isinstance(value, (Fault, Quote, Request)):
        return value.to_json()
    if isinstance(value, (Usage, VideoFile)):
        return asdict(value)
    if isinstance(value, tuple):
        return [asdict(candidate) for candidate in value]
    return value
