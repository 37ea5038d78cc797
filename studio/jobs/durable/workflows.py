"""The durable pieces of work: workflows of DBOS Transact that hold nothing but a job's id and run to their end.

A workflow may run twice without harm, since the work finds by guarded moves what is left to be done. Its id carries the
job's attempt, so handing the same work over twice is the same as once. It begins at once where there is a place; what
is more stays with its row until it has its turn (``fair_queue.py``). Only what a dead process had begun goes through
queues, which all processes look at now and then.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from dbos import DBOS, SetWorkflowID, WorkflowStatus
from sqlalchemy import Engine as SqlEngine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from studio.database.engine import connect
from studio.errors import StoreError
from studio.jobs.durable.fair_queue import Capacity, FairQueue
from studio.jobs.model import Job
from studio.jobs.rows.store import DueJob, Store
from studio.system.pace import PACE, Pace

log = logging.getLogger("studio.jobs")

SUBMIT, SAVE = "submit", "save"
PLACES: Mapping[str, Capacity] = {SUBMIT: Capacity(16, each=4, network=8), SAVE: Capacity(32, each=8, network=16)}
"""So many pieces of work of a kind are under way in a process, and as many more from the queue."""
STOP_SECONDS = 30.0
"""A thread that was told to end has so long for it: far more than it takes, but the machine may stall."""

_LAUNCHED = threading.Lock()

AT_ONCE = 500
"""So many ids in one query."""

Work = Callable[[str], Awaitable[None]]
"""Does what is left to be done for the job of this id."""


@dataclass(frozen=True)
class Workflow:
    """A piece of work as DBOS has it."""

    id: str
    work: str
    job_id: str
    executor: str | None
    """The worker that has begun it; None for one that waits in a queue, or has ended."""
    ended_at: float | None
    """Seconds since 1970; None while it has not ended."""

    @property
    def enqueued(self) -> bool:
        return self.executor is None and self.ended_at is None


class Workflows:
    """Hands work to DBOS, which keeps it over crashes, and lets it run on the engine's own loop."""

    def __init__(
        self,
        store: Store,
        url: str | URL,
        loop: asyncio.AbstractEventLoop,
        works: Mapping[str, Work],
        pace: Pace = PACE,
    ) -> None:
        """``url`` is the database of the workflows' own state; ``works`` the kinds of work by their names."""
        self._store = store
        self._pace = pace
        self._url = make_url(url)
        self._loop = loop
        """DBOS runs on the loop on which it is launched, and puts its own threads behind it."""
        self._threads = ThreadPoolExecutor(thread_name_prefix="jobs")
        """Are behind it again when DBOS goes and takes its own along: what was cut still tidies up."""
        self._works = works
        self._database: SqlEngine | None = (
            connect(url, pace.busy_seconds) if self._url.get_backend_name() == "sqlite" else None
        )
        self._registered: dict[str, Any] = {}
        self._working: set[asyncio.Task[None]] = set()
        """What runs here now."""
        self._stopping = False
        self._handed_over: set[str] = set()
        self._turns = FairQueue(PLACES, store.clock, pace)
        self.on_free: Callable[[], None] = lambda: None
        """Called on any thread when a piece of work has ended, so that there is a place for another."""

    def launch(self, executor_id: str) -> None:
        """Begin; there is one DBOS in a process, so a second studio in it is a mistake: RuntimeError."""
        if not _LAUNCHED.acquire(blocking=False):
            raise RuntimeError("this process runs a studio already")
        asyncio.run_coroutine_threadsafe(self._launch(executor_id), self._loop).result()

    async def _launch(self, executor_id: str) -> None:
        DBOS(
            config={
                "name": "happyhorse-studio",
                # Beside an engine only the kind is taken from this; not every path can be written into an address.
                "system_database_url": "sqlite:///" if self._database else self._url.render_as_string(False),
                "system_database_engine": self._database,
                # A changed file must not orphan what is in flight, so the version is not taken from the code.
                "application_version": "1",
                "executor_id": executor_id,
                "max_executor_threads": 16,
                "enable_otlp": False,
                "log_level": "WARNING",
            }
        )
        self._registered = {name: DBOS.workflow(name=name)(self._workflow(name)) for name in self._works}
        DBOS.launch()
        for name in self._works:
            await DBOS.register_queue_async(
                name, worker_concurrency=PLACES[name].all, polling_interval_sec=self._pace.queue_seconds
            )

    def stop(self) -> None:
        """Cut what is under way; it goes on next time."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()
        DBOS.destroy(destroy_registry=True)
        self._loop.call_soon_threadsafe(self._loop.set_default_executor, self._threads)
        _LAUNCHED.release()

    async def _cut(self) -> None:
        self._stopping = True
        self._loop.set_default_executor(self._threads)
        for work in self._working:
            work.cancel()
        if self._working:
            await asyncio.wait(self._working, timeout=STOP_SECONDS)

    async def hand_over(self, work: str, job: Job | DueJob) -> bool:
        """Give a piece of work to DBOS; False when that was done before, or fails, or there is no place for it: then it
        is given again when due.

        A piece of work that DBOS already has stays the one it has.
        """
        workflow_id = id_of(work, job.id, job.attempt)
        if self._stopping or workflow_id in self._handed_over or not self._turns.enter(work, workflow_id, job):
            return False
        try:
            await self._begin(workflow_id, work, job.id, job.attempt)
        except Exception as error:
            self._turns.leave(workflow_id)
            if not isinstance(error, SQLAlchemyError):
                raise
            log.error("job %s is handed over later: %s", job.id, error)
            return False
        self._handed_over.add(workflow_id)
        return True

    async def _begin(self, workflow_id: str, work: str, job_id: str, attempt: int) -> None:
        with SetWorkflowID(workflow_id):
            await DBOS.start_workflow_async(self._registered[work], job_id, attempt)

    def in_turn(self, work: str, due: Iterable[DueJob]) -> Iterator[DueJob]:
        """Those of ``due`` that were not handed over and have a place, as it is their turn."""
        new = (job for job in due if id_of(work, job.id, job.attempt) not in self._handed_over)
        return self._turns.in_turn(work, new)

    def forget_but(self, due: Iterable[tuple[str, str, int]]) -> None:
        """Remember only of this work (kind, job, attempt) that it was handed over; the rest is done."""
        self._handed_over &= {id_of(*one) for one in due}

    def stalled(self, due: Iterable[tuple[str, str, int]]) -> list[str]:
        """The ids of what was handed over here, is still to be done and is not under way here."""
        ids = (id_of(*one) for one in due)
        return [one for one in ids if one in self._handed_over and not self._turns.has(one)]

    def works_on(self, workflow_id: str) -> bool:
        """Whether it runs here, or has its place, whatever its own tables say of it."""
        return self._turns.has(workflow_id)

    def sweep(self) -> None:
        """Delete workflows that ended a day ago: what they did stands with their jobs."""
        ended = (datetime.now(UTC) - timedelta(days=1)).isoformat()
        every = partial(DBOS.list_workflows, completed_before=ended, limit=500, load_input=False, load_output=False)
        while done := every():
            DBOS.delete_workflows([workflow.workflow_id for workflow in done])

    def unfinished(self, executor_id: str | None = None) -> list[Workflow]:
        """The workflows that have begun or wait in a queue; with ``executor_id`` those that it has begun."""
        status = ["PENDING", "ENQUEUED"] if executor_id is None else ["PENDING"]
        listed = DBOS.list_workflows(
            status=status, executor_id=executor_id, name=list(self._works), load_input=False, load_output=False
        )
        return list(map(_read, listed))

    def known(self, ids: Iterable[str]) -> list[Workflow]:
        """Those of these ids that there are."""
        wanted, found = list(ids), list[Workflow]()
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            listed = DBOS.list_workflows(workflow_ids=some, load_input=False, load_output=False)
            found += map(_read, listed)
        return found

    def resume(self, begun: Iterable[Workflow]) -> None:
        """Run again what its worker no longer does, on our own queues: otherwise our limits would not hold."""
        of_kind: dict[str, list[str]] = {}
        for workflow in begun:
            of_kind.setdefault(workflow.work, []).append(workflow.id)
        for work, ids in of_kind.items():
            DBOS.resume_workflows(ids, queue_name=work)

    def delete(self, workflows: Collection[Workflow]) -> None:
        """Forget workflows, whether they have ended or not."""
        if workflows:
            DBOS.delete_workflows([workflow.id for workflow in workflows])

    def _workflow(self, work: str) -> Callable[[str, int], Awaitable[None]]:
        async def run(job_id: str, attempt: int) -> None:
            if self._stopping:
                raise asyncio.CancelledError
            workflow_id = id_of(work, job_id, attempt)
            self._turns.begin(work, workflow_id)
            # What it does is no step of the workflow: its context is its own.
            running = self._loop.create_task(self._persist(self._works[work], job_id), context=Context())
            self._working.add(running)
            try:
                await running
            finally:
                self._working.discard(running)
                self._turns.leave(workflow_id)
                self.on_free()

        return run

    async def _persist(self, work: Work, job_id: str) -> None:
        """Do a piece of work; a busy database delays it, and so does what nobody foresaw."""
        while True:
            try:
                await work(job_id)
                return
            except StoreError as error:
                log.error("job %s: %s", job_id, error)
                await asyncio.sleep(self._pace.busy_again_seconds)
            except Exception:
                log.exception("job %s: unexpected, tried again in %.0f s", job_id, self._pace.postponed_seconds)
                work = self._postpone

    async def _postpone(self, job_id: str) -> None:
        await asyncio.to_thread(self._store.postpone, job_id, self._store.clock.wall() + self._pace.postponed_seconds)


def id_of(work: str, job_id: str, attempt: int) -> str:
    """The id of the workflow that does this work on this attempt of a job."""
    return f"{work}-{job_id}-{attempt}"


def _read(listed: WorkflowStatus) -> Workflow:
    work, _, job = listed.workflow_id.partition("-")
    ended = None if listed.status in ("PENDING", "ENQUEUED", "DELAYED") else listed.completed_at or listed.updated_at
    return Workflow(
        listed.workflow_id,
        work,
        job.rpartition("-")[0],
        executor=listed.executor_id if listed.status == "PENDING" else None,
        ended_at=None if ended is None else ended / 1000,
    )
