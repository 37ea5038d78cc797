"""Watching what the provider does: one watcher per account, not one loop per job.

A job that waits is a row. Each round the watcher looks at the rows whose turn it is. Where the provider can list tasks,
the lists of running and pending tasks cover a page of them with one request, and only those that are in neither have
moved and are asked for one by one; that also makes a list that lags harmless, since what it lacks is simply asked for.
One look at the lists serves every job, also those whose turn has not come.
A poll that fails is not a job that failed: the watcher waits and asks again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from studio.catalog import CATALOG
from studio.errors import Fault, ProviderError, StoreError, TransportError
from studio.jobs.accounts import Account
from studio.jobs.model import Job, State
from studio.jobs.store import Store, WaitingJob
from studio.providers.base import ListedTask, Task, TaskStatus

log = logging.getLogger("studio.jobs")

LEASE_SECONDS = 10.0
FIRST_LOOK_SECONDS = 3.0
"""A new task is looked at this soon after its submission, then at the account's own pace."""
LIST_FROM = 4
"""With fewer tasks to look at, asking for each is cheaper than listing."""
LISTS_PER_POLL = 3
"""Lists cost so little that they are read this many times as often as a single task is asked for."""
PAGE_SIZE = 100
"""Asked for; the provider's greatest is not documented, so what comes back is what counts."""
DISTRUST_AFTER = 30
"""After so many lists that said "still running", the task itself is asked."""
CLOCKS_APART = 600.0
"""The provider's clock and ours may differ by this many seconds."""
LONGEST_PAUSE = 60.0
LOST_AFTER = 3
"""A provider that says so often in a row that it does not know a task means it."""


@dataclass
class _Look:
    """When to look at a task again, and what earlier looks said."""

    due: float
    lists: int = field(default_factory=lambda: random.randrange(DISTRUST_AFTER))
    """Lists in a row that had the task; begins anywhere, so that tasks are not all distrusted at once."""
    listed: bool = False
    """Whether the last list had it: if the next one has not, it has moved."""
    unknown: int = 0


