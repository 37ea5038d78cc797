"""What is done again and again, by one process at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from studio.errors import ProviderError, StoreError, TransportError
from studio.jobs.rows.leases import Lease

log = logging.getLogger("studio.jobs")

IDLE_SECONDS = 5.0
"""Between two rounds while there is nothing to do; a lease lasts longer."""


class Rounds:
    """Goes rounds at a pace while there is something to do, and else seldom. For one event loop."""

    def __init__(self, name: str, round: Callable[[], Awaitable[bool]], pace: float, lease: Lease) -> None:
        """``name`` is for the log; ``round`` tells whether there was anything to do; ``pace`` is in seconds."""
        self._name = name
        self._round = round
        self._pace = pace
        self._lease = lease
        self._clock = lease.clock
        self._wake = asyncio.Event()
        self._idle = False
        self._roused = False
        self.went_at: float | None = None
        """When the last round went well, by the monotonic clock."""

    def wake(self) -> None:
        """Let the next round begin now."""
        self._wake.set()

    def rouse(self) -> None:
        """There may be something to do again."""
        self._roused = True
        if self._idle:
            self._wake.set()

    async def go(self) -> None:
        """Until cancelled, and only while the lease is held."""
        while True:
            self._roused = False
            idle = False
            try:
                idle = await self._lease.held() and not await self._round()
                self.went_at = self._clock.monotonic()
            except StoreError as error:
                log.error("%s: %s", self._name, error)
            except (ProviderError, TransportError) as error:
                log.warning("%s: %s", self._name, error)
            except Exception:  # whatever it is: there are other jobs
                log.exception("%s: unexpected", self._name)
            self._idle = idle and not self._roused
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS if self._idle else self._pace)
            self._wake.clear()
