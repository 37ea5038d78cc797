from __future__ import annotations

import asyncio
import time

import pytest

from studio.providers.budget import Budget, Priority

pytestmark = pytest.mark.anyio


def busiest_second(starts: list[float]) -> int:
    """The most of ``starts`` within any one second, each second half open."""
    return max(sum(first <= moment < first + 1 for moment in starts) for first in starts)


async def test_200_callers_never_exceed_the_rate_in_any_second() -> None:
    budget, starts = Budget(80), []

    async def caller(wait: float) -> None:
        await asyncio.sleep(wait)
        await budget.turn(Priority.POLL)
        starts.append(time.monotonic())

    # Half come at once, half drop in around the moments at which the window opens again.
    await asyncio.gather(*(caller(0) for _ in range(100)), *(caller(0.9 + n / 500) for n in range(100)))
    assert len(starts) == 200
    assert busiest_second(starts) == 80
    assert max(starts) - min(starts) < 6


async def test_the_first_turns_are_given_at_once() -> None:
    budget = Budget(20)
    begun = time.monotonic()
    await asyncio.gather(*(budget.turn(Priority.POLL) for _ in range(20)))
    assert time.monotonic() - begun < 0.5


async def test_submissions_go_before_cancels_and_cancels_before_polls() -> None:
    budget, served = Budget(2, window=0.1), []

    async def caller(name: str, priority: Priority) -> None:
        await budget.turn(priority)
        served.append(name)

    await asyncio.gather(caller("spent", Priority.POLL), caller("spent", Priority.POLL))
    late = [("poll", Priority.POLL)] * 3 + [("cancel", Priority.CANCEL)] * 2 + [("submit", Priority.SUBMIT)] * 2
    await asyncio.gather(*(caller(name, priority) for name, priority in late))
    assert served[2:] == ["submit"] * 2 + ["cancel"] * 2 + ["poll"] * 3


async def test_equal_callers_are_served_in_their_order() -> None:
    budget, served = Budget(1, window=0.02), []

    async def caller(number: int) -> None:
        await budget.turn(Priority.POLL)
        served.append(number)

    await asyncio.gather(*(caller(number) for number in range(8)))
    assert served == list(range(8))


async def test_who_gave_up_waiting_takes_no_turn() -> None:
    budget = Budget(1, window=0.2)
    await budget.turn(Priority.POLL)
    quitters = [asyncio.create_task(budget.turn(Priority.SUBMIT)) for _ in range(5)]
    last = asyncio.create_task(budget.turn(Priority.POLL))
    await asyncio.sleep(0.05)
    for quitter in quitters:
        quitter.cancel()
    await asyncio.wait_for(last, 1)


async def test_a_turn_given_back_can_be_taken_again() -> None:
    budget = Budget(2)
    begun = time.monotonic()
    await budget.turn(Priority.POLL)
    for _ in range(20):
        budget.give_back(await budget.turn(Priority.SUBMIT))
    assert time.monotonic() - begun < 0.5
    await budget.turn(Priority.POLL)
    await budget.turn(Priority.POLL)
    assert time.monotonic() - begun >= 1
