"""The studio for scripts: named endpoints of Gradio's API, with the same checks as the page.

From Python::

    from gradio_client import Client

    client = Client("http://127.0.0.1:7860")
    job = client.predict(prompt="A horse at dawn", duration=5, api_name="/text_to_video")

A browser is known by its cookie, a script by the token in ``job["visitor"]``: send it along as the header
``X-Studio-Visitor`` to see the jobs again::

    client = Client("http://127.0.0.1:7860", headers={"X-Studio-Visitor": job["visitor"]})
    client.predict(job["id"], api_name="/job")["state"]
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from studio.catalog import CATALOG
from studio.errors import StudioError
from studio.requests import Request, TextToVideo, with_seed
from studio.service import Studio
from studio.web.identity import visitor_of
from studio.web.text import Words
from studio.web.views import sentence, view


class Api:
    """The endpoints. Each raises ``gr.Error`` with a sentence when the request cannot be carried out."""

    def __init__(self, studio: Studio) -> None:
        self._engine = studio.engine
        self._account = studio.engine.accounts[studio.engine.default_account]

    def register(self) -> None:
        """Name the endpoints; must run inside the page's Blocks."""
        for endpoint in (self.text_to_video, self.job, self.jobs, self.cancel):
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
            model: a model id of the catalog
            resolution: 480P, 720P or 1080P, as the model offers
            ratio: width to height, for example 16:9
            duration: seconds, 3 to 15
            watermark: whether "Happy Horse" is set into the corner
            seed: 0 to 2147483647; -1 draws one

        Returns:
            The job, and under "visitor" the token that shows it again.
        """
        provider = self._account.provider.name
        chosen = model or CATALOG.models(provider, TextToVideo.mode)[0].id
        with _told():
            asked = TextToVideo(
                provider=provider,
                model=chosen,
                prompt=prompt,
                resolution=resolution or None,
                ratio=ratio or None,
                duration=duration or None,
                watermark=watermark,
                seed=None if seed == -1 else seed,
            )
            return await self._accept(asked, request)

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

    async def _accept(self, asked: Request, request: gr.Request) -> dict[str, Any]:
        assert request.request is not None
        job = await self._engine.accept(visitor_of(request), with_seed(asked), self._account.name)
        return {**view(job, Words()), "visitor": request.request.state.visitor_token}


@contextmanager
def _told() -> Iterator[None]:
    """Turns a studio error into the error that Gradio hands to its clients."""
    try:
        yield
    except StudioError as error:
        raise gr.Error(sentence(error, Words()), print_exception=False) from error
