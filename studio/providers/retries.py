"""What costs nothing and failed is asked again within reason: which errors, how often, how long between.

It holds for every GET, for a cancel and for uploads. The POST that makes a task has no policy (``Wire.post_once``), and
what waits for longer than a request does, a job, has a time on its row instead (``docs/decisions/retries.md``).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from studio.errors import NotSent, ProviderFault, RateLimited, ReplyLost
from studio.system.pace import PACE, Pace

T = TypeVar("T")

REPEATED = (RateLimited, ProviderFault, NotSent, ReplyLost)
"""Another try may help. A clear answer, a refusal or one that cannot be read, would be the same again."""


@dataclass(frozen=True)
class RetryPolicy:
    """How long one request insists, by the figures of a pace."""

    pace: Pace = PACE
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def repeat(self, ask: Callable[[], Awaitable[T]], tries: int) -> T:
        """What ``ask`` gives, which is called ``tries`` times at most; raises its last error.

        Whoever asks for more time than ``Pace.longest_wait`` is not asked again: the caller is told, and decides.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                return await ask()
            except REPEATED as error:
                asked = error.retry_after
                if attempt >= tries or (asked is not None and asked > self.pace.longest_wait):
                    raise
            await self.sleep(self.back_off(attempt) if asked is None else asked)

    def back_off(self, attempt: int) -> float:
        """Seconds to wait after the ``attempt``-th try in a row, when nobody says how many: of all who failed at once
        not all are back at once."""
        return random.uniform(0.5, 1) * self.pace.first_wait * 2.0 ** (attempt - 1)
