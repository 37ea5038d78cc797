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

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio.to_thread
import gradio as gr
from gradio.utils import get_upload_folder

from studio.catalog import CATALOG, Kind
from studio.errors import InvalidRequest, MediaUnreadable, Problem, StudioError
from studio.requests import REQUESTS, Asset, with_seed
from studio.service import Studio
from studio.told import Told
from studio.web.files import MAX_BYTES, Files
from studio.web.identity import visitor_of
from studio.web.text import Words
from studio.web.views import sentence, view

_CHUNK = 1 << 20


class Api:
    """The endpoints. Each raises ``gr.Error`` with a sentence when the request cannot be carried out."""

    def __init__(self, studio: Studio) -> None:
        self._engine = studio.engine
        self._vault = studio.vault
        self._files = Files(studio)

    def register(self) -> None:
        """Name the endpoints; must run inside the page's Blocks."""
        for endpoint in (
            self.text_to_video,
            self.image_to_video,
            self.reference_to_video,
            self.video_edit,
            self.job,
            self.jobs,
            self.cancel,
        ):
            gr.api(  # type: ignore[attr-defined]  # exported, but not by name
                endpoint, api_name=endpoint.__name__, queue=False
            )

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
            return {**view(await self._engine.job(visitor_of(request), job_id), Words())}

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
            page = await self._engine.jobs(visitor_of(request), before=before or None, limit=max(1, min(limit, 100)))
            return [{**view(job, Words())} for job in page]

    async def cancel(self, job_id: str, request: gr.Request = None) -> dict[str, Any]:  # type: ignore[assignment]
        """Withdraw a job that the provider has not started.

        Args:
            job_id: the "id" that a submission returned
        """
        with _told():
            return {**view(await self._engine.cancel(visitor_of(request), job_id), Words())}

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
            names = [name for name in self._engine.offered if provider in ("", name)]
            if not names:
                allowed = Told("one of {names}", names=", ".join(self._engine.offered))
                raise InvalidRequest(Problem("provider", provider, allowed))
            offered = [one for name in names for one in CATALOG.models(name, mode)]
            chosen = next((one for one in offered if one.id == model), offered[0])
            if chosen.watermark is None:
                settings.pop("watermark")
            asked: dict[str, Any] = {name: value for name, value in settings.items() if value or value is False}
            for field, given in files.items():
                kind = chosen.rules.media[field].kind
                many = isinstance(given, list)
                taken = [await self._take(visitor, kind, one) for one in (given if many else [given])]
                asked[field] = tuple(taken) if many else taken[0]
            asked |= {"model": model or chosen.id, "prompt": prompt, "seed": None if seed == -1 else seed}
            video = REQUESTS[mode](provider=chosen.provider, **asked)
            job = await self._engine.accept(visitor, with_seed(video))
        return {**view(job, Words()), "visitor": request.request.state.visitor_token}

    async def _take(self, visitor: str, kind: Kind, given: dict[str, Any]) -> Asset:
        """A file that Gradio's client uploaded or named by its address; raises MediaUnreadable."""
        where = str(given.get("path") or given.get("url") or "")
        if where.startswith(("http://", "https://")):
            return (await self._files.fetched(visitor, kind, where)).asset
        path = await anyio.to_thread.run_sync(_uploaded, where)
        name = str(given.get("orig_name") or path.name)
        return (await self._vault.receive(visitor, kind, name, _chunks(path), max_bytes=MAX_BYTES[kind])).asset


def _uploaded(where: str) -> Path:
    """Gradio checks the paths of its own components, not those of endpoints like these."""
    path = Path(where).resolve()
    if not path.is_relative_to(Path(get_upload_folder()).resolve()) or not path.is_file():
        raise MediaUnreadable("The file was not uploaded to this studio.")
    return path


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while chunk := await file.read(_CHUNK):
            yield chunk


@contextmanager
def _told() -> Iterator[None]:
    """Turns a studio error into the error that Gradio hands to its clients."""
    try:
        yield
    except StudioError as error:
        raise gr.Error(sentence(error, Words()), print_exception=False) from error
