"""An exception that nobody foresaw: a number for who asked, and the trace with that number for the log.

Nothing of the exception's own words reaches a visitor: they may hold paths, addresses or what another one typed.
"""

from __future__ import annotations

import logging
import secrets

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.web.edge.answers import refusal, words_at

log = logging.getLogger(__name__)


def report(error: BaseException, what: str) -> str:
    """Log the trace of ``error``, which came of ``what``; the number by which it is found there."""
    number = secrets.token_hex(4)
    log.error("Incident %s: %s", number, what, exc_info=error)
    return number


async def unforeseen(request: Request, error: Exception) -> Response:
    """What Starlette answers where a route raises; nobody is left to be answered where the client has gone."""
    if isinstance(error, ClientDisconnect) or _comes_late(error):
        return Response(status_code=400)
    number = report(error, f"{request.method} {request.url.path}")
    request.state.incident = number
    return JSONResponse({"error": words_at(request.scope)("unforeseen", id=number), "kind": "unforeseen"}, 500)


def _comes_late(error: Exception) -> bool:
    """Whether it is a refusal in the middle of an answer, as by Gradio in the stream of a session that it knows not."""
    return isinstance(error.__cause__, HTTPException)


async def malformed(request: Request, error: Exception) -> Response:
    """What FastAPI answers where a request has not the form that a route of Gradio's takes."""
    assert isinstance(error, RequestValidationError)
    (first, *_) = error.errors()
    where = ".".join(str(part) for part in first["loc"] if first["type"] != "json_invalid" or part == "body")
    return refusal(request.scope, 400, "malformed", where=where)


class Incidents:
    """Middleware: an exception ends here. What was not answered yet is, and what was not logged yet is too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            pass
        except Exception as error:
            if begun and _comes_late(error):
                await send({"type": "http.response.body"})
                return
            if "incident" in scope["state"]:
                return
            answer = await unforeseen(Request(scope), error)
            if not begun:
                await answer(scope, receive, send)
