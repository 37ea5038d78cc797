"""Whose turn it is: work that starts child processes waits here until the machine has a place for it.

A machine has as many places as processors (two at least). Work is done in threads of its own, never in an event loop's
executor: whatever queues here, no upload, download or database row waits for it. Work of one kind is done for one
visitor at a time; among those who wait, the one who had the least comes next, first by network and then by visitor,
since cookies are free and addresses are not. What is long in the queue is refused before it is worth waiting for.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any, TypeVar

from studio.errors import Busy
from studio.message import Message

T = TypeVar("T")

WAITING_OF_ONE = 32
"""What one visitor may have in the queue: more than any form takes files."""
WAITING_OF_A_NETWORK = 96
WAITING = 256
"""Of all visitors together."""
RETRY_SECONDS = 10


class Work(Enum):
    """What a turn is for, the most pressing first."""

    RESULT = 0
    """Saving a result that was paid for, or a sandbox's render: seconds. It never waits for visitors' work, which
    leaves it places of its own, and is never refused."""
    CHECK = 1
    """A look at a file that a visitor gave: seconds."""
    PICTURE = 2
    """A mended copy of an image: up to a minute. At least one place is left to the checks."""
    FILM = 3
    """A mended copy of a video: minutes. At least half of the places are left to the rest."""


_LONG = (Work.PICTURE, Work.FILM)
"""Of these, one network leaves a place to the others, where there is more than one."""

NETWORK: ContextVar[str | None] = ContextVar("network", default=None)
"""The network of the visitor whose request is being answered, where it is known (``203.0.113.7/32``)."""

_INSIDE: ContextVar[bool] = ContextVar("inside", default=False)
"""Whether this thread has a turn already: what is started within it needs no other."""


@dataclass(eq=False)
class _Ticket:
    work: Work
    visitor: str | None
    network: str | None
    call: Callable[[], Any]
    future: Future[Any] = field(default_factory=Future)


class WorkQueue:
    """The places of a machine and the queue before them. Methods may be called from any thread."""

    def __init__(self, places: int | None = None) -> None:
        """``places`` is by default the number of processors."""
        self.places = places or max(2, os.cpu_count() or 1)
        self._most = {
            Work.RESULT: self.places,
            Work.CHECK: self.places,
            Work.PICTURE: max(1, self.places - 1),
            Work.FILM: max(1, self.places // 2),
        }
        self._lock = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._running: list[_Ticket] = []
        self._served: dict[str, int] = {}
        """When a network or visitor had its last turn, as a count of all turns."""
        self._count = itertools.count(1)

    def check(self, visitor: str | None) -> None:
        """Raise Busy if the visitor's next work would be refused: to be asked before a body is read."""
        with self._lock:
            self._refuse(visitor, NETWORK.get())

    def submit(self, work: Work, visitor: str | None, call: Callable[..., T], *args: Any) -> Future[T]:
        """Do ``call`` when its turn comes; raises Busy when too much waits. Canceling the future gives the turn up;
        work that has begun goes on until it ends."""
        context = copy_context()
        context.run(_INSIDE.set, True)
        ticket = _Ticket(work, visitor, NETWORK.get(), partial(context.run, call, *args))
        with self._lock:
            if work is not Work.RESULT:
                self._refuse(visitor, ticket.network)
            self._waiting.append(ticket)
        ticket.future.add_done_callback(lambda future: self._withdraw(ticket) if future.cancelled() else None)
        self._advance()
        return ticket.future

    async def run(self, work: Work, visitor: str | None, call: Callable[..., T], *args: Any) -> T:
        """As ``submit``, awaited. Canceling gives up a turn that has not come."""
        return await asyncio.wrap_future(self.submit(work, visitor, call, *args))

    def do(self, work: Work, visitor: str | None, call: Callable[..., T], *args: Any) -> T:
        """As ``submit``, waited for by this thread; at once where it has a turn already."""
        if _INSIDE.get():
            return call(*args)
        return self.submit(work, visitor, call, *args).result()

    def _refuse(self, visitor: str | None, network: str | None) -> None:
        mine = sum(ticket.visitor == visitor for ticket in self._waiting) if visitor else 0
        theirs = sum(ticket.network == network for ticket in self._waiting) if network else 0
        if mine >= WAITING_OF_ONE or theirs >= WAITING_OF_A_NETWORK or (visitor and len(self._waiting) >= WAITING):
            raise Busy(
                Message(
                    "Too many files are waiting to be checked or fixed ({count}). Try again in {seconds} seconds.",
                    count=len(self._waiting),
                    seconds=RETRY_SECONDS,
                ),
                RETRY_SECONDS,
            )

    def _withdraw(self, ticket: _Ticket) -> None:
        with self._lock:
            if ticket in self._waiting:
                self._waiting.remove(ticket)

    def _advance(self) -> None:
        """Begin what may begin."""
        while True:
            with self._lock:
                ticket = self._next()
                if ticket is None:
                    return
                self._waiting.remove(ticket)
                self._running.append(ticket)
                now = next(self._count)
                for who in (ticket.network, ticket.visitor):
                    if who is not None:
                        self._served[who] = now
                if len(self._served) > 10_000:
                    self._served.clear()
            # A thread for each: it costs less than a tenth of a millisecond, and holds up nobody's exit.
            threading.Thread(target=self._do, args=(ticket,), name=f"turn-{ticket.work.name}", daemon=True).start()

    def _next(self) -> _Ticket | None:
        running = Counter(ticket.work for ticket in self._running)
        visiting = {(ticket.work, ticket.visitor) for ticket in self._running if ticket.visitor}
        networks = Counter((ticket.work, ticket.network or "") for ticket in self._running)
        shared = len(self._running) - running[Work.RESULT]

        def free(ticket: _Ticket) -> bool:
            most = self._most[ticket.work]
            if running[ticket.work] >= most or (ticket.work, ticket.visitor) in visiting:
                return False
            if ticket.work in _LONG and ticket.network and networks[ticket.work, ticket.network] >= max(1, most - 1):
                return False
            return ticket.work is Work.RESULT or shared < self.places

        def rank(ticket: _Ticket) -> tuple[int, ...]:
            network, visitor = ticket.network or "", ticket.visitor or ""
            return (
                ticket.work.value,
                networks[ticket.work, network] if network else 0,
                self._served.get(network, 0),
                self._served.get(visitor, 0),
            )

        return min(filter(free, self._waiting), key=rank, default=None)  # of equals the first that came

    def _do(self, ticket: _Ticket) -> None:
        try:
            if ticket.future.set_running_or_notify_cancel():
                try:
                    result = ticket.call()
                except BaseException as error:
                    self._leave(ticket)
                    ticket.future.set_exception(error)
                else:
                    self._leave(ticket)
                    ticket.future.set_result(result)
        finally:
            self._leave(ticket)

    def _leave(self, ticket: _Ticket) -> None:
        """Free the place; before the result is told, so that who asks again at once finds it free."""
        with self._lock:
            if ticket not in self._running:
                return
            self._running.remove(ticket)
        self._advance()


TURNS = WorkQueue()
"""Those of this machine, as this process sees it."""
