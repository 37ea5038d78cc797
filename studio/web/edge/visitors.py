"""Gives every request its visitor, and refuses what a page of another site or an unknown browser would change."""

from __future__ import annotations

from collections.abc import Collection

from starlette._utils import get_route_path
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.system.hosts import Host
from studio.visitors.tokens import HEADER, NOBODY
from studio.web.edge.answers import refusal, words_at
from studio.web.edge.cookies import Cookies
from studio.web.edge.origins import Foreign, refuse_other_sites

_READING = ("GET", "HEAD", "OPTIONS")
_DOCUMENTS = ("", "document", "iframe", "frame", "embed", "object")


class Visitors:
    """Middleware. A visitor is made when a page is loaded, and for a script that comes without a token to make a job.

    Never for what else a browser sends: its cookie would not be kept, and what it makes would belong to nobody.
    """

    def __init__(
        self, app: ASGIApp, cookies: Cookies, *, own: Collection[Host] = (), public: Host | None = None
    ) -> None:
        """``own`` are the hosts whose pages are the studio's; ``public`` the one that is reached by https for sure."""
        self._app = app
        self._cookies = cookies
        self._own = own
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers, words = Headers(scope=scope), words_at(scope)
        changes = scope["method"] not in _READING
        if changes:
            try:
                refuse_other_sites(headers, scope["state"]["addressed"], self._own)
            except Foreign as error:
                answer = refusal(scope, 403, "foreign_origin", header=error.header, value=error.value)
                return await answer(scope, receive, send)
        identity = self._cookies.identity
        visitor = self._cookies.visitor(headers)
        if token := headers.get(HEADER):
            visitor = identity.read(token)
            if visitor is None:
                return await refusal(scope, 401, "bad_visitor")(scope, receive, send)
        loads = not changes and _loads_page(scope, headers)
        if visitor is None and changes and _is_browsers(headers):
            return await refusal(scope, 401, "no_visitor")(scope, receive, send)
        known = visitor is not None
        if visitor is None and (changes or loads):
            visitor = identity.new()
        scope["state"].update(
            visitor=visitor or NOBODY,
            visitor_token=identity.token(visitor) if visitor else "",
            known=known,
            words=words,
        )

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400 and visitor is not None:
                cookie = self._cookies.header(visitor, secure=self._is_secure(scope, headers))
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        return await self._app(scope, receive, with_cookie if loads and not token else send)

    def _is_secure(self, scope: Scope, headers: Headers) -> bool:
        """Whether the page came by https, or from where it does for all that the settings tell.

        Browsers take a cookie for https from this very machine too, but not from another one by plain http: there it
        would be lost.
        """
        host = Host.read(headers.get("host", ""))
        near = host is not None and (host == self._public or host.is_loopback)
        return scope["scheme"] == "https" or (self._public is not None and near)


def _is_browsers(headers: Headers) -> bool:
    """Whether a browser sent this: they alone speak of origins and fetches, and keep cookies."""
    return any(name in ("origin", "cookie") or name.startswith("sec-fetch-") for name in headers)


def _loads_page(scope: Scope, headers: Headers) -> bool:
    """Whether the page is opened in a tab or a frame, and not fetched by a script of some page."""
    mode, dest = headers.get("sec-fetch-mode", "navigate"), headers.get("sec-fetch-dest", "")
    at_root = get_route_path(scope) in ("", "/")
    return scope["method"] == "GET" and at_root and mode == "navigate" and dest in _DOCUMENTS
