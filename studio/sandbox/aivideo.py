"""AIVideoAPI's side of the wire, as strict as its documents (HappyHorse 1.0, callbacks, credits, error codes).

It resells the models of DashScope, so an accepted submission becomes a task in DashScope's form, and what goes wrong
with that comes back as ``upstream_error``. An edit costs by the length of its video, so the video is fetched and
measured before the submission is answered; all other media are looked at when the task runs.
"""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from studio.catalog.models import CATALOG, Model, Options, Parameter, Range
from studio.catalog.prompts import is_blank
from studio.sandbox.aivideo_tasks import described, path_of
from studio.sandbox.callers import base_of, bearer_of, json_of, same
from studio.sandbox.cloud import Sandbox
from studio.sandbox.faults import MISSING, InjectedFault, directives
from studio.sandbox.media import TYPES
from studio.sandbox.refusal import AIVIDEO_ERRORS, Refusal, aivideo_error, reason_of, refused, upstream
from studio.sandbox.tasks import TaskFailed

PROVIDER = "aivideoapi"
_PARAMETERS = {"ratio": "aspect_ratio"}
"""Those that are called otherwise here than in the catalog, by the catalog's names."""
_LISTS = {"first_frame": "image_urls", "references": "image_urls", "video": "video_urls"}
"""The field that takes the files of each of the catalog's inputs."""
_MODELS = {model.id: model for model in CATALOG.providers["aivideoapi"].models}
_REGION = next(iter(CATALOG.providers["aivideoapi"].regions))


def routes(sandbox: Sandbox) -> list[Route]:
    api = AIVideoApi(sandbox)
    return [
        Route("/v1/videos/generations", api.answer(api.create), methods=["POST"], name="create"),
        Route("/v1/tasks/{task_id}", api.answer(api.get), methods=["GET"], name="get"),
        Route("/v1/credits", api.answer(api.credits), methods=["GET"], name="credits"),
        Route("/videos/{year}/{month}/{day}/{name}", api.result, methods=["GET"], name="download"),
    ]


def error_body(fault: InjectedFault) -> dict[str, Any]:
    """What a queued fault answers."""
    documented = (code for code, (status, _) in AIVIDEO_ERRORS.items() if status == fault.status)
    return aivideo_error(*upstream(fault.code or next(documented, "internal_error"), fault.message))


class AIVideoApi:
    """The endpoints of one account."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def answer(self, handler: Any) -> Any:
        """Ask for the key, and give every refusal its documented body."""

        async def handle(request: Request) -> Response:
            try:
                if not same(bearer_of(request), self._sandbox.keys["aivideoapi"]):
                    raise refused("invalid_api_key", "Invalid API key.")
                self._pace("requests", self._sandbox.rules.requests_per_second)
                return JSONResponse(await handler(request))
            except Refusal as refusal:
                return JSONResponse(aivideo_error(refusal.code, refusal.message), refusal.status)

        return handle

    def _pace(self, name: str, per_second: int) -> None:
        if self._sandbox.too_fast(f"aivideoapi {name}", per_second):
            raise refused("rate_limit_exceeded", "Too many requests. Please slow down.")

    async def create(self, request: Request) -> dict[str, Any]:
        try:
            body = await json_of(request)
        except ValueError as error:
            raise _invalid(str(error)) from None
        model = _check(body)
        self._pace(f"create {model.id}", self._sandbox.rules.submissions_per_second)
        prompt = body["input"]["prompt"]
        magic = directives(prompt)
        if text := magic.get("refuse"):
            raise refused(*upstream(*reason_of(text)))
        if "busy" in magic and self._sandbox.first_time("busy", prompt):
            raise refused("rate_limit_exceeded", "Too many requests. Please slow down.")
        accepted = _accepted(body["input"], model)
        price = await self._price(accepted, model)
        # Nothing is awaited from here on: no other submission can spend the same credits.
        if price > self._sandbox.credits.balance:
            raise refused("insufficient_credits", "Your credit balance is too low. Please top up.")
        callback_url = body.get("callback_url")
        task = self._sandbox.make(
            request,
            model,
            accepted,
            credits=str(price),
            host=base_of(request),
            callback_url=callback_url,
            callback_due=None if callback_url is None else 0.0,
        )
        return _enveloped({"taskId": task.id})

    async def _price(self, accepted: dict[str, Any], model: Model) -> Decimal:
        """Seconds by credits a second; an edit's input and output both count."""
        parameters = accepted["parameters"]
        if lengths := model.range("duration"):
            seconds = Decimal(parameters.get("duration", lengths.default))
        else:
            videos = [item for item in accepted["input"]["media"] if item["type"] == TYPES["video"]]
            try:
                async with self._sandbox.media.of(videos, model) as media:
                    assert media.film is not None
                    seconds = Decimal(str(media.film.seconds))
            except TaskFailed as failure:
                raise _invalid(str(failure)) from None
            seconds += min(seconds, CATALOG.edit.max_output_seconds)
        rate = CATALOG.rate(model, _REGION, parameters.get("resolution", model.resolution.default))
        assert rate is not None
        return seconds * rate.amount

    async def get(self, request: Request) -> dict[str, Any]:
        task = self._sandbox.known("aivideoapi", request.path_params["task_id"])
        if task is None:
            raise refused("task_not_found", "Task not found.")
        return described(task, base_of(request))

    async def credits(self, request: Request) -> dict[str, Any]:
        credits = self._sandbox.credits
        return _enveloped(
            {
                "balance": _number(credits.balance),
                "total_purchased": _number(credits.purchased),
                "total_consumed": _number(credits.consumed),
            }
        )

    async def result(self, request: Request) -> Response:
        """Hand out a result to whoever knows its address, whole or in ranges, until its time is over."""
        task = self._sandbox.tasks.get(request.path_params["name"].removesuffix(".mp4"))
        if (
            task is None
            or task.video is None
            or request.url.path != path_of(task)
            or time.time() > (task.ended_at or 0) + self._sandbox.rules.result_seconds
            or self._sandbox.gone(task)
        ):
            return Response(MISSING, 404, media_type="application/xml")
        return self._sandbox.video(request, task)


