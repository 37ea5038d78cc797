"""Whether the studio knows who has the page open: where cookies are blocked, the page says so at once."""

from __future__ import annotations

from typing import TypedDict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route


class KnownView(TypedDict):
    """Whether the studio knows the visitor."""

    known: bool


def visitor_routes() -> list[BaseRoute]:
    return [Route("/studio/visitor", known)]


async def known(request: Request) -> Response:
    """The cookie is out of reach for the page's own scripts."""
    answer: KnownView = {"known": request.state.known}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})
