"""Clouds that take no jobs at present: one job at a time tries, and all others wait behind it.

So an outage costs the same few requests however many jobs are queued. When one gets through, all go at once. What one
process finds out is its own: of several each has a job that tries.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from studio.errors import Fault
from studio.jobs.model import Place

LONGEST_DELAY = 300.0


@dataclass
class _Outage:
    fault: Fault
    """What the last try met with."""
    next_try: float
    tries: int = 0
    trier: str | None = None
    """The job that tries now."""


class Outages:
    """The outages that this process knows of. For one event loop."""

    def __init__(self) -> None:
        self._outages: dict[Place, _Outage] = {}
        self._reached: set[Place] = set()

    def at(self, place: Place) -> Fault | None:
        """Why jobs wait there, if they do."""
        outage = self._outages.get(place)
        return outage.fault if outage else None

    def admits(self, place: Place, job_id: str) -> bool:
        """Whether the job may be sent now, or may try to."""
        outage = self._outages.get(place)
        return outage is None or outage.trier == job_id or (outage.trier is None and outage.next_try <= time.time())

    def enter(self, place: Place, job_id: str) -> bool:
        """The same; in an outage the job then is the one that tries, until it leaves."""
        admitted = self.admits(place, job_id)
        if admitted and (outage := self._outages.get(place)):
            outage.trier = job_id
        return admitted

    def leave(self, place: Place, job_id: str) -> None:
        """The job tries no longer."""
        outage = self._outages.get(place)
        if outage is not None and outage.trier == job_id:
            outage.trier = None

    def failed(self, place: Place, job_id: str, fault: Fault, asked: float | None) -> float:
        """Note that a job was not taken, and how many seconds the cloud asks to wait; when there is another try."""
        outage = self._outages.get(place)
        if outage is None:
            outage = self._outages[place] = _Outage(fault, time.time() + back_off(0, asked))
        elif outage.trier == job_id:  # others were on their way when it began
            outage.fault, outage.tries = fault, outage.tries + 1
            outage.next_try = time.time() + back_off(outage.tries, asked)
        return outage.next_try

    def over(self, place: Place) -> bool:
        """Note that the cloud answered; whether that is news."""
        news = place in self._outages or place not in self._reached
        self._outages.pop(place, None)
        self._reached.add(place)
        return news


def back_off(attempt: int, asked: float | None = None) -> float:
    """Seconds to wait before the next try: what the provider asked for, else doubling from 2 s, jittered."""
    if asked is not None:
        return min(asked, LONGEST_DELAY) + random.uniform(0, 1)
    return min(2.0 * 2.0 ** min(attempt, 10), LONGEST_DELAY) * random.uniform(0.75, 1.25)
