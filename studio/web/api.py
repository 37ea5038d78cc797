"""The studio for scripts: named endpoints of Gradio's API, with the same checks as the page.

From Python::

    from gradio_client import Client, handle_file

    client = Client("http://127.0.0.1:7860")
    job = client.predict(prompt="A horse at dawn", duration=5, api_name="/text_to_video")

A browser is known by its cookie, a script by the token in ``job["visitor"]``: send it along as the header
``X-Studio-Visitor`` to see the jobs again::

    client = Client("http://127.0.0.1:7860", headers={"X-Studio-Visitor": job["visitor"]})
    client.predict(job["id"], api_name="/job")["state"]
    client.predict(first_frame=handle_file("horse.png"), api_name="/image_to_video")
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import anyio.to_thread
import gradio as gr
from gradio.utils import get_upload_folder
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from studio.catalog.models import CATALOG, MODES, Kind, Mode, Model, Options, Parameter, Range, Switch
from studio.catalog.requests import REQUESTS, Asset, inputs_of, parameters_of, with_seed
from studio.errors import InvalidRequest, MediaUnreadable, Problem, StudioError
from studio.jobs.model import Job
from studio.message import Message
from studio.service import Studio
from studio.system.parsing import choice, digest, listed, record, text, whole
from studio.visitors.visitor import Visitor
from studio.web.answers import LONGEST_ID, body_of, refusal
from studio.web.board.views import view
from studio.web.faults import sentence
from studio.web.form.files import LONGEST_ADDRESS, MAX_BYTES, Files
from studio.web.form.values import LONGEST_PROMPT
from studio.web.money.keys import key_access
from studio.web.shell.blocks import Parameters, completed
from studio.web.text import Translation
from studio.web.visitors.asker import idempotency_of, network_of, shown_of, visitor_at, visitor_of, words_of

_CHUNK = 1 << 20


class Api:
    """The endpoints. Each raises ``gr.Error`` with a sentence when the request cannot be carried out."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._engine = studio.engine
        self._vault = studio.vault
        self._files = Files(studio)

    @property
    def endpoints(self) -> Mapping[str, Callable[..., Any]]:
        """By their names."""
        submissions = {mode.replace("-", "_"): self._submission(mode) for mode in MODES}
        return {**submissions, "job": self.job, "jobs": self.jobs, "cancel": self.cancel}

    @property
    def parameters(self) -> Mapping[str, Parameters]:
        """What a caller may send to each endpoint. New ones come last and have a default: that breaks no caller."""
        return {
            name: [one for one in inspect.signature(endpoint).parameters.values() if one.name != "request"]
            for name, endpoint in self.endpoints.items()
        }

    def register(self) -> None:
        """Name the endpoints; must run inside the page's Blocks."""
        for name, endpoint in self.endpoints.items():
            gr.api(  # type: ignore[attr-defined]  # exported, but not by name
                endpoint, api_name=name, queue=False
            )

    async def by_name(self, request: Request) -> Response:
        """An endpoint for programs without Gradio's client: a JSON object of parameters by name, the result as JSON."""
        words, name = request.state.words, request.path_params["name"]
        endpoint, parameters = self.endpoints.get(name), self.parameters.get(name, ())
        if endpoint is None:
            return JSONResponse({"error": words("api.unknown", name=name, names=", ".join(self.endpoints))}, 404)
        try:
            body = await body_of(request)
            known = [one.name for one in parameters]
            if unknown := [one for one in body if one not in known]:
                raise InvalidRequest(Problem(unknown[0], body[unknown[0]], _one_of(known)))
            values = completed([body.get(one) for one in known], parameters, words)
            answer = await endpoint(*values, request=gr.Request(request))
        except (StudioError, gr.Error) as error:
            cause = error if isinstance(error, StudioError) else error.__cause__
            if isinstance(cause, StudioError):
                return refusal(cause, words)
            message = getattr(error, "message", "")  # of too few values or too many
            return JSONResponse({"error": message, "kind": InvalidRequest.kind}, 400)
        return JSONResponse(answer)

    async def job(self, job_id: str, request: gr.Request = None) -> dict[str, Any]:  # type: ignore[assignment]
        """One of your jobs, as it is now.

        Args:
            job_id: the "id" that a submission returned
        """
        with as_gradio_errors():
            job = await self._engine.job(visitor_of(request), text("job_id", job_id, LONGEST_ID))
            return self._show(job, request)

    async def jobs(
        self,
        before: str = "",
        limit: int = 20,
        request: gr.Request = None,  # type: ignore[assignment]
    ) -> list[dict[str, Any]]:
        """Your jobs, newest first.

        Args:
            before: the "id" of the last job of the page before
            limit: how many at most, 1 to 100
        """
        with as_gradio_errors():
            most = whole("limit", limit, -(10**6), 10**6)
            before = text("before", before, LONGEST_ID)
            page = await self._engine.jobs(visitor_of(request), before=before or None, limit=max(1, min(most, 100)))
            return [self._show(job, request) for job in page]

    async def cancel(self, job_id: str, request: gr.Request = None) -> dict[str, Any]:  # type: ignore[assignment]
        """Withdraw a job that the provider has not started.

        Args:
            job_id: the "id" that a submission returned
        """
        with as_gradio_errors():
            job = await self._engine.cancel(visitor_of(request), text("job_id", job_id, LONGEST_ID))
            return self._show(job, request)

    def _show(self, job: Job, request: gr.Request) -> dict[str, Any]:
        """Scripts are told everything in English, with addresses as this studio's visitors reach them."""
        assert request.request is not None
        words = Translation(root=words_of(request).root)
        return {**view(job, words, access=key_access(request.request, self._studio, words))}

    def _submission(self, mode: Mode) -> Callable[..., Any]:
        """The endpoint of a mode. Its parameters are those that the mode's request declares."""
        parameters = submission_parameters(mode)

        async def submit(*args: Any, **named: Any) -> dict[str, Any]:
            call = signature.bind(*args, **named)
            call.apply_defaults()
            return await self._submit(mode, **call.arguments)

        signature = inspect.Signature([one.parameter for one in parameters], return_annotation=dict[str, Any])
        submit.__signature__ = signature  # type: ignore[attr-defined]
        submit.__annotations__ = {one.parameter.name: one.parameter.annotation for one in parameters}
        submit.__annotations__["return"] = dict[str, Any]
        submit.__name__ = submit.__qualname__ = mode.replace("-", "_")
        lines = "\n".join(f"    {one.parameter.name}: {one.about}" for one in parameters if one.about)
        submit.__doc__ = (
            f"{REQUESTS[mode].about}\n\nArgs:\n{lines}\n\n"
            'Returns:\n    The job, and under "visitor" the token that shows it again.\n'
        )
        return submit

    async def _submit(
        self, mode: Mode, *, request: gr.Request, prompt: str, model: str, provider: str = "", seed: int, **values: Any
    ) -> dict[str, Any]:
        """Take the files in, then the job. Empty settings take the model's default."""
        assert request.request is not None
        visitor = visitor_of(request)
        with as_gradio_errors():
            prompt, model = text("prompt", prompt, LONGEST_PROMPT), text("model", model, LONGEST_ID)
            accounts = self._engine.offered.now()
            names = [name for name in accounts if provider in ("", name)]
            if not names:
                choice("provider", provider, accounts)
            offered = [one for name in names for one in CATALOG.models(name, mode, accounts[name].region)]
            # Where the mode is not sold at all, the refusal names the region.
            offered = offered or [one for name in names for one in CATALOG.models(name, mode)]
            if not offered:
                raise InvalidRequest(
                    Problem("provider", ", ".join(names), Message("a provider that supports {mode}", mode=mode))
                )
            chosen = next((one for one in offered if one.id == model), offered[0])
            asked: dict[str, Any] = {}
            for name in parameters_of(REQUESTS[mode]):
                if name != "seed":
                    asked |= _setting(name, values[name], mode, chosen)
            for name, rule in chosen.inputs.items():
                entries = [values[name]] if rule.single else listed(name, values[name] or [], rule.count[1])
                taken = [await self._take(visitor_at(request.request), name, rule.kind, one) for one in entries]
                asked[name] = taken[0] if rule.single else tuple(taken)
            drawn = seed == -1 and not isinstance(seed, bool)
            number = None if drawn else whole("seed", seed, chosen.seed.min, chosen.seed.max)
            asked |= {"model": model or chosen.id, "prompt": prompt, "seed": number}
            video = REQUESTS[mode](provider=chosen.provider, **asked)
            idempotency, shown = idempotency_of(request.request, video.to_json()), shown_of(request.request)
            network = network_of(request.request)
            job = await self._engine.accept(
                visitor, with_seed(video), network=network, idempotency=idempotency, shown=shown
            )
        return {**self._show(job, request), "visitor": request.request.state.visitor_token}

    async def _take(self, visitor: Visitor, field: str, kind: Kind, entry: object) -> Asset:
        """A file that Gradio's client uploaded or named by its address, or that is in the vault; raises
        MediaUnreadable, and InvalidRequest for what names no file."""
        named = record(field, entry)
        if named.get("sha256") is not None:
            file = await anyio.to_thread.run_sync(self._vault.file, visitor.id, digest(field, named["sha256"]))
            return file.asset
        where = text(field, named.get("path") or named.get("url") or "", LONGEST_ADDRESS)
        if where.startswith(("http://", "https://")):
            return (await self._files.fetched(visitor, kind, where)).asset
        path = await anyio.to_thread.run_sync(_uploaded, where)
        name = text(field, named.get("orig_name") or path.name, LONGEST_ADDRESS)
        return (await self._vault.receive(visitor, kind, name, _chunks(path), max_bytes=MAX_BYTES[kind])).asset