def _enveloped(data: dict[str, Any]) -> dict[str, Any]:
    return {"code": 200, "msg": "success", "data": data}


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)


def _invalid(message: str) -> Refusal:
    return refused("invalid_request", message)


# What a submission may hold


def _check(body: Any) -> Model:
    """Every rule of a submission's JSON."""
    if not isinstance(body, dict):
        raise _invalid("The request body must be a JSON object.")
    _only(body, "", {"model", "input", "callback_url"})
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise _invalid("'model' is required.")
    model = _MODELS.get(name)
    if model is None:
        raise refused("model_not_found", f"Model '{name}' does not exist or is inactive.")
    if "callback_url" in body and not _is_address(body["callback_url"]):
        raise _invalid("'callback_url' must be an http(s) URL.")
    fields = body.get("input")
    if not isinstance(fields, dict):
        raise _invalid("'input' is required.")
    lists: dict[str, tuple[int, int]] = {}
    for name, rule in model.inputs.items():
        least, most = lists.get(_LISTS[name], (0, 0))
        lists[_LISTS[name]] = (least + rule.count[0], most + rule.count[1])
    offered = {_PARAMETERS.get(name, name): rule for name, rule in model.parameters.items()}
    _only(fields, "input.", {"prompt", *offered, *lists})
    prompt = fields.get("prompt")
    if not isinstance(prompt, str) or is_blank(prompt):
        raise _invalid("'input.prompt' is required.")
    if len(prompt) > model.prompt.max_units:
        raise _invalid(f"'input.prompt' must be at most {model.prompt.max_units} characters.")
    for field, parameter in offered.items():
        if field in fields:
            _check_parameter(f"'input.{field}'", fields[field], parameter)
    for name, (least, most) in lists.items():
        urls = fields.get(name, [])
        if not isinstance(urls, list) or not least <= len(urls) <= most:
            raise _invalid(f"'input.{name}' must be an array of {least} to {most} URLs.")
        if not all(_is_address(url) for url in urls):
            raise _invalid(f"'input.{name}' must hold public http(s) URLs.")
    return model


def _check_parameter(name: str, value: object, rule: Parameter) -> None:
    if isinstance(rule, Options):
        values = [one.lower() for one in rule.all]
        if value not in values:
            raise _invalid(f"{name} must be one of {', '.join(values)}.")
    elif isinstance(rule, Range):
        if isinstance(value, bool) or not isinstance(value, int) or not rule.min <= value <= rule.max:
            raise _invalid(f"{name} must be an integer between {rule.min} and {rule.max}.")
    elif not isinstance(value, bool):
        raise _invalid(f"{name} must be true or false.")


def _only(fields: dict[str, Any], where: str, known: set[str]) -> None:
    if unknown := fields.keys() - known:
        raise _invalid(f"'{where}{min(unknown)}' is not supported.")


def _is_address(url: object) -> bool:
    """Whether it is of the web."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _accepted(fields: dict[str, Any], model: Model) -> dict[str, Any]:
    """The submission to DashScope that serves it; what it leaves out stays out."""
    offered = {name: _PARAMETERS.get(name, name) for name in model.parameters}
    parameters = {name: fields[field] for name, field in offered.items() if field in fields}
    if "resolution" in parameters:
        parameters["resolution"] = parameters["resolution"].upper()
    media = []
    taken: dict[str, int] = {}
    for name, rule in model.inputs.items():
        field = _LISTS[name]
        first = taken.get(field, 0)
        urls = fields.get(field, [])[first : first + rule.count[1]]
        taken[field] = first + len(urls)
        media += [
            {"type": TYPES[name], "url": url, "name": f"input.{field}[{first + index}]"}
            for index, url in enumerate(urls)
        ]
    return {"model": model.id, "input": {"prompt": fields["prompt"], "media": media}, "parameters": parameters}
