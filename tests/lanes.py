"""Which tests run when, decided by what they need.

``process``
    It starts a process or needs one: a browser, a studio, a sandbox, PostgreSQL, ffmpeg. Its fixtures say so
    (``STARTERS``), or the test or its module does where it starts one by itself. A test that starts one and does not
    say so fails, so ``make quick`` stays what it is.

``long``
    It takes seconds of a processor by itself: ``make quick`` leaves it out, too.

``matrix(n)``
    Of such a test's cases the first n (1 when it is not said) run each time, the others by ``make slow``.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

STARTERS = {"browser", "cloud_server", "instant_server", "other_disk", "postgresql", "s3_store", "sandbox_server"}
"""The fixtures that begin a process; what builds on one of them has its name among its own."""
_STARTS = {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen"}
"""What Python's auditing calls the ways to begin one."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many tests ``-n auto`` runs at a time: most wait for a process or a page, so one more than there are
    processors, but for the quick lane."""
    return (os.cpu_count() or 1) + ("not process" not in config.option.markexpr)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    cases: Counter[str] = Counter()
    for item in items:
        if STARTERS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.process)
        if (matrix := item.get_closest_marker("matrix")) is None:
            continue
        test = item.nodeid.partition("[")[0]
        cases[test] += 1
        if cases[test] > (matrix.args or (1,))[0]:
            item.add_marker(pytest.mark.slow)


class _Guard:
    """Hears of every process that begins, and fails the test that has none to begin."""

    def __init__(self) -> None:
        self._on = False

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._on and event in _STARTS:
            pytest.fail(f"starts a process, and is not marked as one that does: {event} {str(arguments)[:200]}")

    @contextmanager
    def over(self, item: pytest.Item) -> Iterator[None]:
        self._on = not any(item.get_closest_marker(name) for name in ("process", "slow"))
        try:
            yield
        finally:
            self._on = False


_guard = _Guard()
sys.addaudithook(_guard.hear)


# Not over the teardown: with the last test ends what others have started.
@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    with _guard.over(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    with _guard.over(item):
        return (yield)