class Watcher:
    """Follows the waiting jobs of one account until the provider is done with them."""

    def __init__(self, account: Account, store: Store, worker: str, done: Callable[[Job], Awaitable[None]]) -> None:
        self._account = account
        self._store = store
        self._worker = worker
        self._done = done
        self._looks: dict[str, _Look] = {}
        self._list_again = 0.0
        self._pause = 0.0
        self._wake = asyncio.Event()
        self._lease_until = 0.0
        self.trouble: Fault | None = None
        """Why the provider cannot be asked at present."""

    async def run(self) -> None:
        """Watch until cancelled. Only the holder of the account's lease asks the provider."""
        tick = min(1.0, self._account.poll_seconds / 4)
        while True:
            try:
                if await self._holds_lease():
                    await self._round()
            except StoreError as error:
                log.error("watcher of %s: %s", self._account.name, error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), max(tick, self._pause))
            self._wake.clear()

    def wake(self, job_id: str) -> None:
        """Look at this job at once (it was just submitted, canceled or reported done)."""
        if job_id in self._looks:
            self._looks[job_id].due = 0.0
        self._wake.set()

    async def _holds_lease(self) -> bool:
        now = time.monotonic()
        if now < self._lease_until - LEASE_SECONDS / 2:
            return True
        held = await asyncio.to_thread(self._store.hold, f"watch:{self._account.name}", self._worker, LEASE_SECONDS)
        self._lease_until = now + LEASE_SECONDS if held else 0.0
        return held

    async def _round(self) -> None:
        jobs = await asyncio.to_thread(self._store.waiting, self._account.name)
        now = time.time()
        known, self._looks = self._looks, {}
        for job in jobs:
            first = job.submitted_at + min(FIRST_LOOK_SECONDS, self._account.poll_seconds)
            self._looks[job.id] = known.get(job.id) or _Look(due=first)
        due = [job for job in jobs if self._looks[job.id].due <= now]
        by_lists = self._account.provider.lists and len(due) >= LIST_FROM
        if not due or (by_lists and now < self._list_again):
            return
        try:
            await self._ask_each(await self._moved(jobs, due) if by_lists else due)
        except (ProviderError, TransportError) as error:
            self.trouble = error.fault("watch")
            self._pause = min(max(self._pause * 2, self._account.poll_seconds), LONGEST_PAUSE)
            log.warning("%s cannot be asked, next try in %.0f s: %s", self._account.name, self._pause, error)
        else:
            self.trouble, self._pause = None, 0.0

    async def _moved(self, jobs: Sequence[WaitingJob], due: Sequence[WaitingJob]) -> Sequence[WaitingJob]:
        """Those of ``jobs`` to ask for: what the lists no longer have, or never had and whose turn has come."""
        self._list_again = time.time() + self._account.poll_seconds / LISTS_PER_POLL
        listed = await self._survey(jobs)
        if listed is None:
            return due
        turns = {job.id for job in due}
        to_ask = []
        for job in jobs:
            look, task = self._looks[job.id], listed.get(job.task_id)
            left, look.listed = look.listed and task is None, task is not None
            if task is not None and look.lists < DISTRUST_AFTER:
                await self._still(job, task)
            elif left or job.id in turns:
                to_ask.append(job)
        return to_ask

    async def _survey(self, jobs: Sequence[WaitingJob]) -> Mapping[str, ListedTask] | None:
        """The account's unfinished tasks by their id; None when the provider does not list them."""
        # A span of more than a day is refused; what is older is asked for when its turn comes.
        day = CATALOG.providers[self._account.provider.name].task_hours.value * 3600
        oldest = min(job.submitted_at for job in jobs)
        since = max(oldest, time.time() - day + 2 * CLOCKS_APART) - CLOCKS_APART
        found: dict[str, ListedTask] = {}
        for status in (TaskStatus.RUNNING, TaskStatus.PENDING):
            page = pages = 1
            while page <= pages:
                try:
                    answer = await self._account.provider.list(
                        page=page, page_size=PAGE_SIZE, status=status, since=since
                    )
                except ProviderError as error:
                    log.warning("%s does not list, asking for each task: %s", self._account.name, error)
                    return None
                found.update((task.id, task) for task in answer.tasks)
                pages = min(answer.total_pages, len(jobs))
                page += 1
        return found

    async def _still(self, job: WaitingJob, listed: ListedTask) -> None:
        look = self._looks[job.id]
        look.lists += 1
        look.due = time.time() + self._account.poll_seconds / LISTS_PER_POLL
        if listed.status is not job.task_status:
            await self._note(job, listed.status, listed.started_at)

    async def _ask_each(self, jobs: Sequence[WaitingJob]) -> None:
        """Ask for each task; the provider's budget spaces the requests. The first failure ends the round."""
        async with asyncio.TaskGroup() as group:
            slots = asyncio.Semaphore(16)
            failures: list[ProviderError | TransportError] = []

            async def ask(job: WaitingJob) -> None:
                async with slots:
                    if failures:
                        return
                    try:
                        task = await self._account.provider.get(job.task_id)
                    except (ProviderError, TransportError) as error:
                        failures.append(error)
                        return
                    await self._seen(job, task)

            for job in jobs:
                group.create_task(ask(job))
        if failures:
            raise failures[0]

    async def _seen(self, job: WaitingJob, task: Task) -> None:
        look = self._looks[job.id]
        look.lists = 0
        look.due = time.time() + self._account.poll_seconds
        look.unknown = look.unknown + 1 if task.status is TaskStatus.UNKNOWN else 0
        if task.status is TaskStatus.UNKNOWN:
            if look.unknown >= LOST_AFTER or self._too_old(job):
                await self._end(job, State.EXPIRED, task, _unknown_fault(task))
        elif task.status is TaskStatus.SUCCEEDED:
            await self._succeeded(job, task)
        elif task.status is TaskStatus.FAILED:
            await self._end(job, State.FAILED, task, task.fault)
        elif task.status is TaskStatus.CANCELED:
            await self._end(job, State.CANCELED, task, None)
        elif task.status is not job.task_status:
            await self._note(job, task.status, task.started_at)

    async def _succeeded(self, job: WaitingJob, task: Task) -> None:
        saving = await asyncio.to_thread(
            self._store.move,
            job.id,
            State.SAVING,
            when={State.WAITING},
            detail={"task_status": task.status, "request_id": task.request_id},
            task_status=task.status,
            started_at=task.started_at or job.started_at,
            finished_at=task.ended_at or time.time(),
            result_url=task.video_url,
            usage=task.usage,
            next_attempt=True,
            not_before=0.0,
            fault=None,
        )
        if saving is not None:
            await self._done(saving)

    async def _end(self, job: WaitingJob, state: State, task: Task, fault: Fault | None) -> None:
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
            started_at = started_at or time.time()
        await asyncio.to_thread(
            self._store.note,
            job.id,
            when={State.WAITING},
            what="task",
            detail={"task_status": status},
            task_status=status,
            started_at=started_at or job.started_at,
        )

    def _too_old(self, job: WaitingJob) -> bool:
        hours = CATALOG.providers[self._account.provider.name].task_hours.value
        return time.time() - job.submitted_at > hours * 3600


def _unknown_fault(task: Task) -> Fault:
    return Fault(
        "task_unknown",
        "watch",
        "The provider no longer knows this task.",
        charged="unknown",
        request_id=task.request_id,
    )
