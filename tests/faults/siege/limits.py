"""The limits of the studio under siege, and what was taken of them: counted in its rows, not by its own counting."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from tests.faults.siege.watch import Repeated
from tests.studio_process import ENDED, StudioProcess

LIMITS = {
    "STUDIO_PUBLIC_URL": "http://siege.test",
    "STUDIO_TRUSTED_PROXIES": "127.0.0.1",
    "STUDIO_DAILY_LIMIT": "800",
    "STUDIO_VISITOR_DAILY_LIMIT": "150",
    "STUDIO_VISITOR_JOBS": "6",
    "STUDIO_VISITOR_DAILY_JOBS": "60",
    "STUDIO_VISITOR_BYTES": "64MB",
    "STUDIO_VISITOR_STREAMS": "8",
    "STUDIO_STREAMS": "24",
}
"""A visitor's shares are small enough to be used up; everyone's is, by visitors from ever new networks."""
BYTES = 64 * 10**6


@dataclass(frozen=True)
class Measured:
    """What was taken of one limit, by whoever took most."""

    setting: str
    taken: float
    most: float


class Taken(Repeated):
    """Reads the studio's rows every half second: what is under way is seen only while it is."""

    pause = 0.5

    def __init__(self, studio: StudioProcess) -> None:
        self._database = studio.data_dir / "studio.db"
        self._under_way: Counter[str] = Counter()
        """The most jobs that each network had under way at once."""

    def once(self) -> None:
        going = f"SELECT network, count(*) FROM jobs WHERE state NOT IN {ENDED} GROUP BY network"
        with suppress(sqlite3.OperationalError):
            self._under_way |= Counter(dict(self._rows(going)))

    def settle(self, seconds: float) -> None:
        """Wait until no job is under way; TimeoutError when that does not come."""
        deadline = time.monotonic() + seconds
        while left := self._rows(f"SELECT id, state FROM jobs WHERE state NOT IN {ENDED}"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"after {seconds:.0f} s there are still {len(left)} jobs, such as {left[0]}")
            time.sleep(0.5)

    def measured(self, most_open: int, all_open: int) -> Iterator[Measured]:
        """Of each limit the most that was taken; of streams it is given."""
        paid = self._of("SELECT network, sum(price) FROM jobs WHERE state = 'succeeded' GROUP BY network")
        made = self._of("SELECT network, count(*) FROM jobs GROUP BY network")
        held = self._of("SELECT network, sum(json_extract(facts, '$.bytes')) FROM holdings GROUP BY network")
        found = {
            "STUDIO_DAILY_LIMIT": sum(paid.values()),
            "STUDIO_VISITOR_DAILY_LIMIT": max(paid.values(), default=0),
            "STUDIO_VISITOR_JOBS": max(self._under_way.values(), default=0),
            "STUDIO_VISITOR_DAILY_JOBS": max(made.values(), default=0),
            "STUDIO_VISITOR_STREAMS": most_open,
            "STUDIO_STREAMS": all_open,
        }
        yield Measured("STUDIO_VISITOR_BYTES", max(held.values(), default=0), BYTES)
        for setting, taken in found.items():
            yield Measured(setting, taken, float(LIMITS[setting]))

    def lines(self, most_open: int, all_open: int) -> list[str]:
        """What was taken, against the limits."""
        return [f"{one.setting}: {one.taken:,.9g} of {one.most:,.9g}" for one in self.measured(most_open, all_open)]

    def exceeded(self, most_open: int, all_open: int) -> list[Measured]:
        """The limits that did not hold."""
        return [one for one in self.measured(most_open, all_open) if one.taken > one.most + 1e-6]

    def _of(self, query: str) -> dict[str, float]:
        return {row[0]: row[1] or 0 for row in self._rows(query)}

    def _rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(query).fetchall()
