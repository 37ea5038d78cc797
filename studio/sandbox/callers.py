"""What a request tells of its sender."""

from __future__ import annotations

import hmac
import json
from typing import Any

from starlette.requests import Request


def base_of(request: Request) -> str:
    """Scheme and host by which the caller reached us."""
    return f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}"


def bearer_of(request: Request) -> str:
    """The key that came along, or nothing."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


async def json_of(request: Request) -> Any:
    """The body; ValueError unless it is JSON and says so."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ValueError("Content-Type must be application/json.")
    try:
        return json.loads(await request.body())
    except ValueError:
        raise ValueError("The request body is not valid JSON.") from None


def same(key: str, other: str) -> bool:
    """Whether they are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(key.encode(), other.encode())
