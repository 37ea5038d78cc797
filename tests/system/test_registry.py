from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from studio.system.registry import Registry


def test_who_reads_while_entries_are_replaced_reads_those_of_one_moment() -> None:
    entries = {"a": 1, "b": 2}
    registry = Registry(entries)
    entries["c"] = 3
    names = iter(registry)
    assert next(names) == "a"
    registry.replace({"d": 4})
    assert list(names) == ["b"]


@pytest.mark.parametrize("read", [Registry.items, Registry.values, lambda registry: registry.now().items()])
def test_of_several_entries_none_goes_between_two(read: Callable[[Registry[str, int]], Iterable[Any]]) -> None:
    registry = Registry({"a": 1, "b": 2})
    entries = iter(read(registry))
    first = next(entries)
    registry.replace({})
    assert [first, *entries] in ([("a", 1), ("b", 2)], [1, 2])


def test_a_registry_is_a_mapping_of_its_newest_entries() -> None:
    registry = Registry({"a": 1, "b": 2})
    registry.replace({"d": 4})
    assert (dict(registry), "a" in registry, len(registry)) == ({"d": 4}, False, 1)
