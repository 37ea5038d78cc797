"""Places that callers share: so many for all, and so many for one, who may not take the rest."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from studio.errors import Busy
from studio.message import Message

NETWORK_SHARE = 2
"""Visitors of one network who may each take all of their own places at once. A network's name has a slash."""
RETRY_SECONDS = 10


@dataclass
class Slots:
    """Only for use on one event loop, as are its kinds. A caller is a visitor and the network he comes from."""

    most: int
    """For all visitors."""
    each: int
    """For one visitor; a network, which many may share, has so many times ``NETWORK_SHARE``."""
    taken: Counter[str] = field(default_factory=Counter)

    def enter(self, callers: Sequence[str]) -> bool:
        """Take a place, to be given back by ``leave``; False when there is none."""
        if not _fits(self.taken, callers, self.most, self.each):
            return False
        self.taken.update(["", *callers])
        return True

    def leave(self, callers: Sequence[str]) -> None:
        _take_back(self.taken, callers)


@dataclass
class SlotQueue(Slots):
    """Places that are waited for, in a line before them that has an end too."""

    longest: int = 256
    """How many may wait."""
    longest_of_one: int = 32
    waiting: Counter[str] = field(default_factory=Counter)
    _line: list[tuple[Sequence[str], asyncio.Future[None]]] = field(default_factory=list)

    @asynccontextmanager
    async def place(self, callers: Sequence[str]) -> AsyncIterator[None]:
        """A place as long as the context lasts; raises Busy when too many wait."""
        if not self.enter(callers):
            await self._wait(callers)
        try:
            yield
        finally:
            self.leave(callers)

    def leave(self, callers: Sequence[str]) -> None:
        """Give a place back: to the first in the line who may have it."""
        super().leave(callers)
        for who, turn in self._line:
            if not turn.done() and self.enter(who):
                turn.set_result(None)

    async def _wait(self, callers: Sequence[str]) -> None:
        if not _fits(self.waiting, callers, self.longest, self.longest_of_one):
            raise Busy(
                Message(
                    "Too many addresses are waiting to be fetched ({count}). Try again in {seconds} seconds.",
                    count=self.waiting[""],
                    seconds=RETRY_SECONDS,
                ),
                RETRY_SECONDS,
            )
        mine = callers, asyncio.get_running_loop().create_future()
        self._line.append(mine)
        self.waiting.update(["", *callers])
        try:
            await mine[1]
        except asyncio.CancelledError:
            if not mine[1].cancelled():  # its turn came at the same moment
                self.leave(callers)
            raise
        finally:
            self._line.remove(mine)
            _take_back(self.waiting, callers)


def _fits(count: Counter[str], callers: Sequence[str], most: int, each: int) -> bool:
    """Whether one more of these callers is within the bounds."""
    return count[""] < most and all(
        count[caller] < each * (NETWORK_SHARE if "/" in caller else 1) for caller in callers
    )


def _take_back(count: Counter[str], callers: Sequence[str]) -> None:
    count.subtract(["", *callers])
    for caller in callers:
        if not count[caller]:
            del count[caller]
