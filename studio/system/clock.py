"""Time: what is o'clock, how long something takes, and what is o'clock elsewhere.

A wall clock may be put forward or back while we run, and between two starts. So how long something has lasted is told
by the monotonic clock; the wall clock is for what is written down and for people; and another machine's times are
compared with what that machine says the time is.
"""

from __future__ import annotations

import email.utils
import statistics
import time
from collections import deque
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime

_AWAKE_OR_NOT = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_MONOTONIC", None)
"""Linux has the first for it, and macOS the second; the one monotonic clock of Windows goes on by itself."""


def _steady() -> float:
    return time.monotonic() if _AWAKE_OR_NOT is None else time.clock_gettime(_AWAKE_OR_NOT)


@dataclass(frozen=True)
class Clock:
    """The clocks of this machine, or what a test puts in their place."""

    wall: Callable[[], float] = time.time
    """Seconds since 1970, UTC."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds since some moment: it never jumps. Where the machine slept, it may have stood still."""
    steady: Callable[[], float] = _steady
    """The same, asleep or awake."""


CLOCK = Clock()
YEARS = range(2000, 2200)
"""Of other years no clock is believed."""


def read_date(text: str | None) -> datetime | None:
    """The moment that a header such as ``Date`` tells; None for nothing, what is no date, and another century's."""
    try:
        moment = email.utils.parsedate_to_datetime(text or "")
        if moment.tzinfo is None:  # a zone of -0000, or none
            moment = moment.replace(tzinfo=UTC)
        return moment if moment.astimezone(UTC).year in YEARS else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


class FarClock:
    """The clock of another machine, as the ``Date`` of its answers tells it."""

    READINGS = 5
    """The middle one of so many last readings counts: a proxy on the way may have answered once in its stead."""

    def __init__(self, clock: Clock = CLOCK) -> None:
        self._clock = clock
        self._readings: deque[tuple[float, float]] = deque(maxlen=self.READINGS)
        """How far it was ahead of our steady clock, and how wrong that may be, in seconds."""

    def read(self, date: str | None, seconds: float) -> None:
        """Note the ``Date`` of an answer that has just come, ``seconds`` after its request left.

        One that is no date tells nothing.
        """
        there = read_date(date)
        if there is None:
            return
        # It was written somewhere between leaving and coming, and its second had begun.
        error = 0.5 + seconds / 2
        self._readings.append((there.timestamp() + 0.5 - (self._clock.steady() - seconds / 2), error))

    def now(self) -> float | None:
        """What it shows now, in seconds since 1970; None while it is not known."""
        if not self._readings:
            return None
        return self._clock.steady() + statistics.median_low(ahead for ahead, _ in self._readings)

    @property
    def error(self) -> float:
        """``now`` is wrong by at most so many seconds."""
        return max((error for _, error in self._readings), default=0.0)


class PatientClock:
    """A wall clock that is not put forward while we run, so that nothing is over before its time.

    Where it is put back, what waits takes longer. Between two starts the wall clock is believed.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = clock.wall() - clock.steady()

    def now(self) -> float:
        """Seconds since 1970."""
        return min(self._clock.wall(), self._clock.steady() + self._ahead)


class Unchanged:
    """How long things have been as they are: by our own monotonic clock, from the moment at which we first saw them.

    When they came to be so is written by a wall clock, perhaps another machine's. It counts at the first sight alone.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[Hashable, tuple[Hashable, float]] = {}

    def seconds(self, key: Hashable, value: Hashable, since: float) -> float:
        """How long ``key`` has had this ``value``; ``since`` is what is written of that, in seconds since 1970."""
        now = self._clock.monotonic()
        if key not in self._seen:
            self._seen[key] = value, now - max(0.0, self._clock.wall() - since)
        elif self._seen[key][0] != value:
            self._seen[key] = value, now
        return now - self._seen[key][1]

    def forget_but(self, keys: Collection[Hashable]) -> None:
        """Forget all others."""
        self._seen = {key: seen for key, seen in self._seen.items() if key in keys}
