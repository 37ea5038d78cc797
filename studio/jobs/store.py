"""The job table: the single truth that the page reads and the engine acts on.

A change of state is one guarded UPDATE (``WHERE state IN …``) and one line of history, in one transaction: of two
workers that try the same move, one gets the job back and the other None.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, String, cast, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from studio.database import connect, migrate, translated
from studio.errors import Fault, StoreError, TaskTaken
from studio.jobs.ledger import DailyLimit
from studio.jobs.model import MOVES, Candidate, Event, Job, Place, State, Trace, VideoFile
from studio.jobs.search import add_prompt
from studio.pricing import Quote
from studio.providers.base import TaskStatus, Usage
from studio.requests import restore_request
from studio.schema import EVENTS, JOB_FILES, JOBS, LEASES, WORKERS
from studio.told import Told

_SAME_NAME = {f.name for f in fields(Job)} & set(JOBS.c.keys())


@dataclass(frozen=True)
class Worker:
    """A process that works on jobs."""

    id: str
    host: str
    pid: int
    beat_at: float


class DueJob(NamedTuple):
    """A job that waits for us."""

    id: str
    state: State
    attempt: int
    place: Place


@dataclass(frozen=True)
class WaitingJob:
    """What the watcher needs of a job: it reads all that wait, every second."""

    id: str
    task_id: str
    task_status: TaskStatus | None
    submitted_at: float
    started_at: float | None
    found: bool
    """Whether the task is one that was found again: it may turn out to be another's."""


