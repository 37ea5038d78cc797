from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from studio.errors import Busy
from studio.system.work_queue import NETWORK, WAITING_OF_A_NETWORK, WAITING_OF_ONE, Work, WorkQueue

pytestmark = pytest.mark.anyio


class Stage:
    """Work that notes when it begins and goes on until it is told to end."""

    def __init__(self, turns: WorkQueue) -> None:
        self.turns = turns
        self.begun: list[str] = []
        self.end: dict[str, threading.Event] = {}

    def ask(self, name: str, work: Work = Work.CHECK, visitor: str | None = None) -> None:
        self.end[name] = threading.Event()

        def act() -> str:
            self.begun.append(name)
            assert self.end[name].wait(20)
            return name

        self.turns.submit(work, visitor, act)

    def wait_for(self, *names: str) -> None:
        """Until these have begun, and no other."""
        deadline = time.monotonic() + 20
        while self.begun != list(names):
            assert time.monotonic() < deadline, self.begun
            time.sleep(0.001)


@contextmanager
def stage(places: int) -> Iterator[Stage]:
    opened = Stage(WorkQueue(places))
    yield opened
    for end in opened.end.values():
        end.set()


@contextmanager
def network(name: str | None) -> Iterator[None]:
    token = NETWORK.set(name)
    yield
    NETWORK.reset(token)


def test_as_many_at_once_as_there_are_places() -> None:
    with stage(2) as all_of_it:
        for name in "abc":
            all_of_it.ask(name)
        all_of_it.wait_for("a", "b")
        all_of_it.end["a"].set()
        all_of_it.wait_for("a", "b", "c")


def test_one_visitor_is_served_once_at_a_time_and_others_pass() -> None:
    with stage(2) as all_of_it:
        for name in ("ada 1", "ada 2", "ada 3", "bob 1"):
            all_of_it.ask(name, visitor=name[:3])
        all_of_it.wait_for("ada 1", "bob 1")
        all_of_it.end["bob 1"].set()
        all_of_it.ask("cyd 1", visitor="cyd")
        all_of_it.wait_for("ada 1", "bob 1", "cyd 1")


def test_visitors_of_one_network_count_as_one() -> None:
    with stage(2) as all_of_it:
        all_of_it.ask("first")
        all_of_it.ask("second")
        with network("203.0.113.7/32"):
            for name in "1234":
                all_of_it.ask(name, visitor=f"cookie {name}")
        with network("198.51.100.1/32"):
            all_of_it.ask("honest", visitor="honest")
        all_of_it.end["first"].set()
        all_of_it.wait_for("first", "second", "1")
        all_of_it.end["second"].set()
        all_of_it.wait_for("first", "second", "1", "honest")


def test_what_takes_minutes_leaves_places_and_results_never_wait_for_visitors() -> None:
    with stage(2) as all_of_it:
        all_of_it.ask("film 1", Work.FILM, "ada")
        all_of_it.ask("film 2", Work.FILM, "bob")
        all_of_it.ask("check 1", Work.CHECK, "cyd")
        all_of_it.ask("check 2", Work.CHECK, "dan")
        all_of_it.wait_for("film 1", "check 1")
        all_of_it.ask("result", Work.RESULT)
        all_of_it.wait_for("film 1", "check 1", "result")
        all_of_it.end["check 1"].set()
        all_of_it.wait_for("film 1", "check 1", "result", "check 2")


def test_a_network_leaves_a_place_for_mended_videos_to_the_others() -> None:
    with stage(6) as all_of_it:  # three of them for mended videos
        with network("203.0.113.7/32"):
            for name in "1234":
                all_of_it.ask(name, Work.FILM, f"cookie {name}")
        all_of_it.wait_for("1", "2")
        with network("198.51.100.1/32"):
            all_of_it.ask("honest", Work.FILM, "honest")
        all_of_it.wait_for("1", "2", "honest")
        all_of_it.end["1"].set()
        all_of_it.wait_for("1", "2", "honest", "3")


def test_what_is_canceled_gives_its_turn_up() -> None:
    turns, going = WorkQueue(1), threading.Event()
    first = turns.submit(Work.CHECK, None, going.wait, 20)
    second = turns.submit(Work.CHECK, None, lambda: "second")
    third = turns.submit(Work.CHECK, None, lambda: "third")
    assert second.cancel()
    going.set()
    assert (first.result(20), third.result(20)) == (True, "third")


def test_a_queue_that_is_long_is_refused_with_a_time_to_come_back() -> None:
    turns, going = WorkQueue(1), threading.Event()
    for _ in range(1 + WAITING_OF_ONE):
        turns.submit(Work.CHECK, "ada", going.wait, 20)
    for ask in (lambda: turns.submit(Work.CHECK, "ada", print), lambda: turns.check("ada")):
        with pytest.raises(Busy, match=rf"\({WAITING_OF_ONE}\)\. Try again in 10 seconds") as caught:
            ask()
        assert caught.value.retry_after == 10
    turns.check("bob")
    with network("203.0.113.7/32"):
        for number in range(WAITING_OF_A_NETWORK):
            turns.submit(Work.CHECK, f"cookie {number}", going.wait, 20)
        with pytest.raises(Busy):
            turns.check("one more cookie")
    turns.check("bob")
    turns.submit(Work.RESULT, None, going.wait, 20)
    going.set()


def test_what_happens_within_a_turn_needs_no_other() -> None:
    turns = WorkQueue(1)

    def outer() -> int:
        return turns.do(Work.CHECK, "ada", lambda: turns.do(Work.CHECK, "ada", lambda: 7))

    assert turns.do(Work.CHECK, "ada", outer) == 7


def test_what_fails_is_told_and_frees_its_place() -> None:
    turns = WorkQueue(1)
    with pytest.raises(ZeroDivisionError):
        turns.do(Work.CHECK, "ada", lambda: 1 // 0)
    assert turns.do(Work.CHECK, "ada", lambda: 1) == 1


async def test_a_loop_waits_without_a_thread_of_its_own() -> None:
    turns = WorkQueue(2)
    going = threading.Event()
    waiting = [asyncio.create_task(turns.run(Work.CHECK, None, going.wait, 20)) for _ in range(100)]
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 20) == "free"
    waiting[50].cancel()
    going.set()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert done.count(True) == 99
