"""Whether the studio lives, takes work, and how it does: for whoever watches over the process.

    /livez    the event loop turns
    /readyz   work is taken: 200, else 503
    /healthz  the same with all that is known, on the machine itself; a stranger learns no more than by ``/readyz``

None of them waits for the database or a disk: what does not answer in a second counts as not answering.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from studio.accounts.account import in_sandbox
from studio.service import Studio
from studio.system.disk import Room
from studio.web.edge.loopback import is_local


def health_routes(studio: Studio) -> list[BaseRoute]:
    health = Health(studio)
    return [Route("/livez", health.live), Route("/readyz", health.ready), Route("/healthz", health.all)]


class Health:
    """The handlers. They ask nothing of the visitor."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._thread = ThreadPoolExecutor(1, "health")
        self._measuring: Future[dict[str, Any]] | None = None

    async def live(self, _: Request) -> Response:
        return _answer({"ok": True})

    async def ready(self, request: Request) -> Response:
        """200 or 503; on the machine itself with the reasons."""
        found = await self._all()
        reasons = self._reasons(found)
        report: dict[str, Any] = {"ok": not reasons}
        if is_local(request):
            report |= {"reasons": reasons} | {name: found[name] for name in ("takes_paid_work", "missing_settings")}
        return _answer(report)

    async def all(self, request: Request) -> Response:
        """200 or 503; on the machine itself with everything."""
        found = await self._all()
        reasons = self._reasons(found)
        ok = {"ok": not reasons}
        return _answer({**ok, "reasons": reasons, **found} if is_local(request) else ok)

    async def _all(self) -> dict[str, Any]:
        studio = self._studio
        sandbox = None if studio.sandbox is None else studio.sandbox.running
        missing = studio.limits.missing
        return {
            "takes_paid_work": not missing and any(account.live for account in studio.engine.offered.values()),
            "missing_settings": list(missing),
            **await self._measured(),
            "written_seconds_ago": round(studio.engine.silence, 1),
            "watchers": studio.engine.watching(),
            "sandbox": sandbox,
            "sandbox_needed": any(in_sandbox(account.name) for account in studio.engine.offered.values()),
        }

    async def _measured(self) -> dict[str, Any]:
        """What a thread of its own finds out; however often it is asked, one at a time, and nobody waits for long."""
        measuring = self._measuring
        if measuring is None or measuring.done():
            measuring = self._measuring = self._thread.submit(self._measure)
        try:
            asked = asyncio.shield(asyncio.wrap_future(measuring))
            return await asyncio.wait_for(asked, self._studio.pace.health_seconds)
        except TimeoutError:
            return {"database": False, "free_bytes": None, "reserve_bytes": None}

    def _reasons(self, found: dict[str, Any]) -> list[str]:
        """Why no work is taken."""
        reasons = []
        if not found["database"] or found["written_seconds_ago"] > self._studio.pace.silent_seconds:
            reasons.append("database")
        free = found["free_bytes"]
        if free is not None and (free <= 0 or free < found["reserve_bytes"]):  # what is under way has to be saved
            reasons.append("disk")
        if found["sandbox_needed"] and not found["sandbox"]:
            reasons.append("sandbox")
        return reasons

    def _measure(self) -> dict[str, Any]:
        settings = self._studio.settings
        try:
            rooms = [self._studio.reserve.room(folder) for folder in (settings.output_dir, settings.data_dir)]
            least = min(rooms, key=lambda room: room.beside)
        except OSError:
            least = Room(0, 0)
        return {
            "database": self._studio.engine.store.answers(),
            "free_bytes": least.free,
            "reserve_bytes": least.reserve,
        }


def _answer(report: dict[str, Any]) -> Response:
    return JSONResponse(report, 200 if report["ok"] else 503, headers={"Cache-Control": "no-store"})
