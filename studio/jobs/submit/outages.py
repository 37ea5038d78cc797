"""Clouds that take no jobs at present: one job at a time tries, and all others wait behind it.

So an outage costs the same few requests however many jobs are queued, and an account that refuses everything (its key
revoked, its bill unpaid) fails none of them. When one gets through, all go at once. What one process finds out is its
own: of several each has a job that tries.

Whether a refusal is the account's or the job's own is told by the others: a job that is refused again and again while
others get through does not close the place to them any more.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from studio.errors import Fault
from studio.jobs.model import Place
from studio.system.clock import Clock
from studio.system.pace import PACE, Pace


@dataclass
class _Outage:
    fault: Fault
    """What the last try met with."""
    next_try: float
    """By the monotonic clock, as ``tried_at``."""
    tries: int = 0
    trier: str | None = None
    """The job that tries now."""
    tried_at: float = 0.0
    dear: bool = False
    """Whether the last try may have made a task."""
    refused: set[str] = field(default_factory=set)
    """The jobs that were refused for the account's sake."""


class Outages:
    """The outages that this process knows of. For one event loop."""

    def __init__(self, clock: Clock, pace: Pace = PACE) -> None:
        self._clock = clock
        self._pace = pace
        self._outages: dict[Place, _Outage] = {}
        self._reached: set[Place] = set()
        self._passed_by: Counter[str] = Counter()
        """By job, how many times another got through after it was refused."""

    def at(self, place: Place) -> Fault | None:
        """Why jobs wait there, if they do."""
        outage = self._outages.get(place)
        return outage.fault if outage else None

    def dear(self, place: Place) -> bool:
        """Whether the last try there may have made a task, so that the next one is not to be made lightly."""
        outage = self._outages.get(place)
        return outage is not None and outage.dear

    def admits(self, place: Place, job_id: str) -> bool:
        """Whether the job may be sent now, or may try to."""
        outage = self._outages.get(place)
        if outage is None or outage.trier == job_id:
            return True
        return outage.trier is None and outage.next_try <= self._clock.monotonic()

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

    def hasten(self, place: Place) -> None:
        """Let the next try be now: a visitor says that what was in the way is mended."""
        outage = self._outages.get(place)
        if outage is not None:
            outage.next_try = min(outage.next_try, outage.tried_at + self._pace.haste_seconds)

    def failed(
        self, place: Place, job_id: str, fault: Fault, asked: float | None, *, dear: bool | None = None
    ) -> float:
        """Note that a job was not taken, and how many seconds the cloud asks to wait; in how many there is another try.

        ``dear`` says whether a task may have been made all the same; None when nothing was asked that can make one,
        which leaves what the last such request came to.
        """
        outage = self._outages.get(place)
        begun = outage is None
        if outage is None:
            outage = self._outages[place] = _Outage(fault, 0.0)
        if begun or outage.trier == job_id:  # others were on their way when it began
            outage.fault, outage.tried_at = fault, self._clock.monotonic()
            outage.dear = outage.dear if dear is None else dear
            if not begun:
                outage.tries = max(outage.tries + 1, self._pace.dear_tries if outage.dear else 0)
            outage.next_try = outage.tried_at + back_off(outage.tries, asked, self._pace)
        if fault.of_account:
            outage.refused.add(job_id)
        return outage.next_try - self._clock.monotonic()

    def is_its_own(self, place: Place, job_id: str) -> bool:
        """Whether a refusal of the job concerns it alone: others got past it again and again, and none waits now."""
        return place not in self._outages and self._passed_by[job_id] >= self._pace.passed_by

    def over(self, place: Place, job_id: str) -> bool:
        """Note that the cloud took or judged the job; whether it is news that it answers."""
        outage = self._outages.pop(place, None)
        news = outage is not None or place not in self._reached
        self._reached.add(place)
        if outage is not None:
            self._passed_by.update(outage.refused - {job_id})
        self._passed_by.pop(job_id, None)
        return news


def back_off(attempt: int, asked: float | None = None, pace: Pace = PACE) -> float:
    """Seconds to wait before the next try: what the provider asked for, else doubling from 2 s, jittered."""
    if asked is not None:
        return min(asked, pace.longest_delay) + random.uniform(0, 1)
    return min(pace.first_delay * 2.0 ** min(attempt, 10), pace.longest_delay) * random.uniform(0.75, 1.25)
