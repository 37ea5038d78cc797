"""DashScope's side of the wire, as strict as its documents (the four skills; documentation of 30 May 2026)."""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from studio.catalog.models import CATALOG, Model, Options, Range
from studio.catalog.prompts import is_blank
from studio.sandbox.callers import bearer_of, json_of, same
from studio.sandbox.cloud import Sandbox
from studio.sandbox.faults import InjectedFault, directives
from studio.sandbox.media import TYPES
from studio.sandbox.refusal import Refusal, dashscope_error, invalid, invalid_url, reason_of, uninspectable
from studio.sandbox.tasks import SandboxTask
from studio.sandbox.uploads import CLOCK

PROVIDER = "dashscope"
_DAY = 86400
STATUSES = ("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED", "UNKNOWN")

_UNASKED = {"extend_prompt", "function"}
"""What the first generation of Alibaba's own SDK puts into every ``input``: the cloud cannot mind it."""


def routes(sandbox: Sandbox) -> list[Route]:
    api = DashScopeApi(sandbox)
    return [
        Route(
            "/api/v1/services/aigc/video-generation/video-synthesis",
            api.answer(api.create),
            methods=["POST"],
            name="create",
        ),
        Route("/api/v1/tasks", api.answer(api.list), methods=["GET"], name="list"),
        Route("/api/v1/tasks/", api.answer(api.list), methods=["GET"], name="list"),
        Route("/api/v1/tasks/{task_id}", api.answer(api.get), methods=["GET"], name="get"),
        Route("/api/v1/tasks/{task_id}/cancel", api.answer(api.cancel), methods=["POST"], name="cancel"),
        Route("/api/v1/uploads", api.answer(api.policy), methods=["GET"], name="policy"),
        Route("/oss", api.upload, methods=["POST"], name="upload"),
    ]


def error_body(fault: InjectedFault) -> dict[str, Any]:
    """What a queued fault answers."""
    return dashscope_error(fault.code or "InternalError", fault.message, "sandbox-fault")


