"""An account's requests per second, shared by everything that talks to the provider."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections import deque
from enum import IntEnum


class Priority(IntEnum):
    """Who goes first when the budget is short."""

    SUBMIT = 0
    CANCEL = 1
    POLL = 2


class Budget:
    """At most ``rate`` turns begin in any one second, whichever second that is; submissions go first.

    A sliding window, not a bucket: a bucket of 20 lets 39 requests pass within a second that begins just before it is
    refilled. For one event loop.
    """

    def __init__(self, rate: float, window: float = 1.2) -> None:
        """``window`` is a little more than a second, so that delays on the way do not squeeze more into one there."""
        self.rate = rate
        self._window = window
        self._starts: deque[float] = deque()
        self._waiting: list[tuple[int, int, asyncio.Future[float]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, priority: Priority) -> float:
        """Wait until a request may leave; gives the moment, for ``give_back``."""
        if not self._waiting and self._free():
            return self._start()
        turn: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._order), turn))
        if self._timer is not None:
            self._timer.cancel()
        self._serve()
        return await turn

    def give_back(self, turn: float) -> None:
        """Return a turn that was not used."""
        if turn in self._starts:
            self._starts.remove(turn)

    def _start(self) -> float:
        now = time.monotonic()
        self._starts.append(now)
        return now

    def _free(self) -> bool:
        now = time.monotonic()
        while self._starts and self._starts[0] <= now - self._window:
            self._starts.popleft()
        return len(self._starts) < max(1, int(self.rate))

    def _serve(self) -> None:
        self._timer = None
        while self._waiting and self._free():
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():  # its caller may have given up
                turn.set_result(self._start())
        if self._waiting:
            loop = asyncio.get_running_loop()
            wait = self._starts[0] + self._window - time.monotonic()
            self._timer = loop.call_later(max(wait, 0.001), self._serve)
