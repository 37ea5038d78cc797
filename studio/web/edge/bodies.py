"""What requests may bring along: bounds of bytes, time and number, and texts without characters that break things.

Pure ASGI, around all routes, Gradio's own among them. A body of JSON is read here, within its bound, before anything
else looks at it; what streams to a file is counted as it goes by. Whoever runs into a bound is told which.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

import anyio.to_thread
from python_multipart.multipart import parse_options_header
from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.errors import BodyMalformed, BodyRefused, BodyTooLarge, StorageReserved
from studio.system.bodies import Bound, Meter
from studio.system.parsing import clean_json, too_many_values
from studio.system.slots import Slots
from studio.web.edge.answers import refusal, words_at
from studio.web.edge.forms import UploadForm

log = logging.getLogger("studio.web")

RETRY_AFTER = 5
"""Seconds, when too much is under way."""
LOOK_BYTES = 8 << 20
"""Between two looks at the disk."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
"""No address has one, and a line's end would count for nothing where routes are compared, yet not where names are."""
LINGER_BYTES, LINGER_SECONDS = 8 << 20, 2.0
"""So much of what is refused is still taken off the line: browsers that are sending hear no answer."""


Room = Callable[[int], None]
"""Raises StorageReserved when so many bytes more would touch what is kept for results."""


@dataclass
class Door:
    """A bound for the bodies of some addresses, and how many of them may be on their way at once."""

    paths: re.Pattern[str]
    bound: Bound
    places: Slots
    streams: bool = False
    """Whether the bodies go to files as they come; else they are read whole."""
    form: bool = False
    """Whether what streams is a form of files for Gradio."""
    room: Room | None = None
    """Of the disk on which they are put down by something that does not look to it."""


def doors(room: Room | None = None) -> list[Door]:
    """The doors of the studio; the first whose paths match is taken. ``room`` is that for Gradio's uploads."""
    return [
        Door(re.compile(r"/studio/files/?$"), Bound(1 << 30, seconds=3600), Slots(192, 48), streams=True),
        Door(
            re.compile(r"/gradio_api/upload$"),
            Bound(1 << 30, seconds=3600),
            Slots(192, 48),
            streams=True,
            form=True,
            room=room,
        ),
        Door(re.compile(r"/studio/restore$"), Bound(32 << 20, seconds=300), Slots(4, 1), streams=True),
        Door(re.compile(r"/(gradio_api|studio/api)/"), Bound(4 << 20, seconds=60, patience=15), Slots(128, 32)),
        Door(re.compile(""), Bound(1 << 20, seconds=60, patience=15), Slots(256, 64)),
    ]


class Bodies:
    """Middleware inside of ``Visitors``: who asks stands in the scope's state."""

    def __init__(self, app: ASGIApp, doors: Sequence[Door], unread: Collection[str] = ()) -> None:
        """``unread`` are addresses whose routes answer without a look at what is sent, so that it needs no bound."""
        self._app = app
        self._doors = doors
        self._unread = unread

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _CONTROL.search(scope["path"]):
            await refusal(scope, 400, "control_in_address")(scope, receive, send)
            return
        scope["query_string"] = scope["query_string"].replace(b"%00", b"").replace(b"\0", b"")
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        path = get_route_path(scope)
        door = next(door for door in self._doors if door.paths.match(path))
        if door.form:
            scope["query_string"] = b""  # Gradio would note for good how far an upload of that id is
        if (length == "0" and "transfer-encoding" not in headers) or path in self._unread:
            await self._app(scope, receive, send)
            return
        body = _Body(door, headers, receive, send)
        if length.isdecimal() and int(length) > door.bound.most:
            await body.answer_late(_refused(door.bound.too_large(), scope), scope)
            return
        callers = [one for one in (scope["state"].get("visitor"), scope["state"].get("network")) if one]
        if not door.places.enter(callers):
            await body.answer_late(_busy(scope), scope)
            return
        try:
            if door.streams:
                if await body.has_room(int(length) if length.isdecimal() else 0):
                    await self._streamed(scope, body)
                elif body.refused is not None:
                    await body.answer_late(_refused(body.refused, scope), scope)
                return
            data = await body.read()
        finally:
            door.places.leave(callers)
        if data is not None:
            await self._whole(scope, body, data)
        elif body.refused is not None:
            await body.answer_late(_refused(body.refused, scope), scope)

    async def _whole(self, scope: Scope, body: _Body, data: bytes) -> None:
        """Hand on what was read."""
        if too_many_values(data):
            await refusal(scope, 413, "many_values")(scope, receive=body.receive, send=body.send)
            return
        data = clean_json(data)
        message: Message = {"type": "http.request", "body": data, "more_body": False}
        size = str(len(data)).encode()
        scope["headers"] = [(name, size if name == b"content-length" else value) for name, value in scope["headers"]]
        await self._app(scope, replay(message, body.receive), body.send)

    async def _streamed(self, scope: Scope, body: _Body) -> None:
        try:
            await self._app(scope, body.receive_or_end, body.send_unless_refused)
        except (ClientDisconnect, MultiPartException):
            if body.refused is None and not body.left:
                raise
        if body.left:
            log.debug("a visitor left while sending to %s", scope["path"])
        elif body.refused is not None and not body.answered:
            await body.answer_late(_refused(body.refused, scope), scope)


