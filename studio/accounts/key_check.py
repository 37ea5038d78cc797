"""Whether an account's key is good, and what credits it has left."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal

from studio.errors import StudioError
from studio.providers.base import Provider

PAUSE_SECONDS = 2.0
"""Between two questions to the provider, however many visitors want to know."""


class KeyCheck:
    """Asks one provider for all who want to know at the same time. For one event loop."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._turn = asyncio.Lock()
        self._asked_at = 0.0
        self._failure: StudioError | None = None
        self.credits: Decimal | None = None
        """As they were last told; None when they never were, or the account has none."""

    async def ask(self) -> Decimal | None:
        """The credits by an answer that is not older than this question; raises what ``Provider.check`` does."""
        wanted_at = time.monotonic()
        async with self._turn:
            if self._asked_at < wanted_at:
                await asyncio.sleep(self._asked_at + PAUSE_SECONDS - time.monotonic())
                await self._ask()
        if self._failure is not None:
            raise self._failure
        return self.credits

    async def _ask(self) -> None:
        asked_at = time.monotonic()
        try:
            self.credits, self._failure = await self._provider.check(), None
        except StudioError as error:
            self._failure = error
        self._asked_at = asked_at
