from __future__ import annotations

import asyncio
import time

import pytest

from studio.providers.budget import Budget, Priority

pytestmark = pytest.mark.anyio


async def take(budget: Budget, priority: Priority, seconds: float = 0) -> None:
    """A request that takes so long."""
    async with budget.turn(priority):
        await asyncio.sleep(seconds)


def busiest_second(starts: list[float]) -> int:
    """The most of ``starts`` within any one second, each second half open."""
    return max(sum(first <= moment < first + 1 for moment in starts) for first in starts)


async def test_200_callers_never_exceed_the_rate_in_any_second() -> None:
    budget, starts = Budget(80), []

    async def caller(wait: float) -> None:
        await asyncio.sleep(wait)
        async with budget.turn(Priority.POLL):
            starts.append(time.monotonic())

    # Half come at once, half drop in around the moments at which the window opens again.
    await asyncio.gather(*(caller(0) for _ in range(100)), *(caller(0.9 + n / 500) for n in range(100)))
    assert len(starts) == 200
    assert busiest_second(starts) <= 80


async def test_the_first_turns_are_given_at_once() -> None:
    budget = Budget(20, window=60)
    await asyncio.wait_for(asyncio.gather(*(take(budget, Priority.POLL) for _ in range(20))), 30)


async def test_a_rate_below_one_is_one_request_in_so_many_seconds() -> None:
    budget = Budget(0.25, window=0.1)  # as if a second had 0.1 s: one request in 0.4 s
    await take(budget, Priority.POLL)
    ended = time.monotonic()
    await take(budget, Priority.POLL)
    assert time.monotonic() - ended >= 0.4


async def test_submissions_go_before_cancels_and_cancels_before_polls() -> None:
    budget, served = Budget(2, window=0.1), []

    async def caller(name: str, priority: Priority) -> None:
        async with budget.turn(priority):
            served.append(name)

    late = [("poll", Priority.POLL)] * 3 + [("cancel", Priority.CANCEL)] * 2 + [("submit", Priority.SUBMIT)] * 2
    async with budget.turn(Priority.POLL), budget.turn(Priority.POLL):
        callers = [asyncio.create_task(caller(name, priority)) for name, priority in late]
        await asyncio.sleep(0)
    await asyncio.gather(*callers)
    assert served == ["submit"] * 2 + ["cancel"] * 2 + ["poll"] * 3


async def test_equal_callers_are_served_in_their_order() -> None:
    budget, served = Budget(1, window=0.02), []

    async def caller(number: int) -> None:
        async with budget.turn(Priority.POLL):
            served.append(number)

    await asyncio.gather(*(caller(number) for number in range(8)))
    assert served == list(range(8))


async def test_a_poll_that_waits_is_not_passed_over_for_ever() -> None:
    budget, served = Budget(1, window=0.01), []

    async def caller(name: str, priority: Priority) -> None:
        async with budget.turn(priority):
            served.append(name)

    flood = [caller("submit", Priority.SUBMIT) for _ in range(12)]
    await asyncio.gather(caller("first", Priority.SUBMIT), *(caller("poll", Priority.POLL) for _ in range(2)), *flood)
    assert served.index("poll") <= 5
    assert served[-1] == "submit"


async def test_no_delay_on_the_way_squeezes_more_into_a_second() -> None:
    budget, seen = Budget(20), []

    async def request(number: int) -> None:
        async with budget.turn(Priority.POLL):
            # The first twenty linger on the way, and arrive when their second has long passed.
            await asyncio.sleep(1.1 if number < 20 else 0)
            seen.append(time.monotonic())

    await asyncio.gather(*(request(number) for number in range(60)))
    assert busiest_second(seen) <= 20


async def test_a_request_that_hangs_leaves_the_others_their_turns() -> None:
    budget = Budget(2, window=0.05)
    hanging = asyncio.create_task(take(budget, Priority.SUBMIT, 60))
    await asyncio.wait_for(asyncio.gather(*(take(budget, Priority.POLL) for _ in range(5))), 30)
    hanging.cancel()


async def test_who_gave_up_takes_no_turn() -> None:
    budget = Budget(1, window=0.2)
    await take(budget, Priority.POLL)
    quitters = [asyncio.create_task(take(budget, Priority.SUBMIT, 60)) for _ in range(5)]
    last = asyncio.create_task(take(budget, Priority.POLL))
    await asyncio.sleep(0.05)
    for quitter in quitters:
        quitter.cancel()
    await asyncio.wait_for(last, 30)


async def test_who_gives_up_at_the_moment_of_its_turn_gives_it_back() -> None:
    budget = Budget(1, window=0.05)
    first = asyncio.create_task(take(budget, Priority.POLL, 60))
    second = asyncio.create_task(take(budget, Priority.POLL, 60))
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.sleep(0.04)
    for _ in range(20):
        await asyncio.sleep(0.001)
        second.cancel()
    await asyncio.wait_for(take(budget, Priority.POLL), 30)
