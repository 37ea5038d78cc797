"""Misbehaviour on demand.

By words in a prompt, for a person to try (``WORDS`` lists them), or, when the sandbox was started with ``--control``,
by faults queued at ``/_control/faults``: each strikes the next requests of one endpoint. A fault is a JSON object::

    {"endpoint": "create", "do": "status", "status": 429, "code": "Throttling.RateQuota", "times": 2, "retry_after": 1}

``endpoint`` is one of policy, upload, create, get, list, cancel, credits, download; those that both providers have
bear one name. What ``code`` and ``message`` leave out is filled in as the provider documents it. ``do`` is one of

    status        answer with ``status``, ``code``, ``message`` instead of handling it
    status_after  handle it, then answer so: the effect is there, the reply tells nothing of it
    reset         close the connection before handling it; ``reset_after``: after
    delay         wait ``seconds``, then handle it; ``delay_after``: handle it, then wait and answer
    hang          never answer; ``hang_after``: handle it, then never answer
    html          a gateway's error page with ``status``
    shape         HTTP 200 with JSON of another shape
    truncate      the first half of the body, then the connection closes
    wrong_length  a body shorter than it says, without an error on the wire
    garbage       HTTP 200 and bytes that are no video
    expired       403 as from a result whose time is over
    redirect      302 to ``location``
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENDPOINTS = ("policy", "upload", "create", "get", "list", "cancel", "credits", "download")

WORDS = {
    "fail": "the task fails with this code: sandbox:fail=DataInspectionFailed; with words of one's own: "
    'sandbox:fail="InvalidFile.FPS: Invalid video FPS."; without a reason: sandbox:fail',
    "unknown": "the task is soon forgotten: UNKNOWN",
    "slow": "the task runs this many seconds: sandbox:slow=60",
    "refuse": "the submission is refused: sandbox:refuse=Arrearage",
    "busy": "the first submission of this prompt gets 429",
    "lost": "the task is made and the reply is lost",
    "truncate": "the first download of the result breaks off",
    "expired": "the result can never be downloaded",
}
_WORD = re.compile(r"""\bsandbox:([a-z]+)(?:=(?:["“]([^"”\n]+)["”]|([\w.]+)))?""")


def directives(prompt: str) -> dict[str, str]:
    """The magic words in a prompt with their values: ``sandbox:slow=20`` gives ``{"slow": "20"}``."""
    return {word: quoted or value for word, quoted, value in _WORD.findall(prompt) if word in WORDS}


@dataclass
class InjectedFault:
    """One queued fault; see the module's text."""

    endpoint: str
    do: str
    times: int = 1
    status: int = 500
    code: str | None = None
    message: str = "An internal error has occured, please try again later."
    seconds: float = 1.0
    retry_after: str | None = None
    location: str = "/"


@dataclass
class Traffic:
    """What came in: for each endpoint the times of its requests, and how many were refused for their rate."""

    requests: dict[str, deque[float]] = field(
        default_factory=lambda: {name: deque(maxlen=200_000) for name in ENDPOINTS}
    )

    def busiest_second(self, *endpoints: str) -> int:
        """The most requests to ``endpoints`` that began in any one second."""
        times = sorted(moment for name in endpoints for moment in self.requests[name])
        most = first = 0
        for last, moment in enumerate(times):
            while times[first] <= moment - 1:
                first += 1
            most = max(most, last - first + 1)
        return most


class Endpoint(NamedTuple):
    """One address of a cloud."""

    route: Route
    """Bears the endpoint's name."""
    error_body: Callable[[InjectedFault], Mapping[str, Any]]
    """A fault in the cloud's words."""


def endpoint_of(scope: Scope, endpoints: Sequence[Endpoint]) -> Endpoint | None:
    """What a request is for; None for the control's addresses and for unknown ones."""
    return next((endpoint for endpoint in endpoints if endpoint.route.matches(scope)[0] is Match.FULL), None)


class Misbehaviour:
    """ASGI wrapper around the whole sandbox: counts requests and lets queued faults strike."""

    def __init__(self, app: ASGIApp, endpoints: Sequence[Endpoint]) -> None:
        self._app = app
        self._endpoints = endpoints
        self.queue: list[InjectedFault] = []
        self.traffic = Traffic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = endpoint_of(scope, self._endpoints) if scope["type"] == "http" else None
        if endpoint is None:
            return await self._app(scope, receive, send)
        self.traffic.requests[endpoint.route.name].append(time.monotonic())
        fault = self._next(endpoint.route.name)
        if fault is None:
            return await self._app(scope, receive, _Obedient(scope, send))
        return await self._strike(fault, endpoint, scope, receive, send)

    def _next(self, endpoint: str) -> InjectedFault | None:
        for fault in self.queue:
            if fault.endpoint == endpoint:
                fault.times -= 1
                if fault.times <= 0:
                    self.queue.remove(fault)
                return fault
        return None

    async def _strike(
        self, fault: InjectedFault, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send
    ) -> None:
        match fault.do:
            case "status":
                await _drain(receive)
                await _answer(send, fault.status, _error(fault, endpoint), _retry(fault))
            case "status_after":
                await self._app(scope, receive, _swallow)
                await _answer(send, fault.status, _error(fault, endpoint), _retry(fault))
            case "reset":
                await _drain(receive)  # a client that is still sending would see another error
                reset(send)
            case "reset_after":
                await self._app(scope, receive, _swallow)
                reset(send)
            case "delay":
                await asyncio.sleep(fault.seconds)
                await self._app(scope, receive, send)
            case "delay_after":
                answer: list[Message] = []
                await self._app(scope, receive, _keep(answer))
                await asyncio.sleep(fault.seconds)
                for message in answer:
                    await send(message)
            case "hang":
                await asyncio.sleep(3600)
            case "hang_after":
                await self._app(scope, receive, _swallow)
                await asyncio.sleep(3600)
            case "html":
                await _drain(receive)
                page = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
                await _answer(send, fault.status, page, [(b"content-type", b"text/html")])
            case "shape":
                await _drain(receive)
                await _answer(send, 200, json.dumps({"hello": "world"}).encode())
            case "garbage":
                await _answer(send, 200, b"not a video at all " * 500, [(b"content-type", b"video/mp4")])
            case "redirect":
                await _drain(receive)
                await _answer(send, 302, b"", [(b"location", fault.location.encode())])
            case "expired":
                await _answer(send, 403, EXPIRED, [(b"content-type", b"application/xml")])
            case "truncate" | "wrong_length":
                await self._app(scope, receive, _Cut(send, honest=fault.do == "wrong_length"))
            case _:
                raise ValueError(f"no such fault: {fault.do}")


EXPIRED = b"<Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>"
MISSING = b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>"


class _Obedient:
    """Breaks the answer off if the endpoint asked for it by ``scope["sandbox"]``: ``lose`` or ``cut``."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._cut = _Cut(send, honest=False)

    async def __call__(self, message: Message) -> None:
        match self._scope.get("sandbox"):
            case "lose":
                if message["type"] == "http.response.start":
                    reset(self._send)
            case "cut":
                await self._cut(message)
            case _:
                await self._send(message)


class _Cut:
    """Sends half of a body: then breaks the connection, or, ``honest``, had announced only that half."""

    def __init__(self, send: Send, *, honest: bool) -> None:
        self._send = send
        self._honest = honest
        self._left = 0
        self._over = False

    async def __call__(self, message: Message) -> None:
        if self._over:
            return
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            whole = int(headers.get(b"content-length", b"0"))
            self._left = whole // 2
            if self._honest:
                headers[b"content-length"] = str(self._left).encode()
            await self._send({**message, "headers": list(headers.items())})
            return
        part = message.get("body", b"")[: self._left]
        self._left -= len(part)
        self._over = self._left <= 0
        if not self._over or self._honest:
            await self._send({**message, "body": part, "more_body": not self._over})
            return
        await self._send({**message, "body": part, "more_body": True})
        await asyncio.sleep(0.05)  # let it leave before the connection breaks
        reset(self._send)


def reset(send: Send) -> None:
    """Break the connection as a crashed peer would: the other side reads "connection reset"."""
    transport: Any = send.__self__.transport  # type: ignore[attr-defined]  # uvicorn's request cycle
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _drain(receive: Receive) -> None:
    while (await receive()).get("more_body"):
        pass


def _keep(messages: list[Message]) -> Send:
    async def keep(message: Message) -> None:
        messages.append(message)

    return keep


async def _swallow(message: Message) -> None:
    pass


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    fields = {b"content-type": b"application/json", b"content-length": str(len(body)).encode(), **dict(headers or ())}
    await send({"type": "http.response.start", "status": status, "headers": list(fields.items())})
    await send({"type": "http.response.body", "body": body})


def _error(fault: InjectedFault, endpoint: Endpoint) -> bytes:
    return json.dumps(endpoint.error_body(fault)).encode()


def _retry(fault: InjectedFault) -> list[tuple[bytes, bytes]]:
    return [(b"retry-after", fault.retry_after.encode())] if fault.retry_after else []
