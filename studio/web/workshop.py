"""Where files are made anew: a few at a time, in threads of their own, so that no page waits for them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

PLACES = max(2, os.cpu_count() or 1)

_THREADS = ThreadPoolExecutor(PLACES, "workshop")


def in_turn(work: Callable[..., T], *given: Any) -> asyncio.Future[T]:
    """Do ``work`` when a place is free, first come first served.

    Canceling gives up the turn. Work that has begun goes on, and keeps its place, until it ends.
    """
    return asyncio.get_running_loop().run_in_executor(_THREADS, work, *given)
