"""How many requests of one network may be under way: also of those who come by a proxy, whose connections are its own.

One that holds on to answers, event streams for instance, would else take all the places that there are for connections.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from studio.system.networks import LOOPBACK, Network, is_in, read_address
from studio.web.edge.answers import refusal

RETRY_AFTER = 5
"""Seconds."""


class Shares:
    """Middleware inside of ``Proxies``: 503 for what is beyond a network's share. Only for use on one event loop."""

    def __init__(self, app: ASGIApp, most: int, spared: Collection[Network] = LOOPBACK) -> None:
        """``spared`` are the networks of proxies that do not tell who asks."""
        self._app = app
        self._most = most
        self._spared = spared
        self._under_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = scope.get("client") and read_address(scope["client"][0])
        if scope["type"] != "http" or address is None or is_in(address, self._spared):
            return await self._app(scope, receive, send)
        network = scope["state"]["network"]
        if self._under_way[network] >= self._most:
            answer = refusal(scope, 503, "many_connections")
            answer.headers["Retry-After"] = str(RETRY_AFTER)
            return await answer(scope, receive, send)
        self._under_way[network] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way[network] -= 1
            if not self._under_way[network]:
                del self._under_way[network]
