"""AIVideoAPI's protocol (seed: its HappyHorse 1.0, callback and error-code pages)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from studio.catalog import CATALOG, ProviderName
from studio.errors import Fault, NotAllowed, NotFound, ProviderError, Unreadable
from studio.providers.base import BeforeSend, Download, Task, TaskPage, TaskStatus, Usage
from studio.providers.budget import Budget, Priority
from studio.providers.codes import failure, refusal
from studio.providers.http import Answer, Wire, asked_to_wait
from studio.references import convert
from studio.requests import Asset, ImageToVideo, ReferenceToVideo, Request, TextToVideo, VideoEdit

CREATE = "/v1/videos/generations"
TASKS = "/v1/tasks/"
CREDITS = "/v1/credits"

_STATUS: Mapping[str, TaskStatus] = {
    "pending": TaskStatus.PENDING,
    "processing": TaskStatus.RUNNING,
    "completed": TaskStatus.SUCCEEDED,
    "failed": TaskStatus.FAILED,
}


class AIVideo:
    """One account of AIVideoAPI. An implementation of ``studio.providers.base.Provider``."""

    name: ProviderName = "aivideoapi"
    lists = False

    def __init__(
        self,
        host: str,
        key: SecretStr,
        *,
        callback_url: str | None = None,
        budget: Budget | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``host`` is the base address, with or without a pasted API path; ``callback_url`` is told of each end."""
        rules = CATALOG.providers[self.name]
        self._callback_url = callback_url
        self._wire = Wire(
            host, key, read_error, budget=budget or Budget(rules.requests_per_second.value), transport=transport
        )
        self._submissions: dict[str, Budget] = {}

    def __repr__(self) -> str:
        return f"AIVideo({self._wire.host!r})"

    async def create(
        self, request: Request, media: Mapping[str, str] | None = None, *, before_send: BeforeSend | None = None
    ) -> Task:
        body = to_body(request, media or {}, self._callback_url)
        pace = CATALOG.providers[self.name].submissions_per_second.value
        async with self._submissions.setdefault(request.model, Budget(pace)).turn(Priority.SUBMIT):
            answer = await self._wire.post_once(CREATE, body, {}, before_send)
        return read_created(answer)

    async def get(self, task_id: str) -> Task:
        try:
            return read_task(await self._wire.get(TASKS + quote(task_id, safe="")), task_id)
        except NotFound as error:
            if error.code != "task_not_found":  # a page of some gateway says nothing of the task
                raise
            return Task(task_id, TaskStatus.UNKNOWN, request_id=error.request_id)

    async def list(
        self,
        *,
        page: int = 1,
        page_size: int = 100,
        status: TaskStatus | None = None,
        since: float | None = None,
        until: float | None = None,
    ) -> TaskPage:
        raise NotAllowed("AIVideoAPI does not list tasks.")

    async def cancel(self, task_id: str) -> None:
        raise NotAllowed("AIVideoAPI offers no way to withdraw a task that it has accepted.")

    async def check(self) -> Decimal:
        return read_credits(await self._wire.get(CREDITS))

    def download(self, url: str) -> AbstractAsyncContextManager[Download]:
        return self._wire.download(url)

    async def aclose(self) -> None:
        await self._wire.aclose()


def to_body(request: Request, media: Mapping[str, str], callback_url: str | None = None) -> dict[str, Any]:
    """The JSON of a submission; ``media`` gives the URL of each file by its sha256."""

    def urls(*assets: Asset) -> list[str]:
        return [media.get(asset.sha256, asset.url or "") for asset in assets]

    assert request.resolution is not None
    fields: dict[str, Any] = {
        "prompt": request.prompt,
        "resolution": request.resolution.lower(),
        "seed": request.seed,
    }
    match request:
        case TextToVideo():
            fields |= {"aspect_ratio": request.ratio, "duration": request.duration}
        case ImageToVideo():
            fields |= {"image_urls": urls(request.first_frame), "duration": request.duration}
        case ReferenceToVideo():
            fields |= {
                "prompt": convert(request.prompt),
                "image_urls": urls(*request.references),
                "aspect_ratio": request.ratio,
                "duration": request.duration,
            }
        case VideoEdit():
            fields |= {"video_urls": urls(request.video), "audio_setting": request.audio_setting}
            if request.references:
                fields |= {"prompt": convert(request.prompt), "image_urls": urls(*request.references)}
    body: dict[str, Any] = {
        "model": request.model,
        "input": {name: value for name, value in fields.items() if value is not None},
    }
    return body | ({"callback_url": callback_url} if callback_url else {})


