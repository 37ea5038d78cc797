from __future__ import annotations

from studio.system.registry import Registry


def test_who_reads_while_entries_are_replaced_reads_those_of_one_moment() -> None:
    entries = {"a": 1, "b": 2}
    registry = Registry(entries)
    entries["c"] = 3
    names = iter(registry)
    assert next(names) == "a"
    registry.replace({"d": 4})
    assert list(names) == ["b"]
    assert (dict(registry), "a" in registry, len(registry)) == ({"d": 4}, False, 1)
