"""What providers may ask, and so anyone: files by signed links, and to be heard when a task has ended."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from studio.accounts.configured import CALLBACKS
from studio.media.links import PATH
from studio.providers.clouds import CLIENTS
from studio.service import Studio

LONGEST_ID = 128


def public_routes(studio: Studio) -> list[BaseRoute]:
    doors = Public(studio)
    return [Route(f"{PATH}{{token}}", doors.file), Route(CALLBACKS, doors.called_back, methods=["POST"])]


class Public:
    """The handlers. Neither knows a visitor."""

    def __init__(self, studio: Studio) -> None:
        self._engine = studio.engine
        self._vault = studio.vault
        self._links = studio.links

    async def file(self, request: Request) -> Response:
        """The file that a link names, whole or in ranges, as long as the link lasts."""
        sha256 = self._links.read(request.path_params["token"])
        path = self._vault.path(sha256) if sha256 else None
        if sha256 is None or path is None or not await asyncio.to_thread(path.is_file):
            return Response(status_code=404)
        media_type = await asyncio.to_thread(self._vault.media_type, sha256)
        headers = {"Cache-Control": "private", "Content-Security-Policy": "sandbox", "X-Robots-Tag": "noindex"}
        return FileResponse(path, media_type=media_type, headers=headers)

    async def called_back(self, request: Request) -> Response:
        """A cloud, or anyone, says that a task has ended. It is unsigned, so the task's own state decides.

        The body is not even read, and all callers get the same answer, which also tells nobody which tasks there are.
        """
        for name, cloud in CLIENTS.items():
            task_id = cloud.called_back(request.headers)
            if task_id and len(task_id) <= LONGEST_ID:
                self._engine.hint(name, task_id)
        return Response(status_code=204)
