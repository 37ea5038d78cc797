"""DashScope, Alibaba Model Studio's own protocol (seeds: the four skills; documentation of 30 May 2026)."""

from __future__ import annotations

import mimetypes
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from studio.catalog.models import CATALOG
from studio.catalog.requests import Request
from studio.config import Settings
from studio.errors import (
    NotFound,
    ProviderError,
    PublishFailed,
    RequestRefused,
    Unreadable,
)
from studio.message import Message
from studio.providers.base import BeforeSend, ListedTask, Published, Task, TaskPage, TaskStatus, Usage
from studio.providers.budget import Budget
from studio.providers.client import Client, unknown_task
from studio.providers.codes import failure, refusal
from studio.providers.dashscope_codes import CODES
from studio.providers.http import Answer, asked_to_wait, shortened
from studio.providers.reading import mapping, number, text
from studio.providers.retries import RetryPolicy
from studio.providers.statuses import listed_status, read_status
from studio.system.clock import CLOCK, Clock
from studio.system.pace import PACE, Pace

CREATE = "/api/v1/services/aigc/video-generation/video-synthesis"
TASKS = "/api/v1/tasks/"
UPLOADS = "/api/v1/uploads"
MEDIA_TYPES = {"first_frame": "first_frame", "references": "reference_image", "video": "video"}
"""What the wire calls the files of each input. Parameters have the names there that they have here."""
_STATUS: Mapping[str, TaskStatus] = {status.lower(): status for status in TaskStatus}
ZONE = timezone(timedelta(hours=8))
"""Times on the wire are UTC+8 and do not say so."""


