"""The page's files, its own and Gradio's, answered before anything else is asked.

They are the same for everyone and never change under their address, so they need none of what stands around the other
routes: no visitor, no policy. A page is some eighty of them, which the one process would otherwise spend half a second
on; and a thousand bytes of headers each are more than many of the files.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from studio.web.edge.cookies import YEAR
from studio.web.shell.assets import ASSETS, FRONTEND, Served, served
from studio.web.shell.packing import Packed

_TYPES = {".js": "text/javascript", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
"""A module is UTF-8 whatever is said of it."""


class _File(NamedTuple):
    media_type: str
    packed: Packed

    @property
    def is_text(self) -> bool:
        """Whether packing makes it smaller: a picture is packed as it is."""
        return self.media_type.startswith("text/")


class Statics:
    """Middleware that answers ``GET`` for ``/studio/assets/…``, for Gradio's own ``/assets/…``, and for the sheet of
    its theme, for which its page waits before it draws."""

    def __init__(self, app: ASGIApp, theme: str, theme_version: str) -> None:
        """``theme`` is the sheet, and ``theme_version`` what Gradio asks for it by."""
        self._app = app
        self._own: Mapping[str, Served] = served()
        self._theme = _File(_TYPES[".css"], Packed(theme.encode()))
        self._theme_query = f"v={theme_version}".encode()
        self._folder = FRONTEND / "assets"
        self._names = {path.name for path in self._folder.iterdir() if path.suffix in _TYPES}
        self._files: dict[str, _File] = {}
        self._asked = threading.Event()
        threading.Thread(target=self._squeeze, name="statics", daemon=True).start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        file = self._find(scope) if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") else None
        if file is None:
            return await self._app(scope, receive, send)
        accepted = Headers(scope=scope).get("accept-encoding", "") if file.is_text else ""
        encoding, body = await file.packed.ready(accepted)
        headers = [
            (b"content-type", file.media_type.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", f"max-age={YEAR}, immutable".encode()),
            (b"vary", b"Accept-Encoding"),
            (b"x-content-type-options", b"nosniff"),
            # else another site could tell by an element of its page whether this studio runs here
            (b"cross-origin-resource-policy", b"same-origin"),
        ]
        if encoding:
            headers.append((b"content-encoding", encoding.encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        return None

    def _find(self, scope: Scope) -> _File | None:
        """The file at an address; None where there is none, which others answer. A version of the page's own files that
        is not this one is none: nobody may keep today's content under yesterday's address."""
        path = scope["path"]
        own = self._own.get(path.removeprefix(ASSETS)) if path.startswith(ASSETS) else None
        if own is not None and scope["query_string"] != f"v={own.version}".encode():
            return None
        if path == "/theme.css" and scope["query_string"] == self._theme_query:
            return self._theme
        known = self._files.get(path)
        if known is not None:
            return known
        if own is not None:
            found: _File | None = _File(own.media_type, Packed(own.content))
        else:
            name = path.removeprefix("/assets/")
            is_there = path.startswith("/assets/") and name in self._names
            found = _File(_TYPES[Path(name).suffix], Packed((self._folder / name).read_bytes())) if is_there else None
        if found is not None:
            self._files[path] = found
            self._asked.set()
        return found

    def _squeeze(self) -> None:
        """Packs better, one after another and in a thread, what was asked for once."""
        while self._asked.wait():
            self._asked.clear()
            for file in [self._theme, *self._files.values()]:
                if file.is_text and not file.packed.small:
                    file.packed.squeeze()
