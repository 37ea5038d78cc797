"""One process among others that may work on the same jobs: it says that it lives, takes over from the dead, and hands
over what is due."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from functools import partial

import psutil
from sqlalchemy.exc import SQLAlchemyError

from studio.database.states import State
from studio.errors import ReplyLost, StoreError
from studio.jobs.durable.recovery import recover
from studio.jobs.durable.workflows import SAVE, SUBMIT, Workflows
from studio.jobs.model import Place
from studio.jobs.rows.store import DueJob, Store, Worker
from studio.jobs.submit.outages import Outages
from studio.system.clock import Unchanged
from studio.system.pace import PACE, Pace

log = logging.getLogger("studio.jobs")


class Supervisor:
    """Sees to it that nothing that is to be done is left lying. For the engine's event loop."""

    def __init__(
        self,
        worker: Worker,
        store: Store,
        accounts: Collection[str],
        workflows: Workflows,
        outages: Outages,
        pace: Pace = PACE,
    ) -> None:
        self._pace = pace
        self._worker = worker
        self._store = store
        self._clock = store.clock
        self._beaten_at = self._clock.monotonic()
        self._beats = Unchanged(store.clock)
        self._sending = Unchanged(store.clock)
        self._accounts = accounts
        self._workflows = workflows
        self._outages = outages
        self._free = asyncio.Event()
        self._recovered = False
        self._stalled = Unchanged(store.clock)

    @property
    def silence(self) -> float:
        """How many seconds ago our last sign of life reached the database."""
        return self._clock.monotonic() - self._beaten_at

    async def run(self) -> None:
        """Tend until cancelled. However much is to be handed over, the signs of life go on."""
        look_after_workers = partial(asyncio.to_thread, self._look_after_workers)
        sweep = partial(asyncio.to_thread, self._workflows.sweep)
        await asyncio.gather(
            _forever(self._pace.due_seconds, look_after_workers),
            self._hand_over_in_turn(),
            _forever(self._pace.workflows_sweep_seconds, sweep),
        )

    def wake(self) -> None:
        """There is a place: look soon what may have it."""
        self._free.set()

    async def _hand_over_in_turn(self) -> None:
        least = min(self._pace.free_seconds, self._pace.due_seconds)
        rest = self._pace.due_seconds - least

        async def until_free() -> None:
            try:
                await self._hand_over_due()
            except Exception:
                await asyncio.sleep(rest)
                raise
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._free.wait(), rest)
            self._free.clear()

        await _forever(least, until_free)

    def _look_after_workers(self) -> None:
        others = [worker for worker in self._store.workers() if worker.id != self._worker.id]
        self._beats.forget_but([worker.id for worker in others])
        for worker in others:
            if _is_dead(worker, self._beats.seconds(worker.id, worker.beat_at, worker.beat_at), self._pace):
                self._take_over(worker)
        if self.silence < self._pace.beat_seconds:
            self._recover()
            return
        self._store.set_clock()
        alive = replace(self._worker, beat_at=self._clock.wall())
        self._store.beat(alive)
        self._worker, self._beaten_at = alive, self._clock.monotonic()
        sending = self._store.in_state(State.SUBMITTING)
        self._sending.forget_but([job.id for job in sending])
        for job in sending:
            if self._sending.seconds(job.id, job.updated_at, job.updated_at) <= self._pace.longest_post:
                continue
            fault = ReplyLost("No answer to the request was recorded.").fault("submit")
            self._store.move(job.id, State.INTERRUPTED, when={State.SUBMITTING}, attempt=job.attempt, fault=fault)

    def _take_over(self, worker: Worker) -> None:
        """Go on with what a dead worker left. It stays on the list until then: we may die over it, too."""
        if self._store.hold("bury", self._worker.id, self._pace.beat_seconds):
            begun = self._workflows.unfinished(worker.id)
            if begun:
                log.warning("taking over %d pieces of work from %s", len(begun), worker.id)
            self._workflows.resume(begun)
            self._store.bury(worker)
            self._recovered = False

    def _recover(self) -> None:
        """Mend what rows and workflows do not know of each other: at the start, and when a worker has died."""
        if not self._recovered and self._store.hold("bury", self._worker.id, self._pace.beat_seconds):
            recover(self._store, self._workflows, self._worker.id)
            self._recovered = True

    def _look_for_stalled(self, ids: Sequence[str]) -> None:
        """A row of an older moment may ask for what a workflow of its future has done: then none begins."""
        self._stalled.forget_but(ids)
        if any(self._stalled.seconds(one, one, self._clock.wall()) > self._pace.stalled_seconds for one in ids):
            self._stalled.forget_but([])
            self._recovered = False

    async def _hand_over_due(self) -> None:
        """Hand over what is to be done, during an outage one job; the others are told why they wait."""
        due = await asyncio.to_thread(self._store.due, self._clock.wall(), [*self._accounts])
        works = [(_work(job), job.id, job.attempt) for job in due]
        self._workflows.forget_but(works)
        self._look_for_stalled(self._workflows.stalled(works))
        places = {job.place for job in due if job.state is State.QUEUED}
        faults = {place: fault for place in places if (fault := self._outages.at(place))}
        for place, fault in faults.items():
            await asyncio.to_thread(self._store.explain, place, fault)
        trying: set[Place] = set()
        for work in (SUBMIT, SAVE):
            for job in self._workflows.in_turn(work, [one for one in due if _work(one) == work]):
                waits = job.state is State.QUEUED and job.place in faults
                if waits and (job.place in trying or not self._outages.admits(job.place, job.id)):
                    continue
                if await self._workflows.hand_over(work, job) and waits:
                    trying.add(job.place)


async def _forever(pause: float, look: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await look()
        except (StoreError, SQLAlchemyError) as error:
            log.error("%s", error)
        except Exception:  # whatever it is: all work is handed over here
            log.exception("unexpected, tried again in %.0f s", pause)
        await asyncio.sleep(pause)


def this_process(now: float) -> Worker:
    """A worker that is this process, and alive at ``now``."""
    host, pid = socket.gethostname(), os.getpid()
    return Worker(f"{host}-{pid}-{secrets.token_hex(4)}", host, pid, now)


def _is_dead(worker: Worker, silence: float, pace: Pace) -> bool:
    here = worker.host == socket.gethostname()
    gone = worker.pid == os.getpid() or not psutil.pid_exists(worker.pid)
    return silence > pace.dead_after or (here and gone and silence > pace.beat_seconds + 1)


def _work(job: DueJob) -> str:
    return SUBMIT if job.state is State.QUEUED else SAVE
