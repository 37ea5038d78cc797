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
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio.to_thread
import gradio as gr
from gradio.utils import get_upload_folder
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from studio.catalog.models import CATALOG, Kind, Model
from studio.catalog.requests import REQUESTS, Asset, with_seed
from studio.errors import InvalidRequest, MediaUnreadable, Problem, StudioError
from studio.message import Told
from studio.service import Studio
from studio.system.parsing import choice, digest, listed, record, text, whole
from studio.visitors.visitor import Visitor
from studio.web.answers import LONGEST_ID, body_of, refusal
from studio.web.board.views import sentence, view
from studio.web.form.files import LONGEST_ADDRESS, MAX_BYTES, Files
from studio.web.form.values import LONGEST_PROMPT
from studio.web.shell.blocks import Parameters, completed
from studio.web.text import Words
from studio.web.visitors.asker import network_of, once_of, shown_of, visitor_at, visitor_of, words_of

_CHUNK = 1 << 20


class Api:
    """The endpoints. Each raises ``gr.Error`` with a sentence when the request cannot be carried out."""

    def __init__(self, studio: Studio) -> None:
        self._engine = studio.engine
        self._vault = studio.vault
        self._files = Files(studio)

    @property
    def endpoints(self) -> Mapping[str, Callable[..., Any]]:
        """By their names."""
        every = (
            *(self.text_to_video, self.image_to_video, self.reference_to_video, self.video_edit),
            *(self.job, self.jobs, self.cancel),
        )
        return {endpoint.__name__: endpoint for endpoint in every}

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
            given = await body_of(request)
            known = [one.name for one in parameters]
            if unknown := [one for one in given if one not in known]:
                raise InvalidRequest(Problem(unknown[0], given[unknown[0]], _one_of(known)))
            values = completed([given.get(one) for one in known], parameters, words)
            answer = await endpoint(*values, request=gr.Request(request))
        except (StudioError, gr.Error) as error:
            cause = error if isinstance(error, StudioError) else error.__cause__
            if isinstance(cause, StudioError):
                return refusal(cause, words)
            told = getattr(error, "message", "")  # of too few values or too many
            return JSONResponse({"error": told, "kind": InvalidRequest.kind}, 400)
        return JSONResponse(answer)

    async def text_to_video(
        self,
        prompt: str,
        model: str = "",
        resolution: str = "",
        ratio: str = "",
        duration: int = 0,
        watermark: bool = True,
        seed: int = -1,
        request: gr.Request = None,  # type: ignore[assignment]
    ) -> dict[str, Any]:
        """Submit a text-to-video job. What is left out takes the model's default.

        Args:
            prompt: what to show; at most 5,000 characters, a CJK character counting two
            model: a model id of the catalog; it names the provider too
            resolution: 480P, 720P or 1080P, as the model offers
            ratio: width to height, for example 16:9
            duration: seconds, 3 to 15
            watermark: whether "Happy Horse" is set into the corner
            seed: 0 to 2147483647; -1 draws one

        Returns:
            The job, and under "visitor" the token that shows it again.
        """
        settings = {"resolution": resolution, "ratio": ratio, "duration": duration, "watermark": watermark}
        return await self._submit(request, "text-to-video", prompt, model, seed, settings)

    async def image_to_video(
        self,
        first_frame: gr.FileData,
        prompt: str = "",
        model: str = "",
        resolution: str = "",
        duration: int = 0,
        watermark: bool = True,
        seed: int = -1,
        request: gr.Request = None,  # type: ignore[assignment]
    ) -> dict[str, Any]:
        """Submit an image-to-video job: the video begins with the image and has its aspect ratio.

        Args:
            first_frame: a JPEG, PNG or WEBP image, as a file or as an http(s) address
            prompt: what happens from there on
            model: a model id of the catalog; it names the provider too
            resolution: 480P, 720P or 1080P, as the model offers
            duration: seconds, 3 to 15
            watermark: whether "Happy Horse" is set into the corner
            seed: 0 to 2147483647; -1 draws one

        Returns:
            The job, and under "visitor" the token that shows it again.
        """
        settings = {"resolution": resolution, "duration": duration, "watermark": watermark}
        return await self._submit(request, "image-to-video", prompt, model, seed, settings, first_frame=first_frame)

    async def reference_to_video(
        self,
        references: list[gr.FileData],
        prompt: str,
        model: str = "",
        resolution: str = "",
        ratio: str = "",
        duration: int = 0,
        watermark: bool = True,
        seed: int = -1,
        request: gr.Request = None,  # type: ignore[assignment]
    ) -> dict[str, Any]:
        """Submit a reference-to-video job: the subjects of the images appear in the video.

        Args:
            references: 1 to 9 JPEG, PNG or WEBP images, as files or as http(s) addresses, in the order of the prompt
            prompt: what to show; the images are named [Image 1] to [Image 9]
            model: a model id of the catalog; it names the provider too
            resolution: 480P, 720P or 1080P, as the model offers
            ratio: width to height, for example 16:9
            duration: seconds, 3 to 15
            watermark: whether "Happy Horse" is set into the corner
            seed: 0 to 2147483647; -1 draws one

        Returns:
            The job, and under "visitor" the token that shows it again.
        """
        settings = {"resolution": resolution, "ratio": ratio, "duration": duration, "watermark": watermark}
        return await self._submit(request, "reference-to-video", prompt, model, seed, settings, references=references)

    async def video_edit(
        self,
        video: gr.FileData,
        prompt: str,
        references: list[gr.FileData] | None = None,
        model: str = "",
        resolution: str = "",
        audio_setting: str = "",
        watermark: bool = True,
        seed: int = -1,
        provider: str = "",
        request: gr.Request = None,  # type: ignore[assignment]
    ) -> dict[str, Any]:
        """Submit a video-edit job: the video changed as the prompt says, with its aspect ratio and length.

        Args:
            video: an MP4 or MOV of 3 to 60 seconds, as a file or as an http(s) address
            prompt: what is to change and what must stay
            references: up to 5 JPEG, PNG or WEBP images of what comes in
            model: a model id of the catalog; both providers have the same
            resolution: 720P or 1080P
            audio_setting: auto or origin, which keeps the video's sound
            watermark: whether "Happy Horse" is set into the corner
            seed: 0 to 2147483647; -1 draws one
            provider: dashscope or aivideoapi; else the preferred one

        Returns:
            The job, and under "visitor" the token that shows it again.
        """
        settings = {"resolution": resolution, "audio_setting": audio_setting, "watermark": watermark}
        files = {"video": video, "references": references or []}
        return await self._submit(request, "video-edit", prompt, model, seed, settings, provider=provider, **files)

    async def job(self, job_id: str, request: gr.Request = None) -> dict[str, Any]:  # type: ignore[assignment]
        """One of your jobs, as it is now.

        Args:
            job_id: the "id" that a submission returned
        """
        with _told():
            return {
                **view(
                    await self._engine.job(visitor_of(request), text("job_id", job_id, LONGEST_ID)),
                    english_for(request),
                )
            }

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
        with _told():
            most = whole("limit", limit, -(10**6), 10**6)
            before = text("before", before, LONGEST_ID)
            page = await self._engine.jobs(visitor_of(request), before=before or None, limit=max(1, min(most, 100)))
            return [{**view(job, english_for(request))} for job in page]

    async def cancel(self, job_id: str, request: gr.Request = None) -> dict[str, Any]:  # type: ignore[assignment]
        """Withdraw a job that the provider has not started.

        Args:
            job_id: the "id" that a submission returned
        """
        with _told():
            return {
                **view(
                    await self._engine.cancel(visitor_of(request), text("job_id", job_id, LONGEST_ID)),
                    english_for(request),
                )
            }

    async def _submit(
        self,
        request: gr.Request,
        mode: str,
        prompt: str,
        model: str,
        seed: int,
        settings: dict[str, Any],
        *,
        provider: str = "",
        **files: Any,
    ) -> dict[str, Any]:
        """Take the files in, then the job. Empty settings take the model's default."""
        assert request.request is not None
        visitor = visitor_of(request)
        with _told():
            prompt, model = text("prompt", prompt, LONGEST_PROMPT), text("model", model, LONGEST_ID)
            names = [name for name in self._engine.offered if provider in ("", name)]
            if not names:
                choice("provider", provider, self._engine.offered)
            offered = [one for name in names for one in CATALOG.models(name, mode, self._engine.offered[name].region)]
            # Where the mode is not sold at all, the refusal names the region.
            offered = offered or [one for name in names for one in CATALOG.models(name, mode)]
            chosen = next((one for one in offered if one.id == model), offered[0])
            if chosen.watermark is None:
                settings.pop("watermark")
            # What is empty takes the model's default; what is of another kind the request refuses by its name.
            asked: dict[str, Any] = {name: value for name, value in settings.items() if value not in ("", 0)}
            asked |= {name: value for name, value in settings.items() if value is False}
            for field, given in files.items():
                rule = chosen.rules.media[field]
                many = rule.count != (1, 1)
                entries = listed(field, given, rule.count[1]) if many else [given]
                taken = [await self._take(visitor_at(request.request), field, rule.kind, one) for one in entries]
                asked[field] = tuple(taken) if many else taken[0]
            if "duration" in asked:
                asked["duration"] = whole("duration", asked["duration"], *_bounds(chosen))
            drawn = seed == -1 and not isinstance(seed, bool)
            number = None if drawn else whole("seed", seed, chosen.seed.min, chosen.seed.max)
            asked |= {"model": model or chosen.id, "prompt": prompt, "seed": number}
            video = REQUESTS[mode](provider=chosen.provider, **asked)
            once, shown = once_of(request.request, video.to_json()), shown_of(request.request)
            network = network_of(request.request)
            job = await self._engine.accept(visitor, with_seed(video), network=network, once=once, shown=shown)
        return {**view(job, english_for(request)), "visitor": request.request.state.visitor_token}

    async def _take(self, visitor: Visitor, field: str, kind: Kind, given: object) -> Asset:
        """A file that Gradio's client uploaded or named by its address, or that is in the vault; raises
        MediaUnreadable, and InvalidRequest for what names no file."""
        named = record(field, given)
        if named.get("sha256") is not None:
            held = await anyio.to_thread.run_sync(self._vault.held, visitor.id, digest(field, named["sha256"]))
            return held.asset
        where = text(field, named.get("path") or named.get("url") or "", LONGEST_ADDRESS)
        if where.startswith(("http://", "https://")):
            return (await self._files.fetched(visitor, kind, where)).asset
        path = await anyio.to_thread.run_sync(_uploaded, where)
        name = text(field, named.get("orig_name") or path.name, LONGEST_ADDRESS)
        return (await self._vault.receive(visitor, kind, name, _chunks(path), max_bytes=MAX_BYTES[kind])).asset


def _one_of(names: Collection[str]) -> str:
    return Told("one of {names}", names=", ".join(names))


def _bounds(model: Model) -> tuple[int, int]:
    allowed = model.rules.duration
    assert allowed is not None
    return allowed.min, allowed.max


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


def english_for(request: gr.Request) -> Words:
    """Scripts are told everything in English, with addresses as this studio's visitors reach them."""
    return Words(root=words_of(request).root)


@contextmanager
def _told() -> Iterator[None]:
    """Turns a studio error into the error that Gradio hands to its clients."""
    try:
        yield
    except StudioError as error:
        raise gr.Error(sentence(error, Words()), print_exception=False) from error