def _one_of(names: Collection[str]) -> str:
    return Message("one of {names}", names=", ".join(names))


class ScriptParameter(NamedTuple):
    """A parameter of an endpoint, and what scripts are told of it."""

    parameter: inspect.Parameter
    about: str = ""


def submission_parameters(mode: Mode) -> list[ScriptParameter]:
    """What a script may send to the endpoint of a mode, by position too: what is added comes last and has a default."""
    kind = REQUESTS[mode]
    models = [model for provider in CATALOG.providers.values() for model in provider.models if model.mode == mode]
    ids = [model.id for model in models]
    ambiguous = len(set(ids)) < len(ids)

    def script_parameter(
        name: str, annotation: Any, about: str, default: Any = inspect.Parameter.empty
    ) -> ScriptParameter:
        one = inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=annotation)
        return ScriptParameter(one, about)

    required, optional = [], []
    for one in inputs_of(kind).values():
        annotation = list[gr.FileData] if one.many else gr.FileData
        about = one.about.format(**_facts_of_input(models[0], one.name))
        if one.required:
            required.append(script_parameter(one.name, annotation, about))
        else:
            optional.append(script_parameter(one.name, annotation | None, about, None))
    written = inspect.Parameter.empty if all(model.prompt_required for model in models) else ""
    most = max(models, key=lambda model: model.prompt.max_units).prompt
    about = kind.prompt_about.format(most=most.max_units, cjk={1: "one", 2: "two"}[most.cjk_units])
    prompt = script_parameter("prompt", str, about, written)
    named = "several providers have the same" if ambiguous else "it names the provider too"
    settings = [script_parameter("model", str, f"a model id of the catalog; {named}", "")]
    for name, declared in parameters_of(kind).items():
        parameter = CATALOG.parameter(mode, name)
        about = declared.about.format(**_facts_of_parameter(models, name))
        settings.append(
            script_parameter(name, _KINDS[type(parameter)], about, -1 if name == "seed" else _left_out(parameter))
        )
        if name == "seed" and ambiguous:
            settings.append(
                script_parameter("provider", str, f"{_either(CATALOG.providers)}; else the preferred one", "")
            )
    request = script_parameter("request", gr.Request, "", None)
    # A prompt that may be left out cannot stand before what may not.
    return [*required, prompt, *optional, *settings, request]