class DashScopeApi:
    """The endpoints of one account."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def answer(self, handler: Any) -> Any:
        """Give every answer its request id, and every refusal its documented body."""

        async def handle(request: Request) -> Response:
            request_id = "-".join(secrets.token_hex(size) for size in (4, 2, 2, 2, 6))
            try:
                self._authenticate(request)
                body = await handler(request, request_id)
            except Refusal as refusal:
                error = dashscope_error(refusal.code, refusal.message, request_id)
                return JSONResponse(error, refusal.status)
            return body if isinstance(body, Response) else JSONResponse({"request_id": request_id, **body})

        return handle

    def _authenticate(self, request: Request) -> None:
        key = bearer_of(request)
        if not key:
            raise Refusal(401, "InvalidApiKey", "No API-key provided.")
        if not same(key, self._sandbox.keys["dashscope"]):
            raise Refusal(401, "InvalidApiKey", "Invalid API-key provided.")

    def _pace(self, name: str, per_second: int) -> None:
        if self._sandbox.too_fast(name, per_second):
            raise Refusal(429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later.")

    def _sold(self) -> Mapping[str, Model]:
        """The models of the region."""
        dashscope = CATALOG.providers["dashscope"]
        region = dashscope.regions[self._sandbox.rules.region]
        return {model.id: model for model in dashscope.models if region.offers(model.id)}

    # Tasks

    async def create(self, request: Request, request_id: str) -> dict[str, Any]:
        if request.headers.get("x-dashscope-async", "").lower() != "enable":
            raise Refusal(403, "AccessDenied", "current user api does not support synchronous calls.")
        try:
            body = await json_of(request)
        except ValueError as error:
            raise invalid(str(error)) from None
        model = _check_body(body, self._sold())
        self._pace("tasks", self._sandbox.rules.requests_per_second)
        self._pace(f"create {model.id}", self._sandbox.rules.submissions_per_second)
        resolves = request.headers.get("x-dashscope-ossresourceresolve", "").lower() == "enable"
        if media := body["input"].get("media"):
            await asyncio.to_thread(self._settle_media, media, model, resolves=resolves)
        prompt = body["input"].get("prompt", "")
        magic = directives(prompt)
        if text := magic.get("refuse"):
            raise Refusal(400, *reason_of(text))
        if "busy" in magic and self._sandbox.first_time("busy", prompt):
            raise Refusal(429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later.")
        task = self._sandbox.make(request, model, body, request_id=request_id)
        return {"output": {"task_id": task.id, "task_status": "PENDING"}}

    def _settle_media(self, media: list[dict[str, str]], model: Model, *, resolves: bool) -> None:
        """Refuse uploads that the model cannot read; put what stands in the submission itself on disk."""
        for item in media:
            if item["url"].startswith("oss://"):
                if not resolves:
                    raise uninspectable("The media format is not supported or incorrect for the data inspection.")
                self._sandbox.uploads.find(item["url"], model.id)
        for item in media:
            if item["url"].startswith("data:"):
                try:
                    content = base64.b64decode(item["url"].partition(";base64,")[2], validate=True)
                except ValueError:
                    raise uninspectable("The media's base64 text is not valid for the data inspection.") from None
                item["url"] = self._sandbox.uploads.keep(content, model.id)

    async def get(self, request: Request, request_id: str) -> dict[str, Any]:
        self._pace("tasks", self._sandbox.rules.requests_per_second)
        task_id = request.path_params["task_id"]
        task = self._sandbox.known("dashscope", task_id)
        if task is None:
            return {"output": {"task_id": task_id, "task_status": "UNKNOWN"}}
        output: dict[str, Any] = {"task_id": task.id, "task_status": task.status}
        if task.status == "CANCELED":
            return {"output": output}
        output["submit_time"] = _stamp(task.created_at)
        if task.started_at is not None:
            output["scheduled_time"] = _stamp(task.started_at)
        if task.status == "FAILED":
            reason = {"code": task.code, "message": task.message}
            return {"output": output | {name: value for name, value in reason.items() if value is not None}}
        if task.status != "SUCCEEDED":
            return {"output": output}
        assert task.ended_at is not None
        output |= {
            "end_time": _stamp(task.ended_at),
            "orig_prompt": task.prompt,
            "video_url": self._sandbox.result_url(request, task),
        }
        return {"output": output, "usage": task.usage}

    async def list(self, request: Request, request_id: str) -> dict[str, Any]:
        self._pace("tasks", self._sandbox.rules.requests_per_second)
        query = request.query_params
        unknown = set(query) - {"start_time", "end_time", "model_name", "status", "task_id", "page_no", "page_size"}
        if unknown:
            raise invalid(f"Unknown parameter {min(unknown)}.")
        bounds = {name: _read_stamp(query[name]) for name in ("start_time", "end_time") if name in query}
        since = bounds.get("start_time", bounds.get("end_time", time.time()) - _DAY)
        until = bounds.get("end_time", since + _DAY)
        if until - since > _DAY:
            raise invalid("The time range must not exceed 24 hours.")
        status = query.get("status")
        if status is not None and status not in STATUSES:
            raise invalid(f"status must be one of {', '.join(STATUSES)}.")
        page, size = _whole(query, "page_no", 1), min(_whole(query, "page_size", 10), self._sandbox.rules.page_size)
        found = [
            task
            for task in self._sandbox.tasks
            if task.provider == "dashscope"
            and since - 1 <= task.created_at <= until + 1
            and (status is None or task.status == status)
            and query.get("model_name") in (None, task.model)
            and query.get("task_id") in (None, task.id)
        ]
        found.sort(key=lambda task: task.created_at, reverse=True)
        return {
            "total": len(found),
            "data": [_row(task) for task in found[(page - 1) * size : page * size]],
            "total_page": -(-len(found) // size),
            "page_no": page,
            "page_size": size,
        }

    async def cancel(self, request: Request, request_id: str) -> dict[str, Any]:
        self._pace("tasks", self._sandbox.rules.requests_per_second)
        task = self._sandbox.known("dashscope", request.path_params["task_id"])
        if task is None or not self._sandbox.tasks.cancel(task):
            raise Refusal(
                400,
                "UnsupportedOperation",
                "Failed to cancel the task, please confirm if the task is in PENDING status.",
            )
        return {}

    # Temporary upload

    async def policy(self, request: Request, request_id: str) -> dict[str, Any]:
        model = request.query_params.get("model", "")
        if request.query_params.get("action") != "getPolicy":
            raise invalid("action must be getPolicy.")
        if model not in self._sold():
            raise Refusal(404, "ModelNotFound", f"Model {model} not exist.")
        host = f"{request.url.scheme}://{request.headers['host']}/oss"
        return {"data": self._sandbox.uploads.policy(model, host)}

    async def upload(self, request: Request) -> Response:
        """The object store's form upload: its errors are XML."""
        try:
            await self._sandbox.uploads.receive(request)
        except Refusal as refusal:
            xml = f"<?xml version='1.0'?><Error><Code>{refusal.code}</Code><Message>{refusal.message}</Message></Error>"
            return Response(xml, refusal.status, media_type="application/xml")
        return Response(b"")


