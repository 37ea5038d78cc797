"""What is done again and again, by one process at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from studio.errors import ProviderError, StoreError, TransportError
from studio.jobs.rows.leases import Lease
from studio.system.pace import PACE, Pace

log = logging.getLogger("studio.jobs")


class PollLoop:
    """Goes rounds at a pace while there is something to do, and else seldom. For one event loop."""

    def __init__(
        self, name: str, round: Callable[[], Awaitable[bool]], seconds: float, lease: Lease, pace: Pace = PACE
    ) -> None:
        """``name`` is for the log; ``round`` tells whether there was anything to do; the next one follows in so many
        ``seconds`` then, or sooner if that is the ``pace``."""
        self._name = name
        self._round = round
        self._seconds = min(seconds, pace.round_seconds)
        self._idle_seconds = pace.idle_seconds
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
                idle = await self._lease.acquire() and not await self._round()
                self.went_at = self._clock.monotonic()
            except StoreError as error:
                log.error("%s: %s", self._name, error)
            except (ProviderError, TransportError) as error:
                log.warning("%s: %s", self._name, error)
            except Exception:  # whatever it is: there are other jobs
                log.exception("%s: unexpected", self._name)
            self._idle = idle and not self._roused
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._idle_seconds if self._idle else self._seconds)
            self._wake.clear()
