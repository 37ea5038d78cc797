"""Addresses for the visitors' files: taking them in, checking them, mending them, showing them to their owner."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypedDict
from urllib.parse import unquote

import httpx
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from studio.accounts.account import Account
from studio.catalog.models import CATALOG, Kind, Model
from studio.errors import AddressRefused, AnswerRefused, BodyRefused, LimitReached, MediaUnreadable, StudioError
from studio.media.fixes import Fix, read_all
from studio.media.image_fixes import mend_image
from studio.media.vault import VaultFile
from studio.media.video_fixes import apply_video
from studio.message import Message
from studio.service import Studio
from studio.system import parsing
from studio.system.addresses import Judge, web_address
from studio.system.bodies import Bound, bounded
from studio.system.fetching import client
from studio.system.work_queue import TURNS, Work
from studio.visitors.visitor import Visitor
from studio.web.answers import answers_errors, body_of
from studio.web.form.file_views import FileView, file_view
from studio.web.money.limits import limit_sentence
from studio.web.text import Translation
from studio.web.visitors.asker import visitor_at

MAX_BYTES = {"image": 100 << 20, "video": 1 << 30}
"""What is taken in at all: well above every provider's limit, since a fix may bring a file under it."""
LONGEST_ADDRESS = 4096
"""Characters of the address of a file."""


def fetch_bound(kind: Kind) -> Bound:
    """What an address that a visitor names may answer."""
    return Bound(MAX_BYTES[kind], seconds=600, least=8 << 10)


class MendingView(TypedDict, total=False):
    """A line of what is answered while a copy is made: one of these."""

    part: float
    """How much of it is made, 0 to 1."""
    file: FileView
    """The copy."""
    error: str
    """Why there is none."""


def file_routes(studio: Studio) -> list[BaseRoute]:
    files = Files(studio)
    return [
        Route("/studio/files", files.receive, methods=["POST"]),
        Route("/studio/files/from-url", files.fetch, methods=["POST"]),
        Route("/studio/files/{sha256:str}", files.look),
        Route("/studio/files/{sha256:str}/fix", files.fix, methods=["POST"]),
        Route("/studio/files/{sha256:str}/{what:str}", files.content),
    ]


class Place(NamedTuple):
    """What a file is for; the account is the one that was offered when it was asked for."""

    model: Model
    field: str
    account: Account

    @property
    def kind(self) -> Kind:
        return self.model.inputs[self.field].kind

    def view(self, file: VaultFile, words: Translation) -> FileView:
        return file_view(file, self.model, self.field, words, self.account)


