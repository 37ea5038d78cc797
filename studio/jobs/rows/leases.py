"""What only one process at a time may do, so that several on one database do not all ask the provider the same."""

from __future__ import annotations

import asyncio
import math

from studio.jobs.rows.store import Store
from studio.system.pace import PACE, Pace


class Lease:
    """One such right. It is asked for again before each use, and passes on when its holder falls silent."""

    def __init__(self, store: Store, name: str, holder: str, pace: Pace = PACE) -> None:
        self._store = store
        self.clock = store.clock
        self._name = name
        self._holder = holder
        self._seconds = pace.lease_seconds
        self._until = -math.inf

    async def acquire(self) -> bool:
        """Take the lease or, when half of it has passed, renew it; raises StoreError."""
        now = self.clock.monotonic()
        if now < self._until - self._seconds / 2:
            return True
        acquired = await asyncio.to_thread(self._store.hold, self._name, self._holder, self._seconds)
        self._until = now + self._seconds if acquired else -math.inf
        return acquired
