"""How the studio's own addresses take a body and refuse: errors as JSON, with HTTP's status for each kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, NotRequired, TypedDict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from studio.errors import (
    AccountKept,
    AccountMissing,
    InvalidRequest,
    KeyReused,
    MediaUnreadable,
    ModelMissing,
    NameTaken,
    NoLimits,
    NoSuchFile,
    NoSuchJob,
    NoSuchPreset,
    NoSuchTask,
    NotAllowed,
    NotItsTask,
    OutputGone,
    PriceHigher,
    Problem,
    SpendingLimit,
    StudioError,
    TaskTaken,
)
from studio.system.parsing import json_of
from studio.system.work_queue import NETWORK
from studio.web.faults import sentence
from studio.web.money.limits import AT, again_at, status_of
from studio.web.text import Translation

LONGEST_ID = 100
"""Characters of a job's id, however it is written."""
_STATUS: dict[type[StudioError], int] = {
    InvalidRequest: 400,
    MediaUnreadable: 422,
    KeyReused: 422,
    NameTaken: 409,
    NoLimits: 409,
    NoSuchFile: 404,
    OutputGone: 404,
    PriceHigher: 409,
    NoSuchJob: 404,
    NoSuchPreset: 404,
    NoSuchTask: 404,
    AccountKept: 409,
    AccountMissing: 409,
    ModelMissing: 409,
    NotAllowed: 409,
    NotItsTask: 409,
    SpendingLimit: 409,
    TaskTaken: 409,
}


class RefusalView(TypedDict):
    """Why nothing was done."""

    error: str
    kind: NotRequired[str]
    fields: NotRequired[list[str]]
    """The inputs that it is about."""
    again_at: NotRequired[float]
    """When to ask again, where that is known: seconds since 1970, UTC."""
    shown: NotRequired[str]
    """The sentence with a blank for it, so that the page can write it in the visitor's own time."""


def answers_errors(
    handler: Callable[[Any, Request], Awaitable[Response]],
) -> Callable[[Any, Request], Awaitable[Response]]:
    """Answer a studio error as JSON: ``{"error": sentence, "kind": …}``."""

    @wraps(handler)
    async def wrapped(self: Any, request: Request) -> Response:
        NETWORK.set(getattr(request.state, "network", None))
        try:
            return await handler(self, request)
        except StudioError as error:
            words: Translation = request.state.words
            return refusal(error, words)

    return wrapped


def refusal(error: StudioError, words: Translation) -> Response:
    """An error as JSON."""
    body: RefusalView = {"error": sentence(error, words), "kind": error.kind}
    if isinstance(error, InvalidRequest):
        body["fields"] = [problem.field for problem in error.problems]
    if (at := again_at(error)) is not None:
        body["again_at"], body["shown"] = at, sentence(error, words, at=AT)
    return JSONResponse(body, *status_for(error))


def not_found(request: Request) -> Response:
    """What an address of JSON answers that names nothing the studio has, such as an action of another version."""
    words: Translation = request.state.words
    body: RefusalView = {"error": words("not_found"), "kind": "not_found"}
    return JSONResponse(body, 404)


def status_for(error: StudioError) -> tuple[int, Mapping[str, str]]:
    """HTTP's status for an error, and the headers that go with it."""
    return status_of(error) or (_STATUS.get(type(error), 503), {})


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that is the request's body; raises InvalidRequest when it is none."""
    try:
        data = json_of(await request.body())
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise InvalidRequest(Problem("body", "something else", "a JSON object"))
    return data
