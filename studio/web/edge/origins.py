"""Whether a page of another site sent a request: decided here and nowhere else.

Browsers say it themselves (``Sec-Fetch-Site``) where the page came by https or from this machine. Where they do not, on
plain http, the page's ``Origin`` is compared with the studio's addresses. A script sends neither, and carries no cookie
that could be abused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from starlette.datastructures import Headers

from studio.config import Settings
from studio.system.hosts import Host
from studio.web.edge.proxies import Addressed

_OWN_SITE = ("same-origin", "none")
"""The second is a person's own doing: an address typed, a bookmark."""
_OTHER_SITE = ("same-site", "cross-site")
"""Another port or subdomain is another program, whoever runs it."""


def own_origins(settings: Settings) -> frozenset[Host]:
    """Where the settings say that the studio's pages come from, whatever a request names."""
    addresses = (settings.public_address or "", *(settings.trusted_origins or ()))
    hosts = [Host.of_address(address) for address in addresses]
    return frozenset(host for host in (*hosts, *map(Host.read, settings.space_hosts)) if host)


class Foreign(Exception):
    """A page of another site sent this."""

    def __init__(self, header: str, value: str) -> None:
        super().__init__(f"{header}: {value}")
        self.header, self.value = header, value


def refuse_other_sites(headers: Headers, addressed: Addressed, own: Collection[Host]) -> None:
    """Raise Foreign unless a page of this studio or no page at all sent the request.

    Ports 80 and 443 count as one: behind a proxy that ends TLS the studio cannot know which of them it was.
    """
    site, origin = headers.get("sec-fetch-site", "").strip().lower(), headers.get("origin")
    page = Host.of_address(origin) if origin is not None else None
    if page in own or site in _OWN_SITE:
        return
    if site in _OTHER_SITE:
        raise Foreign("Sec-Fetch-Site", site)
    if origin is not None and page not in set(_hosts(addressed)):
        raise Foreign("Origin", origin)


def _hosts(addressed: Addressed) -> Iterator[Host]:
    for named in (*addressed.forwarded, *addressed.direct):
        if host := named.host:
            yield host