class Store:
    """Jobs, their history, and the workers' heartbeats. Methods block; they may be called from any thread."""

    def __init__(self, url: str, limit: DailyLimit | None = None) -> None:
        """Open or create the database at SQLAlchemy ``url``; raises StoreError and its kinds."""
        self._limit = limit
        with translated():
            self.engine: Engine = connect(url)
        try:
            migrate(self.engine)
        except StoreError:
            self.engine.dispose()
            raise
        self.on_change: Callable[[Job], None] = lambda job: None
        """Called after each commit that changed a job, on the thread that made it."""

    def close(self) -> None:
        self.engine.dispose()

    # Jobs

    def add(self, job: Job, *, in_place_of: str | None = None) -> bool:
        """Write a new job down; raises SpendingLimit when it is too much for today.

        ``in_place_of`` is the interrupted job whose place it takes; False when another took that before.
        """
        replaced = None
        with translated(), self.engine.begin() as connection:
            if in_place_of is not None:
                free = [JOBS.c.id == in_place_of, JOBS.c.state == State.INTERRUPTED, JOBS.c.sent_again.is_(None)]
                statement = update(JOBS).where(*free).values(sent_again=job.id, updated_at=job.created_at)
                replaced = connection.execute(statement.returning(JOBS)).one_or_none()
                if replaced is None:
                    return False
            self._insert(connection, job)
            self._keep_to_limit(connection, [job])
        self.on_change(job)
        if replaced is not None:
            self.on_change(job_of(replaced))
        return True

    def add_all(self, jobs: Sequence[Job]) -> None:
        """Write new jobs down, all of them or none; raises SpendingLimit when together they are too much for today."""
        with translated(), self.engine.begin() as connection:
            for job in jobs:
                self._insert(connection, job)
            self._keep_to_limit(connection, jobs)
        for job in jobs:
            self.on_change(job)

    def _insert(self, connection: Connection, job: Job) -> None:
        connection.execute(insert(JOBS).values(_row(job)))
        for sha256 in {asset.sha256 for asset in job.request.assets}:
            connection.execute(insert(JOB_FILES).values(job_id=job.id, sha256=sha256))
        add_prompt(connection, job.owner, job.id, job.request.prompt)
        connection.execute(insert(EVENTS).values(job_id=job.id, at=job.created_at, what=job.state, detail={}))

    def get(self, job_id: str) -> Job | None:
        with translated(), self.engine.connect() as connection:
            row = connection.execute(select(JOBS).where(JOBS.c.id == job_id)).one_or_none()
        return job_of(row) if row else None

    def page(self, owner: str, *, before: str | None = None, limit: int = 20) -> list[Job]:
        """The visitor's jobs, newest first; ``before`` is the id of the last job of the page before."""
        query = select(JOBS).where(JOBS.c.owner == owner, JOBS.c.deleted_at.is_(None))
        query = query.order_by(JOBS.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(JOBS.c.id < before)
        with translated(), self.engine.connect() as connection:
            return [job_of(row) for row in connection.execute(query)]

    def count(self, owner: str) -> int:
        query = select(func.count()).select_from(JOBS).where(JOBS.c.owner == owner, JOBS.c.deleted_at.is_(None))
        with translated(), self.engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def move(
        self,
        job_id: str,
        to: State,
        *,
        when: Collection[State] | None = None,
        attempt: int | None = None,
        detail: Mapping[str, Any] | None = None,
        next_attempt: bool = False,
        anew: bool = False,
        **changes: Any,
    ) -> Job | None:
        """Change the state, if the job is in one that allows it; None when it is not, or someone else was quicker.

        ``when`` narrows the states it may come from, ``attempt`` the attempt it must be on; ``detail`` goes
        into the history, ``next_attempt`` counts the attempt up, ``changes`` are further fields of ``Job``. ``anew``
        spends money that was given up before: raises SpendingLimit when it is too much for today. Raises TaskTaken when
        ``changes`` name a task that another job has.
        """
        allowed = {state for state, targets in MOVES.items() if to in targets}
        allowed &= set(when) if when is not None else allowed
        changes["state"] = to
        return self._update(job_id, allowed, attempt, changes, to.value, detail, next_attempt, anew)

    def note(
        self,
        job_id: str,
        *,
        when: Collection[State],
        what: str | None = None,
        detail: Mapping[str, Any] | None = None,
        next_attempt: bool = False,
        **changes: Any,
    ) -> Job | None:
        """Change fields without changing the state; ``what`` adds a line to the history. Else as ``move``."""
        return self._update(job_id, when, None, changes, what, detail, next_attempt)

    def _update(
        self,
        job_id: str,
        when: Collection[State],
        attempt: int | None,
        changes: Mapping[str, Any],
        what: str | None,
        detail: Mapping[str, Any] | None,
        next_attempt: bool,
        anew: bool = False,
    ) -> Job | None:
        now = time.time()
        statement = update(JOBS).where(JOBS.c.id == job_id, JOBS.c.state.in_(list(when)), JOBS.c.deleted_at.is_(None))
        if attempt is not None:
            statement = statement.where(JOBS.c.attempt == attempt)
        values = {name: _plain(value) for name, value in changes.items()}
        if next_attempt:
            values["attempt"] = JOBS.c.attempt + 1
        with translated(), self.engine.begin() as connection:
            try:
                row = connection.execute(statement.values(**values, updated_at=now).returning(JOBS)).one_or_none()
            except IntegrityError as error:
                raise TaskTaken("Another job of this studio has it.") from error
            if row is None:
                return None
            job = job_of(row)
            if (row.seconds, row.price) != (job.seconds, job.price):
                sizes = {"seconds": job.seconds, "price": job.price}
                connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(**sizes))
            if anew:
                self._keep_to_limit(connection, [job])
            if what is not None:
                connection.execute(
                    insert(EVENTS).values(
                        job_id=job_id,
                        at=now,
                        what=what,
                        detail={name: Told.to_json(value) for name, value in (detail or {}).items()},
                    )
                )
        self.on_change(job)
        return job

    def _keep_to_limit(self, connection: Connection, jobs: Sequence[Job]) -> None:
        if self._limit is not None:
            self._limit.check(connection, jobs)

    def postpone(self, job_id: str, until: float, fault: Fault | None = None) -> None:
        """Let a job that could not be worked on rest until then, for a reason; work on it is a new attempt."""
        later: dict[str, Any] = {"next_attempt": True, "not_before": until}
        if fault is not None:
            later["fault"] = fault
        if self.move(job_id, State.QUEUED, when={State.PUBLISHING}, **later) is None:
            self.note(job_id, when={State.QUEUED, State.SAVING}, **later)

    def explain(self, place: Place, fault: Fault | None) -> None:
        """Tell jobs that wait to be sent there and have no reason for it this one; or, with None, that they are due."""
        told = func.coalesce(cast(JOBS.c.fault, String), "null") != "null"
        waits = update(JOBS).where(JOBS.c.state == State.QUEUED, JOBS.c.account == place[0], JOBS.c.model == place[1])
        if fault is None:
            statement = waits.where(told).values(fault=None, not_before=0.0)
        else:
            statement = waits.where(~told).values(fault=fault.to_json())
        with translated(), self.engine.begin() as connection:
            rows = connection.execute(statement.values(updated_at=time.time()).returning(JOBS)).all()
        for row in rows:
            self.on_change(job_of(row))

    def history(self, job_id: str) -> list[Event]:
        query = (
            select(EVENTS.c.at, EVENTS.c.what, EVENTS.c.detail).where(EVENTS.c.job_id == job_id).order_by(EVENTS.c.id)
        )
        with translated(), self.engine.connect() as connection:
            return [
                Event(at, what, {name: Told.from_json(value) for name, value in detail.items()})
                for at, what, detail in connection.execute(query)
            ]

    # What is to be done

    def due(self, now: float, accounts: Collection[str]) -> list[DueJob]:
        """The jobs of ``accounts`` that wait for us to submit or save them, those that were tried last at the end."""
        query = select(JOBS.c.id, JOBS.c.state, JOBS.c.attempt, JOBS.c.account, JOBS.c.model).where(
            JOBS.c.state.in_([State.QUEUED, State.SAVING]), JOBS.c.account.in_(accounts), JOBS.c.not_before <= now
        )
        with translated(), self.engine.connect() as connection:
            rows = connection.execute(query.order_by(JOBS.c.not_before, JOBS.c.id))
            return [DueJob(job_id, State(state), attempt, tuple(place)) for job_id, state, attempt, *place in rows]

    def waiting(self, account: str, kept_since: float) -> list[WaitingJob]:
        """The jobs of ``account`` that wait for the provider and are watched, oldest first.

        One that is not watched is among them when its task is older than ``kept_since``, so that it ends as well.
        """
        submitted_at = func.coalesce(JOBS.c.submitted_at, JOBS.c.created_at)
        query = select(JOBS.c.id, JOBS.c.task_id, JOBS.c.task_status, submitted_at, JOBS.c.started_at, JOBS.c.trace)
        watched = JOBS.c.stopped_at.is_(None) | (submitted_at < kept_since)
        query = query.where(JOBS.c.state == State.WAITING, JOBS.c.account == account, watched)
        with translated(), self.engine.connect() as connection:
            return [
                WaitingJob(job_id, task_id, TaskStatus(status) if status else None, submitted, started, bool(trace))
                for job_id, task_id, status, submitted, started, trace in connection.execute(query.order_by(JOBS.c.id))
            ]

    def claimants(self, account: str, since: float) -> list[Job]:
        """The jobs of ``account`` sent after ``since`` whose answer is missing, deleted ones too, as a task may be
        theirs; and all whose task is looked for."""
        here = JOBS.c.deleted_at.is_(None)
        looked_for = here & (JOBS.c.trace.is_(None) | (JOBS.c.trace == Trace.SEVERAL))
        query = select(JOBS).where(
            JOBS.c.state.in_([State.SUBMITTING, State.INTERRUPTED]),
            JOBS.c.account == account,
            here | (JOBS.c.deleted_at > 0),
            (JOBS.c.submitting_at >= since) | looked_for,
        )
        with translated(), self.engine.connect() as connection:
            return [job_of(row) for row in connection.execute(query.order_by(JOBS.c.id))]

    def owned(self, account: str, task_ids: Collection[str]) -> set[str]:
        """Those of ``task_ids`` that a job has."""
        query = select(JOBS.c.task_id).where(JOBS.c.account == account, JOBS.c.task_id.in_(task_ids))
        with translated(), self.engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def stale(self, state: State, before: float) -> list[Job]:
        """Jobs that have been in ``state`` without a change since ``before``."""
        query = select(JOBS).where(JOBS.c.state == state, JOBS.c.updated_at < before)
        with translated(), self.engine.connect() as connection:
            return [job_of(row) for row in connection.execute(query)]

    def unfinished(self) -> dict[str, int]:
        """How many jobs of each account have not ended."""
        ended = [state for state in State if state.ended]
        query = select(JOBS.c.account, func.count()).where(JOBS.c.state.not_in(ended)).group_by(JOBS.c.account)
        with translated(), self.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def changed(self, since: float) -> list[Job]:
        """Jobs that any process changed at or after ``since`` and nobody deleted, oldest change first."""
        query = select(JOBS).where(JOBS.c.updated_at >= since, JOBS.c.deleted_at.is_(None)).order_by(JOBS.c.updated_at)
        with translated(), self.engine.connect() as connection:
            return [job_of(row) for row in connection.execute(query)]

    # Workers

    def beat(self, worker: Worker) -> None:
        """Say that ``worker`` is alive."""
        self._upsert(WORKERS, "id", asdict(worker), None)

    def workers(self) -> list[Worker]:
        with translated(), self.engine.connect() as connection:
            return [Worker(*row) for row in connection.execute(select(WORKERS))]

    def bury(self, worker: Worker) -> bool:
        """Take a dead worker off the list, once its work is taken over; False when it was not dead, or not on it."""
        statement = delete(WORKERS).where(WORKERS.c.id == worker.id, WORKERS.c.beat_at == worker.beat_at)
        with translated(), self.engine.begin() as connection:
            return connection.execute(statement).rowcount == 1

    def hold(self, lease: str, holder: str, seconds: float) -> bool:
        """Take or renew ``lease`` for ``seconds``; False while another holder has it."""
        now = time.time()
        values = {"name": lease, "holder": holder, "expires_at": now + seconds}
        free = (LEASES.c.holder == holder) | (LEASES.c.expires_at < now)
        return self._upsert(LEASES, "name", values, free)

    def release(self, holder: str) -> None:
        """Give back every lease of ``holder``."""
        with translated(), self.engine.begin() as connection:
            connection.execute(delete(LEASES).where(LEASES.c.holder == holder))

    def _upsert(self, table: Any, key: str, values: Mapping[str, Any], condition: Any) -> bool:
        dialect: Any = postgresql if self.engine.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(table).values(**values)
        statement = statement.on_conflict_do_update(index_elements=[key], set_=dict(values), where=condition)
        with translated(), self.engine.begin() as connection:
            return connection.execute(statement.returning(table.c[key])).one_or_none() is not None