class _Body:
    """One body on its way."""

    def __init__(self, door: Door, headers: Headers, receive: Receive, send: Send) -> None:
        self._meter = Meter(door.bound)
        self._room = door.room
        self._looked_at = 0
        kind, options = parse_options_header(headers.get("content-type", ""))
        self._boundary = options.get(b"boundary") if door.form and kind == b"multipart/form-data" else None
        self.headers = headers
        self.receive = receive
        self.send = send
        self.refused: BodyRefused | StorageReserved | None = None
        self.left = False
        """Whether the client went away before all had come."""
        self.answered = False
        self._complete = False
        self._form: UploadForm | None = None
        if self._boundary is not None:
            try:
                self._form = UploadForm(self._boundary, options.get(b"charset", b"utf-8"))
            except BodyMalformed as refused:
                self.refused = refused

    async def read(self) -> bytes | None:
        """All of it; None when the client left before, or it breaks the bound."""
        data, more = bytearray(), True
        while more:
            message = await self.receive_bounded()
            if self.refused is not None or self.left:
                return None
            data += message.get("body", b"")
            more = message.get("more_body", False)
        return bytes(data)

    async def has_room(self, more: int) -> bool:
        """Whether so many bytes may come; ``refused`` says why not."""
        if self._room is not None and self.refused is None:
            try:
                await anyio.to_thread.run_sync(self._room, more)
            except StorageReserved as refused:
                self.refused = refused
        return self.refused is None

    async def receive_bounded(self) -> Message:
        """The next message. One that breaks the bound is not handed on: ``refused`` says so then."""
        try:
            message = await self._meter.timed(self.receive())
            self._meter.add(len(message.get("body", b"")))
            self._complete = not message.get("more_body", False)
            if self._form is not None and message["type"] == "http.request":
                self._form.look(message.get("body", b""), last=self._complete)
        except BodyRefused as refused:
            self.refused = refused
            return {"type": "http.disconnect"}
        if self._meter.bytes - self._looked_at >= LOOK_BYTES:  # a form without a length, or what others add meanwhile
            self._looked_at = self._meter.bytes
            if not await self.has_room(0):
                return {"type": "http.disconnect"}
        self.left = message["type"] == "http.disconnect"
        return message

    async def receive_or_end(self) -> Message:
        """The next message for an app that writes files. When no more will come, Gradio's upload is made to fail in the
        one way in which it puts its files away: by a part that is none."""
        if self._complete:
            return await self.receive()
        message = await self.receive_bounded()
        if self.refused is None and not self.left:
            return message
        if self._boundary is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": b"\r\n--" + self._boundary + b"\r\n\1", "more_body": False}

    async def send_unless_refused(self, message: Message) -> None:
        if self.refused is None and not self.left:
            self.answered = True
            await self.send(message)

    async def answer_late(self, answer: Response, scope: Scope) -> None:
        """Answer when the client has sent a little more, or all of it."""
        if self.headers.get("expect", "").lower() != "100-continue":  # such a client waits before it sends
            received, more = 0, not self._complete
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER_SECONDS):
                    while more and received < LINGER_BYTES:
                        message = await self.receive()
                        received += len(message.get("body", b""))
                        more = message.get("more_body", False)
        await answer(scope, self.receive, self.send)


def replay(message: Message, receive: Receive) -> Receive:
    """``receive`` with ``message``, which has been read, before it."""
    left = [message]

    async def again() -> Message:
        return left.pop() if left else await receive()

    return again


_STATUS = ((StorageReserved, 507), (BodyTooLarge, 413), (BodyMalformed, 400), (BodyRefused, 408))


def _refused(error: BodyRefused | StorageReserved, scope: Scope) -> Response:
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    body = {"error": words_at(scope).said(error.said), "kind": error.kind}
    return JSONResponse(body, status, {"Connection": "close"})


def _busy(scope: Scope) -> Response:
    answer = refusal(scope, 503, "much_arrives")
    answer.headers.update({"Connection": "close", "Retry-After": str(RETRY_AFTER)})
    return answer
