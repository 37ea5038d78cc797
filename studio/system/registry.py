"""A mapping that changes while others read it."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Registry(Mapping[K, V]):
    """Entries that are replaced all at once: whoever reads them, on any thread, reads those of one moment."""

    def __init__(self, entries: Mapping[K, V]) -> None:
        self._entries = dict(entries)

    def replace(self, entries: Mapping[K, V]) -> None:
        self._entries = dict(entries)

    def now(self) -> Mapping[K, V]:
        """The entries of this moment, for who reads them more than once."""
        return self._entries

    # Those that Mapping brings along read key by key, and the next key may be gone.

    def items(self) -> ItemsView[K, V]:
        return self._entries.items()

    def values(self) -> ValuesView[V]:
        return self._entries.values()

    def __getitem__(self, key: K) -> V:
        return self._entries[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
