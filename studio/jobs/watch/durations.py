"""How long videos take, by what this studio has seen itself."""

from __future__ import annotations

import statistics
from typing import NamedTuple

from sqlalchemy import Engine, select

from studio.database.engine import translated
from studio.database.schema import JOBS
from studio.database.states import State
from studio.jobs.model import Job
from studio.system.clock import CLOCK, Clock
from studio.system.pace import PACE, Pace

LEAST = 10
"""Of fewer videos of a kind nothing is said."""
LATEST = 1000
"""So many of a model's last videos are looked at: a cloud that has become faster is to show."""


class TypicalDuration(NamedTuple):
    """Seconds from the visitor's press to the saved video: what he waits."""

    half: float
    """Half of the videos took at most so long."""
    most: float
    """Nine in ten did."""


class Durations:
    """The usual durations, remembered for a while. Methods block; they may be called from any thread."""

    def __init__(self, database: Engine, clock: Clock = CLOCK, pace: Pace = PACE, *, latest: int = LATEST) -> None:
        self._database = database
        self._clock = clock
        self._fresh_seconds = pace.durations_seconds
        self._latest = latest
        self._known: dict[tuple[str, str], tuple[float, dict[tuple[str | None, int], TypicalDuration]]] = {}

    def usual(self, job: Job) -> TypicalDuration | None:
        """For jobs of the same account, model, resolution and billed seconds; None when too few have been seen."""
        if job.quote is None:
            return None
        key, now = (job.account, job.request.model), self._clock.monotonic()
        looked_at, known = self._known.get(key, (0.0, {}))
        if key not in self._known or now - looked_at > self._fresh_seconds:
            known = self._look(*key)
            self._known[key] = now, known
        return known.get((job.request.resolution, round(job.quote.seconds)))

    def _look(self, account: str, model: str) -> dict[tuple[str | None, int], TypicalDuration]:
        query = select(JOBS.c.request, JOBS.c.quote, JOBS.c.created_at, JOBS.c.saved_at)
        query = query.where(JOBS.c.account == account, JOBS.c.model == model, JOBS.c.state == State.SUCCEEDED)
        query = query.where(JOBS.c.saved_at > JOBS.c.created_at).order_by(JOBS.c.saved_at.desc()).limit(self._latest)
        took: dict[tuple[str | None, int], list[float]] = {}
        with translated(), self._database.connect() as connection:
            for row in connection.execute(query):
                if row.quote:
                    kind = row.request.get("resolution"), round(float(row.quote["seconds"]))
                    took.setdefault(kind, []).append(row.saved_at - row.created_at)
        return {kind: _usual(seconds) for kind, seconds in took.items() if len(seconds) >= LEAST}


def _usual(seconds: list[float]) -> TypicalDuration:
    tenths = statistics.quantiles(seconds, n=10, method="inclusive")
    return TypicalDuration(tenths[4], tenths[8])
