"""The studio's own addresses: the event stream, the media, the history's pages, what can be done to a job."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial, wraps
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from studio.errors import (
    InvalidRequest,
    MediaUnreadable,
    NameTaken,
    NoSuchFile,
    NoSuchJob,
    NoSuchPreset,
    NoSuchTask,
    NotAllowed,
    NotItsTask,
    Problem,
    SpendingLimit,
    StudioError,
    TaskTaken,
)
from studio.jobs.changes import Amended
from studio.jobs.model import Job
from studio.service import Studio
from studio.web.details import entry_view
from studio.web.text import Words
from studio.web.views import JobView, sentence, view

PAGE = 12
KEEP_ALIVE_SECONDS = 15.0
LONGEST_TASK_ID = 128
_STATUS: dict[type[StudioError], int] = {
    InvalidRequest: 400,
    MediaUnreadable: 422,
    NameTaken: 409,
    NoSuchFile: 404,
    NoSuchJob: 404,
    NoSuchPreset: 404,
    NoSuchTask: 404,
    NotAllowed: 409,
    NotItsTask: 409,
    SpendingLimit: 409,
    TaskTaken: 409,
}

Handler = Callable[[Request], Awaitable[Response]]


def routes(studio: Studio) -> list[BaseRoute]:
    pages = Pages(studio)
    return [
        Route("/studio/events", pages.events),
        Route("/studio/jobs", pages.jobs),
        Route("/studio/jobs/{job_id}", pages.job),
        Route("/studio/jobs/{job_id}/{action}", pages.act, methods=["POST"]),
        Route("/studio/media/{job_id}/{what}", pages.media),
        Route("/healthz", pages.health),
    ]


def told(handler: Callable[[Any, Request], Awaitable[Response]]) -> Callable[[Any, Request], Awaitable[Response]]:
    """Answer a studio error as JSON: ``{"error": sentence, "kind": …}``."""

    @wraps(handler)
    async def wrapped(self: Any, request: Request) -> Response:
        try:
            return await handler(self, request)
        except StudioError as error:
            words: Words = request.state.words
            body = {"error": sentence(error, words), "kind": error.kind}
            return JSONResponse(body, _STATUS.get(type(error), 503))

    return wrapped


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that is the request's body; raises InvalidRequest when it is none."""
    try:
        data = await request.json()
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise InvalidRequest(Problem("body", "something else", "a JSON object"))
    return data


class Pages:
    """The handlers. Each looks only at jobs of the visitor who asks."""

    def __init__(self, studio: Studio) -> None:
        self._engine = studio.engine
        self._library = studio.library
        self._output = studio.output_dir

    async def _show(self, job: Job, words: Words) -> JobView:
        return view(job, words, self._engine.progress(job.id), await self._engine.usual(job))

    async def events(self, request: Request) -> Response:
        """Server-sent events: first the newest page of jobs, then each job as it changes.

        What is done in the library comes as ``amended`` (the entries as they are now) and ``gone`` (ids).
        """
        visitor = request.state.visitor
        words: Words = request.state.words

        def event(**data: Any) -> str:
            return f"data: {json.dumps(data | {'now': time.time()}, ensure_ascii=False)}\n\n"

        async def newest() -> str:
            jobs = await self._engine.jobs(visitor, limit=PAGE)
            count = await self._engine.count(visitor)
            return event(jobs=[await self._show(job, words) for job in jobs], count=count, all=True)

        async def amended(ids: Sequence[str]) -> str:
            entries = await asyncio.to_thread(self._library.entries, visitor, ids)
            here = {entry.job.id for entry in entries}
            return event(
                jobs=[await self._show(entry.job, words) for entry in entries],
                amended=[entry_view(entry, words) for entry in entries],
                gone=[job_id for job_id in ids if job_id not in here],
                count=await self._engine.count(visitor),
            )

        async def stream() -> AsyncIterator[str]:
            with self._engine.changes.subscribe(visitor) as changes:
                yield f"retry: 2000\n{await newest()}"
                stop, quiet = request.app.stop_event, 0.0
                while not stop.is_set():
                    try:
                        news = await asyncio.wait_for(changes.get(), 1)
                    except TimeoutError:
                        quiet += 1
                        if quiet >= KEEP_ALIVE_SECONDS:
                            quiet = 0.0
                            yield ": still here\n\n"
                        continue
                    quiet = 0.0
                    match news:
                        case Amended(ids):
                            yield await amended(ids)
                        case Job():
                            yield event(jobs=[await self._show(news, words)])
                        case None:
                            yield await newest()

        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)

    @told
    async def jobs(self, request: Request) -> Response:
        """A page of the history, newest first: ``?before=<id of the last job seen>``."""
        words: Words = request.state.words
        before = request.query_params.get("before")
        jobs = await self._engine.jobs(request.state.visitor, before=before, limit=PAGE)
        return JSONResponse({"jobs": [await self._show(job, words) for job in jobs], "more": len(jobs) == PAGE})

    @told
    async def job(self, request: Request) -> Response:
        """One job with its history."""
        visitor, job_id = request.state.visitor, request.path_params["job_id"]
        words: Words = request.state.words
        job = await self._engine.job(visitor, job_id)
        history = await self._engine.history(visitor, job_id)
        return JSONResponse({**view(job, words), "history": [vars(event) for event in history]})

    @told
    async def act(self, request: Request) -> Response:
        """Do one of the actions that the job's view names; ``adopt`` takes ``{"task_id": …}``."""
        actions: dict[str, Callable[[str, str], Awaitable[Job]]] = {
            "adopt": partial(self._adopt, request),
            "cancel": self._engine.cancel,
            "save-again": self._engine.save_again,
            "send-again": self._engine.send_again,
            "send-anyway": self._engine.send_anyway,
            "stop": self._engine.stop_watching,
            "watch": self._engine.watch_again,
        }
        action = actions.get(request.path_params["action"])
        if action is None:
            return Response(status_code=404)
        job = await action(request.state.visitor, request.path_params["job_id"])
        return JSONResponse(view(job, request.state.words))

    async def _adopt(self, request: Request, visitor: str, job_id: str) -> Job:
        task_id = str((await body_of(request)).get("task_id", "")).strip()
        if not 0 < len(task_id) <= LONGEST_TASK_ID:
            raise NoSuchTask("Enter the id of a task.")
        return await self._engine.adopt(visitor, job_id, task_id)

    @told
    async def media(self, request: Request) -> Response:
        """A finished video, its poster or its record, to its owner alone; byte ranges are served."""
        job = await self._engine.job(request.state.visitor, request.path_params["job_id"])
        found = _file_of(job, request.path_params["what"], self._output)
        if found is None or not found[0].is_file():
            return Response(status_code=404)
        path, media_type = found
        return FileResponse(
            path,
            media_type=media_type,
            filename=path.name if request.query_params.get("download") else None,
            headers={"Cache-Control": "private, max-age=86400", "Content-Security-Policy": "sandbox"},
        )

    async def health(self, _: Request) -> Response:
        return JSONResponse({"ok": True})


def _file_of(job: Job, what: str, output: Path) -> tuple[Path, str] | None:
    video = job.video
    if video is None:
        return None
    path = output / video.path
    if what == "video":
        return path, "video/mp4"
    if what == "poster" and video.poster:
        return output / video.poster, "image/jpeg"
    if what == "evidence":
        return path.with_suffix(".json"), "application/json"
    return None
