"""The one judge of addresses: what may be fetched when visitors, imports or clouds name it.

Such an address leads to the public web and nowhere else: http or https, port 80 or 443, no user name, a host all of
whose IP addresses are public, and it is these addresses that are then connected to: a name may lead elsewhere a moment
later. What the owner set (a cloud's host, the studio's own links for its sandbox) is not judged.

The networks are those of IANA's special-purpose registries (RFC 6890 and what followed it), written out, since what
Python calls global differs from version to version.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.request import getproxies, proxy_bypass

import httpx

from studio.errors import AddressRefused
from studio.message import Message

LONGEST_ADDRESS = 8192
"""Characters; a signed address of an object store has up to two thousand."""
MOST_HOSTS = 4
"""So many of a name's IP addresses are tried."""
LOOKUP_SECONDS = 10.0
WEB_PORTS = {"http": 80, "https": 443}

_CLOSED = tuple(
    map(
        IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
            *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            "168.63.129.16/32",  # public by its number, yet what answers is the host of an Azure machine
        ),
    )
)
_OPEN_6 = IPv6Network("2000::/3")
"""The only part of IPv6 that is given out for the internet."""
_CLOSED_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
_NAT64 = IPv6Network("64:ff9b::/96")
_6TO4 = IPv6Network("2002::/16")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)
"""The third quarter of an address that has an IPv4 address in the last one (RFC 5214)."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LOCAL_NAMES = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "home.arpa", "ip6-loopback")


@dataclass(frozen=True)
class Place:
    """Where an address that may be fetched leads."""

    hosts: tuple[str, ...] = ()
    """The IP addresses to connect to, in this order; none where the name itself is connected to or told a proxy."""
    proxy: str | None = None


class Judge:
    """Says of each address whether it may be fetched."""

    def __init__(
        self,
        *,
        hosts: Collection[str] = (),
        prefixes: Collection[str] = (),
        private: bool = False,
        visitors: bool = False,
    ) -> None:
        """``hosts`` are those that the owner set, ``prefixes`` what addresses of his begin with; neither is judged.

        With ``private`` the networks and ports of others are not judged either. ``visitors`` says that it is they who
        name the addresses: what waits for their names keeps nobody else waiting.
        """
        own = {host.strip("[]").lower() for host in hosts}
        self._hosts = own | set(_LOOPBACK) if any(map(_is_loopback, own)) else own
        self._prefixes = tuple(map(httpx.URL, prefixes))
        self._private = private
        self._visitors = visitors

    async def place(self, url: httpx.URL) -> Place:
        """Where ``url`` leads; raises AddressRefused with the reason when it must not be fetched."""
        if self._is_own(url):
            return Place(proxy=proxy_of(url))
        name = host_of(url)
        proxy = proxy_of(url)
        if self._private:
            return Place(proxy=proxy)
        if not _may_be_public(name):
            raise _not_public(name)
        if (url.port or WEB_PORTS[url.scheme]) not in WEB_PORTS.values():
            raise AddressRefused(Message("Port {port} is not allowed: only ports 80 and 443 are.", port=url.port))
        try:
            hosts = await looked_up(name, visitors=self._visitors)
        except AddressRefused:
            if proxy is None:
                raise
            return Place(proxy=proxy)  # where only the proxy knows names, the proxy has to judge them, too
        if not all(map(is_public, hosts)):
            raise _not_public(name)
        # A proxy is told the name: by that it looks for the host, and by that a certificate is checked.
        return Place(proxy=proxy) if proxy else Place(hosts[:MOST_HOSTS])

    def _is_own(self, url: httpx.URL) -> bool:
        if url.scheme not in WEB_PORTS:
            return False
        if _name(url) in self._hosts:
            return True
        return any(
            (url.scheme, url.netloc, url.raw_path[: len(own.raw_path)]) == (own.scheme, own.netloc, own.raw_path)
            for own in self._prefixes
        )


def web_address(text: str) -> httpx.URL:
    """``text`` as an address of the web; raises AddressRefused when it is none."""
    try:
        url = httpx.URL(text[: LONGEST_ADDRESS + 1])
        _ = url.host  # a name in punycode may be none
    except (httpx.InvalidURL, UnicodeError):
        raise _no_address(text) from None
    host_of(url, text)
    return url


def host_of(url: httpx.URL, text: str = "") -> str:
    """The host that ``url``, given as ``text``, names, in ASCII and without a last dot; raises AddressRefused when it
    is no web address."""
    name = _name(url).rstrip(".")
    port = 80 if url.port is None else url.port
    if url.scheme not in WEB_PORTS or not name or not 0 < port < 65536 or len(str(url)) > LONGEST_ADDRESS:
        raise _no_address(text or str(url))
    if url.userinfo:
        raise AddressRefused("The address contains a user name or password. Remove it.")
    return name


def _name(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii").lower()


def _no_address(text: str) -> AddressRefused:
    return AddressRefused(
        Message("“{url}” is not a web address: it must begin with http:// or https:// and name a host.", url=text[:100])
    )


def _not_public(name: str) -> AddressRefused:
    return AddressRefused(Message("{host} is not a public address.", host=name[:100]))


async def looked_up(name: str, *, visitors: bool = False) -> tuple[str, ...]:
    """The IP addresses of a host; raises AddressRefused when it is not known."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            found = await loop.run_in_executor(lookups(visitors), socket.getaddrinfo, name, None, 0, socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # a timeout is one of the first
        raise AddressRefused(Message("The host {host} cannot be found.", host=name[:100])) from None
    return tuple(dict.fromkeys(str(address[4][0]) for address in found))


@cache
def lookups(visitors: bool) -> ThreadPoolExecutor:
    """Threads of their own: names that nobody answers for must not keep those of the event loop, and those that
    visitors give must not keep a result that was paid for. There are as many as addresses that are fetched at once."""
    return ThreadPoolExecutor(64 if visitors else 8, "visitors' lookup" if visitors else "lookup")


def _may_be_public(name: str) -> bool:
    """Whether this is a public IP address or may be a public name, as far as can be seen without a look-up."""
    try:
        ip_address(name)
    except ValueError:
        # One that ends in a number is an IPv4 address in another notation (0x7f.1, 2130706433), which nobody needs.
        labels = name.split(".")
        number = labels[-1].isdigit() or labels[-1].startswith("0x")
        local = any(name == one or name.endswith(f".{one}") for one in _LOCAL_NAMES)
        return not number and not local and len(labels) > 1 and ":" not in name
    return is_public(name)


def is_public(host: str) -> bool:
    """Whether an IP address, and each IPv4 address within it, belongs to the public internet."""
    try:
        ip = ip_address(host)
    except ValueError:  # with a zone, say
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _CLOSED)
    if ip.ipv4_mapped is not None:
        return is_public(str(ip.ipv4_mapped))
    if not all(is_public(str(inner)) for inner in _within(ip)):
        return False
    return ip in _NAT64 or (ip in _OPEN_6 and not any(ip in network for network in _CLOSED_6))


def _within(ip: IPv6Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 address has in it and that may be what is reached by it."""
    number = int(ip)
    last = IPv4Address(number & 0xFFFF_FFFF)
    if ip in _NAT64 or (number >> 32) & 0xFFFF_FFFF in _ISATAP:
        yield last
    if ip in _6TO4:
        yield IPv4Address((number >> 80) & 0xFFFF_FFFF)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def proxy_of(url: httpx.URL) -> str | None:
    """The proxy that the environment names for ``url``; this machine is never reached through one."""
    name = _name(url)
    if _is_loopback(name) or proxy_bypass(name):
        return None
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if proxy is None:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
