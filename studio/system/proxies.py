"""The proxies that the environment or the system names: the web is reached through them, this machine is not."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping, MutableMapping

import httpx

from studio.errors import ConfigError

SCHEMES = ("http", "https", "all")
OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


def spare_own_machine(environ: MutableMapping[str, str], *hosts: str) -> None:
    """Let neither this process nor its children reach this machine (``hosts`` are further names of it) by a proxy.

    Raises ConfigError for a proxy that nobody could use.
    """
    proxies = _named(environ) or _of_the_system()
    if not proxies:
        return
    for name, address in proxies.items():
        _check(name, address)
        # With NO_PROXY in the environment what the system has set would count no longer.
        environ.setdefault(name, address)
    # Who reads them differs in which letters go first.
    for name in ("no_proxy", "NO_PROXY"):
        spared = environ.get(name) or environ.get(name.swapcase()) or ""
        names = [one.strip() for one in spared.split(",") if one.strip()]
        added = () if "*" in names else (*OWN_MACHINE, *hosts)
        environ[name] = ",".join(dict.fromkeys([*names, *added]))


def _named(environ: Mapping[str, str]) -> dict[str, str]:
    wanted = {f"{scheme}_proxy" for scheme in SCHEMES}
    return {name: value.strip() for name, value in environ.items() if name.lower() in wanted and value.strip()}


def _of_the_system() -> dict[str, str]:
    """What Windows or macOS have set; other systems have the environment only."""
    proxies = urllib.request.getproxies()
    return {f"{scheme}_proxy": proxies[scheme] for scheme in SCHEMES if scheme in proxies}


def _check(name: str, address: str) -> None:
    try:
        url = httpx.Proxy(address if "://" in address else f"http://{address}").url
        port = url.port
    except (ValueError, httpx.InvalidURL) as error:
        raise _wrong(name, address) from error
    if not url.host or (port is not None and not 0 < port < 65536):
        raise _wrong(name, address)


def _wrong(name: str, address: str) -> ConfigError:
    shown = address if "@" not in address else f"{address.partition('://')[0]}://…@{address.rpartition('@')[2]}"
    return ConfigError(
        f"{name} is {shown!r}, which is no address of a proxy: write http://host:port or socks5://host:port, "
        f"or unset {name}."
    )
