"""The one retry policy: which errors are asked again, how often, and how long is waited between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from studio.errors import (
    AuthenticationFailed,
    NotSent,
    PageInstead,
    ProviderFault,
    PublishFailed,
    RateLimited,
    ReplyLost,
    RequestRefused,
    Unreadable,
)
from studio.providers.retries import RetryPolicy
from studio.system.pace import PACE, Pace

pytestmark = pytest.mark.anyio


class Waits:
    """Takes the place of time, and notes how long would have been slept."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)


def failing(*errors: Exception) -> tuple[Callable[[], Awaitable[str]], list[Exception]]:
    """Raises one error after another, then answers; and those that are still to be raised."""
    left = list(errors)

    async def ask() -> str:
        if left:
            raise left.pop(0)
        return "an answer"

    return ask, left


@pytest.mark.parametrize("error", [RateLimited("Later."), ProviderFault("Oops."), NotSent("No."), ReplyLost("No.")])
async def test_what_may_pass_is_asked_again_so_often(error: Exception) -> None:
    waits = Waits()
    policy = RetryPolicy(sleep=waits.sleep)
    ask, _ = failing(*[error] * 3)
    assert await policy.repeat(ask, 4) == "an answer"
    for tries in (1, 4):
        ask, left = failing(*[error] * 9)
        with pytest.raises(type(error)):
            await policy.repeat(ask, tries)
        assert 9 - len(left) == tries


@pytest.mark.parametrize(
    "error",
    [
        AuthenticationFailed("No."),
        RequestRefused("No."),
        Unreadable("What?"),
        PageInstead("A page."),
        PublishFailed("No."),
        ValueError("a mistake of ours"),
    ],
)
async def test_nothing_else_is(error: Exception) -> None:
    waits = Waits()
    ask, left = failing(*[error] * 9)
    with pytest.raises(type(error)):
        await RetryPolicy(sleep=waits.sleep).repeat(ask, 4)
    assert (len(left), waits.seconds) == (8, [])


async def test_each_wait_is_twice_as_long_and_jittered_downwards() -> None:
    seen = set()
    for _ in range(50):
        waits = Waits()
        ask, _ = failing(*[ProviderFault("Oops.")] * 3)
        await RetryPolicy(sleep=waits.sleep).repeat(ask, 4)
        for wait, most in zip(waits.seconds, (1, 2, 4), strict=True):
            assert most / 2 <= wait <= most
        seen.update(waits.seconds)
    assert len(seen) == 150


async def test_a_wait_that_is_asked_for_is_kept_to_the_second_and_one_beyond_reason_is_told() -> None:
    waits = Waits()
    policy = RetryPolicy(sleep=waits.sleep)
    ask, _ = failing(RateLimited("Later.", retry_after=0.0), RateLimited("Later.", retry_after=PACE.longest_wait))
    assert await policy.repeat(ask, 4) == "an answer"
    assert waits.seconds == [0.0, PACE.longest_wait]
    ask, left = failing(*[RateLimited("Later.", retry_after=PACE.longest_wait + 1)] * 2)
    with pytest.raises(RateLimited):
        await policy.repeat(ask, 4)
    assert len(left) == 1


async def test_who_gives_up_while_it_waits_is_let_go_at_once() -> None:
    ask, left = failing(*[ProviderFault("Oops.")] * 9)
    waiting = asyncio.ensure_future(RetryPolicy(Pace(first_wait=10_000)).repeat(ask, 4))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 5)
    assert len(left) == 8
