"""A job as a row of the table, and a row as a job."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Row

from studio.catalog.pricing import Quote
from studio.catalog.requests import lost_request, restore_request
from studio.database.rows import JobColumns
from studio.database.schema import JOBS
from studio.database.states import State
from studio.errors import Fault
from studio.jobs.model import Candidate, Job, JobTask, Trace, VideoFile
from studio.jobs.rows.columns import Columns, plain
from studio.providers.base import TaskStatus, Usage

log = logging.getLogger("studio.jobs")

T = TypeVar("T")

_SAME_NAME = {f.name for f in fields(Job)} & set(JOBS.c.keys())


def row_of(job: Job) -> JobColumns:
    """A new row: every column but those of an idempotency key."""
    request = job.request
    fields = Columns(
        request=request,
        quote=job.quote,
        not_before=job.not_before,
        submitting_at=job.submitting_at,
        submitted_at=job.submitted_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        saved_at=job.saved_at,
        task_id=job.task_id,
        request_id=job.request_id,
        task_status=job.task_status,
        result_url=job.task.result_url if job.task else None,
        usage=job.usage,
        fault=job.fault,
        video=job.video,
        trace=job.trace,
        candidates=job.candidates,
        stopped_at=job.stopped_at,
    )
    return JobColumns(
        id=job.id,
        owner=job.owner,
        account=job.account,
        region=job.region,
        provider=request.provider,
        mode=request.mode,
        model=request.model,
        prompt=request.prompt,
        state=job.state,
        attempt=job.attempt,
        created_at=job.created_at,
        updated_at=job.updated_at,
        sent_again=job.sent_again,
        seconds=job.seconds,
        price=job.price,
        favourite_at=job.favourite_at,
        deleted_at=job.deleted_at,
        network=job.network,
        **plain(fields),
    )


def task_status_of(value: str | None) -> TaskStatus | None:
    return TaskStatus.__members__.get(value) if value else None


def _candidates(data: Any) -> tuple[Candidate, ...]:
    return tuple(Candidate(one["task_id"], TaskStatus(one["status"]), one["created_at"]) for one in data)


def read_field(parse: Callable[[Any], T], value: Any) -> T | None:
    """A field as ``parse`` reads it; None for none, and for one that is damaged: a row is shown as what is left."""
    try:
        return parse(value) if value else None
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        log.error("a field of a job cannot be read: %s", error)
        return None


def _read_strictly(parse: Callable[[Any], T], value: Any) -> T | None:
    return parse(value) if value else None


def job_of(row: Row[Any], *, strictly: bool = False) -> Job:
    """The job that a row of the table is.

    A row that is here is shown as what is left of it. With ``strictly``, for a row from elsewhere, a field that cannot
    be read raises what its reader does: ValueError, TypeError, LookupError, AttributeError or ArithmeticError.
    """
    read = _read_strictly if strictly else read_field
    request = read(restore_request, row.request)
    if request is None:
        if strictly:
            raise ValueError("its request is missing")
        request = lost_request(row.mode, row.provider, row.model, row.prompt)
    values = {name: getattr(row, name) for name in _SAME_NAME}
    return Job(
        **values
        | {
            "state": State(row.state),
            "request": request,
            "quote": read(Quote.from_json, row.quote),
            "task": JobTask(row.task_id, task_status_of(row.task_status), row.result_url) if row.task_id else None,
            "usage": read(Usage.from_json, row.usage),
            "fault": read(Fault.from_json, row.fault),
            "video": read(lambda video: VideoFile(**video), row.video),
            "trace": read(Trace, row.trace),
            "candidates": read(_candidates, row.candidates) or (),
        }
    )
