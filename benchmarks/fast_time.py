"""Hours in seconds: a program that has nothing to do until a certain moment finds that it is that moment."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar
from unittest.mock import patch

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """``asyncio.run`` with clocks (``time.time`` and ``time.monotonic``) that only waiting moves, and that at once.

    What the machine computes takes no time, so a slow one has the same result. It is for programs that talk to nobody
    outside their own event loop and its threads, for whom time would not skip.
    """
    begun, begun_monotonic = time.time(), time.monotonic()
    selector = _SkippingSelector()
    with (
        patch.object(time, "time", lambda: begun + selector.skipped),
        patch.object(time, "monotonic", lambda: begun_monotonic + selector.skipped),
        asyncio.Runner(loop_factory=lambda: _Loop(selector)) as runner,
    ):
        return runner.run(main)


class _SkippingSelector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0
        """Seconds."""
        self.threads_at_work = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.threads_at_work or timeout is None:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self.skipped += max(timeout, 0.0)
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, selector: _SkippingSelector) -> None:
        super().__init__(selector)
        self._skipping = selector

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        work = super().run_in_executor(executor, func, *args)
        self._skipping.threads_at_work += 1
        work.add_done_callback(self._worked)
        return work

    def _worked(self, _: asyncio.Future[Any]) -> None:
        self._skipping.threads_at_work -= 1
