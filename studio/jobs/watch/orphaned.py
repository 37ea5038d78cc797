"""Jobs whose account this studio does not have: its key was removed, its region corrected, its provider taken out.

Nobody asks for their tasks and nobody sends them, so they are told what to set and until when it helps, and end when it
no longer does. A finished video is still brought home: its address carries its own signature. When the account is back,
they go on by themselves. Here too ends what has waited for a day in vain for an account that refuses everything.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import replace

from studio.accounts.missing import account_missing
from studio.catalog.models import CATALOG
from studio.database.states import State
from studio.errors import AccountMissing, Fault, StoreError
from studio.jobs.model import Happening, Trace
from studio.jobs.rows.store import OrphanedJob, Store
from studio.system.clock import PatientClock
from studio.system.pace import PACE, Pace

log = logging.getLogger("studio.jobs")


class OrphanedJobs:
    """Sees to the jobs that nobody else sees to."""

    def __init__(self, store: Store, accounts: Collection[str], pace: Pace = PACE) -> None:
        self._store = store
        self._pace = pace
        self._accounts = accounts
        self._clock = PatientClock(store.clock)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.look, self._clock.now())
            except StoreError as error:
                log.error("%s", error)
            except Exception:  # whatever it is: it is looked again
                log.exception("unexpected, looked again in %.0f s", self._pace.orphaned_look_seconds)
            await asyncio.sleep(self._pace.orphaned_look_seconds)

    def look(self, now: float) -> None:
        """See to each such job. Accounts that another process watches are not missing."""
        served = {*self._accounts} | self._store.watched()
        for job in self._store.orphans(served):
            missing = job.account not in served
            if job.state is State.QUEUED:
                self._queued(job, missing, now)
            elif missing:
                self._sent(job, now)

    def _queued(self, job: OrphanedJob, missing: bool, now: float) -> None:
        fault = job.fault
        if missing and (fault is None or fault.kind != AccountMissing.kind):
            fault = replace(account_missing(job.account).fault("submit"), since=now)
            self._store.note(job.id, when={State.QUEUED}, what=Happening.NO_ACCOUNT, fault=fault)
        elif fault is not None and fault.of_account and now - (fault.since or now) > self._pace.orphaned_patience:
            log.warning("job %s has waited for %s for a day", job.id, job.account)
            self._store.move(job.id, State.FAILED, when={State.QUEUED}, fault=replace(fault, since=None))

    def _sent(self, job: OrphanedJob, now: float) -> None:
        """A job whose task exists, or may."""
        fault = replace(account_missing(job.account).fault("watch"), charged="unknown", since=now)
        over = now - job.sent_at > CATALOG.task_seconds(job.provider)
        if job.state is State.WAITING and over:
            self._store.move(job.id, State.EXPIRED, when={State.WAITING}, fault=replace(fault, since=None))
        elif job.state is State.INTERRUPTED and over:
            self._store.note(job.id, when={State.INTERRUPTED}, trace=Trace.UNLISTED)
        elif not job.stopped and not _says(job.fault):
            self._store.note(job.id, when={job.state}, what=Happening.NO_ACCOUNT, fault=fault)


def _says(fault: Fault | None) -> bool:
    return fault is not None and fault.kind == AccountMissing.kind
