"""Sending a job to the provider: at most one paid POST, ever.

The order is the promise. The intent (state ``submitting``) is on disk before the POST leaves, by a move that only one
worker can make; the task id is on disk before anyone polls. A run that finds ``submitting`` is the second one, so the
first died in between: the job becomes ``interrupted`` and nothing is sent. Only an answer that certainly made no task
puts the job back in the queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypedDict, Unpack

from studio.accounts.account import Account, in_sandbox
from studio.catalog.pricing import ShownPrice, quote
from studio.catalog.requests import LostRequest
from studio.database.states import UNSENT, State
from studio.errors import (
    AuthenticationFailed,
    MediaUnreadable,
    ModelMissing,
    NotAllowed,
    NotFound,
    NotSent,
    PageInstead,
    PermissionDenied,
    PriceHigher,
    ProviderError,
    PublishFailed,
    QuotaExhausted,
    ReplyLost,
    RequestRefused,
    Stage,
    StoreError,
    TaskTaken,
    TransportError,
    Unreadable,
)
from studio.jobs.model import AHEAD, Job
from studio.jobs.rows.columns import Columns
from studio.jobs.rows.store import Store
from studio.jobs.submit.admission import require_model
from studio.jobs.submit.outages import Outages
from studio.jobs.submit.publishing import Publisher
from studio.message import Message
from studio.providers.base import Task
from studio.system.pace import PACE, Pace

log = logging.getLogger("studio.jobs")


class _Guard(TypedDict):
    """What a job must still be for its submission to go on with it."""

    when: Collection[State]
    attempt: int


class _HeldUp(Exception):
    """The job is to wait behind another one that tries whether the provider takes jobs again."""


def _require_promise(job: Job) -> None:
    """Raise PriceHigher when the catalog asks more for the job now than it did when the job was accepted: a studio that
    was updated meanwhile knows the new price, and only the old one was shown. Where none was known, none was
    promised."""
    if job.quote is not None and not in_sandbox(job.account):
        now = quote(job.request, job.region, input_seconds=job.quote.input_seconds or None)
        ShownPrice.with_job(job.quote).require([now])


class Submission:
    """Brings queued jobs to their provider."""

    def __init__(self, store: Store, accounts: Mapping[str, Account], publisher: Publisher, pace: Pace = PACE) -> None:
        self._store = store
        self._clock = store.clock
        self._accounts = accounts
        self._publisher = publisher
        self._pace = pace
        self.outages = Outages(store.clock, pace)
        self._asking: dict[str, asyncio.Lock] = {}
        self._asked: set[str] = set()
        """Accounts that were asked what is o'clock there."""
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
            await self._interrupt(job, ReplyLost("The studio stopped after sending the request and before the answer."))
            return
        if job.state not in UNSENT:
            return
        account = self._accounts.get(job.account)
        if account is None:  # queued by a process that has this account; leave it for one that does
            await asyncio.to_thread(self._store.postpone, job.id, self._clock.wall() + self._pace.postponed_seconds)
            return
        try:
            require_model(job.request)
            _require_promise(job)
        except ModelMissing as error:
            await self._unsendable(job, error)
            return
        except PriceHigher as error:
            log.warning("job %s is not sent: %s", job.id, error)
            fault = error.fault("submit")
            await self._record(job, State.FAILED, when=UNSENT, attempt=job.attempt, fault=fault)
            return
        self.on_the_wire += 1
        try:
            self._enter(job)
            await self._learn_clock(account)
            await self._ask_before_a_dear_try(job, account)
            media = await self._publish(job, account)
            task = await account.provider.create(job.request, media, before_send=partial(self._intend, job))
        except NotAllowed:
            return  # canceled, or taken by another worker
        except _HeldUp:
            await asyncio.to_thread(self._store.postpone, job.id, self._clock.wall(), self.outages.at(job.place))
        except (ProviderError, TransportError, MediaUnreadable, PublishFailed) as error:
            await self._refused(job, error)
        else:
            await self._accepted(job, task)
            await self._reached(job)
        finally:
            self.outages.leave(job.place, job.id)
            self._intents.discard(job.id)
            self.on_the_wire -= 1

    async def _unsendable(self, job: Job, error: ModelMissing) -> None:
        """The job waits for its model to be put back into the catalog; one that cannot be read any more fails."""
        since = job.fault.since if job.fault is not None else None
        fault = replace(error.fault("submit"), since=since or self._clock.wall())
        if isinstance(job.request, LostRequest):
            await self._record(job, State.FAILED, when=UNSENT, fault=replace(fault, since=None))
        else:
            await asyncio.to_thread(
                self._store.postpone, job.id, self._clock.wall() + self._pace.postponed_seconds, fault
            )

    def _enter(self, job: Job) -> None:
        if not self.outages.enter(job.place, job.id):
            raise _HeldUp

    async def _learn_clock(self, account: Account) -> None:
        """Ask once for something that costs nothing where the provider's clock is not known: by it a task is found
        whose answer is lost. Without an answer the job is sent all the same."""
        provider = account.provider
        if not provider.lists or provider.clock.now() is not None:
            return
        async with self._asking.setdefault(account.name, asyncio.Lock()):
            if account.name in self._asked:
                return
            self._asked.add(account.name)
            with contextlib.suppress(ProviderError, TransportError, TimeoutError):
                await asyncio.wait_for(provider.check(), self._pace.ask_clock_seconds)

    async def _ask_before_a_dear_try(self, job: Job, account: Account) -> None:
        """When the last try may have made a task, ask first what costs nothing: each further one may be paid for.

        Raises what the provider does when that is not answered either.
        """
        if not self.outages.dear(job.place):
            return
        try:
            await account.provider.check()
        except (AuthenticationFailed, PageInstead):
            raise
        except (PermissionDenied, NotFound, RequestRefused, QuotaExhausted, Unreadable) as error:
            log.info("%s answers, though not to this: %s", job.account, error)  # not every host has such an address

    async def _reached(self, job: Job) -> None:
        """The provider takes jobs: those that waited for that go now."""
        if self.outages.over(job.place, job.id):
            await asyncio.to_thread(self._store.explain, job.place, None)

    async def found(self, job: Job) -> None:
        """The task of a lost answer is there: it was the answer that did not come through, so the cloud takes jobs."""
        if self.outages.dear(job.place):
            await self._reached(job)

    async def _publish(self, job: Job, account: Account) -> Mapping[str, str]:
        """See to it that the provider can fetch the job's files. Repeating it costs nothing but time."""
        if not job.request.assets:
            return {}
        if job.state is State.QUEUED:
            moved = await asyncio.to_thread(self._store.move, job.id, State.PUBLISHING, attempt=job.attempt, fault=None)
            if moved is None:
                raise NotAllowed("The video is no longer waiting to be sent.")
        on_progress = partial(self.progress.__setitem__, job.id)
        publishing = asyncio.ensure_future(self._publisher.publish(job.request, account, on_progress))
        try:
            while not (await asyncio.wait({publishing}, timeout=self._pace.progress_seconds))[0]:
                now = await asyncio.to_thread(self._store.get, job.id)
                if now is None or (now.state, now.attempt) != (State.PUBLISHING, job.attempt):
                    raise NotAllowed("The video is no longer waiting to be sent.")
                self._store.announce(now)
            return publishing.result()
        finally:
            publishing.cancel()
            await asyncio.wait({publishing})
            self.progress.pop(job.id, None)

    async def _intend(self, job: Job) -> None:
        self._enter(job)  # once more: it waited for its turn
        now, there = self._clock.wall(), self._accounts[job.account].provider.clock.now()
        moved = await asyncio.to_thread(
            self._store.move,
            job.id,
            State.SUBMITTING,
            when=UNSENT,
            attempt=job.attempt,
            detail={} if there is None else {AHEAD: round(there - now, 1)},
            submitting_at=now,
            fault=None,
        )
        if moved is None:
            raise NotAllowed("The video is no longer waiting to be sent.")
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
                submitted_at=self._clock.wall(),
                task_id=task.id,
                request_id=task.request_id,
                task_status=task.status,
                trace=None,
                candidates=(),
                fault=None,
            )
        except TaskTaken:  # by an interrupted job, whose prompt will show that it is not its own
            await self._interrupt(job, ReplyLost(Message("Its task {id} belongs to another video.", id=task.id)))
            return
        if recorded is None:
            now = await asyncio.to_thread(self._store.get, job.id)
            if now is None or now.task_id != task.id:
                log.error("task %s was made for job %s, which no longer waits for it", task.id, job.id)

    async def _refused(self, job: Job, error: ProviderError | TransportError | MediaUnreadable | PublishFailed) -> None:
        stage: Stage = "submit" if job.id in self._intents else "publish"
        ours = _Guard(when={State.SUBMITTING} if stage == "submit" else UNSENT, attempt=job.attempt)
        detail = {"error": error.said}
        not_taken = NotSent("The last request was not answered.") if isinstance(error, ReplyLost) else error
        since = job.fault.since if job.fault is not None else None
        fault = replace(not_taken.fault(stage), charged="no", since=since or self._clock.wall())
        doubtful = None
        if stage == "submit" and isinstance(error, (ProviderError, TransportError)) and error.task_made == "unknown":
            doubtful = error
        waits = error.retryable or (fault.of_account and not self.outages.is_its_own(job.place, job.id))
        if waits:
            asked = error.retry_after if isinstance(error, (ProviderError, TransportError)) else None
            dear = None if stage == "publish" else doubtful is not None
            wait = self.outages.failed(job.place, job.id, fault, asked, dear=dear)
        elif isinstance(error, ProviderError):
            await self._reached(job)
        if doubtful is not None:
            await self._interrupt(job, doubtful)
        elif waits:
            log.warning("job %s is sent again in %.0f s at the earliest: %s", job.id, wait, error)
            again = Columns(not_before=self._clock.wall() + wait, fault=fault)
            if stage == "publish" and not job.request.assets:  # it never left the queue
                here = {State.QUEUED}
                await self._insist(lambda: self._store.note(job.id, when=here, next_attempt=True, **again))
            else:
                await self._record(job, State.QUEUED, **ours, detail=detail, next_attempt=True, **again)
        else:
            log.warning("job %s was refused: %s", job.id, error)
            fault = replace(fault, since=None)
            if isinstance(error, ProviderError) and error.concerns == "media":
                await self._publisher.forget(job.request, job.account)
            await self._record(job, State.FAILED, **ours, detail=detail, fault=fault)

    async def _interrupt(self, job: Job, error: ProviderError | TransportError) -> None:
        log.error("job %s is interrupted, a task may exist at %s: %s", job.id, job.account, error)
        detail, fault = {"error": error.said}, error.fault("submit")
        await self._record(job, State.INTERRUPTED, when={State.SUBMITTING}, detail=detail, fault=fault)

    async def _record(
        self,
        job: Job,
        to: State,
        *,
        when: Collection[State],
        attempt: int | None = None,
        detail: Mapping[str, Any] | None = None,
        next_attempt: bool = False,
        **changes: Unpack[Columns],
    ) -> Job | None:
        """Move the job, however long the disk refuses: what the provider answers is said once."""

        def move() -> Job | None:
            return self._store.move(
                job.id, to, when=when, attempt=attempt, detail=detail, next_attempt=next_attempt, **changes
            )

        return await self._insist(move)

    async def _insist(self, change: Callable[[], Job | None]) -> Job | None:
        while True:
            try:
                return await asyncio.to_thread(change)
            except StoreError as error:
                log.error("what became of a job is not on disk yet: %s", error)
                await asyncio.sleep(self._pace.write_again_seconds)
