"""The address that reads settings out of a dropped video or record."""

from __future__ import annotations

import asyncio
from typing import Any, TypedDict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from studio.errors import NoSuchFile
from studio.jobs.save.metadata import digests_in, settings_in
from studio.media.vault import Vault
from studio.service import Studio
from studio.web.answers import RefusalView, answers_errors

MAX_BYTES = 32 << 20
"""The page sends of a video the index alone: a few kilobytes."""


class RestoredView(TypedDict):
    """Settings that fill a form in."""

    settings: dict[str, Any]
    note: str
    """On files that are not here."""


def restore_routes(studio: Studio) -> list[BaseRoute]:
    return [Route("/studio/restore", Restore(studio.vault).settings, methods=["POST"])]


class Restore:
    """The handler."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    @answers_errors
    async def settings(self, request: Request) -> Response:
        """The settings in the body: a video, its index or its record; and a note on files that are not here."""
        words, data = request.state.words, bytearray()
        async for chunk in request.stream():
            data += chunk
            if len(data) > MAX_BYTES:
                break
        settings = await asyncio.to_thread(settings_in, bytes(data)) if len(data) <= MAX_BYTES else None
        if settings is None:
            refused: RefusalView = {"error": words("restore.none")}
            return JSONResponse(refused, 422)
        missing = await asyncio.to_thread(self._missing, request.state.visitor, digests_in(settings))
        note = words.count("restore.missing", missing) if missing else ""
        restored: RestoredView = {"settings": settings, "note": note}
        return JSONResponse(restored)

    def _missing(self, visitor: str, digests: list[str]) -> int:
        """How many of the files the visitor would have to add again."""
        count = 0
        for sha256 in digests:
            try:
                self._vault.file(visitor, sha256)
            except NoSuchFile:
                count += 1
        return count
