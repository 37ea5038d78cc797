"""Whether an account's key is good, and what credits it has left."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from studio.errors import StudioError
from studio.providers.base import Provider
from studio.system.clock import CLOCK, Clock
from studio.system.pace import PACE, Pace


class KeyCheck:
    """Asks one provider for all who want to know at the same time. For one event loop."""

    def __init__(self, provider: Provider, clock: Clock = CLOCK, pace: Pace = PACE) -> None:
        self._clock = clock
        self._seconds = pace.key_check_seconds
        self._provider = provider
        self._turn = asyncio.Lock()
        self._asked_at = 0.0
        self._failure: StudioError | None = None
        self.credits: Decimal | None = None
        """As they were last told; None when they never were, or the account has none."""

    async def ask(self) -> Decimal | None:
        """The credits by an answer that is not older than this question; raises what ``Provider.check`` does."""
        wanted_at = self._clock.monotonic()
        async with self._turn:
            if self._asked_at < wanted_at:
                await asyncio.sleep(self._asked_at + self._seconds - self._clock.monotonic())
                await self._ask()
        if self._failure is not None:
            raise self._failure
        return self.credits

    async def _ask(self) -> None:
        asked_at = self._clock.monotonic()
        try:
            self.credits, self._failure = await self._provider.check(), None
        except StudioError as error:
            self._failure = error
        self._asked_at = asked_at