class DashScope(Client):
    """One account of DashScope."""

    name = "dashscope"
    codes = CODES

    @classmethod
    def configured(cls, settings: Settings, callback_url: str | None, clock: Clock, pace: Pace) -> Self:
        assert settings.dashscope_api_key is not None
        return cls(
            settings.dashscope_host(),
            settings.dashscope_api_key,
            workspace=settings.dashscope_workspace,
            private=settings.allow_private_urls,
            clock=clock,
            pace=pace,
        )

    @classmethod
    def in_sandbox(cls, url: str, key: SecretStr, callback_url: str, clock: Clock, pace: Pace) -> Self:
        return cls(url, key, clock=clock, pace=pace)

    @classmethod
    def region(cls, settings: Settings) -> str:
        return settings.dashscope_region

    @classmethod
    def way_back(cls, region: str) -> Message | None:
        if region not in CATALOG.providers[cls.name].regions:
            return None
        return Message(
            "Set {settings}, DASHSCOPE_API_KEY to the key of that region, and restart the studio.",
            settings=f"DASHSCOPE_REGION={region}",
        )

    def __init__(
        self,
        host: str,
        key: SecretStr,
        *,
        workspace: str | None = None,
        budget: Budget | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        private: bool = False,
        clock: Clock = CLOCK,
        pace: Pace = PACE,
        submissions_per_second: float | None = None,
    ) -> None:
        """``host`` is the base address, with or without a pasted API path; ``private`` as in ``Client``."""
        self.workspace = workspace
        headers = {"X-DashScope-WorkSpace": workspace} if workspace else None
        super().__init__(
            host,
            key,
            read_error,
            budget=budget,
            headers=headers,
            transport=transport,
            private=private,
            clock=clock,
            pace=pace,
            submissions_per_second=submissions_per_second,
        )

    async def create(
        self, request: Request, media: Mapping[str, str] | None = None, *, before_send: BeforeSend | None = None
    ) -> Task:
        body = to_body(request, media or {})
        headers = {"X-DashScope-Async": "enable"}
        if any(item["url"].startswith("oss://") for item in body["input"].get("media", ())):
            headers["X-DashScope-OssResourceResolve"] = "enable"
        made = read_task(await self._submit(request.model, CREATE, body, before_send, headers))
        return replace(made, status=TaskStatus.PENDING)  # whatever it says beyond the task's name, a look will tell

    async def upload(self, path: Path, name: str, model: str, progress: Callable[[int], None]) -> Published:
        hours = CATALOG.providers[self.name].upload_hours
        assert hours is not None
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        suffix = mimetypes.guess_extension(content_type) or ""

        async def hand_over() -> Published:
            # A policy lasts minutes and its key may be used once, so every try has its own.
            asked = {"action": "getPolicy", "model": model}
            # The documentation calls the header required, although its SDK leaves it out.
            policy = _policy(await self._wire.get(UPLOADS, asked, {"Content-Type": "application/json"}, tries=1))
            _fits(path, name, policy)
            key = f"{policy['upload_dir']}/{uuid.uuid4().hex}{suffix}"
            fields = {
                "OSSAccessKeyId": policy["oss_access_key_id"],
                "Signature": policy["signature"],
                "policy": policy["policy"],
                "key": key,
                "x-oss-object-acl": policy["x_oss_object_acl"],
                "x-oss-forbid-overwrite": policy["x_oss_forbid_overwrite"],
                "success_action_status": "200",
                "x-oss-content-type": content_type,
            }
            await self._wire.send_file(policy["upload_host"], fields, path, content_type, progress)
            return Published(f"oss://{key}", self._own_clock.wall() + hours.value * 3600)

        return await RetryPolicy(self._pace).repeat(hand_over, self._pace.upload_tries)

    async def get(self, task_id: str) -> Task:
        try:
            return read_task(await self._wire.get(TASKS + quote(task_id, safe="")), task_id)
        except (NotFound, RequestRefused) as error:
            return unknown_task(task_id, error)

    async def list(
        self,
        *,
        page: int = 1,
        page_size: int = 100,
        status: TaskStatus | None = None,
        since: float | None = None,
        until: float | None = None,
    ) -> TaskPage:
        params: dict[str, Any] = {"page_no": page, "page_size": page_size}
        if status is not None:
            params["status"] = status.value
        if since is not None:
            params["start_time"] = _compact_time(since)
        if until is not None:
            params["end_time"] = _compact_time(until)
        return read_page(await self._wire.get(TASKS, params))

    async def cancel(self, task_id: str) -> None:
        answer = await self._wire.cancel(f"{TASKS}{quote(task_id, safe='')}/cancel")
        # A request id is all that the documented answer holds; without it the task itself must say so.
        if not answer.get("request_id") and (await self.get(task_id)).status is not TaskStatus.CANCELED:
            raise Unreadable("The provider’s answer does not confirm the cancellation.")

    async def check(self) -> None:
        await self.list(page_size=1)


def to_body(request: Request, media: Mapping[str, str]) -> dict[str, Any]:
    """The JSON of a submission; ``media`` gives the URL of each file by its sha256."""

    # One that is given must not be empty, says an early document; where it may be, it is left out.
    fields: dict[str, Any] = {"prompt": request.sent_prompt} if request.sent_prompt else {}
    files = [
        {"type": MEDIA_TYPES[name], "url": media.get(asset.sha256, asset.url or "")}
        for name, assets in request.inputs.items()
        for asset in assets
    ]
    if files:
        fields["media"] = files
    return {"model": request.model, "input": fields, "parameters": dict(request.parameters)}


def read_error(response: httpx.Response, body: Answer | None) -> ProviderError | None:
    """The error in an answer: flat, in the compatible mode's shape, inside HTTP 200, or no JSON at all."""
    status = response.status_code
    whole = body or {}
    error = mapping(whole.get("error")) or whole
    code = text(error.get("code"))
    # Whatever else an answer says, the task that it names may cost money.
    if status < 400 and (code is None or mapping(whole.get("output")).get("task_id")):
        return None
    return refusal(
        CODES,
        code,
        text(error.get("message")) or shortened(response),
        status,
        request_id=text(error.get("request_id") or whole.get("request_id") or response.headers.get("x-request-id")),
        retry_after=asked_to_wait(response),
    )