def _facts_of_parameter(models: Sequence[Model], name: str) -> dict[str, Any]:
    """What the catalog says of a parameter, for the sentence that tells of it."""
    parameters = [model.parameters[name] for model in models if name in model.parameters]
    values = dict.fromkeys(
        value for parameter in parameters if isinstance(parameter, Options) for value in parameter.all
    )
    ranges = [parameter for parameter in parameters if isinstance(parameter, Range)]
    facts: dict[str, Any] = {"default": parameters[0].default, "values": _either(values)}
    return facts | ({"min": min(one.min for one in ranges), "max": max(one.max for one in ranges)} if ranges else {})


def _facts_of_input(model: Model, name: str) -> dict[str, Any]:
    """What the catalog says of an input, as of a parameter."""
    least, most = model.inputs[name].count
    limits = CATALOG.media_limits(model, name)
    spans = [one.seconds for one in limits if one.seconds is not None]
    facts: dict[str, Any] = {"least": least, "most": most, "formats": _either(limits[-1].formats)}
    return facts | ({"shortest": spans[-1][0], "longest": spans[-1][1]} if spans else {})


def _either(names: Collection[str]) -> str:
    *most, last = names or ("",)
    return f"{', '.join(most)} or {last}" if most else last


_KINDS: Mapping[type[Parameter], type] = {Options: str, Range: int, Switch: bool}


def _left_out(parameter: Parameter) -> str | int | bool:
    """What stands for a parameter that is left out."""
    return parameter.default if isinstance(parameter, Switch) else 0 if isinstance(parameter, Range) else ""


def _setting(name: str, value: Any, mode: Mode, model: Model) -> dict[str, Any]:
    """A parameter as it is asked for; nothing where it is left out, or off where ``model`` has none to turn on. What is
    of another kind, or not to be had there, the request refuses."""
    parameter = model.parameters.get(name)
    if value is None or (not isinstance(value, bool) and value in ("", 0)):
        return {}
    if parameter is None and (value is False or value == _left_out(CATALOG.parameter(mode, name))):
        return {}
    return {name: whole(name, value, parameter.min, parameter.max) if isinstance(parameter, Range) else value}


def _uploaded(where: str) -> Path:
    """Gradio checks the paths of its own components, not those of endpoints like these."""
    try:
        path = Path(where).resolve()
    except (ValueError, OSError):
        path = Path("/nowhere")
    if not path.is_relative_to(Path(get_upload_folder()).resolve()) or not path.is_file():
        raise MediaUnreadable("The file was not uploaded to this studio.")
    return path


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while chunk := await file.read(_CHUNK):
            yield chunk


@contextmanager
def as_gradio_errors() -> Iterator[None]:
    """Turns a studio error into the error that Gradio hands to its clients."""
    try:
        yield
    except StudioError as error:
        raise gr.Error(sentence(error, Translation()), print_exception=False) from error