def read_error(response: httpx.Response, body: Answer | None) -> ProviderError | None:
    """The error in an answer: ``{"error": {…}}``, an envelope whose code is not 200, or no JSON at all.

    A task that failed has an ``error`` too, but it is an answer.
    """
    status = response.status_code
    told = body or {}
    error = told.get("error")
    number = told.get("code")
    if isinstance(error, Mapping):
        if status < 400 and "status" in told:
            return None
        code, message = _text(error.get("code")), _text(error.get("message"))
    elif number in (None, 200, "200"):
        if status < 400:
            return None
        code, message = None, _text(told.get("msg"))
    else:
        code, message = str(number), _text(told.get("msg"))
        if status < 400 and code.isdecimal() and 400 <= int(code) < 600:
            status = int(code)  # the envelope says what the status line should
    return refusal(
        "aivideoapi",
        code,
        message or " ".join(response.text.split())[:200] or f"HTTP {status} without a body",
        status,
        request_id=_text(told.get("request_id") or response.headers.get("x-request-id")),
        retry_after=asked_to_wait(response),
    )


def read_created(answer: Answer) -> Task:
    """The task that a submission made; raises Unreadable when the answer names none."""
    content = _content(answer)
    task_id = content.get("taskId") or content.get("id")
    if not task_id:
        raise Unreadable("The provider's answer names no task.")
    return Task(str(task_id), TaskStatus.PENDING, request_id=_text(answer.get("request_id")), raw=answer)


def read_task(answer: Answer, task_id: str) -> Task:
    """A task from the answer to a look, flat or in the envelope; raises Unreadable when it is none."""
    content = _content(answer)
    told = content.get("status")
    if not isinstance(told, str):
        raise Unreadable("The provider's answer tells no status.")
    # A status that is not documented is looked at again rather than given up.
    status = _STATUS.get(told.lower(), TaskStatus.RUNNING)
    output = _mapping(content.get("output"))
    urls = output.get("urls")
    return Task(
        id=str(content.get("id") or task_id),
        status=status,
        request_id=_text(answer.get("request_id")),
        submitted_at=_number(content.get("created_at")),
        ended_at=_number(content.get("completed_at")),
        video_url=_text(urls[0]) if isinstance(urls, Sequence) and not isinstance(urls, str) and urls else None,
        usage=_usage(_mapping(_mapping(output.get("metadata")).get("usage")), content.get("model")),
        fault=_fault(content, answer) if status is TaskStatus.FAILED else None,
        raw=answer,
    )


def read_credits(answer: Answer) -> Decimal:
    """What is left of the account's credits; raises Unreadable when the answer does not say so."""
    try:
        balance = Decimal(str(_content(answer)["balance"]))
    except (KeyError, InvalidOperation):
        balance = Decimal("NaN")
    if not balance.is_finite():
        raise Unreadable("The provider's answer names no balance.")
    return balance


def _fault(content: Mapping[str, Any], answer: Answer) -> Fault:
    error = _mapping(content.get("error"))
    return failure(
        "aivideoapi",
        _text(error.get("code")),
        _text(error.get("message")) or "The provider gives no reason.",
        request_id=_text(answer.get("request_id")),
        charged="returned",
    )


def _content(answer: Answer) -> Mapping[str, Any]:
    """What is in the envelope, or the answer itself where there is none."""
    inside = answer.get("data")
    return inside if isinstance(inside, Mapping) else answer


def _usage(data: Mapping[str, Any], model: object) -> Usage | None:
    """Of an edit the input is billed too and its length is not told: what it cost is then not known."""
    seconds = _number(data.get("video_duration"))
    rules = next((one for one in CATALOG.providers["aivideoapi"].models if one.id == model), None)
    if seconds is None or rules is None or rules.mode == "video-edit":
        return None
    return Usage(billed_seconds=seconds, output_seconds=seconds, ratio=_text(data.get("video_ratio")))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return str(value) if value else None
