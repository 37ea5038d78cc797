"""The job engine: accepts jobs and sees that each piece of work on them runs to its end, whatever dies in between.

    accept ── row `queued` ──► submit workflow ── row `waiting` ──► watcher ── row `saving` ──► save workflow

The two pieces of work are durable workflows of DBOS Transact; a job that waits is only a row. The row is the truth: a
workflow holds nothing but the job's id, finds by guarded moves what is left to be done, and may run twice without harm.
Workflow ids carry the attempt, so handing the same work over twice is the same as once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import psutil
from dbos import DBOS, SetWorkflowID
from sqlalchemy import Engine as SqlEngine
from sqlalchemy.exc import SQLAlchemyError

from studio.database import connect
from studio.errors import NoSuchJob, NotAllowed, ReplyLost, RequestRefused, StoreError
from studio.jobs.accounts import Account
from studio.jobs.admission import admit
from studio.jobs.changes import Changes
from studio.jobs.model import Event, Job, State, new_id
from studio.jobs.publishing import Publisher
from studio.jobs.saving import Saving
from studio.jobs.store import Store, Worker
from studio.jobs.submission import NOT_SENT_YET, Submission
from studio.jobs.watcher import Watcher
from studio.media.vault import Vault
from studio.pricing import quote
from studio.providers.base import TaskStatus
from studio.requests import Request

log = logging.getLogger("studio.jobs")

SUBMIT, SAVE = "submit", "save"
TEND_SECONDS = 1.0
"""Between two looks at what is due."""
BEAT_SECONDS = 5.0
"""Between two signs of life."""
DEAD_AFTER = 20.0
"""A worker elsewhere whose heart has not beaten for so long is taken for dead; one on this machine is looked up."""
LONGEST_POST = 600.0
"""A submission that is still unanswered after this is lost, even if its worker left no other trace."""

T = TypeVar("T")


class Engine:
    """One process's share of the work. Its async methods may be awaited on any event loop."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        accounts: Mapping[str, Account],
        default_account: str,
        output_dir: Path,
        engine_url: str,
    ) -> None:
        """``engine_url`` keeps the workflows' own state: a SQLite file beside the store's, or the same PostgreSQL."""
        self.store = store
        self.vault = vault
        self.accounts = accounts
        self.default_account = default_account
        self.changes = Changes()
        store.on_change = self.changes.publish
        self._engine_url = engine_url
        self._worker = Worker(
            f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}",
            socket.gethostname(),
            os.getpid(),
            time.time(),
        )
        self._submission = Submission(store, accounts, Publisher(vault, store.engine))
        self._saving = Saving(store, accounts, output_dir)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="jobs", daemon=True)
        self._watchers: dict[str, Watcher] = {}
        self._background: list[Future[Any]] = []
        self._working: set[Future[None]] = set()
        self._handed_over: set[str] = set()
        self._workflows: dict[str, Any] = {}

    # The visitor's side

    async def accept(self, owner: str, request: Request, account: str | None = None) -> Job:
        """Take a request on: once this returns, the job is on disk and will be sent, whatever happens to us."""
        chosen = self._account(account or self.default_account, request)
        input_seconds = await asyncio.to_thread(admit, request, owner, self.vault)
        now = time.time()
        job = Job(
            id=new_id(),
            owner=owner,
            account=chosen.name,
            region=chosen.region,
            state=State.QUEUED,
            request=request,
            quote=quote(request, chosen.region, input_seconds=input_seconds),
            created_at=now,
            updated_at=now,
            attempt=0,
            not_before=0.0,
        )
        await asyncio.to_thread(self.store.add, job)
        await asyncio.to_thread(self._hand_over, SUBMIT, job)
        return job

    async def job(self, owner: str, job_id: str) -> Job:
        """The visitor's job; raises NoSuchJob when there is none of that id, or it is another's."""
        job = await asyncio.to_thread(self.store.get, job_id)
        if job is None or job.owner != owner:
            raise NoSuchJob(f"There is no job {job_id}.")
        return job

    def progress(self, job_id: str) -> tuple[int, int] | None:
        """Bytes published and bytes in all, while the job's files are on their way from here."""
        return self._submission.progress.get(job_id)

    async def jobs(self, owner: str, *, before: str | None = None, limit: int = 20) -> list[Job]:
        """The visitor's jobs, newest first; ``before`` is the id of the last one of the page before."""
        return await asyncio.to_thread(lambda: self.store.page(owner, before=before, limit=limit))

    async def count(self, owner: str) -> int:
        """How many jobs the visitor has."""
        return await asyncio.to_thread(self.store.count, owner)

    async def history(self, owner: str, job_id: str) -> list[Event]:
        """All that happened to the job, oldest first."""
        job = await self.job(owner, job_id)
        return await asyncio.to_thread(self.store.history, job.id)

    async def cancel(self, owner: str, job_id: str) -> Job:
        """Withdraw the job: always while it is here, at the provider only until the task has started.

        Raises NotAllowed when it is too late, and what the provider raises.
        """
        job = await self.job(owner, job_id)
        canceled = await asyncio.to_thread(
            lambda: self.store.move(job.id, State.CANCELED, when=NOT_SENT_YET, fault=None)
        )
        if canceled is not None:
            return canceled
        job = await self.job(owner, job_id)
        if job.state is not State.WAITING or job.task_status is TaskStatus.RUNNING:
            raise NotAllowed(f"A job that is {_in_words(job)} cannot be canceled any more.")
        return await self._on_loop(self._cancel_task(job))

    async def _cancel_task(self, job: Job) -> Job:
        assert job.task_id is not None
        try:
            await self._account(job.account, job.request).provider.cancel(job.task_id)
        except RequestRefused:
            self._watchers[job.account].wake(job.id)
            raise NotAllowed("The provider has already started this task: it can no longer be canceled.") from None
        canceled = await asyncio.to_thread(
            lambda: self.store.move(job.id, State.CANCELED, when={State.WAITING}, task_status=TaskStatus.CANCELED)
        )
        return canceled or await self.job(job.owner, job.id)

    async def send_again(self, owner: str, job_id: str) -> Job:
        """Put a job back into the queue that certainly made no task: refused, or canceled before it was sent."""
        job = await self.job(owner, job_id)
        if job.task_id is not None or (job.fault is not None and job.fault.charged != "no"):
            raise NotAllowed("This job reached the provider; make a new one from its settings instead.")
        return await self._restart(job, State.QUEUED, {State.FAILED, State.CANCELED}, SUBMIT)

    async def save_again(self, owner: str, job_id: str) -> Job:
        """Try once more to bring the result home."""
        job = await self.job(owner, job_id)
        if job.task_id is None or job.fault is None or job.fault.stage != "save":
            raise NotAllowed("This job has no result to save.")
        return await self._restart(job, State.SAVING, {State.FAILED, State.EXPIRED}, SAVE)

    async def _restart(self, job: Job, to: State, when: set[State], work: str) -> Job:
        moved = await asyncio.to_thread(
            lambda: self.store.move(
                job.id, to, when=when, attempt=job.attempt, next_attempt=True, not_before=0.0, fault=None
            )
        )
        if moved is None:
            raise NotAllowed(f"A job that is {_in_words(job)} cannot be started again.")
        await asyncio.to_thread(self._hand_over, work, moved)
        return moved

    def _account(self, name: str, request: Request) -> Account:
        account = self.accounts.get(name)
        if account is None or account.provider.name != request.provider:
            raise NotAllowed(f"The account {name} is not set up for {request.provider}.")
        return account

    # The working side

    def start(self) -> None:
        """Begin to work: first on what earlier processes left undone."""
        self._launch_dbos()
        self._thread.start()
        self.store.beat(self._worker)
        self._spawn(self._keep_alive())
        for account in self.accounts.values():
            self._watchers[account.name] = Watcher(account, self.store, self._worker.id, self._save_later)
            self._spawn(self._watchers[account.name].run())
        if self.store.engine.dialect.name != "sqlite":
            self._spawn(self._follow_others())

    def stop(self, grace: float = 5.0) -> None:
        """Stop working. Submissions on the wire get ``grace`` seconds for an answer; what is cut goes on next time."""
        for task in self._background:
            task.cancel()
        deadline = time.monotonic() + grace
        while self._submission.on_the_wire and time.monotonic() < deadline:
            time.sleep(0.05)
        DBOS.destroy(destroy_registry=True)
        for work in tuple(self._working):
            work.cancel()
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _close(self) -> None:
        for account in self.accounts.values():
            await account.provider.aclose()
        with contextlib.suppress(StoreError):
            await asyncio.to_thread(self.store.release, self._worker.id)

    def _launch_dbos(self) -> None:
        sqlite = self._engine_url.startswith("sqlite")
        self._dbos_database: SqlEngine | None = connect(self._engine_url) if sqlite else None
        DBOS(
            config={
                "name": "happyhorse-studio",
                "system_database_url": self._engine_url,
                "system_database_engine": self._dbos_database,
                # A changed file must not orphan what is in flight, so the version is not taken from the code.
                "application_version": "1",
                "executor_id": self._worker.id,
                "max_executor_threads": 16,
                "enable_otlp": False,
                "log_level": "WARNING",
            }
        )

        async def submit(job_id: str, attempt: int) -> None:
            await self._work(self._submission.run, job_id)

        async def save(job_id: str, attempt: int) -> None:
            await self._work(self._saving.run, job_id)

        self._workflows = {
            SUBMIT: DBOS.workflow(name=SUBMIT)(submit),
            SAVE: DBOS.workflow(name=SAVE)(save),
        }
        DBOS.launch()
        DBOS.register_queue(SUBMIT, worker_concurrency=16, polling_interval_sec=0.25)
        DBOS.register_queue(SAVE, worker_concurrency=32, polling_interval_sec=0.25)

    async def _work(self, run: Callable[[str], Awaitable[None]], job_id: str) -> None:
        """Do a piece of work on the engine's own loop, where the connections live; a busy database delays it."""

        async def persist() -> None:
            while True:
                try:
                    await run(job_id)
                    return
                except StoreError as error:
                    log.error("job %s: %s", job_id, error)
                    await asyncio.sleep(2)
                except Exception:
                    log.exception("job %s: unexpected, tried again in a minute", job_id)
                    await asyncio.to_thread(self.store.postpone, job_id, time.time() + 60)
                    return

        work = asyncio.run_coroutine_threadsafe(persist(), self._loop)
        self._working.add(work)
        work.add_done_callback(self._working.discard)
        await asyncio.wrap_future(work)

    def _hand_over(self, work: str, job: Job) -> None:
        """Give a piece of work to DBOS; if that fails, ``_tend`` gives it again, since the row still says it is due."""
        try:
            self._enqueue(work, job.id, job.attempt)
        except SQLAlchemyError as error:
            log.error("job %s is handed over later: %s", job.id, error)

    def _enqueue(self, work: str, job_id: str, attempt: int) -> None:
        """A piece of work that DBOS already has stays the one it has."""
        workflow_id = f"{work}-{job_id}-{attempt}"
        if workflow_id in self._handed_over:
            return
        with SetWorkflowID(workflow_id):
            DBOS.enqueue_workflow(work, self._workflows[work], job_id, attempt)
        self._handed_over.add(workflow_id)

    async def _save_later(self, job: Job) -> None:
        await asyncio.to_thread(self._hand_over, SAVE, job)

    async def _keep_alive(self) -> None:
        """Beat, hand over what is due, and take over from the dead."""
        while True:
            try:
                await asyncio.to_thread(self._tend)
            except (StoreError, SQLAlchemyError) as error:
                log.error("%s", error)
            await asyncio.sleep(TEND_SECONDS)

    def _tend(self) -> None:
        now = time.time()
        if now - self._worker.beat_at >= BEAT_SECONDS:
            self._worker = replace(self._worker, beat_at=now)
            self.store.beat(self._worker)
        for worker in self.store.workers():
            if worker.id != self._worker.id and _is_dead(worker, now) and self.store.bury(worker):
                self._resume(worker.id)
        for job_id, state, attempt in self.store.due(now, tuple(self.accounts)):
            self._enqueue(SUBMIT if state is State.QUEUED else SAVE, job_id, attempt)
        for job in self.store.stale(State.SUBMITTING, now - LONGEST_POST):
            fault = ReplyLost("No answer to the submission was ever recorded.").fault("submit")
            self.store.move(job.id, State.INTERRUPTED, when={State.SUBMITTING}, attempt=job.attempt, fault=fault)

    def _resume(self, worker_id: str) -> None:
        """Run again what a dead worker had begun, on its own queues: otherwise our limits would not hold."""
        for name in (SUBMIT, SAVE):
            begun = DBOS.list_workflows(status="PENDING", executor_id=worker_id, queue_name=name, load_input=False)
            if begun:
                log.warning("taking over %d %s from %s", len(begun), name, worker_id)
                DBOS.resume_workflows([workflow.workflow_id for workflow in begun], queue_name=name)

    async def _follow_others(self) -> None:
        """Publish the changes that other processes made to the shared database."""
        since = time.time()
        while True:
            await asyncio.sleep(1)
            if not self.changes.anyone:
                since = time.time()
                continue
            try:
                for job in await asyncio.to_thread(self.store.changed, since):
                    since = max(since, job.updated_at)
                    self.changes.publish(job)
            except StoreError as error:
                log.error("%s", error)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._background.append(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


def _is_dead(worker: Worker, now: float) -> bool:
    silence = now - worker.beat_at
    here = worker.host == socket.gethostname()
    gone = worker.pid == os.getpid() or not psutil.pid_exists(worker.pid)
    return silence > DEAD_AFTER or (here and gone and silence > BEAT_SECONDS + 1)


def _in_words(job: Job) -> str:
    if job.state is State.WAITING:
        return "running at the provider"
    return "being sent" if job.state is State.SUBMITTING else job.state.value
