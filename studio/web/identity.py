"""Who is asking: a signed cookie for browsers, a signed token for scripts; and what nobody may ask.

Pure ASGI, since a response-buffering middleware would hold the event stream back. Routes and Gradio's events find the
visitor's id in ``request.state.visitor`` and the texts in the visitor's language in ``request.state.words``.
"""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

import gradio as gr
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.web.text import Words, words_for

HEADER = "x-studio-visitor"
LANGUAGE_COOKIE = "happyhorse-language"
"""What the visitor chose on the page; it goes before what the browser asks for."""
YEAR = 365 * 86400

_CLOSED = re.compile(
    r"^/gradio_api/(deep_link|file/|file=https?:|proxy=|vibe|run-history|runs|process_recording)|^/monitoring"
)
"""Parts of Gradio that would hand out what visitors typed, or fetch what anyone names."""

_CLOSED_RANGE = re.compile(r"bytes=(\d+)-\d+$")


def visitor_of(request: gr.Request) -> str:
    """The visitor behind a Gradio event."""
    assert request.request is not None
    visitor: str = request.request.state.visitor
    return visitor


def words_of(request: gr.Request) -> Words:
    """The texts in the language of who is behind a Gradio event."""
    assert request.request is not None
    words: Words = request.request.state.words
    return words


class Identity:
    """Signs and reads visitor tokens: ``<id>.<signature>``."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def token(self, visitor: str) -> str:
        return f"{visitor}.{hmac.new(self._secret, visitor.encode(), sha256).hexdigest()[:40]}"

    def read(self, token: str) -> str | None:
        """The visitor's id, or None when the token is not one of ours."""
        visitor = token.rpartition(".")[0]
        good = visitor and token.isascii() and hmac.compare_digest(self.token(visitor), token)
        return visitor if good else None


class Visitors:
    """Middleware: gives every request its visitor, and a browser without one its cookie."""

    def __init__(self, app: ASGIApp, identity: Identity, *, on_space: bool) -> None:
        self._app = app
        self._identity = identity
        # A Space's page stands in a frame of another site: its cookie must be allowed there, and only there.
        self._cookie = "__Host-happyhorse" if on_space else "happyhorse"
        self._attributes = "; Secure; SameSite=None; Partitioned" if on_space else "; SameSite=Lax"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if _CLOSED.match(scope["path"].removeprefix(scope.get("root_path", ""))):
            return await PlainTextResponse("", 404)(scope, receive, send)
        headers = Headers(scope=scope)
        cookies = _cookies(headers)
        words = words_for(cookies.get(LANGUAGE_COOKIE) or headers.get("accept-language"))
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and _is_foreign(headers):
            return await JSONResponse({"error": words("foreign_origin")}, 403)(scope, receive, send)
        visitor = None
        if token := headers.get(HEADER):
            visitor = self._identity.read(token)
            if visitor is None:
                return await JSONResponse({"error": words("bad_visitor")}, 401)(scope, receive, send)
        visitor = visitor or self._identity.read(cookies.get(self._cookie, ""))
        new = visitor is None
        visitor = visitor or secrets.token_urlsafe(18)
        scope.setdefault("state", {}).update(visitor=visitor, visitor_token=self._identity.token(visitor), words=words)
        _open_range(scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.setdefault("x-content-type-options", "nosniff")
                if new and scope["path"] == "/":
                    cookie = f"{self._cookie}={self._identity.token(visitor)}; Path=/; HttpOnly; Max-Age={YEAR}"
                    answer.append("set-cookie", cookie + self._attributes)
                if scope["path"].startswith(("/assets/", "/static/")):
                    answer["cache-control"] = f"public, max-age={YEAR}, immutable"
            await send(message)

        return await self._app(scope, receive, with_headers)


def _cookies(headers: Headers) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _is_foreign(headers: Headers) -> bool:
    """Whether a page of another origin sent this. Scripts send no Origin and carry no cookie: they pass."""
    origin = headers.get("origin")
    if not origin:
        return False
    host = headers.get("x-forwarded-host") or headers.get("host")
    return urlsplit(origin).netloc != host


def _open_range(scope: Scope) -> None:
    """Make a closed range on Gradio's own files an open one: it serves those quickly and without echoing headers."""
    if not scope["path"].startswith("/gradio_api/file="):
        return
    headers = MutableHeaders(scope=scope)
    if closed := _CLOSED_RANGE.match(headers.get("range", "")):
        headers["range"] = f"bytes={closed[1]}-"
