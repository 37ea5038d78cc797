"""The durable pieces of work: workflows of DBOS Transact that hold nothing but a job's id and run to their end.

A workflow may run twice without harm, since the work finds by guarded moves what is left to be done. Its id carries the
job's attempt, so handing the same work over twice is the same as once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from typing import Any

from dbos import DBOS, SetWorkflowID
from sqlalchemy import Engine as SqlEngine
from sqlalchemy.exc import SQLAlchemyError

from studio.database import connect
from studio.errors import StoreError
from studio.jobs.model import Job
from studio.jobs.store import Store

log = logging.getLogger("studio.jobs")

SUBMIT, SAVE = "submit", "save"
AT_ONCE: Mapping[str, int] = {SUBMIT: 16, SAVE: 32}

Work = Callable[[str], Awaitable[None]]
"""Does what is left to be done for the job of this id."""


class Workflows:
    """Hands work to DBOS, which keeps it over crashes, and lets it run on the engine's own loop."""

    def __init__(self, store: Store, url: str, loop: asyncio.AbstractEventLoop, works: Mapping[str, Work]) -> None:
        """``url`` is the database of the workflows' own state; ``works`` the kinds of work by their names."""
        self._store = store
        self._url = url
        self._loop = loop
        self._works = works
        self._database: SqlEngine | None = connect(url) if url.startswith("sqlite") else None
        self._registered: dict[str, Any] = {}
        self._working: set[Future[None]] = set()
        self._handed_over: set[str] = set()

    def launch(self, executor_id: str) -> None:
        DBOS(
            config={
                "name": "happyhorse-studio",
                "system_database_url": self._url,
                "system_database_engine": self._database,
                # A changed file must not orphan what is in flight, so the version is not taken from the code.
                "application_version": "1",
                "executor_id": executor_id,
                "max_executor_threads": 16,
                "enable_otlp": False,
                "log_level": "WARNING",
            }
        )
        self._registered = {name: DBOS.workflow(name=name)(self._workflow(work)) for name, work in self._works.items()}
        DBOS.launch()
        for name in self._works:
            DBOS.register_queue(name, worker_concurrency=AT_ONCE[name], polling_interval_sec=0.25)

    def stop(self) -> None:
        """Cut what is under way; it goes on next time."""
        DBOS.destroy(destroy_registry=True)
        for work in tuple(self._working):
            work.cancel()

    def hand_over(self, work: str, job: Job) -> None:
        """Give a piece of work to DBOS; if that fails, the row still says that it is due, so it is given again."""
        try:
            self.enqueue(work, job.id, job.attempt)
        except SQLAlchemyError as error:
            log.error("job %s is handed over later: %s", job.id, error)

    def enqueue(self, work: str, job_id: str, attempt: int) -> None:
        """A piece of work that DBOS already has stays the one it has."""
        workflow_id = f"{work}-{job_id}-{attempt}"
        if workflow_id in self._handed_over:
            return
        with SetWorkflowID(workflow_id):
            DBOS.enqueue_workflow(work, self._registered[work], job_id, attempt)
        self._handed_over.add(workflow_id)

    def resume(self, executor_id: str) -> None:
        """Run again what a dead worker had begun, on its own queues: otherwise our limits would not hold."""
        for name in self._works:
            begun = DBOS.list_workflows(status="PENDING", executor_id=executor_id, queue_name=name, load_input=False)
            if begun:
                log.warning("taking over %d %s from %s", len(begun), name, executor_id)
                DBOS.resume_workflows([workflow.workflow_id for workflow in begun], queue_name=name)

    def _workflow(self, work: Work) -> Callable[[str, int], Awaitable[None]]:
        async def run(job_id: str, attempt: int) -> None:
            running = asyncio.run_coroutine_threadsafe(self._persist(work, job_id), self._loop)
            self._working.add(running)
            running.add_done_callback(self._working.discard)
            await asyncio.wrap_future(running)

        return run

    async def _persist(self, work: Work, job_id: str) -> None:
        """Do a piece of work; a busy database delays it."""
        while True:
            try:
                await work(job_id)
                return
            except StoreError as error:
                log.error("job %s: %s", job_id, error)
                await asyncio.sleep(2)
            except Exception:
                log.exception("job %s: unexpected, tried again in a minute", job_id)
                await asyncio.to_thread(self._store.postpone, job_id, time.time() + 60)
                return
