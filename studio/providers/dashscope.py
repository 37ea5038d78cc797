"""DashScope, Alibaba Model Studio's own protocol (seeds: the four skills; documentation of 30 May 2026)."""

from __future__ import annotations

import asyncio
import mimetypes
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from studio.catalog import CATALOG, ProviderName
from studio.errors import NotSent, ProviderError, ProviderFault, RateLimited, Unreadable
from studio.providers.base import BeforeSend, Download, ListedTask, Published, Task, TaskPage, TaskStatus, Usage
from studio.providers.budget import Budget, Priority
from studio.providers.codes import failure, refusal
from studio.providers.http import LONGEST_WAIT, Answer, Wire, asked_to_wait, back_off
from studio.requests import Asset, ImageToVideo, ReferenceToVideo, Request, TextToVideo, VideoEdit

CREATE = "/api/v1/services/aigc/video-generation/video-synthesis"
TASKS = "/api/v1/tasks/"
UPLOAD_TRIES = 3
CLOCK = timezone(timedelta(hours=8))
"""Times on the wire are UTC+8 and do not say so."""


class DashScope:
    """One account of DashScope in one region. An implementation of ``studio.providers.base.Provider``."""

    name: ProviderName = "dashscope"
    lists = True

    def __init__(
        self,
        host: str,
        key: SecretStr,
        region: str,
        *,
        workspace: str | None = None,
        budget: Budget | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``host`` is the base address, with or without a pasted API path; ``region`` names the account in messages."""
        rules = CATALOG.providers[self.name]
        self.region = region
        self._wire = Wire(
            host,
            key,
            read_error,
            budget=budget or Budget(rules.requests_per_second.value),
            headers={"X-DashScope-WorkSpace": workspace} if workspace else None,
            transport=transport,
        )
        self._submissions: dict[str, Budget] = {}

    def __repr__(self) -> str:
        return f"DashScope({self._wire.host!r}, region={self.region!r})"

    async def create(
        self, request: Request, media: Mapping[str, str] | None = None, *, before_send: BeforeSend | None = None
    ) -> Task:
        body = to_body(request, media or {})
        headers = {"X-DashScope-Async": "enable"}
        if any(item["url"].startswith("oss://") for item in body["input"].get("media", ())):
            headers["X-DashScope-OssResourceResolve"] = "enable"
        pace = CATALOG.providers[self.name].submissions_per_second.value
        async with self._submissions.setdefault(request.model, Budget(pace)).turn(Priority.SUBMIT):
            answer = await self._wire.post_once(CREATE, body, headers, before_send)
        return read_task(answer)

    async def upload(self, path: Path, name: str, model: str, progress: Callable[[int], None]) -> Published:
        hours = CATALOG.providers[self.name].upload_hours
        assert hours is not None
        for attempt in range(1, UPLOAD_TRIES + 1):
            # A policy lasts minutes and its key may be used once, so every try has its own.
            answer = await self._wire.get("/api/v1/uploads", {"action": "getPolicy", "model": model})
            policy = _policy(answer)
            content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            key = f"{policy['upload_dir']}/{uuid.uuid4().hex}{mimetypes.guess_extension(content_type) or ''}"
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
            try:
                await self._wire.send_file(policy["upload_host"], fields, path, content_type, progress)
            except (RateLimited, ProviderFault, NotSent) as error:
                asked = error.retry_after if isinstance(error, ProviderError) else None
                if attempt == UPLOAD_TRIES or (asked is not None and asked > LONGEST_WAIT):
                    raise
                await asyncio.sleep(back_off(attempt) if asked is None else asked)
            else:
                return Published(f"oss://{key}", time.time() + hours.value * 3600)
        raise AssertionError("unreachable")

    async def get(self, task_id: str) -> Task:
        return read_task(await self._wire.get(TASKS + quote(task_id, safe="")), task_id)

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
        return read_page(await self._wire.get(TASKS, params), page)

    async def cancel(self, task_id: str) -> None:
        answer = await self._wire.post(f"{TASKS}{quote(task_id, safe='')}/cancel")
        if not answer.get("request_id"):  # all that the documented answer holds
            raise Unreadable("The provider's answer does not say that the task was withdrawn.")

    async def check(self) -> None:
        await self.list(page_size=1)

    def download(self, url: str) -> AbstractAsyncContextManager[Download]:
        return self._wire.download(url)

    async def aclose(self) -> None:
        await self._wire.aclose()


def to_body(request: Request, media: Mapping[str, str]) -> dict[str, Any]:
    """The JSON of a submission; ``media`` gives the URL of each file by its sha256."""

    def item(kind: str, asset: Asset) -> dict[str, str]:
        return {"type": kind, "url": media.get(asset.sha256, asset.url or "")}

    fields: dict[str, Any] = {"prompt": request.prompt}
    parameters: dict[str, Any] = {
        "resolution": request.resolution,
        "watermark": request.watermark,
        "seed": request.seed,
    }
    match request:
        case TextToVideo():
            parameters |= {"ratio": request.ratio, "duration": request.duration}
        case ImageToVideo():
            fields["media"] = [item("first_frame", request.first_frame)]
            parameters |= {"duration": request.duration}
        case ReferenceToVideo():
            fields["media"] = [item("reference_image", asset) for asset in request.references]
            parameters |= {"ratio": request.ratio, "duration": request.duration}
        case VideoEdit():
            references = [item("reference_image", asset) for asset in request.references]
            fields["media"] = [item("video", request.video), *references]
            parameters |= {"audio_setting": request.audio_setting}
    return {
        "model": request.model,
        "input": fields,
        "parameters": {name: value for name, value in parameters.items() if value is not None},
    }


def read_error(response: httpx.Response, body: Answer | None) -> ProviderError | None:
    """The error in an answer: flat, in the compatible mode's shape, inside HTTP 200, or no JSON at all."""
    status = response.status_code
    nested = body.get("error") if body else None
    told = nested if isinstance(nested, Mapping) else body or {}
    code = _text(told.get("code"))
    if status < 400 and (code is None or _names_task(body)):
        return None
    return refusal(
        "dashscope",
        code,
        _text(told.get("message")) or _shortened(response),
        status,
        request_id=_text(
            told.get("request_id") or (body or {}).get("request_id") or response.headers.get("x-request-id")
        ),
        retry_after=asked_to_wait(response),
    )


def _names_task(body: Answer | None) -> bool:
    """Whether an answer names a task; whatever else it says, that task may cost money."""
    output = (body or {}).get("output")
    return isinstance(output, Mapping) and bool(output.get("task_id"))


def _policy(answer: Answer) -> Mapping[str, str]:
    """The terms of a temporary upload, which the SDK calls ``output`` and the documentation ``data``."""
    terms = answer.get("data") or answer.get("output")
    wanted = ("upload_host", "upload_dir", "policy", "signature", "oss_access_key_id")
    if not isinstance(terms, Mapping) or not all(terms.get(name) for name in wanted):
        raise Unreadable("The provider's answer holds no terms for an upload.")
    defaults = {"x_oss_object_acl": "private", "x_oss_forbid_overwrite": "true"}
    return defaults | {name: str(value) for name, value in terms.items()}


def read_task(answer: Answer, task_id: str | None = None) -> Task:
    """A task from the answer to a submission or a look; raises Unreadable when it is none."""
    output = answer.get("output")
    found = output.get("task_id") if isinstance(output, Mapping) else None
    if not isinstance(output, Mapping) or not (found or task_id):
        raise Unreadable("The provider's answer names no task.")
    status = _status(output.get("task_status"))
    return Task(
        id=str(found or task_id),
        status=status,
        request_id=_text(answer.get("request_id")),
        submitted_at=_time(output.get("submit_time")),
        started_at=_time(output.get("scheduled_time")),
        ended_at=_time(output.get("end_time")),
        prompt=str(output["orig_prompt"]) if output.get("orig_prompt") is not None else None,
        video_url=_text(output.get("video_url")),
        usage=_usage(answer.get("usage")),
        fault=failure(
            "dashscope",
            _text(output.get("code")),
            _text(output.get("message")) or "The provider gives no reason.",
            request_id=_text(answer.get("request_id")),
        )
        if status is TaskStatus.FAILED
        else None,
        raw=answer,
    )


def read_page(answer: Answer, page: int) -> TaskPage:
    """A page of a list, in the documented shape (``data``) or the SDK's (``output``/``tasks``)."""
    output = answer.get("output")
    holder = output if isinstance(output, Mapping) else answer
    rows = holder.get("data", holder.get("tasks"))
    if not isinstance(rows, list):
        raise Unreadable("The provider's answer is not a list of tasks.")
    tasks = tuple(
        ListedTask(
            id=str(row["task_id"]),
            status=_status(row.get("status") or row.get("task_status")),
            model=_text(row.get("model_name") or row.get("model")),
            created_at=_milliseconds(row.get("gmt_create")),
            started_at=_milliseconds(row.get("start_time")),
        )
        for row in rows
        if isinstance(row, Mapping) and row.get("task_id")
    )
    try:
        total = int(holder.get("total") or len(tasks))
        return TaskPage(tasks, int(holder.get("page_no") or page), int(holder.get("total_page") or 1), total)
    except (TypeError, ValueError):
        raise Unreadable("The provider's list of tasks does not say how long it is.") from None


def _status(value: object) -> TaskStatus:
    """A status that is not documented counts as running: it is looked at again rather than given up."""
    text = str(value or "UNKNOWN").upper()
    if text in TaskStatus.__members__:
        return TaskStatus(text)
    return TaskStatus.RUNNING


def _usage(data: object) -> Usage | None:
    if not isinstance(data, Mapping) or data.get("duration") is None:
        return None
    tier, output = data.get("SR"), data.get("output_video_duration")
    try:
        return Usage(
            billed_seconds=float(data["duration"]),
            input_seconds=float(data.get("input_video_duration") or 0),
            output_seconds=float(output) if output is not None else None,
            resolution=f"{tier}P" if tier else None,
            ratio=_text(data.get("ratio")),
        )
    except (TypeError, ValueError):  # a bill that cannot be read must not keep a paid video from being saved
        return None


def _time(value: object) -> float | None:
    """``2026-04-20 12:58:20.114``, UTC+8, in seconds since 1970."""
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=CLOCK).timestamp() if value else None
    except ValueError:
        return None


def _milliseconds(value: object) -> float | None:
    return value / 1000 if isinstance(value, (int, float)) else None


def _compact_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, CLOCK).strftime("%Y%m%d%H%M%S")


def _text(value: object) -> str | None:
    return str(value) if value else None


def _shortened(response: httpx.Response) -> str:
    words = " ".join(response.text.split())
    return words[:200] or f"HTTP {response.status_code} without a body"
