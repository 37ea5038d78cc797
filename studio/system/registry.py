"""A mapping that changes while others read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Registry(Mapping[K, V]):
    """Entries that are replaced all at once: whoever reads them, on any thread, reads those of one moment."""

    def __init__(self, entries: Mapping[K, V]) -> None:
        self._entries = dict(entries)

    def replace(self, entries: Mapping[K, V]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, key: K) -> V:
        return self._entries[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
