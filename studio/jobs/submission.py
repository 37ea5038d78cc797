"""Sending a job to the provider: at most one paid POST, ever.

The order is the promise. The intent (state ``submitting``) is on disk before the POST leaves, by a move that only one
worker can make; the task id is on disk before anyone polls. A run that finds ``submitting`` is the second one, so the
first died in between: the job becomes ``interrupted`` and nothing is sent. Only an answer that certainly made no task
puts the job back in the queue.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from studio.errors import (
    MediaUnreadable,
    NotAllowed,
    NotSent,
    ProviderError,
    PublishFailed,
    ReplyLost,
    Stage,
    StoreError,
    TaskTaken,
    TransportError,
)
from studio.jobs.accounts import Account
from studio.jobs.model import Job, State
from studio.jobs.outages import Outages
from studio.jobs.publishing import Publisher
from studio.jobs.store import Store
from studio.providers.base import Task
from studio.told import Told

log = logging.getLogger("studio.jobs")

NOT_SENT_YET = frozenset({State.QUEUED, State.PUBLISHING})
PROGRESS_SECONDS = 0.5
"""Between two words to the page of how far a job's files are."""


class _HeldUp(Exception):
    """The job is to wait behind another one that tries whether the provider takes jobs again."""


class Submission:
    """Brings queued jobs to their provider."""

    def __init__(self, store: Store, accounts: Mapping[str, Account], publisher: Publisher) -> None:
        self._store = store
        self._accounts = accounts
        self._publisher = publisher
        self.outages = Outages()
        self.progress: dict[str, Mapping[str, float]] = {}
        """By job id, the bytes that were published and those there are, while that goes on."""
        self.on_the_wire = 0
        """Submissions whose answer is awaited now."""
        self._intents: set[str] = set()
        """Jobs that one of our own runs has declared ``submitting``: another worker's intent is not ours to undo."""

    async def run(self, job_id: str) -> None:
        """Submit the job if that is still to be done. Safe to call any number of times, from any number of workers."""
        job = await asyncio.to_thread(self._store.get, job_id)
        if job is None:
            return
        if job.state is State.SUBMITTING:
            await self._interrupt(job, ReplyLost("The studio stopped between sending the request and its answer."))
            return
        if job.state not in NOT_SENT_YET:
            return
        account = self._accounts.get(job.account)
        if account is None:  # queued by a process that has this account; leave it for one that does
            await asyncio.to_thread(self._store.postpone, job.id, time.time() + 60)
            return
        self.on_the_wire += 1
        try:
            self._enter(job)
            media = await self._publish(job, account)
            task = await account.provider.create(job.request, media, before_send=partial(self._intend, job))
        except NotAllowed:
            return  # canceled, or taken by another worker
        except _HeldUp:
            await asyncio.to_thread(self._store.postpone, job.id, time.time(), self.outages.at(job.place))
        except (ProviderError, TransportError, MediaUnreadable, PublishFailed) as error:
            await self._refused(job, error)
        else:
            await self._accepted(job, task)
            await self._reached(job)
        finally:
            self.outages.leave(job.place, job.id)
            self._intents.discard(job.id)
            self.on_the_wire -= 1

    def _enter(self, job: Job) -> None:
        if not self.outages.enter(job.place, job.id):
            raise _HeldUp

    async def _reached(self, job: Job) -> None:
        """The provider takes jobs: those that waited for that go now."""
        if self.outages.over(job.place):
            await asyncio.to_thread(self._store.explain, job.place, None)

    async def _publish(self, job: Job, account: Account) -> Mapping[str, str]:
        """See to it that the provider can fetch the job's files. Repeating it costs nothing but time."""
        if not job.request.assets:
            return {}
        if job.state is State.QUEUED:
            moved = await asyncio.to_thread(self._store.move, job.id, State.PUBLISHING, attempt=job.attempt, fault=None)
            if moved is None:
                raise NotAllowed("The job is no longer waiting to be sent.")
        told = partial(self.progress.__setitem__, job.id)
        publishing = asyncio.ensure_future(self._publisher.publish(job.request, account, told))
        try:
            while not (await asyncio.wait({publishing}, timeout=PROGRESS_SECONDS))[0]:
                now = await asyncio.to_thread(self._store.get, job.id)
                if now is None or (now.state, now.attempt) != (State.PUBLISHING, job.attempt):
                    raise NotAllowed("The job is no longer waiting to be sent.")
                self._store.on_change(now)
            return publishing.result()
        finally:
            publishing.cancel()
            await asyncio.wait({publishing})
            self.progress.pop(job.id, None)

    async def _intend(self, job: Job) -> None:
        self._enter(job)  # once more: it waited for its turn
        moved = await asyncio.to_thread(
            self._store.move,
            job.id,
            State.SUBMITTING,
            when=NOT_SENT_YET,
            attempt=job.attempt,
            submitting_at=time.time(),
            fault=None,
        )
        if moved is None:
            raise NotAllowed("The job is no longer waiting to be sent.")
        self._intents.add(job.id)

    async def _accepted(self, job: Job, task: Task) -> None:
        """Write the task id down, however long the disk refuses: it stands for money."""
        log.info("job %s is task %s at %s", job.id, task.id, job.account)
        try:
            recorded = await self._record(
                job,
                State.WAITING,
                when={State.SUBMITTING, State.INTERRUPTED},
                detail={"task_id": task.id, "request_id": task.request_id},
                submitted_at=time.time(),
                task_id=task.id,
                request_id=task.request_id,
                task_status=task.status,
                trace=None,
                candidates=(),
                fault=None,
            )
        except TaskTaken:  # by an interrupted job, whose prompt will show that it is not its own
            await self._interrupt(job, ReplyLost(Told("Its task {id} went to another job.", id=task.id)))
            return
        if recorded is None:
            now = await asyncio.to_thread(self._store.get, job.id)
            if now is None or now.task_id != task.id:
                log.error("task %s was made for job %s, which no longer waits for it", task.id, job.id)

    async def _refused(self, job: Job, error: ProviderError | TransportError | MediaUnreadable | PublishFailed) -> None:
        stage: Stage = "submit" if job.id in self._intents else "publish"
        ours = {"when": {State.SUBMITTING} if stage == "submit" else NOT_SENT_YET, "attempt": job.attempt}
        not_taken = NotSent("The last request was not answered.") if isinstance(error, ReplyLost) else error
        fault = replace(not_taken.fault(stage), charged="no")
        if error.retryable:
            asked = error.retry_after if isinstance(error, ProviderError) else None
            next_try = self.outages.failed(job.place, job.id, fault, asked)
        elif isinstance(error, ProviderError):
            await self._reached(job)
        if isinstance(error, (ProviderError, TransportError)) and (stage, error.task_made) == ("submit", "unknown"):
            await self._interrupt(job, error)
        elif error.retryable:
            log.warning("job %s is sent again in %.0f s at the earliest: %s", job.id, next_try - time.time(), error)
            again = {"next_attempt": True, "not_before": next_try}
            await self._record(job, State.QUEUED, **ours, **again, detail={"error": error.said}, fault=fault)
        else:
            log.warning("job %s was refused: %s", job.id, error)
            if isinstance(error, ProviderError) and error.concerns == "media":
                await self._publisher.forget(job.request, job.account)
            await self._record(job, State.FAILED, **ours, detail={"error": error.said}, fault=fault)

    async def _interrupt(self, job: Job, error: ProviderError | TransportError) -> None:
        log.error("job %s is interrupted, a task may exist at %s: %s", job.id, job.account, error)
        detail, fault = {"error": error.said}, error.fault("submit")
        await self._record(job, State.INTERRUPTED, when={State.SUBMITTING}, detail=detail, fault=fault)

    async def _record(self, job: Job, to: State, **changes: Any) -> Job | None:
        """Move the job, however long the disk refuses: what the provider answers is said once."""
        while True:
            try:
                return await asyncio.to_thread(partial(self._store.move, job.id, to, **changes))
            except StoreError as error:
                log.error("what became of job %s is not on disk yet: %s", job.id, error)
                await asyncio.sleep(1)
