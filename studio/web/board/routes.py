"""The studio's own addresses: the event stream, the media, the history's pages, what can be done to a job."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NotRequired, TypedDict

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from studio.errors import NoSuchTask
from studio.jobs.changes import Amended
from studio.jobs.model import Job, VideoFile
from studio.library.history import record_name
from studio.service import Studio
from studio.system.parsing import text
from studio.web.answers import LONGEST_ID, answers_errors, body_of, not_found
from studio.web.board.views import JobView, view
from studio.web.history.details import EntryView, entry_view
from studio.web.money.keys import key_access
from studio.web.stored import answer, reading
from studio.web.text import Translation
from studio.web.visitors.asker import idempotency_of, network_of, shown_of, visitor_at

PAGE = 12
KEEP_ALIVE_SECONDS = 15.0
"""After so long without news the stream says that it lives; the page gives up on one that is silent for 40 s."""
PADDING = ":" + " " * 16384 + "\n\n"
"""A comment that the stream begins with: some hops hold the first bytes of an answer back, to look at what it is.

nginx and Caddy need none, as measured: the one heeds ``X-Accel-Buffering``, the other passes event streams on at once.
"""
LONGEST_TASK_ID = 128
REDIRECT_SECONDS = 6 * 3600.0
"""How long a player can go on from the address of a video that it was sent to."""


class NewsView(TypedDict):
    """What the stream tells of at a time."""

    jobs: list[JobView]
    """As they are now."""
    count: NotRequired[int]
    """Of all the visitor's jobs, where it may have changed."""
    all: NotRequired[bool]
    """The jobs are the newest page: one between them that is not named is gone."""
    amended: NotRequired[list[EntryView]]
    """What was done to in the library, as it is now."""
    gone: NotRequired[list[str]]
    """The ids of those that are there no more."""
    now: float
    """Seconds since 1970, UTC, by the studio's clock."""


class JobsView(TypedDict):
    """A page of the jobs, newest first."""

    jobs: list[JobView]
    more: bool
    """Whether there may be older ones."""


class EventView(TypedDict):
    """One line of a job's history."""

    at: float
    """Seconds since 1970, UTC."""
    what: str
    """A state of the job, or ``task`` with the provider's status in ``detail``."""
    detail: dict[str, Any]


class JobHistoryView(JobView):
    """A job with its history."""

    history: list[EventView]


def routes(studio: Studio) -> list[BaseRoute]:
    pages = Pages(studio)
    return [
        Route("/studio/events", pages.events),
        Route("/studio/jobs", pages.jobs),
        Route("/studio/jobs/{job_id}", pages.job),
        Route("/studio/jobs/{job_id}/{action}", pages.act, methods=["POST"]),
        Route("/studio/media/{job_id}/{what}", pages.media),
    ]


