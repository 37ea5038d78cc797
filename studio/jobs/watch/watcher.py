"""Watching what the provider does: one watcher per account, not one loop per job.

A job that waits is a row. Each round the watcher looks at the rows whose turn it is. Where the provider can list tasks,
the lists of running and pending tasks cover a page of them with one request, and only those that are in neither have
moved and are asked for one by one; that also makes a list that lags harmless, since what it lacks is simply asked for,
and what it shows for too long is asked for now and then. One look at the lists serves every job, also those whose turn
has not come. A poll that fails is not a job that failed: the watcher waits, longer each time, and asks for one task; if
that is answered, it asks for all.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from studio.accounts.account import Account
from studio.catalog.models import CATALOG
from studio.database.states import State
from studio.errors import (
    Fault,
    NotItsTask,
    ProviderError,
    RateLimited,
    ReplyLost,
    StoreError,
    TransportError,
    Unreadable,
)
from studio.jobs.model import Candidate, Happening, Job, Trace
from studio.jobs.rows.leases import Lease
from studio.jobs.rows.store import Store, WaitingJob
from studio.jobs.submit.publishing import Publisher
from studio.jobs.watch.listing import Listing
from studio.jobs.watch.poll_loop import PollLoop
from studio.jobs.watch.reconcile import made_from
from studio.message import Message
from studio.providers.base import ListedTask, Task, TaskStatus
from studio.system.pace import PACE, Pace

log = logging.getLogger("studio.jobs")

CLOCKS_APART = 600.0
"""The provider's clock may differ by this many seconds from what it was last known to show."""
ASK_AT_ONCE = 80
"""Asked for in one round, those that have waited longest first: a round is over before its lease is."""
WITHOUT_VIDEO = {TaskStatus.FAILED: State.FAILED, TaskStatus.CANCELED: State.CANCELED}
"""How a job ends whose task ends without a video."""


@dataclass
class _Look:
    """When to look at a task again, and what earlier looks said."""

    due: float
    lists: int
    """Lists in a row that had the task; begins anywhere, so that tasks are not all distrusted at once."""
    asked_at: float = -math.inf
    listed: bool = False
    """Whether the last list had it: if the next one has not, it has moved."""
    unknown: int = 0
    hinted_at: float = -math.inf
    obstacle: Fault | None = None
    """What is said on the card of this job alone."""


