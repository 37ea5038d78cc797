"""What a request tells of its sender."""

from __future__ import annotations

import hmac

from starlette.requests import Request


def base_of(request: Request) -> str:
    """Scheme and host by which the caller reached us."""
    return f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}"


def bearer_of(request: Request) -> str:
    """The key that came along, or nothing."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def same(key: str, other: str) -> bool:
    """Whether they are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(key.encode(), other.encode())
