"""Bounds of connections: how long one may take to ask, or to take its answer, and how many there may be.

uvicorn begins to count the time with the end of the first answer, and stops with the next byte that comes: who sends
half of a request and waits, or never takes an answer, would hold a connection for ever. So every connection that asks
for nothing has a deadline here. Answers take as long as they take: event streams, downloads, a player that is paused;
only one of which nothing is taken for minutes is cut.

There are so many places for all, and for each network, as far as networks can be told apart: who comes by a proxy is
the proxy's to count. When all are taken, the connection that has asked for nothing for longest makes room, so that idle
ones keep nobody out; where each has a request under way, the next is told so.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Collection
from functools import partial
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

from studio.config import Settings
from studio.system.listening import room
from studio.system.networks import LOOPBACK, Network, is_in, network_of, read_address
from studio.web.edge.proxies import trusted_networks
from studio.web.text import TEXTS

HEAD_SECONDS = 15.0
"""From the connection's beginning, or the end of an answer, to the end of the next request's head."""
UNTAKEN_SECONDS = 300.0
"""So long a client may take nothing of what is sent to it. A player that is paused does so, and then opens another."""
LINGER_SECONDS = 1.0
LINGERING = 32
"""So many that were refused are listened to a little longer: who is still sending may else hear no answer."""
FOR_A_PAGE, FOR_ANY_PAGE = 8, 4
"""Places for each page that one network, or all together, may hold open and live; browsers open six at most."""
LEAST_OF_A_NETWORK, LEAST = 64, 512
"""However few pages may be live: the others ask all the same."""


class Connections:
    """The places. Only for use on one event loop."""

    def __init__(
        self,
        most: int,
        of_a_network: int,
        *,
        spared: Collection[Network] = LOOPBACK,
        head_seconds: float = HEAD_SECONDS,
        untaken_seconds: float = UNTAKEN_SECONDS,
    ) -> None:
        """``spared`` are the networks of proxies: they take as many places as there are."""
        self.head_seconds = head_seconds
        self.untaken_seconds = untaken_seconds
        self._most = most
        self._of_a_network = of_a_network
        self._spared = spared
        self._places: dict[GuardedProtocol, str | None] = {}
        self._networks: Counter[str] = Counter()
        self._waiting: dict[GuardedProtocol, None] = {}
        """Those that have asked for nothing, the oldest first."""
        self._lingering = 0

    def enter(self, one: GuardedProtocol) -> bool:
        """Take a place, somebody's who waits if need be; False when there is none."""
        network = self._network(one)
        if network and self._networks[network] >= self._of_a_network and not self._make_room(network):
            return False
        if len(self._places) >= self._most and not self._make_room(None):
            return False
        self._places[one] = network
        if network:
            self._networks[network] += 1
        return True

    def leave(self, one: GuardedProtocol) -> None:
        self._waiting.pop(one, None)
        network = self._places.pop(one, None)
        if network:
            self._networks[network] -= 1
            if not self._networks[network]:
                del self._networks[network]

    def waits(self, one: GuardedProtocol, waiting: bool) -> None:
        if waiting and one in self._places:
            self._waiting[one] = None
        else:
            self._waiting.pop(one, None)

    def lingers(self, begins: bool) -> bool:
        """Whether one that was refused may stay a little."""
        if begins and self._lingering >= LINGERING:
            return False
        self._lingering += 1 if begins else -1
        return True

    def _network(self, one: GuardedProtocol) -> str | None:
        address = one.client and read_address(one.client[0])
        return network_of(address) if address and not is_in(address, self._spared) else None

    def _make_room(self, network: str | None) -> bool:
        for one in self._waiting:
            if (network is None or self._places[one] == network) and not one.transport.get_write_buffer_size():
                self.leave(one)
                one.transport.abort()
                return True
        return False


