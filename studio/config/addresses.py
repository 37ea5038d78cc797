"""Addresses, paths and names as they stand in settings. What reads one raises ValueError that says how to write it."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from studio.system.hosts import Host


def listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def host_names(text: str) -> tuple[str, ...]:
    for name in listed(text):
        host = Host.read(name.removeprefix("*."))
        if host is None or host.port is not None:
            raise ValueError(f"{name} is no name of a host: write it as studio.example.com, without https:// and port")
    return listed(text)


def origins(text: str) -> tuple[str, ...]:
    for origin in listed(text):
        if Host.of_address(origin) is None:
            raise ValueError(f"{origin} is no origin: write it as https://studio.example.com")
    return listed(text)


def clean_path(path: str) -> str:
    """``path`` with a slash before it and none behind; raises ValueError for what no proxy can show a studio below."""
    path = path.strip("/")
    if not path:
        return ""
    if not re.fullmatch(r"[\w.~-]+(/[\w.~-]+)*", path, re.ASCII) or {".", ".."} & set(path.split("/")):
        raise ValueError("must have a path of letters, digits and - . _ ~ such as /studio")
    if path.split("/")[0] in ("assets", "gradio_api", "static"):
        raise ValueError("must not have a path that begins with one of the studio's own: choose another")
    return f"/{path}"


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_public(url: str) -> bool:
    """Whether everyone in the internet can mean the same by the host of ``url``; names are not looked up."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa"))
