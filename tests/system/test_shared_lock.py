from __future__ import annotations

import threading
from contextlib import AbstractContextManager, ExitStack

from studio.system.shared_lock import SharedLock

SOON = 0.2


class Holder:
    """A thread that takes the lock and holds it until it is told to leave."""

    def __init__(self, lock: AbstractContextManager[None]) -> None:
        self.inside, self._leaves = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold, args=(lock,), daemon=True)
        self._thread.start()

    def _hold(self, lock: AbstractContextManager[None]) -> None:
        with lock:
            self.inside.set()
            self._leaves.wait(60)

    def leave(self) -> None:
        self._leaves.set()
        self._thread.join(60)


def test_many_share_it_and_one_has_it_alone_when_they_are_done() -> None:
    lock = SharedLock()
    first, second = Holder(lock.shared()), Holder(lock.shared())
    assert first.inside.wait(60)
    assert second.inside.wait(60)
    alone = Holder(lock.alone())
    first.leave()
    assert not alone.inside.wait(SOON)
    second.leave()
    assert alone.inside.wait(60)
    late, other = Holder(lock.shared()), Holder(lock.alone())
    assert not late.inside.wait(SOON)
    assert not other.inside.is_set()
    alone.leave()
    while not (late.inside.wait(0.01) or other.inside.wait(0.01)):
        pass
    assert not (late.inside.is_set() and other.inside.is_set())
    first, second = (late, other) if late.inside.is_set() else (other, late)
    first.leave()
    second.leave()


def test_who_comes_while_one_waits_to_have_it_alone_waits_behind_him() -> None:
    lock = SharedLock()
    sharing = Holder(lock.shared())
    assert sharing.inside.wait(60)
    alone = Holder(lock.alone())
    assert not alone.inside.wait(SOON)
    late = Holder(lock.shared())
    assert not late.inside.wait(SOON)
    sharing.leave()
    assert alone.inside.wait(60)
    assert not late.inside.is_set()
    alone.leave()
    assert late.inside.wait(60)
    late.leave()


def test_it_is_given_back_by_who_fails() -> None:
    lock = SharedLock()
    for held in (lock.shared(), lock.alone()):
        try:
            with held:
                raise LookupError
        except LookupError:
            pass
    with ExitStack() as stack:
        stack.enter_context(lock.alone())
