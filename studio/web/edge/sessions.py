"""Binds Gradio's sessions, events and uploaded files to the visitor who brought them.

A script that has no token yet is known by its network until it has one: it uploads a file first and gets its token with
the job.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from gradio.utils import get_upload_folder
from starlette._utils import get_route_path
from starlette.responses import PlainTextResponse
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.web.edge.answers import Refused, refusal
from studio.web.edge.bodies import replay
from studio.web.edge.endpoints import JOIN, Endpoints
from studio.web.edge.ownership import Sessions, UploadOwners

LONGEST_NOTED = 4 << 20
"""Bytes of an answer that is looked at."""
LONGEST_NAME = 128
MOST_PATHS = 500
"""Strings of one event that may name a file."""
MOST_FOLDERS = 5000
"""Folders that these paths lead through, all together: the system is asked for each."""
LONGEST_PATH = 4096

_UPLOAD = "/gradio_api/upload"
_NO_RUN = ("/gradio_api/cancel", "/gradio_api/reset")
_BY_NAME = "/studio/api/"
"""The studio's own way to the named API, whose jobs may name uploaded files too."""
_EVENTS = ("/gradio_api/api/", "/gradio_api/call/", "/gradio_api/run/", JOIN, _BY_NAME, *_NO_RUN)
_FILE = "/gradio_api/file="
_HEARTBEAT = compile_path("/gradio_api/heartbeat/{session_hash}")[0]
_RESULT = compile_path("/gradio_api/call/{api_name:path}/{event_id}")[0]
_NEWS = "/gradio_api/queue/data"


class OwnSessions:
    """Middleware inside of ``Bodies``: 403 or 404 for what is another's, or not there at all."""

    def __init__(self, app: ASGIApp, endpoints: Endpoints | None = None) -> None:
        self._app = app
        self._endpoints = endpoints
        self._sessions = Sessions()
        self._uploads = UploadOwners()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = get_route_path(scope) if scope["type"] == "http" else ""
        if not path.startswith(("/gradio_api/", _BY_NAME)):
            return await self._app(scope, receive, send)
        state = scope["state"]
        owner = state["visitor"] if state["known"] else f"of {state['network']}"
        try:
            if scope["method"] == "POST":
                if path == _UPLOAD:
                    send = self._noting_files(owner, send)
                elif path.startswith(_EVENTS):
                    message = await receive()  # all of it: it has been read already
                    receive = replay(message, receive)
                    event = _parsed(message.get("body", b""))
                    if self._endpoints is not None and not path.startswith((_BY_NAME, *_NO_RUN)):
                        self._endpoints.judge(path, event, state["network"])
                    self._judge_event(event, owner)
                    send = self._noting_event(owner, _saying_refusals(state, send))
            else:
                self._judge_reading(scope, path, owner)
        except Refused as error:
            known = refusal(scope, error.status, error.key, **error.values) if error.key else None
            answer = known or PlainTextResponse("", error.status)
            return await answer(scope, receive, send)
        return await self._app(scope, receive, send)

    def _judge_event(self, event: Any, owner: str) -> None:
        if not isinstance(event, dict):
            return
        session, event_id = event.get("session_hash"), event.get("event_id")
        if session is not None:
            self._claim(session, owner)
        if isinstance(event_id, str) and not self._sessions.has(event_id, owner):
            raise Refused(403, "foreign_session")
        folder, folders = os.path.realpath(get_upload_folder()), 0
        for count, text in enumerate(_paths(event)):
            folders += text.count("/") + (text.count(os.sep) if os.sep != "/" else 0)
            if count == MOST_PATHS or folders > MOST_FOLDERS:
                raise Refused(413, "long_event")
            real = _real(text)
            if real is not None and Path(real).is_relative_to(folder) and not self._uploads.has(real, owner):
                raise Refused(403, "foreign_file")

    def _judge_reading(self, scope: Scope, path: str, owner: str) -> None:
        if path.startswith(_FILE):
            real = _real(path.removeprefix(_FILE))
            if real is None or not self._uploads.has(real, owner):
                raise Refused(404, "")
        elif path == _NEWS:
            query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            for session in query.get("session_hash", []):
                self._claim(session, owner)
        elif beat := _HEARTBEAT.match(path):
            self._claim(beat["session_hash"], owner)
        elif (result := _RESULT.match(path)) and not self._sessions.has(result["event_id"], owner):
            raise Refused(404, "foreign_session")

    def _claim(self, session: Any, owner: str) -> None:
        if not isinstance(session, str) or not 0 < len(session) <= LONGEST_NAME:
            raise Refused(400, "session_name")
        if not self._sessions.claim(session, owner):
            raise Refused(403, "foreign_session")

    def _noting_files(self, owner: str, send: Send) -> Send:
        def note(answer: Any) -> None:
            for path in answer if isinstance(answer, list) else ():
                if isinstance(path, str) and (real := _real(path)):
                    self._uploads.add(real, owner)

        return _noting(note, send)

    def _noting_event(self, owner: str, send: Send) -> Send:
        def note(answer: Any) -> None:
            if isinstance(answer, dict) and isinstance(event_id := answer.get("event_id"), str):
                self._sessions.claim(event_id, owner)

        return _noting(note, send)


def _saying_refusals(state: dict[str, Any], send: Send) -> Send:
    """Gradio answers a refusal as it answers what broke: with 500. The page's Blocks leaves the right status."""

    async def said(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 500 and "refused" in state:
            message["status"] = state["refused"]
        await send(message)

    return said


def _noting(note: Any, send: Send) -> Send:
    """Let ``note`` see the answer, JSON and not long, before it leaves."""
    parts: list[bytes] = []
    good = False

    async def noted(message: Message) -> None:
        nonlocal good
        if message["type"] == "http.response.start":
            good = message["status"] == 200
        elif good and sum(map(len, parts)) <= LONGEST_NOTED:
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                with suppress(ValueError):
                    note(json.loads(b"".join(parts)))
        await send(message)

    return noted


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body or b"null")
    except RecursionError:
        raise Refused(400, "long_event") from None
    except ValueError:
        return None  # Gradio says what is wrong with it


def _paths(value: Any) -> Iterator[str]:
    """All strings in ``value``, however deep, that may be paths. Where a file is named, nothing else is let through."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if any(isinstance(one.get(name), str) and not _is_plain(one[name]) for name in ("path", "url")):
                raise Refused(403, "foreign_file")
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
        elif isinstance(one, str) and len(one) < LONGEST_PATH and ("/" in one or os.sep in one):
            yield one


def _is_plain(text: str) -> bool:
    """Whether it is looked at whose file ``text`` is, or it is the address of another host."""
    return len(text) < LONGEST_PATH or text.startswith(("http://", "https://"))


def _real(text: str) -> str | None:
    """Where a path leads in the end; None for what can be none."""
    if len(text) >= LONGEST_PATH:
        return None
    try:
        return os.path.realpath(text)
    except (OSError, ValueError):
        return None