def _policy(answer: Answer) -> Mapping[str, str]:
    """The terms of a temporary upload, which the SDK calls ``output`` and the documentation ``data``."""
    terms = answer.get("data") or answer.get("output")
    wanted = ("upload_host", "upload_dir", "policy", "signature", "oss_access_key_id")
    if not isinstance(terms, Mapping) or not all(terms.get(name) for name in wanted):
        raise Unreadable("The provider’s answer has no upload policy.")
    defaults = {"x_oss_object_acl": "private", "x_oss_forbid_overwrite": "true"}
    return defaults | {name: str(value) for name, value in terms.items()}


def _fits(path: Path, name: str, policy: Mapping[str, str]) -> None:
    """Raise PublishFailed for a file that the terms of the upload do not take: its store would say so in XML."""
    most, size = policy.get("max_file_size_mb", ""), path.stat().st_size / 2**20
    if most.isdecimal() and size > int(most):
        raise PublishFailed(
            Message(
                "{name} is {size} MB; DashScope accepts uploads up to {most} MB for this model. Make it smaller.",
                name=name,
                size=f"{size:.1f}",
                most=most,
            )
        )


def read_task(answer: Answer, task_id: str | None = None) -> Task:
    """A task from the answer to a submission or a look; raises Unreadable when it is none."""
    output = mapping(answer.get("output"))
    task_id = text(output.get("task_id")) or task_id
    if not output or not task_id:
        raise Unreadable("The provider’s answer has no task ID.")
    video_url = text(output.get("video_url"))
    status, word = read_status(output.get("task_status"), _STATUS, has_result=video_url is not None)
    return Task(
        id=task_id,
        status=status,
        request_id=text(answer.get("request_id")),
        submitted_at=_time(output.get("submit_time")),
        started_at=_time(output.get("scheduled_time")),
        ended_at=_time(output.get("end_time")),
        prompt=str(output["orig_prompt"]) if output.get("orig_prompt") is not None else None,
        video_url=video_url,
        usage=_usage(answer.get("usage")),
        fault=failure(
            CODES,
            text(output.get("code") or answer.get("code")),
            text(output.get("message") or answer.get("message")),
            request_id=text(answer.get("request_id")),
        )
        if status is TaskStatus.FAILED
        else None,
        word=word,
        answer=answer,
    )


def read_page(answer: Answer) -> TaskPage:
    """A page of a list, in the documented shape (``data``) or the SDK's (``output``/``tasks``)."""
    holder = mapping(answer.get("output")) or answer
    rows = holder.get("data", holder.get("tasks"))
    total = number(holder.get("total"))
    if rows is None and total == 0:
        rows = []
    if not isinstance(rows, list):
        raise Unreadable("The provider’s answer is not a list of tasks.")
    if total is None and "total" in holder:
        raise Unreadable("The provider’s list of tasks has no total.")
    tasks = tuple(
        ListedTask(
            id=str(row["task_id"]),
            status=listed_status(row.get("status") or row.get("task_status"), _STATUS),
            model=text(row.get("model_name") or row.get("model")),
            created_at=_milliseconds(row.get("gmt_create")),
            started_at=_milliseconds(row.get("start_time")),
        )
        for row in rows
        if isinstance(row, Mapping) and row.get("task_id")
    )
    return TaskPage(tasks, int(total or len(tasks)))


def _usage(data: object) -> Usage | None:
    usage = mapping(data)
    billed = number(usage.get("duration"))
    if billed is None or billed < 0:
        return None
    tier = str(usage.get("SR") or "").upper().removesuffix("P")
    return Usage(
        billed_seconds=billed,
        input_seconds=number(usage.get("input_video_duration")) or 0.0,
        output_seconds=number(usage.get("output_video_duration")),
        resolution=f"{tier}P" if tier else None,
        ratio=text(usage.get("ratio")),
    )


def _time(value: object) -> float | None:
    """``2026-04-20 12:58:20.114``, UTC+8 unless it says otherwise, in seconds since 1970."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).timestamp()


def _milliseconds(value: object) -> float | None:
    """Seconds since 1970; None for 0, as for what has not begun."""
    return (number(value) or 0.0) / 1000 or None


def _compact_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, ZONE).strftime("%Y%m%d%H%M%S")
