"""The page itself, rendered once and kept compressed: Gradio would render and send it in full for every visit.

What Gradio itself puts into the head comes too late for a script that it is to find there, so ours is put in here.
"""

from __future__ import annotations

import gzip

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_VARIES_BY = ("host", "x-forwarded-proto", "x-forwarded-host", "x-gradio-server", "x-direct-url")
_MOST_KEPT = 32


class PageCache:
    """Middleware that answers ``GET /`` from memory. The page is the same for every visitor and every query."""

    def __init__(self, app: ASGIApp, head: str) -> None:
        """``head`` is what the page's head is to begin with."""
        self._app = app
        self._head = head
        self._pages: dict[tuple[str | None, ...], tuple[bytes, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET"
        if not wanted:
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        key = tuple(headers.get(name) for name in _VARIES_BY)
        status, page = 200, self._pages.get(key)
        if page is None:
            status, body = await self._render(scope, receive)
            page = body, gzip.compress(body, 6)
            if status == 200 and len(self._pages) < _MOST_KEPT:
                self._pages[key] = page
        plain, packed = page
        zipped = "gzip" in headers.get("accept-encoding", "")
        body = packed if zipped else plain
        answer = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"vary", b"Accept-Encoding"),
            (b"cache-control", b"no-cache"),
        ]
        if zipped:
            answer.append((b"content-encoding", b"gzip"))
        await send({"type": "http.response.start", "status": status, "headers": answer})
        await send({"type": "http.response.body", "body": body})
        return None

    async def _render(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        status, parts = 0, []

        async def keep(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                parts.append(message.get("body", b""))

        await self._app(scope, receive, keep)
        return status, b"".join(parts).replace(b"<head>", f"<head>{self._head}".encode(), 1)
