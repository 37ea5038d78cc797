"""The credits of the sandbox's AIVideoAPI account."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

from studio.sandbox.tasks import Tasks

START = Decimal(100_000)
"""What a new account has."""


class Credits:
    """What was bought less what the tasks cost.

    A task's price is part of the task, so the two are on disk together, and what a task held is back the moment it
    failed.
    """

    def __init__(self, path: Path, tasks: Tasks) -> None:
        """``path`` keeps what was bought."""
        self._path = path
        self._tasks = tasks
        self.purchased = Decimal(path.read_text()) if path.exists() else START

    @property
    def consumed(self) -> Decimal:
        return self._tasks.spent + sum(task.cost for task in self._tasks)

    @property
    def balance(self) -> Decimal:
        return self.purchased - self.consumed

    def leave(self, balance: Decimal) -> None:
        """Let so much be left."""
        self.purchased = balance + self.consumed
        partial = self._path.with_suffix(f".{os.getpid()}")
        partial.write_text(str(self.purchased))
        partial.replace(self._path)
