"""Whose work is begun next, where the work of several visitors waits for few places.

Visitors take turns, and so do networks before them, as cookies are free: 96 jobs of one do not hold up the one of
another. Nobody fills all places either, so that who comes later need not wait until what is slow has ended.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from studio.system.clock import CLOCK, Clock
from studio.system.pace import PACE, Pace


@dataclass(frozen=True)
class Capacity:
    """How many pieces of work of one kind may be under way in a process."""

    all: int
    each: int
    """Of one visitor."""
    network: int
    """Of the visitors of one network."""


class Owned(Protocol):
    """Work of somebody: a job."""

    @property
    def owner(self) -> str: ...

    @property
    def network(self) -> str | None: ...


T = TypeVar("T", bound=Owned)


@dataclass
class _Entry:
    work: str
    owner: str
    network: str
    since: float
    begun: bool = False


class FairQueue:
    """Knows what is under way, and who was served last. May be called from any thread."""

    def __init__(self, places: Mapping[str, Capacity], clock: Clock = CLOCK, pace: Pace = PACE) -> None:
        """``places`` by the kind of work."""
        self._clock = clock
        self._pace = pace
        self._places = places
        self._entries: dict[str, _Entry] = {}
        self._served: dict[tuple[str, str], int] = {}
        """By kind of work and whose, a number that grows with each turn given."""
        self._turn = 0
        self._lock = threading.Lock()

    def enter(self, work: str, work_id: str, job: Owned) -> bool:
        """Take a place for a piece of work; False when there is none for this visitor now."""
        entry = _Entry(work, job.owner, _network(job), self._clock.monotonic())
        with self._lock:
            if not self._room(entry, self._counts(work)):
                return False
            self._entries[work_id] = entry
            self._turn += 1
            for whose in (entry.owner, entry.network):
                self._served[work, whose] = self._turn
            return True

    def begin(self, work: str, work_id: str) -> None:
        """The work goes on; one that nobody handed over here takes a place too, of nobody."""
        with self._lock:
            entry = self._entries.setdefault(work_id, _Entry(work, "", "", self._clock.monotonic()))
            entry.begun = True

    def leave(self, work_id: str) -> None:
        """Give the place back."""
        with self._lock:
            self._entries.pop(work_id, None)

    def has(self, work_id: str) -> bool:
        """Whether it is under way here, or may be about to begin."""
        with self._lock:
            entry = self._entries.get(work_id)
            return entry is not None and (
                entry.begun or self._clock.monotonic() - entry.since <= self._pace.not_begun_seconds
            )

    def in_turn(self, work: str, due: Iterable[T]) -> Iterator[T]:
        """Those of ``due`` for whom there is a place, in the order of turns; each visitor's own in the order given.

        What is handed over meanwhile counts for the next.
        """
        waiting: dict[str, dict[str, deque[T]]] = {}
        for job in due:
            waiting.setdefault(_network(job), {}).setdefault(job.owner, deque()).append(job)
        with self._lock:
            here = {whose for network, owners in waiting.items() for whose in (network, *owners)}
            turns = {key: turn for key, turn in self._served.items() if key[0] != work or key[1] in here}
            self._served = turns
        while waiting:
            with self._lock:
                counts, turn = self._counts(work), self._turn
                free = sorted(
                    (self._rank(work, counts, network), self._rank(work, counts, owner), network, owner)
                    for network, owners in waiting.items()
                    for owner in owners
                    if self._room(_Entry(work, owner, network, 0.0), counts)
                )
            if not free:
                return
            for *_, network, owner in free:
                line = waiting[network][owner]
                while line and self._turn == turn:  # what was passed over changes nobody's rank
                    yield line.popleft()
                if not line:
                    del waiting[network][owner]
                    if not waiting[network]:
                        del waiting[network]
                if self._turn != turn:
                    break

    def _counts(self, work: str) -> Counter[str]:
        now = self._clock.monotonic()
        for work_id, entry in list(self._entries.items()):
            if not entry.begun and now - entry.since > self._pace.not_begun_seconds:
                del self._entries[work_id]
        counts: Counter[str] = Counter()
        for entry in self._entries.values():
            if entry.work == work:
                counts.update(("", entry.owner, entry.network) if entry.owner else ("",))
        return counts

    def _room(self, entry: _Entry, counts: Counter[str]) -> bool:
        places = self._places[entry.work]
        within = counts[entry.owner] < places.each and counts[entry.network] < places.network
        return within and counts[""] < places.all

    def _rank(self, work: str, counts: Counter[str], whose: str) -> tuple[int, int]:
        """The fewer are under way the sooner, and of those with as many who was served longest ago."""
        return counts[whose], self._served.get((work, whose), 0)


def _network(job: Owned) -> str:
    """Where the network is not known, each visitor is one of the own."""
    return f"network {job.network or job.owner}"
