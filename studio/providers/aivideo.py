"""AIVideoAPI's protocol (seed: its HappyHorse 1.0, callback and error-code pages)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Self
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from studio.catalog.models import CATALOG
from studio.catalog.requests import Request
from studio.config import Settings
from studio.errors import (
    AuthenticationFailed,
    Fault,
    NotFound,
    PermissionDenied,
    ProviderError,
    ProviderFault,
    QuotaExhausted,
    RequestRefused,
    Unreadable,
)
from studio.providers import dashscope_codes
from studio.providers.base import BeforeSend, Task, TaskStatus, Usage
from studio.providers.budget import Budget
from studio.providers.client import Client, unknown_task
from studio.providers.codes import BROKEN, MODEL, PARAMETER, RATE, Codes, Meaning, failure, refusal
from studio.providers.http import Answer, asked_to_wait, shortened
from studio.providers.reading import mapping, number, text
from studio.providers.statuses import read_status
from studio.system.clock import CLOCK, Clock
from studio.system.pace import PACE, Pace

CREATE = "/v1/videos/generations"
TASKS = "/v1/tasks/"
CREDITS = "/v1/credits"
PARAMETERS = {"ratio": "aspect_ratio"}
"""Those that the wire calls otherwise than the catalog."""
LISTS = {"first_frame": "image_urls", "references": "image_urls", "video": "video_urls"}
"""The field that takes the files of each input."""

_STATUS: Mapping[str, TaskStatus] = {
    "pending": TaskStatus.PENDING,
    "processing": TaskStatus.RUNNING,
    "completed": TaskStatus.SUCCEEDED,
    "failed": TaskStatus.FAILED,
}


CODES = Codes(
    {
        "invalid_request": PARAMETER,
        "invalid_api_key": Meaning(AuthenticationFailed, "aivideoapi_key"),
        "insufficient_credits": Meaning(QuotaExhausted, "credits"),
        "ip_not_allowed": Meaning(PermissionDenied, "ip_not_allowed"),
        "model_not_found": MODEL,
        "task_not_found": MODEL,
        "rate_limit_exceeded": RATE,
        "spend_limit_exceeded": Meaning(QuotaExhausted, "spend_limit"),
        "internal_error": BROKEN,
        "upstream_error": Meaning(ProviderFault, "upstream"),
    },
    behind=dashscope_codes.CODES,
)


class AIVideo(Client):
    """One account of AIVideoAPI."""

    name = "aivideoapi"
    codes = CODES

    @classmethod
    def configured(cls, settings: Settings, callback_url: str | None, clock: Clock, pace: Pace) -> Self:
        assert settings.aivideoapi_key is not None
        return cls(
            settings.aivideoapi_host(),
            settings.aivideoapi_key,
            callback_url=callback_url,
            private=settings.allow_private_urls,
            clock=clock,
            pace=pace,
        )

    @classmethod
    def in_sandbox(cls, url: str, key: SecretStr, callback_url: str, clock: Clock, pace: Pace) -> Self:
        return cls(url, key, callback_url=callback_url, clock=clock, pace=pace)

    @classmethod
    def called_back(cls, headers: Mapping[str, str]) -> str | None:
        return headers.get("x-task-id")

    def __init__(
        self,
        host: str,
        key: SecretStr,
        *,
        callback_url: str | None = None,
        budget: Budget | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        private: bool = False,
        clock: Clock = CLOCK,
        pace: Pace = PACE,
    ) -> None:
        """``host`` is the base address, with or without a pasted API path; ``callback_url`` is told of each end;
        ``private`` as in ``Client``."""
        super().__init__(
            host, key, read_error, budget=budget, transport=transport, private=private, clock=clock, pace=pace
        )
        self._callback_url = callback_url

    async def create(
        self, request: Request, media: Mapping[str, str] | None = None, *, before_send: BeforeSend | None = None
    ) -> Task:
        body = to_body(request, media or {}, self._callback_url)
        return read_created(await self._submit(request.model, CREATE, body, before_send))

    async def get(self, task_id: str) -> Task:
        try:
            return read_task(await self._wire.get(TASKS + quote(task_id, safe="")), task_id)
        except (NotFound, RequestRefused) as error:
            return unknown_task(task_id, error)

    async def check(self) -> Decimal:
        return read_credits(await self._wire.get(CREDITS))


def to_body(request: Request, media: Mapping[str, str], callback_url: str | None = None) -> dict[str, Any]:
    """The JSON of a submission; ``media`` gives the URL of each file by its sha256."""

    fields: dict[str, Any] = {"prompt": request.sent_prompt}
    for name, value in request.parameters.items():
        fields[PARAMETERS.get(name, name)] = value.lower() if name == "resolution" and isinstance(value, str) else value
    for name, assets in request.inputs.items():
        urls = [media.get(asset.sha256, asset.url or "") for asset in assets]
        if urls:
            fields.setdefault(LISTS[name], []).extend(urls)
    body: dict[str, Any] = {"model": request.model, "input": fields}
    return body | ({"callback_url": callback_url} if callback_url else {})


def read_error(response: httpx.Response, body: Answer | None) -> ProviderError | None:
    """The error in an answer: ``{"error": {…}}``, an envelope whose code is not 200, or no JSON at all.

    What names a task is an answer, whatever else it says: a task that failed has an ``error`` too, and one that was
    made costs credits.
    """
    status = response.status_code
    answer = body or {}
    error = mapping(answer.get("error"))
    envelope = answer.get("code")
    if status < 400 and any(_content(answer).get(name) for name in ("taskId", "task_id", "status")):
        return None
    if error:
        code, message = text(error.get("code")), text(error.get("message"))
    elif envelope in (None, 200, "200"):
        if status < 400:
            return None
        code, message = None, text(answer.get("msg"))
    else:
        code, message = str(envelope), text(answer.get("msg"))
        if status < 400 and code.isdecimal() and 400 <= int(code) < 600:
            status = int(code)  # the envelope says what the status line should
    return refusal(
        CODES,
        code,
        message or shortened(response),
        status,
        request_id=text(answer.get("request_id") or response.headers.get("x-request-id")),
        retry_after=asked_to_wait(response),
    )


def read_created(answer: Answer) -> Task:
    """The task that a submission made; raises Unreadable when the answer names none."""
    task_id = _task_id(answer)
    if task_id is None:
        raise Unreadable("The provider’s answer has no task ID.")
    return Task(task_id, TaskStatus.PENDING, request_id=text(answer.get("request_id")), answer=answer)


def read_task(answer: Answer, task_id: str) -> Task:
    """A task from the answer to a look, flat or in the envelope; raises Unreadable when it is none."""
    content = _content(answer)
    value = content.get("status")
    if not isinstance(value, str):
        raise Unreadable("The provider’s answer has no task status.")
    output = mapping(content.get("output"))
    urls = output.get("urls")
    video_url = text(urls[0]) if isinstance(urls, list) and urls else None
    status, word = read_status(value, _STATUS, has_result=video_url is not None)
    return Task(
        id=_task_id(answer) or task_id,
        status=status,
        request_id=text(answer.get("request_id")),
        submitted_at=number(content.get("created_at")),
        ended_at=number(content.get("completed_at")),
        video_url=video_url,
        usage=_usage(mapping(mapping(output.get("metadata")).get("usage")), content.get("model")),
        fault=_fault(content, answer) if status is TaskStatus.FAILED else None,
        word=word,
        answer=answer,
    )


def read_credits(answer: Answer) -> Decimal:
    """What is left of the account's credits; raises Unreadable when the answer does not say so."""
    try:
        balance = Decimal(str(_content(answer)["balance"]))
    except (KeyError, InvalidOperation):
        balance = Decimal("NaN")
    if not balance.is_finite():
        raise Unreadable("The provider’s answer has no balance.")
    return balance


def _fault(content: Mapping[str, Any], answer: Answer) -> Fault:
    error = mapping(content.get("error"))
    return failure(
        CODES,
        text(error.get("code")),
        text(error.get("message") or content.get("error")),
        request_id=text(answer.get("request_id")),
        charged="returned",
    )


def _content(answer: Answer) -> Mapping[str, Any]:
    """What is in the envelope, or the answer itself where there is none."""
    return mapping(answer.get("data")) or answer


def _task_id(answer: Answer) -> str | None:
    """The task that an answer is about: ``taskId`` in that to a submission, ``id`` in that to a look."""
    content = _content(answer)
    return text(content.get("taskId") or content.get("task_id") or content.get("id"))


def _usage(data: Mapping[str, Any], model_id: object) -> Usage | None:
    """Where the input is billed too, its length is not told: what it cost is then not known."""
    seconds = number(data.get("video_duration"))
    model = next((one for one in CATALOG.providers["aivideoapi"].models if one.id == model_id), None)
    if seconds is None or model is None or any(one.billed for one in model.inputs.values()):
        return None
    return Usage(billed_seconds=seconds, output_seconds=seconds, ratio=text(data.get("video_ratio")))
