"""Addresses that go on from a job: the same once more, its frames and its video as files of the next, its lineage."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import PurePosixPath
from typing import TypedDict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from studio.catalog.pricing import ShownPrice
from studio.catalog.requests import read_request, with_seed
from studio.jobs.model import Job
from studio.library.archive import stream
from studio.library.history import named_files
from studio.library.onward import Onward
from studio.media.vault import VaultFile
from studio.outputs.locations import Stored
from studio.service import Studio
from studio.system.parsing import seconds
from studio.system.work_queue import TURNS, Work
from studio.web.answers import answers_errors
from studio.web.board.views import JobView, view
from studio.web.history.details import settings
from studio.web.text import Translation
from studio.web.visitors.asker import idempotency_of, network_of, shown_of

LONGEST_VIDEO = 3600
"""Seconds up to which a frame is asked for."""


class NamedFileView(TypedDict):
    """A file as a form's settings name it."""

    sha256: str
    name: str


def onward_routes(studio: Studio) -> list[BaseRoute]:
    pages = OnwardPages(studio)
    return [
        Route("/studio/jobs/{job_id}/again", pages.again, methods=["POST"]),
        Route("/studio/jobs/{job_id}/frame", pages.frame, methods=["POST"]),
        Route("/studio/jobs/{job_id}/clip", pages.clip, methods=["POST"]),
        Route("/studio/jobs/{job_id}/lineage", pages.lineage),
        Route("/studio/jobs/{job_id}/lineage.zip", pages.archive),
    ]


class LinkView(TypedDict):
    """How a video was made from another."""

    source: str
    """Id of the job that the file was taken from."""
    field: str
    """The input that the file is: ``first_frame``, ``references``, ``video``."""


class RelativeView(JobView):
    """A job that another one was made from, or that was made from it."""

    links: list[LinkView]


class LineageView(TypedDict):
    """What a job was made from, and what was made from it, the oldest first."""

    ancestors: list[RelativeView]
    links: list[LinkView]
    """Of the job itself."""
    descendants: list[RelativeView]


class OnwardPages:
    """The handlers. Each looks only at jobs of the visitor who asks."""

    def __init__(self, studio: Studio) -> None:
        self._engine = studio.engine
        self._outputs = studio.outputs
        self._onward = Onward(studio.engine.store, studio.vault, studio.outputs)

    @answers_errors
    async def again(self, request: Request) -> Response:
        """Submit the job's request once more: with the same seed, or with ``?seed=new`` one drawn now."""
        visitor = request.state.visitor
        job = await self._engine.job(visitor, request.path_params["job_id"])
        same = read_request(job.request.to_json())  # today's catalog judges it anew
        if request.query_params.get("seed") == "new":
            same = replace(same, seed=None)
        idempotency = idempotency_of(request, ["again", job.id, request.query_params.get("seed")])
        shown = shown_of(request) or ShownPrice.with_job(job.quote)  # the button says the job's own price
        made = await self._engine.accept(
            visitor, with_seed(same), job.account, network=network_of(request), idempotency=idempotency, shown=shown
        )
        return JSONResponse(view(made, request.state.words))

    @answers_errors
    async def frame(self, request: Request) -> Response:
        """Make a file of one frame: ``?at=<seconds>``, or the last one."""
        job = await self._engine.job(request.state.visitor, request.path_params["job_id"])
        at = _seconds(request.query_params.get("at"))
        return _named(await TURNS.run(Work.CHECK, job.owner, self._onward.frame, job, at, network_of(request)))

    @answers_errors
    async def clip(self, request: Request) -> Response:
        """Make a file of the whole video."""
        job = await self._engine.job(request.state.visitor, request.path_params["job_id"])
        return _named(await TURNS.run(Work.CHECK, job.owner, self._onward.video, job, network_of(request)))

    @answers_errors
    async def lineage(self, request: Request) -> Response:
        """The jobs that this one's files come from, and those that were made from its video."""
        job = await self._engine.job(request.state.visitor, request.path_params["job_id"])
        words: Translation = request.state.words
        lineage = await asyncio.to_thread(self._onward.lineage, job)
        family = [*lineage.ancestors, job, *lineage.descendants]
        origins = await asyncio.to_thread(self._onward.origins, job.owner, family)

        def relative(one: Job) -> RelativeView:
            return {**view(one, words), "links": links(one, origins)}

        answer: LineageView = {
            "ancestors": [relative(one) for one in lineage.ancestors],
            "links": links(job, origins),
            "descendants": [relative(one) for one in lineage.descendants],
        }
        return JSONResponse(answer)

    @answers_errors
    async def archive(self, request: Request) -> Response:
        """The job and its lineage as one ZIP: videos, records, and a manifest that says what was made from what."""
        job = await self._engine.job(request.state.visitor, request.path_params["job_id"])
        lineage = await asyncio.to_thread(self._onward.lineage, job)
        family = [one for one in (*lineage.ancestors, job, *lineage.descendants) if one.video]
        parents = {one.id: await asyncio.to_thread(self._onward.parents, one) for one in family}
        about: list[tuple[str, Stored | str]] = [("manifest.txt", manifest(family, parents, request.state.words))]
        files = chain(about, named_files(family, self._outputs))
        headers = {"Content-Disposition": f'attachment; filename="lineage-{job.id}.zip"', "Cache-Control": "no-store"}
        return StreamingResponse(stream(files), media_type="application/zip", headers=headers)


def links(job: Job, origins: Mapping[str, str]) -> list[LinkView]:
    """From which videos which of the job's inputs were taken; ``origins`` gives the job of a file by its SHA-256."""
    found = dict.fromkeys(
        (origins[asset.sha256], field)
        for field, assets in job.request.inputs.items()
        for asset in assets
        if asset.sha256 in origins
    )
    return [{"source": source, "field": field} for source, field in found]


def manifest(family: Sequence[Job], parents: Mapping[str, Collection[str]], words: Translation) -> str:
    """The family in the visitor's words, the oldest first; ``parents`` gives the ids of the jobs that each was made
    from."""
    names = {
        job.id: f"{number}. {PurePosixPath(job.video.path).name}" for number, job in enumerate(family, 1) if job.video
    }
    separator, nothing = words("manifest.separator"), words("manifest.none")
    lines = [words.count("manifest.title", len(names), studio=words("title")), ""]
    for job in family:
        sources = [names[parent] for parent in parents[job.id] if parent in names]
        facts = {
            "source": separator.join(sources) or nothing,
            "inputs": separator.join(asset.name for asset in job.request.assets) or nothing,
            "settings": separator.join(f"{setting['label']} {setting['value']}" for setting in settings(job, words)),
            "task": job.task_id,
            "prompt": job.request.prompt,
        }
        lines += [names[job.id], *(f"   {words(f'manifest.{name}', value=value)}" for name, value in facts.items()), ""]
    return "\n".join(lines)


def _named(file: VaultFile) -> Response:
    named: NamedFileView = {"sha256": file.sha256, "name": file.name}
    return JSONResponse(named)


def _seconds(value: str | None) -> float | None:
    return None if value is None else seconds("at", value, LONGEST_VIDEO)
