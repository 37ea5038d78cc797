"""Whether a request comes from the machine itself: the owner's own, who may see and do more than a visitor."""

from __future__ import annotations

import ipaddress

from starlette.requests import Request

from studio.system.hosts import Host

_FORWARDED = ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip")


def is_local(request: Request) -> bool:
    """Whether it comes from this machine: by the peer's address, and by no way through a proxy.

    A proxy that adds no header passes the name on by which the studio is reached, or asks as HTTP/1.0 does.
    """
    # The edge takes the headers of proxies away and leaves word of it.
    if getattr(request.state, "proxied", False):
        return False
    if any(name in _FORWARDED or name.startswith("x-forwarded") for name in request.headers):
        return False
    host = Host.read(request.headers.get("host", ""))
    if host is None or not host.is_loopback or request.scope.get("http_version") == "1.0":
        return False
    try:
        peer = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    mapped = getattr(peer, "ipv4_mapped", None)
    return (mapped or peer).is_loopback
