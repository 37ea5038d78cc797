"""A reserve of disk: what is left for results when files that are added have taken the rest."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

from studio.errors import StorageReserved
from studio.message import Message

DEFAULT = 1 << 30
SHARE = 0.05
"""Of a disk on which that would be more."""


class Room(NamedTuple):
    """What is free on a disk, in bytes."""

    free: int
    reserve: int
    """So much of it is for results."""

    @property
    def beside(self) -> int:
        """What files that are added may take; negative when they take none."""
        return self.free - self.reserve


class Reserve:
    """Asked by whatever writes to the disk and is no result, before it writes and while it does."""

    def __init__(self, size: int | None = None) -> None:
        """``size`` in bytes; None is ``DEFAULT``, or ``SHARE`` of a smaller disk."""
        self._size = size

    def room(self, folder: Path) -> Room:
        """How it stands with the disk of ``folder``; raises OSError."""
        disk = shutil.disk_usage(folder)
        return Room(disk.free, min(DEFAULT, int(disk.total * SHARE)) if self._size is None else self._size)

    def require(self, folder: Path, more: int = 0) -> None:
        """Raise StorageReserved if ``more`` bytes below ``folder`` would touch it."""
        room = self.room(folder)
        if room.beside < more:
            raise StorageReserved(
                Message(
                    "{free} MB are free, and {kept} MB are reserved for finished videos (STUDIO_DISK_RESERVE). "
                    "The file was not added. The studio’s owner can free up space.",
                    free=room.free >> 20,
                    kept=room.reserve >> 20,
                )
            )