class Pages:
    """The handlers. Each looks only at jobs of the visitor who asks."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._engine = studio.engine
        self._library = studio.library
        self._streams = studio.streams
        self._outputs = studio.outputs
        self._redirect = studio.settings.s3_redirect

    async def _show(self, job: Job, request: Request) -> JobView:
        words: Translation = request.state.words
        access = key_access(request, self._studio, words)
        return view(job, words, self._engine.progress(job.id), await self._engine.usual(job), access)

    async def _newest(self, request: Request) -> NewsView:
        visitor = request.state.visitor
        jobs = await self._engine.jobs(visitor, limit=PAGE)
        shown, count = [await self._show(job, request) for job in jobs], await self._engine.count(visitor)
        return {"jobs": shown, "count": count, "all": True, "now": self._now()}

    def _now(self) -> float:
        return self._engine.store.clock.wall()

    @answers_errors
    async def events(self, request: Request) -> Response:
        """Server-sent events: first the newest page of jobs, then each job as it changes.

        What is done in the library comes as ``amended`` (the entries as they are now) and ``gone`` (ids). An event
        ``alive`` says nothing else: whoever hears none for long takes the stream for dead.
        """
        visitor = request.state.visitor
        words: Translation = request.state.words
        leave = self._streams.enter(visitor_at(request))

        def event(news: NewsView) -> str:
            return f"data: {json.dumps(news, ensure_ascii=False)}\n\n"

        async def newest() -> str:
            return event(await self._newest(request))

        async def amended(ids: Sequence[str]) -> str:
            entries = await asyncio.to_thread(self._library.entries, visitor, ids)
            here = {entry.job.id for entry in entries}
            return event(
                {
                    "jobs": [await self._show(entry.job, request) for entry in entries],
                    "amended": [entry_view(entry, words) for entry in entries],
                    "gone": [job_id for job_id in ids if job_id not in here],
                    "count": await self._engine.count(visitor),
                    "now": self._now(),
                }
            )

        async def stream() -> AsyncIterator[str]:
            with self._engine.changes.subscribe(visitor) as changes:
                yield f"{PADDING}retry: 2000\n{await newest()}"
                stop, quiet = request.app.stop_event, 0.0
                while not stop.is_set():
                    try:
                        news = await asyncio.wait_for(changes.get(), 1)
                    except TimeoutError:
                        quiet += 1
                        if quiet >= KEEP_ALIVE_SECONDS:
                            quiet = 0.0
                            yield "event: alive\ndata: {}\n\n"
                        continue
                    quiet = 0.0
                    match news:
                        case Amended(ids):
                            yield await amended(ids)
                        case Job():
                            yield event({"jobs": [await self._show(news, request)], "now": self._now()})
                        case None:
                            yield await newest()

        headers = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
        return _Stream(leave, stream(), media_type="text/event-stream", headers=headers)

    @answers_errors
    async def jobs(self, request: Request) -> Response:
        """A page of the history, newest first: ``?before=<id of the last job seen>``.

        ``?newest`` is answered as the stream begins, for a page that no stream reaches.
        """
        if "newest" in request.query_params:
            return JSONResponse(await self._newest(request))
        before = request.query_params.get("before")
        if before is not None:
            before = text("before", before, LONGEST_ID)
        jobs = await self._engine.jobs(request.state.visitor, before=before, limit=PAGE)
        page: JobsView = {"jobs": [await self._show(job, request) for job in jobs], "more": len(jobs) == PAGE}
        return JSONResponse(page)

    @answers_errors
    async def job(self, request: Request) -> Response:
        """One job with its history."""
        visitor, job_id = request.state.visitor, request.path_params["job_id"]
        words: Translation = request.state.words
        job = await self._engine.job(visitor, job_id)
        events = await self._engine.history(visitor, job_id)
        history: list[EventView] = [{"at": one.at, "what": one.what, "detail": dict(one.detail)} for one in events]
        access = key_access(request, self._studio, words)
        shown: JobHistoryView = {**view(job, words, access=access), "history": history}
        return JSONResponse(shown)

    @answers_errors
    async def act(self, request: Request) -> Response:
        """Do one of the actions that the job's view names; ``adopt`` takes ``{"task_id": …}``."""
        idempotency = idempotency_of(request, [request.path_params["action"], request.path_params["job_id"]])
        shown = shown_of(request)
        actions: dict[str, Callable[[str, str], Awaitable[Job]]] = {
            "adopt": partial(self._adopt, request),
            "cancel": self._engine.cancel,
            "save-again": self._engine.save_again,
            "send-again": partial(self._engine.send_again, idempotency=idempotency, shown=shown),
            "send-anyway": partial(
                self._engine.send_anyway, network=network_of(request), idempotency=idempotency, shown=shown
            ),
            "stop": self._engine.stop_watching,
            "watch": self._engine.watch_again,
        }
        action = actions.get(request.path_params["action"])
        if action is None:
            return not_found(request)
        job = await action(request.state.visitor, request.path_params["job_id"])
        return JSONResponse(await self._show(job, request))

    async def _adopt(self, request: Request, visitor: str, job_id: str) -> Job:
        task_id = text("task_id", (await body_of(request)).get("task_id", ""), 1000).strip()
        if not 0 < len(task_id) <= LONGEST_TASK_ID:
            raise NoSuchTask("Enter a task ID.")
        return await self._engine.adopt(visitor, job_id, task_id)

    @answers_errors
    async def media(self, request: Request) -> Response:
        """A finished video, its poster or its record, to its owner alone; byte ranges are served."""
        job = await self._engine.job(request.state.visitor, request.path_params["job_id"])
        what, download = request.path_params["what"], bool(request.query_params.get("download"))
        name, media_type = _file_of(job.video, what)
        stored = await reading(self._outputs.find, job.video.location, name) if job.video and name else None
        if stored is None:
            return Response(status_code=404)
        elsewhere = self._redirect and what == "video" and request.method == "GET" and not download
        if elsewhere and (address := stored.address(REDIRECT_SECONDS)) is not None:
            return RedirectResponse(address, 307, headers={"Cache-Control": "no-store"})
        headers = {"Cache-Control": "private, max-age=86400", "Content-Security-Policy": "sandbox"}
        return answer(stored, media_type, PurePosixPath(name).name if download else None, headers)


class _Stream(StreamingResponse):
    """A stream that gives its place back however it ends, also when it never began."""

    def __init__(self, leave: Callable[[], None], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()


def _file_of(video: VideoFile | None, what: str) -> tuple[str, str]:
    """The name and the kind of a file of the video; no name where there is none."""
    if video is None:
        return "", ""
    files = {
        "video": (video.path, "video/mp4"),
        "poster": (video.poster or "", "image/jpeg"),
        "evidence": (record_name(video), "application/json"),
    }
    return files.get(what, ("", ""))
