"""Which of Gradio's addresses anyone may ask: those that the page and the named API need, and no others.

What is not named here is answered 404, so that a new version of Gradio opens no door. A test lists every route of the
running app and fails on one that is neither named here nor judged there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from starlette._utils import get_route_path
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from studio.web.negotiation import encoding_for

_READ = ("GET", "HEAD")
_SEND = ("POST",)
OPEN: Mapping[str, tuple[str, ...]] = {
    # The page
    "/": _READ,
    "/assets/{path:path}": _READ,
    "/config": _READ,
    "/config/": _READ,
    "/favicon.ico": _READ,
    "/gradio_api/app_id": _READ,
    "/gradio_api/app_id/": _READ,
    "/gradio_api/heartbeat/{session_hash}": _READ,
    "/gradio_api/info": _READ,
    "/gradio_api/info/": _READ,
    "/gradio_api/queue/data": _READ,
    "/gradio_api/queue/join": _SEND,
    "/gradio_api/startup-events": _READ,
    "/manifest.json": _READ,
    "/robots.txt": _READ,
    "/static/{path:path}": _READ,
    "/theme.css": _READ,
    # The named API and its clients
    "/gradio_api/api/{api_name}": _SEND,
    "/gradio_api/api/{api_name}/": _SEND,
    "/gradio_api/call/v2/{api_name}": _SEND,
    "/gradio_api/call/v2/{api_name}/": _SEND,
    "/gradio_api/call/v2/{api_name}/{event_id}": _READ,
    "/gradio_api/call/{api_name}": _SEND,
    "/gradio_api/call/{api_name}/": _SEND,
    "/gradio_api/call/{api_name}/{event_id}": _READ,
    "/gradio_api/cancel": _SEND,
    "/gradio_api/file={path_or_url:path}": _READ,
    "/gradio_api/reset": _SEND,
    "/gradio_api/reset/": _SEND,
    "/gradio_api/run/{api_name}": _SEND,
    "/gradio_api/run/{api_name}/": _SEND,
    "/gradio_api/upload": _SEND,
}
"""Gradio's routes as it spells them, and the methods they are open for."""

LONGEST_NAME, LONGEST_PATH = 255, 2048
"""Bytes of a file's name, and of the path to it: longer ones can be none, and systems raise errors at them."""

_OPEN = [(compile_path(template)[0], methods) for template, methods in OPEN.items()]
_CLOSED_RANGE = re.compile(r"bytes=(\d+)-\d+$")


class GradioDoors:
    """Middleware: 404 for what is neither a route of the studio's own nor open."""

    def __init__(self, app: ASGIApp, own: Iterable[BaseRoute] = ()) -> None:
        self._app = app
        self._own = tuple(own)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1000})
        if scope["type"] == "http":
            if not self._is_open(scope):
                return await PlainTextResponse("", 404)(scope, receive, send)
            _open_range(scope)
            _name_one_encoding(scope)
        return await self._app(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        path = get_route_path(scope) or "/"
        if any(methods_allow(methods, scope["method"]) and regex.match(path) for regex, methods in _OPEN):
            names = path.encode().split(b"/")
            return len(path.encode()) <= LONGEST_PATH and max(map(len, names)) <= LONGEST_NAME
        return any(route.matches(scope)[0] is not Match.NONE for route in self._own)


def methods_allow(methods: tuple[str, ...], method: str) -> bool:
    """OPTIONS asks what may be asked."""
    return method in methods or method == "OPTIONS"


def _open_range(scope: Scope) -> None:
    """Make a closed range on Gradio's own files an open one: it serves those quickly and without echoing headers."""
    if not get_route_path(scope).startswith("/gradio_api/file="):
        return
    headers = MutableHeaders(scope=scope)
    if closed := _CLOSED_RANGE.match(headers.get("range", "")):
        headers["range"] = f"bytes={closed[1]}-"


def _name_one_encoding(scope: Scope) -> None:
    """Ask Gradio for the one encoding that is to be used: it takes the name of any that stands anywhere in the header,
    even where the header says that it is not wanted."""
    headers = MutableHeaders(scope=scope)
    if "accept-encoding" in headers:
        headers["accept-encoding"] = encoding_for(headers["accept-encoding"]) or "identity"
