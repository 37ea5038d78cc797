"""Who asks, and whom, when proxies stand between: what ``X-Forwarded-*`` and ``Forwarded`` say, as far as it counts.

Decided here once for all that lies behind, Gradio included: ``scope["client"]`` is the client, ``scope["scheme"]`` and
the ``Host`` header are those of the visitor's address bar, and the headers that said so are gone. uvicorn, which would
believe whoever connects from this machine, is told to believe nobody (see ``app.py``).

- ``X-Forwarded-For`` counts from trusted proxies only: it says whose share of the studio is used up.
- ``X-Forwarded-Host``, ``-Proto``, ``-Port`` and ``Forwarded`` count from them and from this machine. A page of another
  site cannot send them: they need the studio's consent beforehand, which is never given.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from studio.config import Settings
from studio.system.hosts import Host
from studio.system.networks import PRIVATE, Network, client_behind, is_in, network_of, read_address

OWN_MACHINE = ip_address("127.0.0.1")
_SPEAK_FOR_OTHERS = (
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-direct-url",
    "x-gradio-server",
)
"""The last two are Gradio's own: it would build its addresses from them, whoever sent them."""


def trusted_networks(settings: Settings) -> tuple[Network, ...]:
    """Whose word is taken for who asks: on a Space its own proxies', unless a setting says otherwise."""
    if settings.trusted_proxies is not None:
        return tuple(settings.trusted_proxies)
    return PRIVATE if settings.on_space else ()


@dataclass(frozen=True)
class Named:
    """A header that says which host was asked."""

    header: str
    text: str
    """As it came."""

    @property
    def host(self) -> Host | None:
        """None where it names no host."""
        return Host.read(self.text)


@dataclass(frozen=True)
class Addressed:
    """Which hosts a request names; ``request.state.addressed``."""

    direct: tuple[Named, ...]
    """By ``Host``: once, unless someone plays tricks; never only in HTTP/1.0."""
    forwarded: tuple[Named, ...] = ()
    """By the proxies that are believed; what the visitor's browser asked first."""

    @property
    def by_visitor(self) -> Named | None:
        """What stands in the visitor's address bar."""
        return next(iter((*self.forwarded, *self.direct)), None)


class Proxies:
    """Middleware: sees through proxies.

    ``request.state.network`` is the client's, ``addressed`` are the hosts, and ``proxied`` says whether anyone spoke
    for another: then nothing that comes from this machine is taken for the owner's own.
    """

    def __init__(self, app: ASGIApp, trusted: Collection[Network] = ()) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            self._see_through(scope)
        await self._app(scope, receive, send)

    def _see_through(self, scope: Scope) -> None:
        headers = MutableHeaders(scope=scope)
        # Whoever comes by a socket in a folder is on this machine.
        peer = (scope.get("client") and read_address(scope["client"][0])) or OWN_MACHINE
        client = client_behind(peer, _entries(headers, "x-forwarded-for"), self._trusted)
        if client != peer:
            scope["client"] = (str(client), 0)
        addressed = Addressed(tuple(Named("Host", text) for text in headers.getlist("host")))
        if peer.is_loopback or is_in(peer, self._trusted):
            addressed = Addressed(addressed.direct, _forwarded_hosts(headers))
            proto = _first(headers, "x-forwarded-proto") or _forwarded(headers).get("proto", "")
            if proto.lower() in ("http", "https"):
                scope["scheme"] = proto.lower()
        asked = addressed.by_visitor
        proxied = any(header in headers for header in _SPEAK_FOR_OTHERS)
        for header in _SPEAK_FOR_OTHERS:
            del headers[header]
        if asked and asked.host:
            headers["host"] = str(asked.host)
        scope.setdefault("state", {}).update(network=network_of(client), addressed=addressed, proxied=proxied)


def _entries(headers: Headers, name: str) -> list[str]:
    """A header that is a list may also come several times."""
    return [entry for value in headers.getlist(name) for part in value.split(",") if (entry := part.strip())]


def _first(headers: Headers, name: str) -> str:
    return next(iter(_entries(headers, name)), "")


def _forwarded_hosts(headers: Headers) -> tuple[Named, ...]:
    """The first of a list is what the browser asked: each proxy adds what it was asked itself behind it."""
    named = []
    if text := _first(headers, "x-forwarded-host"):
        host, port = Host.read(text), _first(headers, "x-forwarded-port")
        # Some proxies tell the port apart, and leave it out here.
        apart = host and host.port is None and not re.search(r":\d*$", text) and port.isdecimal() and len(port) <= 5
        named.append(Named("X-Forwarded-Host", f"{text}:{port}" if apart else text))
    if text := _forwarded(headers).get("host", ""):
        named.append(Named("Forwarded", text))
    return tuple(named)


def _forwarded(headers: Headers) -> dict[str, str]:
    """What the first element of ``Forwarded`` says (RFC 7239): ``for=…;host=…;proto=…``."""
    # A name is looked for where one may begin and nowhere else: a header of 64 KB of letters is read once.
    pairs = re.findall(r'(?:^|;)\s*(\w+)=("[^"]*"|[^;,"]*)', _first(headers, "forwarded"))
    return {name.lower(): value.strip().strip('"') for name, value in pairs}
