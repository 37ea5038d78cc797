"""Clients' addresses and networks: who counts as one, and which hop of a proxy's list is believed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

IPV6_SITE = 64
"""Bits of an IPv6 address that one connection to the internet shares: the rest is the client's to choose."""

LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
"""This machine, as it reaches itself."""

PRIVATE: tuple[Network, ...] = LOOPBACK + tuple(
    ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)
"""Networks that nobody reaches from the internet: where a Space's own proxies stand."""


def read_address(text: str) -> Address | None:
    """The address that ``text`` is, as a socket or a proxy writes it: with a port, in brackets, with a zone, or bare.

    An IPv4 address inside an IPv6 one (``::ffff:…``, what a dual-stack socket tells) is the IPv4 address. None when it
    is no address.
    """
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def read_networks(text: str) -> tuple[Network, ...]:
    """The networks of a list with commas, such as ``10.0.0.0/8, ::1``; ValueError names the entry that is none."""
    networks = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        try:
            networks.append(ip_network(entry, strict=False))
        except ValueError:
            raise ValueError(f"{entry} is no network: write it as 10.0.0.0/8, 192.168.1.7 or fd00::/8") from None
    return tuple(networks)


def is_in(address: Address, networks: Collection[Network]) -> bool:
    return any(address in network for network in networks)


def network_of(address: Address) -> str:
    """The network whose clients count as one: ``192.0.2.7/32``, ``2001:db8:1:2::/64``."""
    bits = 32 if isinstance(address, IPv4Address) else IPV6_SITE
    return str(ip_network((address, bits), strict=False))


def client_behind(peer: Address, forwarded: Sequence[str], trusted: Collection[Network]) -> Address:
    """Who asked, when ``peer`` holds the socket and ``forwarded`` are the entries of ``X-Forwarded-For``.

    A trusted proxy tells who spoke to it, and its word is taken; the next entry only if that one is trusted in turn.
    What stands further left anyone may have written. An entry that is no address ends the walk at who passed it on.
    """
    client = peer
    for entry in reversed(forwarded):
        if not is_in(client, trusted):
            break
        address = read_address(entry)
        if address is None:
            break
        client = address
    return client
