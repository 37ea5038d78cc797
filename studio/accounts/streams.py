"""How many pages are held open and live at a time: each costs a connection and a place in memory."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from studio.errors import LimitReached, Use
from studio.message import Message
from studio.visitors.visitor import Visitor


class Streams:
    """Counts them, for this process. May be called from any thread."""

    def __init__(self, each: int, all: int) -> None:
        """``each`` is the most of one visitor, and of the guests of one network; ``all`` that of all together."""
        self._limits = {"visitor_streams": each, "streams": all}
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    def enter(self, visitor: Visitor) -> Callable[[], None]:
        """Take a place; the function that is returned gives it back. Raises LimitReached when there is none."""
        counts = {f"visitor {visitor.id}": "visitor_streams", "": "streams"}
        if visitor.network is not None:
            counts[f"network {visitor.network}"] = "visitor_streams"
        with self._lock:
            for whose, limit in counts.items():
                if self._open[whose] >= self._limits[limit]:
                    use = Use(
                        limit,
                        f"STUDIO_{limit.upper()}",
                        Decimal(self._limits[limit]),
                        Decimal(self._open[whose]),
                        "streams",
                    )
                    said = Message("{used} of {most} pages are open.", used=str(use.used), most=str(use.most))
                    raise LimitReached(said, use, Decimal(1))
            self._open.update(counts.keys())

        def leave() -> None:
            with self._lock:
                self._open.subtract(counts.keys())
                for whose in counts:
                    if self._open[whose] <= 0:
                        del self._open[whose]

        return leave
