"""Requests for hosts that are not this studio are refused: see ``KnownHosts`` for why."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.types import ASGIApp, Receive, Scope, Send

from studio.config import Settings
from studio.system.hosts import Host, KnownHosts
from studio.web.edge.answers import refusal
from studio.web.edge.proxies import Addressed, Named


def known_hosts(settings: Settings) -> KnownHosts:
    """The names that the settings tell."""
    addresses = [settings.public_address or "", *(settings.trusted_origins or ())]
    hosts = [Host.of_address(address) for address in addresses] + [Host.read(name) for name in settings.space_hosts]
    listened = Host.read(settings.host)
    names = [host.name for host in (*hosts, listened) if host and not host.is_address and not host.is_loopback_name]
    return KnownHosts([*(settings.hosts or ()), *names])


class OnlyKnownHosts:
    """Middleware: 421 for a request that names another host.

    What ``Host`` names is always looked at. What a proxy on this machine forwards is looked at as soon as the owner has
    told any name: until then it is the only one to know by which name the studio is reached.
    """

    def __init__(self, app: ASGIApp, known: KnownHosts) -> None:
        self._app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (named := next(self._unknown(scope["state"]["addressed"]), None)):
            names = ", ".join(self._known.patterns) or "–"
            answer = refusal(scope, 421, "unknown_host", header=named.header, value=named.text, told=names)
            return await answer(scope, receive, send)
        return await self._app(scope, receive, send)

    def _unknown(self, addressed: Addressed) -> Iterator[Named]:
        judged = (*addressed.direct, *(addressed.forwarded if self._known.patterns else ()))
        return (named for named in judged if named.host is None or named.host not in self._known)
