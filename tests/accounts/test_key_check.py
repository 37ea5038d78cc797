"""Checks of keys: one question for all who ask at the same time."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from pydantic import SecretStr

from studio.accounts.key_check import KeyCheck
from studio.errors import AuthenticationFailed
from studio.providers.aivideo import AIVideo
from studio.providers.dashscope import DashScope
from studio.system.pace import Pace
from tests.servers import SandboxServer

pytestmark = pytest.mark.anyio


SOON = Pace(key_check_seconds=0.2)


async def test_a_crowd_costs_one_question_and_the_next_one_waits(sandbox: SandboxServer) -> None:
    client = AIVideo(sandbox.url, SecretStr(sandbox.aivideo_key))
    check = KeyCheck(client, pace=SOON)
    assert check.credits is None
    assert set(await asyncio.gather(*(check.ask() for _ in range(50)))) == {Decimal(100_000)}
    assert sandbox.statistics()["requests"]["credits"] == 1
    sandbox.post("/_control/credits", {"balance": 27.5})
    assert check.credits == Decimal(100_000)
    assert await check.ask() == Decimal("27.5")
    assert check.credits == Decimal("27.5")
    assert sandbox.statistics()["requests"]["credits"] == 2
    await client.aclose()


async def test_a_wrong_key_is_told_to_everyone_until_it_is_good(sandbox: SandboxServer) -> None:
    client = AIVideo(sandbox.url, SecretStr("sk-wrong"))
    check = KeyCheck(client, pace=SOON)
    found = await asyncio.gather(*(check.ask() for _ in range(20)), return_exceptions=True)
    assert {type(error) for error in found} == {AuthenticationFailed}
    assert sandbox.statistics()["requests"]["credits"] == 1
    await client.aclose()


async def test_dashscope_is_asked_for_a_list_and_makes_nothing(sandbox: SandboxServer) -> None:
    for key, error in ((sandbox.key, None), ("sk-wrong", AuthenticationFailed)):
        client = DashScope(sandbox.url, SecretStr(key))
        if error is None:
            assert await KeyCheck(client, pace=SOON).ask() is None
        else:
            with pytest.raises(error):
                await KeyCheck(client, pace=SOON).ask()
        await client.aclose()
    seen = sandbox.statistics()
    assert (seen["requests"]["list"], seen["creations"]) == (2, 0)