class GuardedProtocol(H11Protocol):
    """uvicorn's HTTP, within bounds."""

    def __init__(self, connections: Connections, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._connections = connections
        self._deadline: asyncio.TimerHandle | None = None
        """Of the next request, while it waits for one."""
        self._untaken: asyncio.TimerHandle | None = None
        self._begun = False
        """Whether anything of the next request came."""
        self._lingers = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._connections.enter(self):
            self._look()
        elif self._connections.lingers(True):
            self._lingers = True
            self._say(HTTPStatus.SERVICE_UNAVAILABLE, "many_connections")
            if transport.can_write_eof():
                transport.write_eof()
            self._deadline = self.loop.call_later(LINGER_SECONDS, transport.abort)
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._connections.leave(self)
        if self._lingers:
            self._connections.lingers(False)
        for timer in (self._deadline, self._untaken):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        if not self._lingers:
            self._begun = True
            super().data_received(data)
            self._look()

    def on_response_complete(self) -> None:
        self._begun = False
        super().on_response_complete()  # which may begin the next request, if that came already
        self._look()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._untaken is not None:
            self._untaken.cancel()
            self._untaken = None

    def send_400_response(self, msg: str) -> None:
        """Say that it is no request, unless an answer has begun: uvicorn would raise then."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: any stranger can ask for an upgrade, and fill a log."""

    def _look(self) -> None:
        """Count the time of one that asks for nothing, from when it began to."""
        waiting = self.cycle is None or self.cycle.response_complete
        self._connections.waits(self, waiting)
        if not waiting and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        elif waiting and self._deadline is None:
            self._deadline = self.loop.call_later(self._connections.head_seconds, self._end)

    def _end(self) -> None:
        if self.transport.get_write_buffer_size():  # the end of an answer is still on its way
            self._watch()
            self._deadline = self.loop.call_later(self._connections.head_seconds, self._end)
        elif not self.transport.is_closing():
            if self._begun:
                self._say(HTTPStatus.REQUEST_TIMEOUT, "slow_request")
            self.transport.close()

    def _watch(self) -> None:
        """Cut the connection unless something of what is to be sent is taken in time."""
        if self._untaken is None:
            left = self.transport.get_write_buffer_size()
            self._untaken = self.loop.call_later(self._connections.untaken_seconds, self._cut, left)

    def _cut(self, left: int) -> None:
        self._untaken = None
        now = self.transport.get_write_buffer_size()
        if now and now >= left:
            self.transport.abort()
        elif now:
            self._watch()

    def _say(self, status: HTTPStatus, key: str) -> None:
        """Answer before anything is known of who asks: in every language."""
        text = "".join(f"{words[key]}\n" for words in TEXTS.values()).encode()
        lines = (
            f"HTTP/1.1 {status.value} {status.phrase}",
            "Content-Type: text/plain; charset=utf-8",
            f"Content-Length: {len(text)}",
            "Connection: close",
        )
        self.transport.write("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + text)


def share_of_network(settings: Settings) -> int:
    """Connections of one network, and its requests under way where a proxy's connections hide whose they are."""
    return max(LEAST_OF_A_NETWORK, FOR_A_PAGE * settings.visitor_streams)


def of(settings: Settings) -> Connections:
    """The places of a studio with these settings; not more than half of the files that its process may open."""
    return Connections(
        room(max(LEAST, FOR_ANY_PAGE * settings.streams)),
        share_of_network(settings),
        spared=(*LOOPBACK, *trusted_networks(settings)),
    )


def guard(config: Config, connections: Connections) -> None:
    """Let a server, running or not, speak HTTP within these bounds; it speaks nothing else."""
    if not config.loaded:
        config.load()
    protocol: Any = partial(GuardedProtocol, connections)
    config.http_protocol_class = protocol
    config.ws_protocol_class = None
    for parser in ("uvicorn.error", "python_multipart"):
        # They warn of what is no request, or no form: any stranger can send such, and fill a log.
        quiet = logging.getLogger(parser)
        quiet.setLevel(max(quiet.level, logging.ERROR))