def _plain(value: Any) -> Any:
    """A field of ``Job`` as a column takes it."""
    if isinstance(value, (Fault, Quote)):
        return value.to_json()
    if isinstance(value, (Usage, VideoFile)):
        return asdict(value)
    if isinstance(value, tuple):
        return [asdict(candidate) for candidate in value]
    return value


def _row(job: Job) -> dict[str, Any]:
    row = {name: _plain(getattr(job, name)) for name in _SAME_NAME}
    request = job.request
    return row | {
        "request": request.to_json(),
        "provider": request.provider,
        "mode": request.mode,
        "model": request.model,
        "prompt": request.prompt,
        "seconds": job.seconds,
        "price": job.price,
    }


def job_of(row: Row[Any]) -> Job:
    """The job that a row of the table is."""
    values = {name: getattr(row, name) for name in _SAME_NAME}
    return Job(
        **values
        | {
            "state": State(row.state),
            "request": restore_request(row.request),
            "quote": Quote.from_json(row.quote) if row.quote else None,
            "task_status": TaskStatus(row.task_status) if row.task_status else None,
            "usage": Usage(**row.usage) if row.usage else None,
            "fault": Fault.from_json(row.fault) if row.fault else None,
            "video": VideoFile(**row.video) if row.video else None,
            "trace": Trace(row.trace) if row.trace else None,
            "candidates": tuple(
                Candidate(one["task_id"], TaskStatus(one["status"]), one["created_at"]) for one in row.candidates or ()
            ),
        }
    )