def _check_body(body: Any, models: Mapping[str, Model]) -> Model:
    """Every rule of a submission's JSON; gives its model, one of ``models``.

    Cuts a prompt that is too long, as the cloud silently does.
    """
    _only(body, "body", {"model", "input", "parameters"})
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise invalid("model is required.")
    model = models.get(name)
    if model is None:
        raise Refusal(404, "ModelNotFound", f"Model {name} not exist.")
    fields, parameters = body.get("input"), body.get("parameters", {})
    _only(fields, "input", _UNASKED | ({"prompt", "media"} if model.inputs else {"prompt"}))
    _check_prompt(fields, model)
    _check_media(fields, model)
    _only(parameters, "parameters", set(model.parameters))
    for name, value in parameters.items():
        rule = model.parameters[name]
        if isinstance(rule, Options):
            if value not in rule.all:
                raise invalid(f"{name} must be one of {', '.join(rule.all)}.")
        elif isinstance(rule, Range):
            if isinstance(value, bool) or not isinstance(value, int) or not rule.min <= value <= rule.max:
                raise invalid(f"{name} must be an integer between {rule.min} and {rule.max}.")
        elif not isinstance(value, bool):
            raise invalid(f"{name} must be a boolean.")
    return model


def _only(data: Any, where: str, known: set[str]) -> None:
    if not isinstance(data, dict):
        raise invalid(f"{where} must be an object.")
    if unknown := data.keys() - known:
        raise invalid(f"{where}.{min(unknown)} is not supported by this model.")


def _check_prompt(fields: dict[str, Any], model: Model) -> None:
    prompt = fields.get("prompt", "")
    if not isinstance(prompt, str):
        raise invalid("input.prompt must be a string.")
    if is_blank(prompt) and (model.prompt_required or prompt):
        raise invalid("input.prompt is required.")
    used = 0
    for index, character in enumerate(prompt):
        used += model.prompt.cjk_units if "\u2e80" <= character <= "\uffef" or character >= "\U00020000" else 1
        if used > model.prompt.max_units:
            fields["prompt"] = prompt[:index]
            return


def _check_media(fields: dict[str, Any], model: Model) -> None:
    media = fields.get("media", [])
    if not isinstance(media, list):
        raise invalid("input.media must be an array.")
    counts: dict[str, int] = {}
    for item in media:
        _only(item, "input.media[]", {"type", "url"})
        url = item.get("url")
        kind = str(item.get("type"))
        if not isinstance(url, str) or not _is_address(url, inline=kind != TYPES["video"]):
            raise invalid_url()
        counts[kind] = counts.get(kind, 0) + 1
    wanted = {TYPES[name]: rule for name, rule in model.inputs.items()}
    if unknown := counts.keys() - wanted.keys():
        raise invalid(f"input.media type {min(unknown)} is not supported by this model.")
    for kind, rule in wanted.items():
        least, most = rule.count
        if not least <= counts.get(kind, 0) <= most:
            raise invalid(f"input.media needs {least} to {most} of type {kind}.")


def _is_address(url: str, *, inline: bool) -> bool:
    """Whether it is of the web, of the temporary upload or, where ``inline`` permits it, an image in base64."""
    if url.startswith("data:"):
        return inline and re.match("data:image/(jpeg|png|webp);base64,", url) is not None
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https", "oss") and bool(parts.hostname)
    except ValueError:
        return False


def _row(task: SandboxTask) -> dict[str, Any]:
    row = {
        "api_key_id": "1",
        "caller_parent_id": "sandbox",
        "caller_uid": "sandbox",
        "gmt_create": int(task.created_at * 1000),
        "model_name": task.model,
        "region": "cn-beijing",
        "request_id": task.request_id,
        "status": task.status,
        "task_id": task.id,
        "user_api_unique_key": "apikey:v1:sandbox",
    }
    if task.started_at is not None:
        row["start_time"] = int(task.started_at * 1000)
    if task.ended_at is not None:
        row["end_time"] = int(task.ended_at * 1000)
    return row


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name, str(default))
    if not value.isdigit() or int(value) < 1:
        raise invalid(f"{name} must be a positive integer.")
    return int(value)


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, CLOCK).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _read_stamp(text: str) -> float:
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=CLOCK).timestamp()
    except ValueError:
        raise invalid("start_time and end_time must look like 20260420125820.") from None
