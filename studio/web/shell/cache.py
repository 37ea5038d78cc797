"""The page itself, rendered once and kept compressed: Gradio would render and send it in full for every visit.

What Gradio itself puts into the head comes too late for a script that it is to find there, so ours is put in here.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.web.shell.packing import Packed

_RESIZER = re.compile(rb"(script\.async = true;\s*)(document\.head\.appendChild\(script\))")
"""Gradio's page asks for a script by which a page that frames it learns how tall it is."""
_IN_FRAMES = rb"\1if (parent !== window) \2"
MOST_KEPT = 32
"""Pages in memory, one for each way by which the studio is reached. Invented ways push out what nobody uses."""
_RENDERED = ("/", "/config", "/config/")
_RESET = re.compile(rb'<link rel="stylesheet" crossorigin href="(\./assets/index-[\w-]+\.css)">')
"""Gradio's rules for all elements of a kind, whoever made them."""
_LAYERED = (
    rb'<script>document.head.append(Object.assign(document.createElement("link"), '
    rb'{ rel: "stylesheet", disabled: true, href: "\1" }));</script>'
)
"""The studio's sheet has them in a layer below its own. The link stays: a script that misses it would bring it back. It
is made by a script, since browsers fetch ahead also what a disabled link in the text names."""


class PageCache:
    """Middleware that answers ``GET /`` from memory. The page is the same for every visitor and every query."""

    def __init__(self, app: ASGIApp, head: str, first: str = "") -> None:
        """``head`` is what the page's head is to begin with, ``first`` what is seen until Gradio has begun."""
        self._app = app
        self._head = head
        self._first = first
        self._pages: OrderedDict[tuple[str, ...], Packed] = OrderedDict()
        self._turn = asyncio.Lock()
        """Rendering keeps a processor busy: many at once, by invented ways, would keep everybody else waiting."""
        self._squeezing: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/":
            # What Gradio would read there changes the page, which is for all, or is none of its pages.
            scope = {**scope, "query_string": b""}
        if scope["type"] != "http" or scope["path"] not in _RENDERED:
            return await self._app(scope, receive, send)
        if scope["path"] != "/" or scope["method"] != "GET":
            async with self._turn:
                messages = await self._answer(scope, receive)
            for message in messages:
                await send(message)
            return None
        headers = Headers(scope=scope)
        # The host is one that the edge has judged, and the scheme what it found: nothing else goes into the page.
        key = (scope["scheme"], headers.get("host", ""), scope.get("root_path", ""))
        status, page = 200, self._pages.get(key)
        if page is None:
            async with self._turn:
                page = self._pages.get(key)
                if page is None:
                    status, body = await self._render(scope, receive)
                    page = Packed(body)
                    if status == 200:
                        self._pages[key] = page
                        if len(self._pages) > MOST_KEPT:
                            self._pages.popitem(last=False)
        elif not page.small and (self._squeezing is None or self._squeezing.done()):
            # Only what is asked for again, and one after another: see _turn.
            self._squeezing = asyncio.create_task(asyncio.to_thread(page.squeeze))
        if key in self._pages:
            self._pages.move_to_end(key)
        encoding, body = page.body(headers.get("accept-encoding", ""))
        answer = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"vary", b"Accept-Encoding"),
            (b"cache-control", b"no-cache"),
        ]
        if encoding:
            answer.append((b"content-encoding", encoding.encode()))
        await send({"type": "http.response.start", "status": status, "headers": answer})
        await send({"type": "http.response.body", "body": body})
        return None

    async def _render(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        start, *rest = await self._answer(scope, receive)
        page = b"".join(message.get("body", b"") for message in rest)
        page = page.replace(b"<head>", f"<head>{self._head}".encode(), 1)
        page = page.replace(b"<gradio-app", f"{self._first}<gradio-app".encode(), 1)
        page = _RESET.sub(_LAYERED, page)
        page = _RESIZER.sub(_IN_FRAMES, page)
        page = page.replace(b'href="/manifest.json"', b'href="manifest.json"', 1)  # it forgets the path
        return start["status"], page

    async def _answer(self, scope: Scope, receive: Receive) -> list[Message]:
        """The app's whole answer, to be sent when the turn is over: who takes it slowly holds nobody up."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        return messages
