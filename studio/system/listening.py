"""The address that the studio listens on: IPv4, IPv6 or both; and how it is written down."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable

from studio.errors import ConfigError

EVERY_IPV4, EVERY_ADDRESS = "0.0.0.0", "::"


def plain_host(host: str) -> str:
    """``host`` without brackets, an IPv6 address in its shortest form; raises ValueError for one with a zone."""
    bare = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if ":" not in bare:
        return bare
    try:
        address = ipaddress.IPv6Address(bare)
    except ValueError:
        raise ValueError("must be a name or an address without a port: the port is STUDIO_PORT") from None
    if address.scope_id is not None:
        raise ValueError("must be an address without a zone (what stands behind the %)")
    return str(address.ipv4_mapped or address)


def url_host(host: str) -> str:
    """``host`` as it stands in an address."""
    return f"[{host}]" if ":" in host else host


def own_host(host: str) -> str:
    """Under which name this machine reaches what listens on ``host``."""
    return "127.0.0.1" if host in (EVERY_IPV4, EVERY_ADDRESS) else host


def addresses(host: str, port: int, path: str = "/") -> list[str]:
    """Where a browser finds it, the one to click first."""
    every = host in (EVERY_IPV4, EVERY_ADDRESS)
    hosts = ["localhost", host] if every else [host]
    return [f"http://{url_host(one)}:{port}{path}" for one in hosts]


def supported(host: str, make: Callable[[int, int], socket.socket] = socket.socket) -> str:
    """``host``; where it is every address and this machine's system knows no IPv6, every one of IPv4."""
    if host != EVERY_ADDRESS:
        return host
    try:
        make(socket.AF_INET6, socket.SOCK_STREAM).close()
    except OSError:
        return EVERY_IPV4
    return host


def free_port(host: str) -> int:
    """A port that nobody listens on."""
    with _bound(supported(host), 0) as probe:
        port: int = probe.getsockname()[1]
        return port


def check(host: str, port: int) -> None:
    """Raise ConfigError when nothing can listen there, with the setting that helps."""
    host = supported(host)
    try:
        _bound(host, port).close()
        if host == EVERY_ADDRESS and port:
            _bound(EVERY_IPV4, port).close()
    except OSError as error:
        elsewhere = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EPFNOSUPPORT)
        if ":" in host and error.errno in elsewhere:
            raise ConfigError(
                f"STUDIO_HOST is {host}, but this machine has no such IPv6 address ({error.strerror}): "
                "set it to 127.0.0.1, or to 0.0.0.0 for all IPv4 addresses."
            ) from error
        if isinstance(error, socket.gaierror) or error.errno in elsewhere:
            raise ConfigError(
                f"STUDIO_HOST is {host}, which is no address of this machine ({error.strerror}): "
                "set it to 127.0.0.1, or to 0.0.0.0 for all addresses."
            ) from error
        raise ConfigError(
            f"STUDIO_PORT {port} on {host} cannot be used ({error.strerror}): "
            "stop what runs there, or set STUDIO_PORT to another port (0 takes any free one)."
        ) from error


def room(wanted: int) -> int:
    """How many of ``wanted`` connections this process may hold: half of the files that it may open at most.

    As many as are wanted, where the system lets the process raise their number itself.
    """
    try:
        import resource  # not on Windows, which counts none
    except ImportError:
        return wanted
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    endless, needed = resource.RLIM_INFINITY, 2 * wanted
    if now == endless or now >= needed:
        return wanted
    raised = needed if most == endless else min(needed, most)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, most))
    except (OSError, ValueError):  # macOS has a limit beside the one that it tells
        raised = now
    return min(wanted, raised // 2)


def _bound(host: str, port: int) -> socket.socket:
    probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if ":" in host:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind((host, port))
    except (OSError, UnicodeError) as error:
        probe.close()
        if isinstance(error, UnicodeError):  # a name that is none
            raise socket.gaierror(socket.EAI_NONAME, "no such name") from error
        raise
    return probe
