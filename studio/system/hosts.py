"""Names of hosts as ``Host`` and ``Origin`` write them, and which of them are names of this studio."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)\.?(?::(\d{0,5}))?")
_WEB_ADDRESS = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_DEFAULT_PORTS = (None, "", "80", "443")


@dataclass(frozen=True)
class Host:
    """Who is addressed: a name in lower case without its final dot, or an IP address without brackets."""

    name: str
    port: int | None = None
    """None for the default of http and of https: behind a proxy that ends TLS nobody can tell which it was."""

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The host of ``name``, ``name:port`` or ``[address]:port``; None when it is none of these."""
        match = _HOST.fullmatch(text.strip().lower())
        if match is None:
            return None
        port = None if match[2] in _DEFAULT_PORTS else int(match[2])
        return cls(match[1].strip("[]"), port)

    @classmethod
    def of_address(cls, address: str) -> Self | None:
        """The host of a web address or an origin; None for what is none, such as ``null``."""
        match = _WEB_ADDRESS.match(address.strip())
        return cls.read(match[1]) if match else None

    @property
    def is_address(self) -> bool:
        """Whether it is an IP address, which nobody can let lead elsewhere as the owner of a name can."""
        try:
            ip_address(self.name)
        except ValueError:
            return False
        return True

    @property
    def is_loopback_name(self) -> bool:
        """Whether it means this machine wherever it is asked."""
        return self.name == "localhost" or self.name.endswith(".localhost")

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine, by a name or by an address that cannot mean another."""
        return self.is_loopback_name or (self.is_address and ip_address(self.name).is_loopback)

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port is None else f"{name}:{self.port}"


class KnownHosts:
    """The names by which this studio is reached.

    A page on the internet can let its own name lead to any machine (DNS rebinding), and then speaks to that machine as
    if it came from there. So a name that nobody told the studio is refused.
    """

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        """``patterns`` are names that the owner gave; ``*.example.com`` stands for all below ``example.com``."""
        self.patterns = tuple(dict.fromkeys(name.lower().rstrip(".") for name in patterns))
        machine = socket.gethostname().lower()
        first = machine.partition(".")[0]
        self._names = {*self.patterns, machine, first, f"{first}.local"}
        self._below = tuple(name[1:] for name in self.patterns if name.startswith("*."))

    def __contains__(self, host: Host) -> bool:
        known = host.is_loopback_name or host.is_address or host.name in self._names
        return known or host.name.endswith(self._below)
