"""The job table: the single truth that the page reads and the engine acts on.

A change of state is one guarded UPDATE (``WHERE state IN …``) and one line of history, in one transaction: of two
workers that try the same move, one gets the job back and the other None.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar, Unpack

from sqlalchemy import Connection, Engine, String, Update, cast, delete, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from studio.accounts.limits import Limits
from studio.database.engine import ServersClock, connect, migrate, translated
from studio.database.rows import EventRow, JobColumns, JobFileRow, LeaseRow, WorkerRow
from studio.database.schema import EVENTS, JOB_FILES, JOBS, LEASES, WORKERS
from studio.database.search import add_prompt
from studio.database.states import ANEW, ENDED, STATES, WORKED_ON, State
from studio.errors import Fault, StoreError, TaskTaken, Use
from studio.jobs.model import Event, Happening, Job, Place, Trace
from studio.jobs.rows.columns import Columns, plain
from studio.jobs.rows.idempotency import IdempotencyKey
from studio.jobs.rows.mapping import job_of, read_field, row_of, task_status_of
from studio.message import Message
from studio.providers.base import TaskStatus
from studio.system.clock import CLOCK, Clock
from studio.system.pace import PACE, Pace
from studio.visitors.visitor import Visitor

log = logging.getLogger("studio.jobs")

T = TypeVar("T")

FURTHEST_AHEAD = 400.0
"""Nothing is put off for longer (``Pace.longest_delay``). What is to be done later still was put off by a clock that
has been put back since, and is due."""
LONGEST_LEASE = 120.0
"""Nobody takes a lease for longer."""
AT_ONCE = 500
"""So many ids in one query."""

_STANDING = select(JOBS.c.id, JOBS.c.state, JOBS.c.attempt)
_LOOKED_FOR = JOBS.c.trace.is_(None) | (JOBS.c.trace == Trace.SEVERAL)
_HAS_FAULT = func.coalesce(cast(JOBS.c.fault, String), "null") != "null"


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
    owner: str
    network: str | None


class JobProgress(NamedTuple):
    """How far a job is."""

    id: str
    state: State
    attempt: int


class OrphanedJob(NamedTuple):
    """A job that something holds up, or nobody sees to."""

    id: str
    state: State
    account: str
    provider: str
    sent_at: float
    stopped: bool
    fault: Fault | None


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
    has_fault: bool
    """Whether its card says what is in the way."""


class _MadeBefore(Exception):
    """Jobs with this idempotency key are there."""


class Store:
    """Jobs, their history, and the workers' heartbeats. Methods block; they may be called from any thread."""

    def __init__(self, url: str | URL, limits: Limits | None = None, clock: Clock = CLOCK, pace: Pace = PACE) -> None:
        """Open or create the database at SQLAlchemy ``url``; raises StoreError and its kinds."""
        self._limits = limits or Limits()
        with translated():
            self.engine: Engine = connect(url, pace.busy_seconds)
        try:
            migrate(self.engine)
        except StoreError:
            self.engine.dispose()
            raise
        with translated():
            servers = None if self.engine.dialect.name == "sqlite" else ServersClock(self.engine, clock)
        self._servers_clock = servers
        self.clock = clock if servers is None else Clock(servers.wall, clock.monotonic, clock.steady)
        """What is o'clock for all that is written here, and for all who work on it."""
        self.on_change: Callable[[Job], None] = lambda job: None
        """Called after each commit that changed a job, on the thread that made it; see ``announce``."""

    def announce(self, job: Job) -> None:
        """Tell the listener of a job as it is now. What goes wrong there does not undo what is on disk, so nobody
        above hears of it: whoever asked would take for refused what was accepted."""
        try:
            self.on_change(job)
        except Exception:
            log.exception("job %s: its change was not told", job.id)

    def set_clock(self) -> None:
        """Set ``clock`` by that of the database's server, if it has one that all who work here share."""
        if self._servers_clock is not None:
            with translated():
                self._servers_clock.set()

    def answers(self) -> bool:
        """Whether the database can be asked; blocks for as long as it does not say."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def uses(self, visitor: Visitor, currencies: Sequence[str]) -> list[Use]:
        """How much of each limit is taken now, of money in each of ``currencies``."""
        with translated(), self.engine.connect() as connection:
            return self._limits.uses(connection, visitor, currencies, self.clock.wall())

    def close(self) -> None:
        self.engine.dispose()

    # Jobs

    def add(self, job: Job, *, in_place_of: str | None = None, idempotency: IdempotencyKey | None = None) -> Job | None:
        """Write a new job down: the job, or the one that was made with the same key before; raises as ``add_all``.

        ``in_place_of`` is the interrupted job whose place it takes; None when another took that before.
        """
        replaced = None
        try:
            with translated(), self.engine.begin() as connection:
                if in_place_of is not None:
                    free = [JOBS.c.id == in_place_of, JOBS.c.state == State.INTERRUPTED, JOBS.c.sent_again.is_(None)]
                    taken = JobColumns(sent_again=job.id, updated_at=job.created_at)
                    statement = update(JOBS).where(*free).values(**taken)
                    replaced = connection.execute(statement.returning(JOBS)).one_or_none()
                    if replaced is None:
                        return None
                self._insert(connection, job, idempotency)
                self._limits.admit(connection, [job], self.clock.wall())
        except _MadeBefore:
            return self._made_before(idempotency, job.owner)[0]
        self.announce(job)
        if replaced is not None:
            self.announce(job_of(replaced))
        return job

    def add_all(self, jobs: Sequence[Job], idempotency: IdempotencyKey | None = None) -> list[Job]:
        """Write new jobs down, all of them or none: they, or those that were made with the same key before.

        Raises LimitReached when together they are too much, NoLimits, and KeyReused.
        """
        try:
            with translated(), self.engine.begin() as connection:
                for place, job in enumerate(jobs):
                    self._insert(connection, job, idempotency, place)
                self._limits.admit(connection, jobs, self.clock.wall())
        except _MadeBefore:
            return self._made_before(idempotency, jobs[0].owner)
        for job in jobs:
            self.announce(job)
        return list(jobs)

    def made(self, owner: str, idempotency: IdempotencyKey | None) -> list[Job]:
        """The jobs that were made with this key; none when it is new. Raises KeyReused."""
        if idempotency is None:
            return []
        with translated(), self.engine.connect() as connection:
            return [job_of(row) for row in idempotency.answered(connection, owner)]

    def _made_before(self, idempotency: IdempotencyKey | None, owner: str) -> list[Job]:
        made = self.made(owner, idempotency)
        if not made:
            raise StoreError("The videos of this key cannot be found.")
        return made

    def _insert(
        self, connection: Connection, job: Job, idempotency: IdempotencyKey | None = None, place: int = 0
    ) -> None:
        row = row_of(job)
        if idempotency is not None:
            row.update(idempotency.values(place))
        try:
            connection.execute(insert(JOBS).values(**row))
        except IntegrityError as error:
            if idempotency is None:
                raise
            raise _MadeBefore from error  # by another request with the same key, which came first
        for sha256 in {asset.sha256 for asset in job.request.assets}:
            connection.execute(insert(JOB_FILES).values(**JobFileRow(job_id=job.id, sha256=sha256)))
        add_prompt(connection, job.owner, job.id, job.request.prompt)
        _add_event(connection, EventRow(job_id=job.id, at=job.created_at, what=job.state, detail={}))

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
        **changes: Unpack[Columns],
    ) -> Job | None:
        """Change the state, if the job is in one that allows it; None when it is not, or someone else was quicker.

        ``when`` narrows the states it may come from, ``attempt`` the attempt it must be on; ``detail`` goes
        into the history, ``next_attempt`` counts the attempt up, ``changes`` are further fields of ``Job``. ``anew``
        spends money that was given up before: raises LimitReached when it is too much, and NoLimits. Raises TaskTaken
        when ``changes`` name a task that another job has.
        """
        allowed = {state for state, traits in STATES.items() if to in traits.moves}
        allowed &= set(when) if when is not None else allowed
        values = JobColumns(state=to, **plain(changes))
        return self._update(job_id, allowed, attempt, values, to, detail, next_attempt, anew)

    def note(
        self,
        job_id: str,
        *,
        when: Collection[State],
        attempt: int | None = None,
        what: Happening | None = None,
        detail: Mapping[str, Any] | None = None,
        next_attempt: bool = False,
        **changes: Unpack[Columns],
    ) -> Job | None:
        """Change columns without changing the state; ``what`` adds a line to the history. Else as ``move``."""
        return self._update(job_id, when, attempt, plain(changes), what, detail, next_attempt)

    def _update(
        self,
        job_id: str,
        when: Collection[State],
        attempt: int | None,
        changes: JobColumns,
        what: State | Happening | None,
        detail: Mapping[str, Any] | None,
        next_attempt: bool,
        anew: bool = False,
    ) -> Job | None:
        now = self.clock.wall()
        statement = update(JOBS).where(JOBS.c.id == job_id, JOBS.c.state.in_(list(when)), JOBS.c.deleted_at.is_(None))
        if attempt is not None:
            statement = statement.where(JOBS.c.attempt == attempt)
        statement = statement.values(**changes, updated_at=now)
        if next_attempt:
            statement = statement.values(attempt=JOBS.c.attempt + 1)
        with translated(), self.engine.begin() as connection:
            try:
                row = connection.execute(statement.returning(JOBS)).one_or_none()
            except IntegrityError as error:
                raise TaskTaken("Another video in this studio has this task.") from error
            if row is None:
                return None
            job = job_of(row)
            if (row.seconds, row.price) != (job.seconds, job.price):
                sizes = JobColumns(seconds=job.seconds, price=job.price)
                connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(**sizes))
            if anew:
                detail = {**(detail or {}), ANEW: "yes"}
            if what is not None:
                data = {name: Message.to_json(value) for name, value in (detail or {}).items()}
                _add_event(connection, EventRow(job_id=job_id, at=now, what=what, detail=data))
            if anew:
                self._limits.admit(connection, [job], now)
        self.announce(job)
        return job

    def postpone(self, job_id: str, until: float, fault: Fault | None = None) -> None:
        """Let a job that could not be worked on rest until then, for a reason; work on it is a new attempt."""
        later = Columns(not_before=until)
        if fault is not None:
            later["fault"] = fault
        if self.move(job_id, State.QUEUED, when={State.PUBLISHING}, next_attempt=True, **later) is None:
            self.note(job_id, when={State.QUEUED, State.SAVING}, next_attempt=True, **later)

    def explain(self, place: Place, fault: Fault | None) -> None:
        """Tell jobs that wait to be sent there and have no reason for it this one; or, with None, that they are due."""
        waits = update(JOBS).where(JOBS.c.state == State.QUEUED, JOBS.c.account == place[0], JOBS.c.model == place[1])
        if fault is None:
            self._explain(waits.where(_HAS_FAULT), JobColumns(fault=None, not_before=0.0))
        else:
            self._explain(waits.where(~_HAS_FAULT), JobColumns(fault=fault.to_json()))

    def explain_waiting(self, account: str, fault: Fault | None, *, anew: bool = False) -> None:
        """Tell the watched jobs of ``account`` that have no reason for it yet why their tasks cannot be asked for, with
        ``anew`` all of them; or, with None, that they can."""
        waits = update(JOBS).where(JOBS.c.state == State.WAITING, JOBS.c.account == account)
        if fault is None:
            self._explain(waits.where(_HAS_FAULT), JobColumns(fault=None))
        else:
            watched = waits.where(JOBS.c.stopped_at.is_(None), *([] if anew else [~_HAS_FAULT]))
            self._explain(watched, JobColumns(fault=fault.to_json()))

    def _explain(self, statement: Update, changes: JobColumns) -> None:
        statement = statement.values(**changes, updated_at=self.clock.wall())
        with translated(), self.engine.begin() as connection:
            rows = connection.execute(statement.returning(JOBS)).all()
        for row in rows:
            self.announce(job_of(row))

    def hasten(self, accounts: Collection[str]) -> None:
        """Let jobs that wait for one of ``accounts`` to take jobs be tried now: its settings may have been mended."""
        waits = update(JOBS).where(JOBS.c.state == State.QUEUED, JOBS.c.account.in_(accounts), _HAS_FAULT)
        self._explain(waits, JobColumns(fault=None, not_before=0.0))

    def watched(self) -> set[str]:
        """The accounts whose tasks some process watches at present. As of ``hold``, a lease that lasts for long is of a
        clock that was put back since."""
        now = self.clock.wall()
        lasts = LEASES.c.expires_at.between(now, now + LONGEST_LEASE)
        query = select(LEASES.c.name).where(LEASES.c.name.startswith("watch:"), lasts)
        with translated(), self.engine.connect() as connection:
            return {name.removeprefix("watch:") for name in connection.execute(query).scalars()}

    def orphans(self, served: Collection[str]) -> list[OrphanedJob]:
        """The jobs in the queue that something holds up, and those under way at accounts that are not ``served``."""
        sent_at = func.coalesce(JOBS.c.submitted_at, JOBS.c.submitting_at, JOBS.c.created_at)
        here = JOBS.c.state.in_([State.QUEUED, State.WAITING]) | ((JOBS.c.state == State.INTERRUPTED) & _LOOKED_FOR)
        wanted = (here & JOBS.c.account.not_in(served)) | ((JOBS.c.state == State.QUEUED) & _HAS_FAULT)
        columns = (JOBS.c.id, JOBS.c.state, JOBS.c.account, JOBS.c.provider, sent_at, JOBS.c.stopped_at, JOBS.c.fault)
        with translated(), self.engine.connect() as connection:
            rows = connection.execute(select(*columns).where(wanted, JOBS.c.deleted_at.is_(None)))
            return [
                OrphanedJob(
                    job_id,
                    State(state),
                    account,
                    provider,
                    sent,
                    stopped is not None,
                    read_field(Fault.from_json, fault),
                )
                for job_id, state, account, provider, sent, stopped, fault in rows
            ]

    def history(self, job_id: str) -> list[Event]:
        query = (
            select(EVENTS.c.at, EVENTS.c.what, EVENTS.c.detail).where(EVENTS.c.job_id == job_id).order_by(EVENTS.c.id)
        )
        with translated(), self.engine.connect() as connection:
            return [
                Event(at, what, {name: Message.from_json(value) for name, value in detail.items()})
                for at, what, detail in connection.execute(query)
            ]

    # What is to be done

    def due(self, now: float, accounts: Collection[str]) -> list[DueJob]:
        """The jobs that wait for us to submit, those of ``accounts``, or to save; what was tried last at the end."""
        whose = JOBS.c.owner, JOBS.c.network
        query = select(JOBS.c.id, JOBS.c.state, JOBS.c.attempt, JOBS.c.account, JOBS.c.model, *whose).where(
            ((JOBS.c.state == State.QUEUED) & JOBS.c.account.in_(accounts)) | (JOBS.c.state == State.SAVING),
            (JOBS.c.not_before <= now) | (JOBS.c.not_before > now + FURTHEST_AHEAD),
        )
        with translated(), self.engine.connect() as connection:
            rows = connection.execute(query.order_by(JOBS.c.not_before, JOBS.c.id))
            return [
                DueJob(job_id, State(state), attempt, (account, model), owner, network)
                for job_id, state, attempt, account, model, owner, network in rows
            ]

    def worked_on(self) -> list[JobProgress]:
        """The jobs for which there is something to do, whether their time has come or not."""
        with translated(), self.engine.connect() as connection:
            rows = connection.execute(_STANDING.where(JOBS.c.state.in_(WORKED_ON)))
            return [JobProgress(job_id, State(state), attempt) for job_id, state, attempt in rows]

    def standing(self, job_ids: Collection[str]) -> dict[str, JobProgress]:
        """How far those of ``job_ids`` are that are there, by their id."""
        ids, found = list(job_ids), dict[str, JobProgress]()
        for start in range(0, len(ids), AT_ONCE):
            with translated(), self.engine.connect() as connection:
                rows = connection.execute(_STANDING.where(JOBS.c.id.in_(ids[start : start + AT_ONCE])))
                found |= {job_id: JobProgress(job_id, State(state), attempt) for job_id, state, attempt in rows}
        return found

    def waiting(self, account: str, cutoff: float) -> list[WaitingJob]:
        """The jobs of ``account`` that wait for the provider and are watched, oldest first.

        One that is not watched is among them when its task is older than ``cutoff``, so that it ends as well.
        """
        submitted_at = func.coalesce(JOBS.c.submitted_at, JOBS.c.created_at)
        columns = (JOBS.c.id, JOBS.c.task_id, JOBS.c.task_status, submitted_at, JOBS.c.started_at, JOBS.c.trace)
        query = select(*columns, _HAS_FAULT.label("has_fault"))
        watched = JOBS.c.stopped_at.is_(None) | (submitted_at < cutoff)
        query = query.where(JOBS.c.state == State.WAITING, JOBS.c.account == account, watched)
        with translated(), self.engine.connect() as connection:
            return [
                WaitingJob(job_id, task_id, task_status_of(status), submitted, started, bool(trace), bool(has_fault))
                for job_id, task_id, status, submitted, started, trace, has_fault in connection.execute(
                    query.order_by(JOBS.c.id)
                )
            ]

    def claimants(self, account: str, since: float) -> list[Job]:
        """The jobs of ``account`` sent after ``since`` whose answer is missing, deleted ones too, as a task may be
        theirs; and all whose task is looked for."""
        here = JOBS.c.deleted_at.is_(None)
        looked_for = here & _LOOKED_FOR
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

    def newest_saved(self) -> Job | None:
        """The job that was made last of those whose video was saved."""
        saved = select(JOBS).where(JOBS.c.saved_at.is_not(None), JOBS.c.deleted_at.is_(None))
        with translated(), self.engine.connect() as connection:
            row = connection.execute(saved.order_by(JOBS.c.id.desc()).limit(1)).one_or_none()
        return None if row is None else job_of(row)

    def in_state(self, state: State) -> list[Job]:
        query = select(JOBS).where(JOBS.c.state == state)
        with translated(), self.engine.connect() as connection:
            return [job_of(row) for row in connection.execute(query)]

    def unfinished(self) -> dict[str, int]:
        """How many jobs of each account have not ended."""
        query = select(JOBS.c.account, func.count()).where(JOBS.c.state.not_in(ENDED)).group_by(JOBS.c.account)
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
        row = WorkerRow(id=worker.id, host=worker.host, pid=worker.pid, beat_at=worker.beat_at)
        self._upsert(WORKERS, "id", row, None)

    def workers(self) -> list[Worker]:
        with translated(), self.engine.connect() as connection:
            return [Worker(*row) for row in connection.execute(select(WORKERS))]

    def bury(self, worker: Worker) -> bool:
        """Take a dead worker off the list, once its work is taken over; False when it was not dead, or not on it."""
        statement = delete(WORKERS).where(WORKERS.c.id == worker.id, WORKERS.c.beat_at == worker.beat_at)
        with translated(), self.engine.begin() as connection:
            return connection.execute(statement).rowcount == 1

    def hold(self, lease: str, holder: str, seconds: float) -> bool:
        """Take or renew ``lease`` for ``seconds``; False while another holder has it.

        One that lasts far longer than anybody takes it for was taken before a clock was put back.
        """
        now = self.clock.wall()
        row = LeaseRow(name=lease, holder=holder, expires_at=now + seconds)
        free = (LEASES.c.holder == holder) | (LEASES.c.expires_at < now) | (LEASES.c.expires_at > now + 2 * seconds)
        return self._upsert(LEASES, "name", row, free)

    def release(self, holder: str) -> None:
        """Give back every lease of ``holder``."""
        with translated(), self.engine.begin() as connection:
            connection.execute(delete(LEASES).where(LEASES.c.holder == holder))

    def _upsert(self, table: Any, key: str, row: WorkerRow | LeaseRow, condition: Any) -> bool:
        dialect: Any = postgresql if self.engine.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(table).values(**row)
        statement = statement.on_conflict_do_update(index_elements=[key], set_=dict(row), where=condition)
        with translated(), self.engine.begin() as connection:
            return connection.execute(statement.returning(table.c[key])).one_or_none() is not None


def _add_event(connection: Connection, event: EventRow) -> None:
    connection.execute(insert(EVENTS).values(**event))