class Watcher:
    """Follows the waiting jobs of one account until the provider is done with them."""

    def __init__(
        self,
        account: Account,
        store: Store,
        publisher: Publisher,
        worker: str,
        done: Callable[[Job], Awaitable[None]],
        pace: Pace = PACE,
    ) -> None:
        self._pace = pace
        self._account = account
        self._store = store
        self._clock = store.clock
        self._publisher = publisher
        lease = Lease(store, f"watch:{account.name}", worker, pace)
        self.rounds = PollLoop(f"watcher of {account.name}", self._round, account.poll_seconds / 4, lease, pace)
        self._listing = Listing(account.provider)
        self._done = done
        self._looks: dict[str, _Look] = {}
        self._job_of_task: dict[str, str] = {}
        self._trust = pace.distrust_after
        self._list_again = -math.inf
        self._unlisted_until = -math.inf
        self._pause = 0.0
        """How long the provider is left alone after a look that failed."""
        self._quiet_until = -math.inf
        self._trouble_began = 0.0
        self.trouble: Fault | None = None
        """Why the provider cannot be asked at present, and since when."""
        self._careful = False
        """Whether the last look failed: then one task is asked for before many are."""
        self._answered: bool | None = None
        """Whether this round was answered anything; None before the first round."""
        self._unanswered: WaitingJob | None = None
        """The job whose task could not be asked for in this round."""

    def wake(self, job_id: str) -> None:
        """Look at this job soon (it was just canceled or reported done); of others nothing is known here."""
        if look := self._looks.get(job_id):
            look.due = min(look.due, look.asked_at + self._pace.wake_seconds)
            self.rounds.wake()

    def hint(self, task_id: str) -> None:
        """Look soon at the job of this task, but for hints no oftener than without: they may come from anyone."""
        job_id = self._job_of_task.get(task_id, "")
        look = self._looks.get(job_id)
        if look is not None and self._clock.monotonic() - look.hinted_at >= self._account.poll_seconds:
            look.hinted_at = self._clock.monotonic()
            self.wake(job_id)

    async def _round(self) -> bool:
        now, o_clock = self._clock.monotonic(), self._clock.wall()
        jobs = await asyncio.to_thread(self._store.waiting, self._account.name, o_clock - self._task_seconds)
        self._job_of_task = {job.task_id: job.id for job in jobs}
        known, self._looks = self._looks, {}
        for job in jobs:
            young = max(0.0, o_clock - job.submitted_at)  # what was sent later than now was sent by another clock
            first = now + min(self._pace.first_look_seconds, self._account.poll_seconds) - young
            self._looks[job.id] = known.get(job.id) or _Look(first, random.randrange(self._pace.distrust_after))
        due = sorted((job for job in jobs if self._looks[job.id].due <= now), key=lambda job: self._looks[job.id].due)
        by_lists = self._account.provider.lists and len(due) >= self._pace.list_from and now >= self._unlisted_until
        if not due or now < self._quiet_until or (by_lists and now < self._list_again):
            return bool(jobs)
        first, self._answered, self._unanswered = self._answered is None, False, None
        try:
            if self._careful:
                await self._ask(due.pop(0))  # before many others are asked for in vain
            await self._ask_each(await self._moved(jobs, due) if by_lists else due)
        except (ProviderError, TransportError) as error:
            self._careful = True
            self._pause = min(max(self._pause * 2, self._account.poll_seconds), self._pace.longest_pause)
            self._quiet_until = self._clock.monotonic() + self._pause
            log.warning("%s cannot be asked, next try in %.0f s: %s", self._account.name, self._pause, error)
            await self._explain(jobs, error)
        else:
            self._careful, self._pause = False, 0.0
        if self._answered and (self.trouble is not None or (first and any(job.has_fault for job in jobs))):
            self.trouble = None
            for look in self._looks.values():
                look.obstacle = None
            await asyncio.to_thread(self._store.explain_waiting, self._account.name, None)
        return True

    async def _explain(self, jobs: Sequence[WaitingJob], error: ProviderError | TransportError) -> None:
        """Say on the cards that, and since when, the provider cannot be asked: on all of them, unless it answers others
        and the fault lies with one task. What cannot be had any more ends."""
        fault = replace(error.fault("watch"), charged="unknown", since=self._clock.wall())
        if self._answered and not fault.of_account:
            if self._unanswered is not None:
                await self._obstruct(self._unanswered, fault)
            return
        self._answered = False
        was, self.trouble = self.trouble, fault
        if was is None:
            self._trouble_began = self._clock.monotonic()
        if was is not None:
            self.trouble = replace(fault, since=was.since)
        anew = was is None or (was.kind, was.code) != (fault.kind, fault.code)
        await asyncio.to_thread(self._store.explain_waiting, self._account.name, self.trouble, anew=anew)
        if self._clock.monotonic() - self._trouble_began > self._pace.given_up_after:
            for job in filter(self._too_old, jobs):
                gone = Task(job.task_id, TaskStatus.UNKNOWN)
                await self._end(job, State.EXPIRED, gone, replace(self.trouble, since=None))

    async def _obstruct(self, job: WaitingJob, fault: Fault | None) -> None:
        """Say on the card of this job alone what is in the way, or that nothing is any more."""
        look = self._looks[job.id]
        was = look.obstacle
        if (was and (was.kind, was.message)) == (fault and (fault.kind, fault.message)) and (was or not job.has_fault):
            return
        if self.trouble is None or fault is not None:
            look.obstacle = fault
            await asyncio.to_thread(self._store.note, job.id, when={State.WAITING}, fault=fault)

    async def _moved(self, jobs: Sequence[WaitingJob], due: Sequence[WaitingJob]) -> Sequence[WaitingJob]:
        """Those of ``jobs`` to ask for, in this order.

        What the lists no longer have, or never had and whose turn has come, longest ago first; then what they have had
        for too long.
        """
        self._list_again = self._clock.monotonic() + self._account.poll_seconds / self._pace.lists_per_poll
        listed = await self._survey(jobs)
        if listed is None:
            return due
        turns = {job.id for job in due}
        gone: list[WaitingJob] = []
        doubted: list[WaitingJob] = []
        for job in jobs:
            look, task = self._looks[job.id], listed.get(job.task_id)
            if look.listed and task is None:  # its turn, until it is asked for
                look.due = min(look.due, self._clock.monotonic())
            left, look.listed = look.listed and task is None, task is not None
            if task is not None and look.lists < self._trust:
                await self._still(job, task)
            elif left or job.id in turns:
                (doubted if task is not None else gone).append(job)
        return [*sorted(gone, key=lambda job: self._looks[job.id].due), *doubted]

    async def _survey(self, jobs: Sequence[WaitingJob]) -> Mapping[str, ListedTask] | None:
        """The account's unfinished tasks by their id; None when the provider does not list them in a way we know."""
        # A span of more than a day is refused; what is older is asked for when its turn comes.
        ours, theirs = self._clock.wall(), self._account.provider.clock.now()
        now = ours if theirs is None else theirs
        # Whether a clock was put right since the oldest was sent is not known: the earlier of both is listed.
        oldest = min(ours, *(job.submitted_at for job in jobs)) + min(0.0, now - ours)
        since = max(oldest, now - self._task_seconds + 2 * CLOCKS_APART) - CLOCKS_APART
        found: dict[str, ListedTask] = {}
        try:
            for status in (TaskStatus.RUNNING, TaskStatus.PENDING):
                found |= await self._listing.tasks(since=since, status=status, most_pages=len(jobs))
                self._answered = True
        except RateLimited:
            raise
        except (ProviderError, Unreadable) as error:
            log.warning("%s does not list, asking for each task: %s", self._account.name, error)
            self._unlisted_until = self._clock.monotonic() + self._pace.list_again_seconds
            return None
        return found

    async def _still(self, job: WaitingJob, listed: ListedTask) -> None:
        look = self._looks[job.id]
        look.lists += 1
        look.due = self._clock.monotonic() + self._account.poll_seconds / self._pace.lists_per_poll
        if listed.status is not job.task_status:
            await self._note(job, listed.status, listed.started_at)

    async def _ask_each(self, jobs: Sequence[WaitingJob]) -> None:
        """Ask for the first tasks; the provider's budget spaces the requests. The first failure ends the round."""
        async with asyncio.TaskGroup() as group:
            slots = asyncio.Semaphore(16)
            failures: list[ProviderError | TransportError | StoreError] = []

            async def ask(job: WaitingJob) -> None:
                async with slots:
                    if failures:
                        return
                    try:
                        await self._ask(job)
                    except (ProviderError, TransportError, StoreError) as error:
                        failures.append(error)

            for job in jobs[:ASK_AT_ONCE]:
                group.create_task(ask(job))
        if failures:
            raise failures[0]

    async def _ask(self, job: WaitingJob) -> None:
        look = self._looks[job.id]
        # Also if it cannot be told: then the others come first.
        look.due = self._clock.monotonic() + self._account.poll_seconds
        try:
            task = await self._account.provider.get(job.task_id)
        except (ProviderError, TransportError):
            self._unanswered = job
            raise
        self._answered = True
        if look.listed:  # by the last list it had not ended
            self._trust = (
                max(1, self._trust // 2) if task.status.final else min(self._trust + 1, self._pace.distrust_after)
            )
        look.lists = 0
        look.unknown = look.unknown + 1 if task.status is TaskStatus.UNKNOWN else 0
        look.asked_at = self._clock.monotonic()
        look.due = look.asked_at + min(
            self._account.poll_seconds * 2**look.unknown, max(self._pace.unknown_pause, self._account.poll_seconds)
        )
        await self._seen(job, task)

    async def _seen(self, job: WaitingJob, task: Task) -> None:
        if task.status is TaskStatus.UNKNOWN and self._too_old(job):
            await self._end(job, State.EXPIRED, task, _unknown_fault(task))
        elif task.word is not None and self._too_old(job):
            await self._end(job, State.EXPIRED, task, _undocumented(task, task.word))
        elif task.status is TaskStatus.SUCCEEDED:
            await self._succeeded(job, task)
        elif task.status in WITHOUT_VIDEO:
            if not (await self._is_anothers(job, task) or await self._may_be_anothers(job, task)):
                await self._end(job, WITHOUT_VIDEO[task.status], task, task.fault)
        else:
            if task.status is not job.task_status:
                await self._note(job, task.status, task.started_at)
            now = self._clock.wall()
            await self._obstruct(job, None if task.word is None else _undocumented(task, task.word, since=now))

    async def _succeeded(self, job: WaitingJob, task: Task) -> None:
        if await self._is_anothers(job, task):
            return
        saving = await asyncio.to_thread(
            self._store.move,
            job.id,
            State.SAVING,
            when={State.WAITING},
            detail={"task_status": task.status, "request_id": task.request_id},
            task_status=task.status,
            started_at=task.started_at or job.started_at,
            finished_at=task.ended_at or self._clock.wall(),
            result_url=task.video_url,
            usage=task.usage,
            next_attempt=True,
            not_before=0.0,
            stopped_at=None,
            fault=None,
        )
        if saving is not None:
            await self._done(saving)

    async def _is_anothers(self, job: WaitingJob, task: Task) -> bool:
        """Give a task up that was taken for the job's own when its prompt, now told, is not the job's."""
        if not job.found or task.prompt is None:
            return False
        whole = await self._whole(job)
        if whole is None or made_from(whole.request, task.prompt):
            return False
        reason = Message("Task {id} has a different prompt.", id=task.id)
        await self._give_up(job, task, NotItsTask(reason), None)
        return True

    async def _may_be_anothers(self, job: WaitingJob, task: Task) -> bool:
        """Give a task up that was found, not chosen, and ended without telling its prompt: the visitor may choose it.

        It may be somebody else's, and the job's own, which may be paid for, still to come.
        """
        if not job.found or task.prompt is not None:
            return False
        history = await asyncio.to_thread(self._store.history, job.id)
        if any(event.detail.get("chosen") == task.id for event in history):
            return False
        reason = Message("Task {id} was found, but it ended without a video, so it cannot be matched.", id=task.id)
        offered = Candidate(task.id, task.status, task.submitted_at)
        await self._give_up(job, task, ReplyLost(reason), Trace.SEVERAL, (offered,))
        return True

    async def _give_up(
        self,
        job: WaitingJob,
        task: Task,
        error: NotItsTask | ReplyLost,
        trace: Trace | None,
        candidates: tuple[Candidate, ...] = (),
    ) -> None:
        """Let the job be without a task again, and say what is known of the one it may have."""
        await asyncio.to_thread(
            self._store.move,
            job.id,
            State.INTERRUPTED,
            when={State.WAITING},
            detail={"not_its_task": task.id},
            task_id=None,
            task_status=None,
            submitted_at=None,
            started_at=None,
            fault=error.fault("watch"),
            trace=trace,
            candidates=candidates,
        )

    async def _end(self, job: WaitingJob, state: State, task: Task, fault: Fault | None) -> None:
        if fault is not None and fault.concerns == "media" and (whole := await self._whole(job)) is not None:
            await self._publisher.forget(whole.request, whole.account)
        await asyncio.to_thread(
            self._store.move,
            job.id,
            state,
            when={State.WAITING},
            detail={"task_status": task.status, "request_id": task.request_id},
            task_status=task.status,
            finished_at=task.ended_at,
            usage=task.usage,
            fault=fault,
        )

    async def _note(self, job: WaitingJob, status: TaskStatus, started_at: float | None) -> None:
        if status is TaskStatus.RUNNING and job.started_at is None:
            started_at = started_at or self._clock.wall()
        await asyncio.to_thread(
            self._store.note,
            job.id,
            when={State.WAITING},
            what=Happening.TASK,
            detail={"task_status": status},
            task_status=status,
            started_at=started_at or job.started_at,
        )

    async def _whole(self, job: WaitingJob) -> Job | None:
        return await asyncio.to_thread(self._store.get, job.id)

    def _too_old(self, job: WaitingJob) -> bool:
        """Whether its day is over by our clock, which may have been put forward, and by the provider's."""
        ours = self._clock.wall()
        theirs = self._account.provider.clock.now()
        return min(ours, ours if theirs is None else theirs) - job.submitted_at > self._task_seconds

    @property
    def _task_seconds(self) -> float:
        return CATALOG.providers[self._account.provider.name].task_hours.value * 3600


def _undocumented(task: Task, word: str, since: float | None = None) -> Fault:
    message = Message("The status is “{word}”.", word=word[:60]) if word else "There is no status."
    return Fault("status_undocumented", "watch", message, charged="unknown", request_id=task.request_id, since=since)


def _unknown_fault(task: Task) -> Fault:
    return Fault(
        "task_unknown",
        "watch",
        "The provider no longer knows this task.",
        charged="unknown",
        request_id=task.request_id,
    )
