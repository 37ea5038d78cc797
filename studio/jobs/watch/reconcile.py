"""Finding the tasks of interrupted jobs: the request left, and whether it made a task was never learned.

The provider's list is searched for a task of the job's model, made around the minute in which the request left, that no
job owns. If exactly one fits, and fits no other job whose answer is missing, the job goes on with it. Several are told
apart by their prompt, which the provider shows once a task has succeeded; until then they are offered to the visitor.
So is a single one that has ended and shows no prompt, since nothing will ever contradict it: a task that has failed
may be somebody else's, and the job's own, which may be paid for, still to come. The watcher gives such a task up.
Nothing is guessed, and nothing is ever sent again from here: a wrong guess would hand out another's video, a second
request would be paid for twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

from studio.accounts.account import Account
from studio.accounts.served import ServedAccounts
from studio.catalog.models import CATALOG
from studio.catalog.prompts import measure
from studio.catalog.requests import Request
from studio.database.states import ADOPTS, State
from studio.errors import (
    NoSuchTask,
    NotAllowed,
    NotFound,
    NotItsTask,
    PermissionDenied,
    RequestRefused,
    TaskTaken,
    Unreadable,
)
from studio.jobs.model import AHEAD, Candidate, Happening, Job, Trace
from studio.jobs.rows.leases import Lease
from studio.jobs.rows.store import Store
from studio.jobs.watch.listing import Listing
from studio.jobs.watch.poll_loop import PollLoop
from studio.message import Message
from studio.providers.base import ListedTask, Task, TaskStatus
from studio.system.clock import Unchanged
from studio.system.pace import PACE, Pace

log = logging.getLogger("studio.jobs")

CLOCKS_APART = 120.0
"""Where nothing tells what the provider's clock showed when a request left, it differed from ours by at most so many
seconds more than it does now; where something does, this is what its own machines may differ by."""
ON_ITS_WAY = 120.0
"""A request makes its task at most so many seconds after it left: then our side gives its answer up."""
MOST_PAGES = 1000


class Reconciler:
    """Searches for the tasks of one account's interrupted jobs."""

    def __init__(
        self,
        account: Account,
        accounts: ServedAccounts,
        store: Store,
        worker: str,
        found: Callable[[Job], Awaitable[None]],
        pace: Pace = PACE,
    ) -> None:
        """``account`` is one of ``accounts``; ``found`` hears of each job that has got its task."""
        self._account = account
        self._accounts = accounts
        self._found = found
        self._store = store
        self._clock = store.clock
        self._ages = Unchanged(store.clock)
        self._ahead: dict[tuple[str, float], float | None] = {}
        """By job and when its request left, how far the provider's clock was ahead then, if that was known."""
        self._listing = Listing(account.provider)
        self._pace = pace
        lease = Lease(store, f"find:{account.name}", worker, pace)
        self.rounds = PollLoop(f"search at {account.name}", self._round, account.poll_seconds / 4, lease, pace)
        self._prompts: dict[str, str | None] = {}
        """What tasks that have ended were made from, by their id, where the provider shows it."""
        self._looked_for: set[str] = set()
        self._again = -math.inf

    async def adopt(self, job: Job, task_id: str) -> Job:
        """Let ``job`` go on with a task that the visitor chose.

        Raises NoSuchTask, TaskTaken, NotItsTask, NotAllowed when the job is neither interrupted nor expired, and what
        the provider raises.
        """
        owned = await asyncio.to_thread(self._store.owned, job.account, [task_id])
        if owned and task_id != job.task_id:
            raise TaskTaken("Another video in this studio has this task.")
        task = await self._account.provider.get(task_id)
        if task.status is TaskStatus.UNKNOWN:
            raise NoSuchTask("Check that the ID is complete and belongs to this account. Tasks are kept for 24 hours.")
        if task.prompt is not None and not made_from(job.request, task.prompt):
            raise NotItsTask(Message("Its prompt is “{prompt}”.", prompt=task.prompt[:80]))
        adopted = await self._go_on(job, task, chosen=task.id)
        if adopted is None:
            raise NotAllowed("The video already has a task.")
        return adopted

    async def _round(self) -> bool:
        now = self._clock.monotonic()
        claimants = await self._claimants()
        lists = self._account.provider.lists
        # Several may come to be told apart, and a list that is refused may be given later.
        unsettled = (None, Trace.SEVERAL, Trace.UNLISTED) if lists else (None,)
        interrupted = [job for job in claimants if job.state is State.INTERRUPTED and job.deleted_at is None]
        lost = [job for job in interrupted if job.trace in unsettled]
        ids = {job.id for job in lost}
        if not lost:
            self._prompts.clear()
            self._ahead.clear()
        if not lost or (now < self._again and ids <= self._looked_for):
            return bool(lost)
        self._looked_for, self._again = ids, now + self._account.poll_seconds
        if lists:
            await self._learn_clock()
        for job in claimants:
            await self._learn_ahead(job)
        self._ages.forget_but(ids)
        ages = {job.id: self._ages.seconds(job.id, job.submitting_at, self._left_here(job)) for job in lost}
        self._again = now + max(self._account.poll_seconds, min(ages.values()) / self._pace.search_patience)
        for job in [job for job in lost if ages[job.id] > self._task_seconds]:
            lost.remove(job)
            await self._conclude(job, Trace.UNLISTED)  # its task, if there is one, is listed no more
        if not lists:
            for job in lost:
                await self._conclude(job, Trace.UNLISTED)
            return True
        for since, until, jobs in self._spans(lost):
            past = until < self._now_there()
            await self._search(since, until if past else None, jobs, {job.id: ages[job.id] for job in jobs})
        return True

    async def _learn_clock(self) -> None:
        """Ask for something: where the provider's clock is not known, a list may be that of the wrong hour."""
        if self._account.provider.clock.now() is None:
            with contextlib.suppress(RequestRefused, PermissionDenied, NotFound, Unreadable):
                await self._account.provider.check()

    async def _learn_ahead(self, job: Job) -> None:
        key = job.id, _left_at(job)
        if key not in self._ahead:
            history = await asyncio.to_thread(self._store.history, job.id)
            values = [event.detail.get(AHEAD) for event in history if event.what == State.SUBMITTING]
            self._ahead[key] = float(values[-1]) if values and isinstance(values[-1], (int, float)) else None

    def _now_there(self) -> float:
        there = self._account.provider.clock.now()
        return self._clock.wall() if there is None else there

    def _left_there(self, job: Job) -> float:
        """When its request left, by the provider's clock."""
        then = self._ahead.get((job.id, _left_at(job)))
        return _left_at(job) + (self._now_there() - self._clock.wall() if then is None else then)

    def _left_here(self, job: Job) -> float:
        """When its request left, by our clock as it goes now."""
        return self._left_there(job) - (self._now_there() - self._clock.wall())

    def _window(self, job: Job) -> tuple[float, float]:
        """When its task was made, by the provider's clock."""
        left, apart = self._left_there(job), CLOCKS_APART + self._account.provider.clock.error
        return left - apart, left + ON_ITS_WAY + apart

    def _fits(self, job: Job, task: ListedTask) -> bool:
        first, last = self._window(job)
        return task.model in (None, job.request.model) and (task.created_at is None or first <= task.created_at <= last)

    def _spans(self, jobs: Iterable[Job]) -> Iterator[tuple[float, float, list[Job]]]:
        """The windows of ``jobs``, those that overlap as one, each with its jobs."""
        together: list[Job] = []
        since = until = 0.0
        for job in sorted(jobs, key=lambda job: self._window(job)[0]):
            first, last = self._window(job)
            if together and first > until:
                yield since, until, together
                together = []
            if not together:
                since = first
            together.append(job)
            until = last
        if together:
            yield since, until, together

    async def _search(self, since: float, until: float | None, jobs: Sequence[Job], ages: Mapping[str, float]) -> None:
        over = {job.id: ages[job.id] > self._pace.appeared_after for job in jobs}
        try:
            listed = await self._listing.tasks(since=since, until=until, most_pages=MOST_PAGES)
        except (RequestRefused, PermissionDenied, NotFound, Unreadable) as error:
            log.warning("%s does not list its tasks: %s", self._account.name, error)
            for job in jobs:
                if over[job.id]:
                    await self._conclude(job, Trace.UNLISTED)
            return
        # In this order: a job whose task was listed is then still being sent, or owns it already.
        claimants = await self._claimants()
        for job in claimants:
            await self._learn_ahead(job)
        owned = await asyncio.to_thread(self._store.owned, self._account.name, listed)
        free = [task for task in listed.values() if task.id not in owned]
        for task in free:
            if task.status.final and any(self._fits(job, task) for job in jobs):
                await self._has_ended(task)
        for job in jobs:
            await self._decide(job, free, [other for other in claimants if other.id != job.id], over[job.id])

    async def _claimants(self) -> list[Job]:
        since = self._clock.wall() - self._task_seconds
        return await asyncio.to_thread(self._store.claimants, self._account.name, since)

    async def _decide(self, job: Job, free: Iterable[ListedTask], others: Iterable[Job], over: bool) -> None:
        fitting = [task for task in free if self._may_be_of(job, task)]
        # A task that shows this job's prompt outdoes those that show none yet.
        fitting = [task for task in fitting if self._prompts.get(task.id) is not None] or fitting
        rivals = [other for other in others if any(self._may_be_of(other, task) for task in fitting)]
        if any(rival.state is State.SUBMITTING for rival in rivals):
            return  # the answer to that one's request will tell
        if len(fitting) == 1 and not rivals and self._shows_itself(fitting[0]):
            if fitting[0].id not in self._prompts and await self._has_ended(fitting[0]):
                return  # the list was behind: the next look knows what the task was made from
            try:
                await self._go_on(job, fitting[0])
            except TaskTaken:
                log.info("task %s was taken before job %s could have it", fitting[0].id, job.id)
        elif fitting:
            candidates = tuple(Candidate(task.id, task.status, task.created_at) for task in fitting)
            await self._conclude(job, Trace.SEVERAL, candidates)
        elif over:
            # Where it was not known how the clocks differed when the request left, it may be another hour's list.
            known = self._ahead.get((job.id, _left_at(job))) is not None
            known = known and self._account.provider.clock.now() is not None
            await self._conclude(job, Trace.NONE if known else Trace.UNLISTED)

    def _may_be_of(self, job: Job, task: ListedTask) -> bool:
        prompt = self._prompts.get(task.id)
        return self._fits(job, task) and (prompt is None or made_from(job.request, prompt))

    async def _has_ended(self, task: ListedTask) -> bool:
        """Ask for the task itself, unless it was known to have ended, and remember what it was made from."""
        if task.id not in self._prompts:
            asked = await self._account.provider.get(task.id)
            if asked.status.final and asked.status is not TaskStatus.UNKNOWN:
                self._prompts[task.id] = asked.prompt
        return task.id in self._prompts

    def _shows_itself(self, task: ListedTask) -> bool:
        """Whether the task shows its prompt, or still may."""
        ended = task.status.final or task.id in self._prompts
        return not ended or self._prompts.get(task.id) is not None

    async def _go_on(self, job: Job, task: Task | ListedTask, **detail: str) -> Job | None:
        log.warning("job %s goes on with task %s at %s", job.id, task.id, job.account)
        made_at = task.submitted_at if isinstance(task, Task) else task.created_at

        def move() -> Job | None:
            with self._accounts.held([job.account]):
                return self._store.move(
                    job.id,
                    State.WAITING,
                    when=ADOPTS,
                    detail={"task_id": task.id, "found": True, **detail},
                    task_id=task.id,
                    task_status=task.status,
                    submitted_at=made_at or job.submitting_at or self._clock.wall(),
                    started_at=task.started_at,
                    finished_at=None,
                    result_url=None,
                    stopped_at=None,
                    trace=Trace.FOUND,
                    candidates=(),
                    fault=None,
                )

        moved = await asyncio.to_thread(move)
        if moved is not None:
            await self._found(moved)
        return moved

    async def _conclude(self, job: Job, trace: Trace, candidates: tuple[Candidate, ...] = ()) -> None:
        if (job.trace, job.candidates) == (trace, candidates):
            return
        log.warning("job %s: what the list of %s tells of its task: %s", job.id, job.account, trace)
        detail = {"trace": trace, "task_ids": [candidate.task_id for candidate in candidates]}
        await asyncio.to_thread(
            self._store.note,
            job.id,
            when={State.INTERRUPTED},
            what=Happening.SEARCHED,
            detail=detail,
            trace=trace,
            candidates=candidates,
        )

    @property
    def _task_seconds(self) -> float:
        return CATALOG.providers[self._account.provider.name].task_hours.value * 3600


def made_from(request: Request, prompt: str) -> bool:
    """Whether a task of which the provider tells this prompt may be made from ``request``.

    Spaces may differ. The beginning alone counts only where the provider cuts what is too long, at the length at which
    it does: another program's prompt may well begin as ours does.
    """
    sent = request.sent_prompt
    return prompt.split() in (sent.split(), sent[: _cut_at(request)].split())


def _cut_at(request: Request) -> int | None:
    """Where the provider cuts the prompt; None when it does not, or the catalog no longer has the model."""
    with contextlib.suppress(KeyError):
        limit = CATALOG.model(request.provider, request.model).prompt
        return measure(request.sent_prompt, limit).cut_at if limit.over == "cut" else None
    return None


def _left_at(job: Job) -> float:
    return job.submitting_at or job.updated_at
