"""Whether the studio knows who has the page open: where cookies are blocked, the page says so at once."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route


def visitor_routes() -> list[BaseRoute]:
    return [Route("/studio/visitor", known)]


async def known(request: Request) -> Response:
    """``{"known": …}``: the cookie is out of reach for the page's own scripts."""
    return JSONResponse({"known": request.state.known}, headers={"Cache-Control": "no-store"})
