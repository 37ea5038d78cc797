"""Who wants to hear of which jobs: the feed behind the page's live board."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from studio.jobs.model import Job

QUEUE_SIZE = 256


@dataclass(frozen=True)
class Amended:
    """Jobs that their owner deleted, took back, tagged, or made favourites or no longer."""

    ids: tuple[str, ...]


News = Job | Amended | None
"""A job as it is now; what was done to jobs in the library; or None: load everything again."""


class Changes:
    """Carries every committed change of a job to the subscribers of its owner, across threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscribers: dict[str, set[_Subscriber]] = {}
        self._hearers: list[Callable[[str], None]] = []

    def hear(self, hearer: Callable[[str], None]) -> None:
        """Have ``hearer`` called with the owner of whatever this process changes, in the thread that did and at once.

        Of what other processes change it hears only while somebody subscribes.
        """
        self._hearers.append(hearer)

    @contextmanager
    def subscribe(self, owner: str) -> Iterator[asyncio.Queue[News]]:
        """A queue, on the caller's running loop, of the owner's jobs as they change.

        It is bounded: when the reader falls behind, it is emptied and None is put in.
        """
        subscriber = _Subscriber(asyncio.get_running_loop())
        with self._lock:
            self._subscribers.setdefault(owner, set()).add(subscriber)
        try:
            yield subscriber.queue
        finally:
            with self._lock:
                mine = self._subscribers[owner]
                mine.discard(subscriber)
                if not mine:
                    del self._subscribers[owner]

    @property
    def anyone(self) -> bool:
        """Whether anybody listens at all."""
        return bool(self._subscribers)

    def publish(self, job: Job) -> None:
        """Tell the owner's subscribers; may be called from any thread, as ``amended``."""
        self._tell(job.owner, job)

    def amended(self, owner: str, ids: Iterable[str]) -> None:
        """Tell the owner's subscribers what was done in the library."""
        self._tell(owner, Amended(tuple(ids)))

    def _tell(self, owner: str, news: News) -> None:
        for hearer in self._hearers:
            hearer(owner)
        with self._lock:
            subscribers = tuple(self._subscribers.get(owner, ()))
        for subscriber in subscribers:
            subscriber.tell(news)


class _Subscriber:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.queue: asyncio.Queue[News] = asyncio.Queue(QUEUE_SIZE)

    def tell(self, news: News) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._put, news)

    def _put(self, news: News) -> None:
        if not self.queue.full():
            self.queue.put_nowait(news)
            return
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)