class Files:
    """The handlers. Each looks only at files that the visitor gave."""

    def __init__(self, studio: Studio) -> None:
        self._vault = studio.vault
        self._offered = studio.engine.offered
        self._fetches = studio.fetches
        self._judge = Judge(private=studio.settings.allow_private_urls, visitors=True)

    def _place(self, request: Request) -> Place:
        """What the query names (``?provider=…&mode=…&field=…&model=…``)."""
        query = request.query_params
        offered = self._offered.now()
        asked = query.get("provider")
        provider = next((name for name in offered if name == asked), next(iter(offered)))
        models = CATALOG.models(provider, query.get("mode", ""))
        model = next((one for one in models if one.id == query.get("model")), models[0] if models else None)
        field = query.get("field", "")
        if model is None or field not in model.inputs:
            raise MediaUnreadable("The address names no input of any mode.")
        return Place(model, field, offered[provider])

    @answers_errors
    async def receive(self, request: Request) -> Response:
        """Take in the file that is the request's body; its name stands in ``?name=``."""
        place, name = self._place(request), unquote(request.query_params.get("name", "file"))
        most = MAX_BYTES[place.kind]
        file = await self._vault.receive(visitor_at(request), place.kind, name, request.stream(), max_bytes=most)
        return JSONResponse(place.view(file, request.state.words))

    @answers_errors
    async def fetch(self, request: Request) -> Response:
        """Take in the file at an http(s) address: JSON ``{"url": …}``."""
        place = self._place(request)
        url = parsing.text("url", (await body_of(request)).get("url", ""), LONGEST_ADDRESS).strip()
        file = await self.fetched(visitor_at(request), place.kind, url)
        return JSONResponse(place.view(file, request.state.words))

    async def fetched(self, visitor: Visitor, kind: Kind, url: str) -> VaultFile:
        """Take in the file at ``url``; raises MediaUnreadable with the reason when it cannot be had, and Busy."""
        async with self._fetches.place([one for one in (visitor.id, visitor.network) if one]):
            return await self._fetched(visitor, kind, url)

    async def _fetched(self, visitor: Visitor, kind: Kind, url: str) -> VaultFile:
        try:
            address = web_address(url)
            name = address.path.rpartition("/")[2] or address.host
            bound = fetch_bound(kind)
            async with asyncio.timeout(bound.seconds), client(self._judge) as web, web.stream("GET", address) as answer:
                if answer.status_code != 200:
                    raise MediaUnreadable(
                        Message(
                            "The address returned HTTP {status}. Redirects are not followed.", status=answer.status_code
                        )
                    )
                chunks = bounded(answer.aiter_raw(), bound)
                return await self._vault.receive(visitor, kind, name, chunks, max_bytes=bound.most, url=url)
        except AddressRefused as refusal:
            raise MediaUnreadable(Message("{reason} Upload the file instead.", reason=refusal.said)) from None
        except (AnswerRefused, BodyRefused) as refusal:
            raise MediaUnreadable(Message("The address cannot be fetched: {reason}", reason=refusal.said)) from None
        except (httpx.HTTPError, TimeoutError):  # refused, closed, filtered: nobody is to learn which
            raise MediaUnreadable("The address cannot be fetched: the answer was incomplete.") from None

    @answers_errors
    async def look(self, request: Request) -> Response:
        """The file's view for another mode, input or model."""
        place = self._place(request)
        file = await asyncio.to_thread(self._vault.file, request.state.visitor, request.path_params["sha256"])
        return JSONResponse(place.view(file, request.state.words))

    @answers_errors
    async def content(self, request: Request) -> Response:
        """The file's thumbnail, the strip of its frames, or the file itself, to who gave it."""
        file = await asyncio.to_thread(self._vault.file, request.state.visitor, request.path_params["sha256"])
        what = request.path_params["what"]
        if what == "strip" and file.kind == "video":
            await TURNS.run(Work.PICTURE, request.state.visitor, self._vault.make_strip, file)
        paths: dict[str, tuple[Path, str]] = {
            "thumbnail": (self._vault.thumbnail(file.sha256), "image/jpeg"),
            "strip": (self._vault.strip(file.sha256), "image/jpeg"),
            "content": (self._vault.path(file.sha256), "video/mp4" if file.kind == "video" else "image/*"),
        }
        path, media_type = paths.get(what, (Path("/nowhere"), ""))
        if not path.is_file():
            return Response(status_code=404)
        headers = {"Cache-Control": "private, max-age=86400", "Content-Security-Policy": "sandbox"}
        return FileResponse(path, media_type=media_type, headers=headers)

    @answers_errors
    async def fix(self, request: Request) -> Response:
        """Make a mended copy: JSON ``{"fixes": […]}``; answers lines of JSON, progress first, the new file last.

        It says 0 while others are served first. Closing the connection cancels it.
        """
        place = self._place(request)
        file = await asyncio.to_thread(self._vault.file, request.state.visitor, request.path_params["sha256"])
        fixes = read_all((await body_of(request)).get("fixes", []))
        TURNS.check(request.state.visitor)
        return StreamingResponse(self._mend(request, file, fixes, place), media_type="application/x-ndjson")

    async def _mend(self, request: Request, file: VaultFile, fixes: list[Fix], place: Place) -> AsyncIterator[str]:
        words: Translation = request.state.words
        loop = asyncio.get_running_loop()
        parts: asyncio.Queue[float] = asyncio.Queue()
        cancelled = threading.Event()

        def on_progress(part: float) -> None:
            loop.call_soon_threadsafe(parts.put_nowait, part)

        def mend(original: Path, target: Path) -> None:
            if file.kind == "image":
                mend_image(original, fixes, target, cancelled=cancelled)
            else:
                apply_video(original, fixes, target, progress=on_progress, cancelled=cancelled)

        def ended(work: asyncio.Future[VaultFile]) -> None:
            if not work.cancelled():
                work.exception()  # is told below; when the visitor has left, nobody has to hear of it
            parts.put_nowait(1.0)

        part, work = 0.0, None
        try:
            kind = Work.PICTURE if file.kind == "image" else Work.FILM
            turn = TURNS.submit(kind, request.state.visitor, self._vault.mended, visitor_at(request), file, mend)
            work = asyncio.wrap_future(turn)
            work.add_done_callback(ended)
            while not work.done():
                if request.app.stop_event.is_set():
                    return
                yield _line({"part": round(part, 3)})
                with suppress(TimeoutError):
                    part = await asyncio.wait_for(parts.get(), 1)
            yield _line({"file": place.view(await work, words)})
        except (StudioError, OSError) as error:
            if isinstance(error, LimitReached):
                reason = limit_sentence(error, words)
            elif isinstance(error, StudioError):
                reason = words.said(error.said)
            else:  # its own words hold a path of this machine
                why = error.strerror or type(error).__name__
                reason = words.said(Message("The copy cannot be written: {reason}.", reason=why))
            yield _line({"error": reason})
        finally:
            cancelled.set()
            if work is not None:
                work.cancel()


def _line(mending: MendingView) -> str:
    return json.dumps(mending, ensure_ascii=False) + "\n"
