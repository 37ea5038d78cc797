"""Addresses of the library: its pages, one job's details, what is done to many jobs at once, many videos as a ZIP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from typing import Any, NotRequired, TypedDict, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from studio.errors import InvalidRequest, NoSuchJob, Problem
from studio.library.archive import stream
from studio.library.history import SORTS, Filter, Library, Sort, named_files
from studio.message import Message
from studio.service import Studio
from studio.system.parsing import choice, flag, listed, seconds, text
from studio.web.answers import answers_errors, body_of, not_found
from studio.web.board.views import view
from studio.web.history.details import DetailView, EntryView, detail_view, entry_view
from studio.web.money.keys import key_access
from studio.web.stored import reading
from studio.web.text import Translation

PAGE = 24
MOST_AT_ONCE = 200
"""Jobs that one request may name."""
LONGEST_SEARCH = 200
LONGEST_WORD = 100
"""Characters of an id, a tag, or the name of a model."""
LATEST = 10**11
"""The last moment that is asked for, in seconds since 1970: some thousand years from now."""


class HistoryPageView(TypedDict):
    """Some of the library's jobs."""

    jobs: list[EntryView]
    next: str | None
    """What the next page is asked for with as ``after``; None after the last."""
    tags: NotRequired[list[str]]
    """All the visitor's, with the first page."""
    count: NotRequired[int]
    """How many there are, with the first page."""
    count_exact: NotRequired[bool]
    """False: there are more than ``count``."""


class EntriesView(TypedDict):
    """Jobs that were asked for by their ids."""

    jobs: list[EntryView]


class JobPageView(DetailView):
    """A job's page, as of now."""

    now: float
    """Seconds since 1970, UTC, by the studio's clock."""


class ChangedView(TypedDict):
    """What was done to several jobs."""

    ids: list[str]
    """Those it was done to."""


def history_routes(studio: Studio) -> list[BaseRoute]:
    history = History(studio)
    return [
        Route("/studio/history", history.page),
        Route("/studio/history/entries", history.entries),
        Route("/studio/history/zip", history.archive),
        Route("/studio/history/change/{action}", history.change, methods=["POST"]),
        Route("/studio/history/{job_id}", history.details),
    ]


class History:
    """The handlers. Each looks only at jobs of the visitor who asks."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._engine = studio.engine
        self._library: Library = studio.library
        self._outputs = studio.outputs
        self._clock = studio.engine.store.clock

    @answers_errors
    async def page(self, request: Request) -> Response:
        """A page of the library. The query names the fields of ``Filter``, and as ``after`` the key of the page before;
        the first page brings the visitor's tags with it, and how many are wanted."""
        visitor, query = request.state.visitor, request.query_params
        words: Translation = request.state.words
        wanted, after = _filter(query), query.get("after")
        if after is not None:
            after = text("after", after, LONGEST_WORD)
        try:
            page = await asyncio.to_thread(self._library.page, visitor, wanted, after=after, limit=PAGE)
        except ValueError:
            raise InvalidRequest(Problem("after", after, "the “next” of the previous page")) from None
        answer: HistoryPageView = {"jobs": [entry_view(entry, words) for entry in page.entries], "next": page.next}
        if after is None:
            answer["tags"] = await asyncio.to_thread(self._library.tags, visitor)
            count = await asyncio.to_thread(self._library.count, visitor, wanted)
            answer |= {"count": count.found, "count_exact": count.exact}
        return JSONResponse(answer)

    @answers_errors
    async def entries(self, request: Request) -> Response:
        """The entries of ``?ids=a,b,c`` as they are now, newest first; those that are not there are left out."""
        ids = _ids(request.query_params.get("ids", "").split(","))
        found = await asyncio.to_thread(self._library.entries, request.state.visitor, ids)
        answer: EntriesView = {"jobs": [entry_view(entry, request.state.words) for entry in found]}
        return JSONResponse(answer)

    @answers_errors
    async def details(self, request: Request) -> Response:
        """All about one job."""
        visitor, job_id = request.state.visitor, request.path_params["job_id"]
        words: Translation = request.state.words
        entries = await asyncio.to_thread(self._library.entries, visitor, [job_id])
        if not entries:
            raise NoSuchJob(Message("There is no video with the ID {id}.", id=job_id))
        job = entries[0].job
        access = key_access(request, self._studio, words)
        shown = view(job, words, self._engine.progress(job.id), await self._engine.usual(job), access)
        history = await self._engine.history(visitor, job_id)
        detail = await reading(detail_view, entries[0], shown, history, self._outputs, words)
        answer: JobPageView = {**detail, "now": self._clock.wall()}
        return JSONResponse(answer)

    @answers_errors
    async def change(self, request: Request) -> Response:
        """Delete, restore, make favourite or tag: JSON ``{"ids": […], "on": …, "tag": …}``.

        Answers the ids of those that were; one under way cannot be deleted.
        """
        visitor, data = request.state.visitor, await body_of(request)
        ids = _ids(data.get("ids"))
        on, tag = flag("on", data.get("on", True)), text("tag", data.get("tag", ""), LONGEST_WORD)
        actions = {
            "delete": lambda: self._library.delete(visitor, ids),
            "restore": lambda: self._library.restore(visitor, ids),
            "favourite": lambda: self._library.favour(visitor, ids, on),
            "tag": lambda: self._library.tag(visitor, ids, tag, on),
        }
        action = actions.get(request.path_params["action"])
        if action is None:
            return not_found(request)
        done = await asyncio.to_thread(action)
        self._engine.changes.amended(visitor, done)
        answer: ChangedView = {"ids": done}
        return JSONResponse(answer)

    @answers_errors
    async def archive(self, request: Request) -> Response:
        """The videos of ``?ids=a,b,c`` with their records as one ZIP."""
        ids = _ids(request.query_params.get("ids", "").split(","))
        entries = await asyncio.to_thread(self._library.entries, request.state.visitor, ids)
        files = named_files((entry.job for entry in entries), self._outputs)
        first = await reading(next, files, None)
        if first is None:
            return Response(status_code=404)
        name = f"happyhorse-{datetime.fromtimestamp(self._clock.wall()):%Y%m%d-%H%M%S}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return StreamingResponse(stream(chain([first], files)), media_type="application/zip", headers=headers)


def _filter(query: Mapping[str, str]) -> Filter:
    """The filter that an address asks for; raises InvalidRequest for what is no filter."""

    def word(name: str) -> str | None:
        return text(name, query.get(name, ""), LONGEST_WORD) or None

    def moment(name: str) -> float | None:
        return seconds(name, query[name], LATEST) if query.get(name) else None

    return Filter(
        words=text("words", query.get("words", ""), LONGEST_SEARCH),
        mode=word("mode"),
        model=word("model"),
        provider=word("provider"),
        state=word("state"),
        since=moment("since"),
        until=moment("until"),
        favourite=bool(query.get("favourite")),
        tag=word("tag"),
        sort=cast(Sort, choice("sort", query.get("sort", "newest"), SORTS)),
    )


def _ids(value: Any) -> list[str]:
    return [text("ids", one, LONGEST_WORD) for one in listed("ids", value, MOST_AT_ONCE, least=1)]
