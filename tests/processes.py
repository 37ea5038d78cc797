"""What a process has started."""

from __future__ import annotations

import contextlib

import psutil


def running(what: str, below: int | None = None) -> set[int]:
    """Children of ``below`` (this process) that run and have ``what`` as name or argument: their process ids."""
    found = set()
    for child in psutil.Process(below).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # ended while it was asked
            if child.status() != psutil.STATUS_ZOMBIE and what in (child.name(), *child.cmdline()):
                found.add(child.pid)
    return found
