"""An account's requests per second, shared by everything that talks to the provider."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum


class Priority(IntEnum):
    """Who goes first when the budget is short."""

    SUBMIT = 0
    CANCEL = 1
    POLL = 2


BEFORE_A_POLL = 4
"""So many others in a row may go before a poll that waits, lest a flood of submissions make us blind."""


class Budget:
    """At most ``rate`` requests reach the provider in any one second, whichever second that is; submissions go first.

    A request reaches it at some moment between its start here and its end, and only the far side knows which. So it
    counts from its start until ``window`` seconds after its end: then no delay on the way, here or there, can squeeze
    more of them into a second. A provider that hangs is asked the less. A rate below one is one request in so many
    seconds more. For one event loop.
    """

    def __init__(self, rate: float, window: float = 1.0) -> None:
        self.rate = rate
        self._window = window if rate >= 1 else window / rate
        self._under_way = 0
        self._ends: deque[float] = deque()
        self._lines: dict[Priority, deque[asyncio.Future[None]]] = {priority: deque() for priority in Priority}
        self._passed_over = 0
        """Turns given since the last poll while one waited."""
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def turn(self, priority: Priority) -> AsyncIterator[None]:
        """Wait until a request may leave; it is to be sent, and its answer read, inside."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines[priority].append(turn)
        self._serve()
        try:
            await turn
            yield
        finally:
            if turn.done() and not turn.cancelled():
                self._under_way -= 1
                self._ends.append(time.monotonic())
            self._serve()

    def _serve(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._free() and (turn := self._next()) is not None:
            turn.set_result(None)
            self._under_way += 1
        if self._ends and any(self._lines.values()):
            wait = self._ends[0] + self._window - time.monotonic()
            self._timer = asyncio.get_running_loop().call_later(max(wait, 0.001), self._serve)

    def _free(self) -> bool:
        now = time.monotonic()
        while self._ends and self._ends[0] <= now - self._window:
            self._ends.popleft()
        return self._under_way + len(self._ends) < max(1, int(self.rate))

    def _next(self) -> asyncio.Future[None] | None:
        for line in self._lines.values():
            while line and line[0].done():  # its caller has given up
                line.popleft()
        polls = self._lines[Priority.POLL]
        first = next((line for line in self._lines.values() if line), None)
        if first is None or first is polls or (polls and self._passed_over >= BEFORE_A_POLL):
            self._passed_over = 0
            return polls.popleft() if polls else None
        self._passed_over += bool(polls)
        return first.popleft()
