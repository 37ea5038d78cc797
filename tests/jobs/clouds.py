"""Studios under test whose cloud is spoken to by a client of another kind than the usual, or that are at rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx

from studio.accounts.account import Account
from studio.accounts.configured import live_accounts
from studio.config import Settings
from studio.providers.dashscope import DashScope
from studio.service import Studio
from studio.system.clock import Clock
from studio.system.pace import Pace

UNLIMITED = 1000.0
"""Submissions in a second: the account's budget alone is under test."""
Accounts = Callable[[Settings, bytes, Clock, Pace], list[Account]]


def spoken_to_by(client: type[DashScope] = DashScope, **given: Any) -> Accounts:
    """``Studio(settings, accounts=spoken_to_by(Deaf))``; ``given`` are further arguments of the client's."""

    def accounts(settings: Settings, secret: bytes, clock: Clock, pace: Pace) -> list[Account]:
        (usual,) = live_accounts(settings, secret, clock, pace)
        key = settings.dashscope_api_key
        assert key is not None
        provider = client(settings.dashscope_host(), key, clock=clock, pace=pace, **given)
        return [replace(usual, provider=provider, upload=provider.upload)]

    return accounts


@contextmanager
def at_rest(settings: Settings, **given: Any) -> Iterator[Studio]:
    """A studio that works on nothing."""
    studio = Studio(settings, **given)
    try:
        yield studio
    finally:
        studio.engine._loop.close()
        studio.vault.close()
        studio.engine.store.close()


class Undated(httpx.AsyncHTTPTransport):
    """Real connections, on which no answer says what o'clock it is there."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        answer.headers.pop("date", None)
        return answer
