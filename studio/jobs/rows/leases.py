"""What only one process at a time may do, so that several on one database do not all ask the provider the same."""

from __future__ import annotations

import asyncio
import math

from studio.jobs.rows.store import Store

LEASE_SECONDS = 10.0


class Lease:
    """One such right. It is asked for again before each use, and passes on when its holder falls silent."""

    def __init__(self, store: Store, name: str, holder: str) -> None:
        self._store = store
        self.clock = store.clock
        self._name = name
        self._holder = holder
        self._until = -math.inf

    async def held(self) -> bool:
        """Take the lease or, when half of it has passed, renew it; raises StoreError."""
        now = self.clock.monotonic()
        if now < self._until - LEASE_SECONDS / 2:
            return True
        held = await asyncio.to_thread(self._store.hold, self._name, self._holder, LEASE_SECONDS)
        self._until = now + LEASE_SECONDS if held else -math.inf
        return held
