"""A small app inside of the edge, on a real socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx
import uvicorn
from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from studio.config import Settings
from studio.web.edge.stack import around, edge
from studio.web.shell.root import Root

SECRET = b"a secret of these tests"
T = TypeVar("T")


async def seen(request: Request) -> Response:
    """What reaches the routes."""
    state = request.state
    return JSONResponse(
        {
            "visitor": state.visitor,
            "token": state.visitor_token,
            "network": state.network,
            "client": request.client and request.client.host,
            "url": str(request.url),
            "path": request.url.path,
            "root": state.words.root,
            "headers": dict(request.headers),
        }
    )


METHODS = ["GET", "POST", "PUT", "DELETE"]
ROUTES: tuple[BaseRoute, ...] = (
    Route("/", seen, methods=METHODS),
    Route("/studio/jobs", seen, methods=METHODS),
    Route("/gradio_api/run/text_to_video", seen, methods=["POST"]),
)


def app(routes: tuple[BaseRoute, ...] = ROUTES, secret: bytes = SECRET, **environ: str) -> ASGIApp:
    """The edge of a studio with the settings of ``environ``."""
    settings = Settings.load(environ, Path("no.env"))
    return Root(around(Starlette(routes=list(routes)), edge(settings, secret, routes)), settings.root_path, routes)


def made(make: Callable[[], T]) -> T:
    """What ``make`` makes of Gradio's. Where no loop runs, Gradio makes one for each of its locks and closes none."""

    async def in_a_loop() -> T:
        return make()

    with start_blocking_portal() as elsewhere:  # a browser's loop may run in this thread
        return elsewhere.call(in_a_loop)


@contextmanager
def served(inner: ASGIApp) -> Iterator[httpx.Client]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(inner, log_level="critical", lifespan="off", proxy_headers=False))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@contextmanager
def edged(**environ: str) -> Iterator[httpx.Client]:
    """A client of ``app``; it keeps no cookie."""
    with served(app(**environ)) as client:
        yield client
