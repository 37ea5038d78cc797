"""Places that are shared, and the line before them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from studio.errors import Busy
from studio.system.slots import SlotQueue, Slots

pytestmark = pytest.mark.anyio


class Caller:
    """Holds a place in ``line`` until it is told to leave."""

    def __init__(self, line: SlotQueue, *names: str) -> None:
        self.inside, self._leaves = False, asyncio.Event()
        self.task = asyncio.create_task(self._call(line, names))

    async def _call(self, line: SlotQueue, names: tuple[str, ...]) -> None:
        async with line.place(names):
            self.inside = True
            await self._leaves.wait()

    async def leave(self) -> None:
        self._leaves.set()
        await self.task


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_takes_his_share_a_network_twice_as_much_and_all_what_there_is() -> None:
    places = Slots(6, 2)
    net = "192.0.2.1/32"
    assert [places.enter(["ada", net]) for _ in range(3)] == [True, True, False]
    assert [places.enter([name, net]) for name in ("bo", "cy", "di")] == [True, True, False]
    assert [places.enter([name]) for name in ("eve", "fay", "gil")] == [True, True, False]
    places.leave(["ada", net])
    assert places.enter(["gil"])
    assert places.taken == {"": 6, "ada": 1, "bo": 1, "cy": 1, net: 3, "eve": 1, "fay": 1, "gil": 1}


async def test_who_finds_no_place_waits_for_his_own_while_others_pass() -> None:
    line = SlotQueue(3, 1)
    first, second = Caller(line, "ada"), Caller(line, "ada")
    other = Caller(line, "bo")
    await settled()
    assert (first.inside, second.inside, other.inside) == (True, False, True)
    await other.leave()
    await settled()
    assert not second.inside
    await first.leave()
    await settled()
    assert second.inside
    await second.leave()
    assert not line.taken.total()
    assert not line.waiting.total()


async def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    line = SlotQueue(1, 1)
    first, second, third = (Caller(line, name) for name in ("ada", "bo", "cy"))
    await settled()
    second.task.cancel()
    await settled()
    await first.leave()
    await settled()
    assert third.inside
    await third.leave()
    assert not line.taken.total()
    assert not line.waiting.total()


async def test_who_leaves_at_the_moment_of_his_turn_hands_it_on() -> None:
    line = SlotQueue(1, 1)
    assert line.enter(["ada"])
    first, second = Caller(line, "bo"), Caller(line, "cy")
    await settled()
    line.leave(["ada"])  # the first one's turn, of which he has not heard yet
    first.task.cancel()
    await settled()
    assert second.inside
    await second.leave()
    assert not line.taken.total()


async def test_a_line_has_an_end_and_what_fails_inside_frees_its_place() -> None:
    line = SlotQueue(1, 1, longest=2, longest_of_one=1)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(line.place(["ada"]))
        waiting = [Caller(line, name) for name in ("ada", "bo")]
        await settled()
        for name in ("ada", "cy"):
            with pytest.raises(Busy, match="addresses are waiting"):
                await stack.enter_async_context(line.place([name]))
    for caller in waiting:
        await settled()
        assert caller.inside
        await caller.leave()
    with pytest.raises(OSError, match="gone"):
        async with line.place(["ada"]):
            raise OSError("gone")
    assert not line.taken.total()
