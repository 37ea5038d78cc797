"""The path below which a proxy shows the studio, whether the proxy takes it off before it asks us or leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from studio.web.edge.headers import AnswerHeaders
from studio.web.shell.assets import ASSETS, served


class Root:
    """Middleware, the outermost: what is inside sees paths that begin at the studio, and ``state["root"]``."""

    def __init__(self, app: ASGIApp, root: str, routes: Sequence[BaseRoute]) -> None:
        """``root`` is such as ``/studio``, or empty; ``routes`` are our own, of which one may begin alike."""
        self._app = app
        self._root = root
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        root, path = self._root, scope["path"]
        if root and path == root and scope["type"] == "http":
            # Relative addresses of the page begin behind its last slash.
            query = scope["query_string"].decode("latin-1")
            answer = AnswerHeaders(RedirectResponse(f"{root}/" + (query and f"?{query}")))
            return await answer(scope, receive, send)
        scope = {**scope, "root_path": "", "state": {**scope.get("state", {}), "root": root}}
        if root and path.startswith(f"{root}/") and not self._ours(path):
            scope["path"] = path.removeprefix(root)
            raw = scope.get("raw_path") or quote(path).encode()
            scope["raw_path"] = raw.removeprefix(root.encode())
        return await self._app(scope, receive, send)

    def _ours(self, path: str) -> bool:
        """Whether ``path`` is an address of ours as it stands: a studio may stand below ``/studio``."""
        asked = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
        if path.removeprefix(ASSETS) in served():
            return True
        return any(route.matches(asked)[0] is not Match.NONE for route in self._routes)
