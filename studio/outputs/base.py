"""What a location for finished videos can do.

A file is put whole or not at all, and from then on read in ranges by its name, which is relative and has forward
slashes: ``happyhorse-1.0-t2v/videos/20260421-125820-3f9a1c2b.mp4``. All methods block and may be called from any
thread and any process. Each raises StorageUnreachable, StorageRefused, StorageFull or StorageUnwritable where the
location does not do its part, besides what its docstring names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr


@dataclass(frozen=True)
class Stat:
    """What a location says of a file."""

    size: int
    """In bytes."""
    modified: float
    """Seconds since 1970, UTC."""
    tag: str
    """Another one when the content is another; without quotes."""
    sha256: str | None = None
    """In hex digits, where the location knows it without reading the file."""


@dataclass(frozen=True)
class Access:
    """How a location that is no folder is reached: each member takes of it what it needs."""

    endpoint: str | None = None
    """Address of the store."""
    region: str = "us-east-1"
    key_id: str | None = None
    secret: SecretStr | None = None


class Outputs(Protocol):
    """One location."""

    @property
    def location(self) -> str:
        """What ``OUTPUT_DIR`` says of it, in full: an absolute path, or ``s3://bucket/prefix``."""

    def put(self, source: Path, name: str, *, replace: bool = False) -> None:
        """Publish a whole local file. The source stays, and is not to be changed afterwards.

        The same content once more is no matter; raises OutputTaken where another has the name, unless it is to be
        replaced.
        """

    def stat(self, name: str) -> Stat | None:
        """None when there is no such file."""

    def read(self, name: str, stat: Stat, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start`` to before ``end`` of the file that ``stat`` is of; what lies beyond its end is none.

        Raises OutputGone when the file is there no more, or another has taken its place.
        """

    def delete(self, name: str) -> None:
        """Delete a file that may be there."""

    def path(self, name: str) -> Path | None:
        """Where it lies on this machine's disk; None where that is nowhere."""

    def address(self, name: str, seconds: float) -> str | None:
        """A signed address at which anyone can read the file for so long; None where there is no such thing."""

    def check(self) -> None:
        """Find out whether it takes files; ConfigError, which names setting, rule and way out, when it never will. One
        that only does not answer now is waited for."""


def parts(name: str) -> tuple[str, ...]:
    """The names of folders and file in ``name``; ValueError for one that leads elsewhere."""
    found = tuple(name.split("/"))
    if any(part in ("", ".", "..") or "\0" in part or "\\" in part for part in found):
        raise ValueError(f"{name!r} is no name of a file below a location")
    return found
