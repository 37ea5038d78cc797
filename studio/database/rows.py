"""What a new row of each table holds, and what of a job's row may be changed, as the database's driver takes it.

A row is written by its type (``insert(EVENTS).values(**EventRow(…))``), so that a column that is misspelled or of a
wrong type is mypy's to find, and not the transaction's; so is one that is missing, but for jobs and holdings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

Json = Mapping[str, Any] | Sequence[Any] | None


class JobColumns(TypedDict, total=False):
    """Columns of ``jobs``: of a new row all that may not be null, of one that is there what changes."""

    id: str
    owner: str
    account: str
    region: str
    provider: str
    mode: str
    model: str
    prompt: str
    state: str
    request: Json
    quote: Json
    attempt: int
    not_before: float
    created_at: float
    updated_at: float
    submitting_at: float | None
    submitted_at: float | None
    started_at: float | None
    finished_at: float | None
    saved_at: float | None
    task_id: str | None
    request_id: str | None
    task_status: str | None
    result_url: str | None
    usage: Json
    fault: Json
    video: Json
    trace: str | None
    candidates: Json
    sent_again: str | None
    stopped_at: float | None
    seconds: float
    price: float
    favourite_at: float | None
    deleted_at: float | None
    network: str | None
    idempotency_key: str | None
    idempotency_place: int | None
    idempotency_digest: str | None


class EventRow(TypedDict):
    job_id: str
    at: float
    what: str
    detail: Json


class JobTagRow(TypedDict):
    job_id: str
    tag: str
    owner: str


class PresetRow(TypedDict):
    id: str
    owner: str
    mode: str
    name: str
    settings: Json
    saved_at: float


class HoldingColumns(TypedDict, total=False):
    """Columns of ``holdings`` that follow from what is given."""

    kind: str
    name: str
    url: str | None
    facts: Json
    added_at: float
    origin: str | None


class HoldingRow(HoldingColumns):
    owner: str
    sha256: str
    network: str | None


class JobFileRow(TypedDict):
    job_id: str
    sha256: str


class PublishedRow(TypedDict):
    account: str
    model: str
    sha256: str
    url: str
    expires_at: float


class WorkerRow(TypedDict):
    id: str
    host: str
    pid: int
    beat_at: float


class LeaseRow(TypedDict):
    name: str
    holder: str
    expires_at: float
