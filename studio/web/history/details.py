"""A job in the library, and a job's own page, as its visitor sees them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypedDict

from studio.accounts.account import in_sandbox
from studio.catalog.models import CATALOG
from studio.catalog.requests import Asset, inputs_of
from studio.database.states import State, Tone
from studio.errors import OutputGone, SaveError, StorageRefused, StorageUnreachable
from studio.jobs.model import Event, Happening, Job
from studio.library.history import HistoryEntry, files_of
from studio.outputs.locations import Locations, Stored
from studio.web.board.views import JobView, view
from studio.web.faults import fault_view
from studio.web.history.columns import Cell, cells, length, price
from studio.web.money.amounts import money
from studio.web.text import Translation

EXCERPT = 280
"""Characters of a prompt that a list shows."""
USUAL_RATIO = "16:9"
"""Of a video that is not here yet and whose input is gone."""


class EntryView(TypedDict):
    """A job in a list. Times are seconds since 1970, UTC."""

    id: str
    state: str
    tone: Tone
    label: str
    mode: str
    model: str
    prompt: str
    created_at: float
    cost: str
    length: str
    ratio: float
    """Width to height: of the video, else as it was asked for, else of the input that it follows."""
    cells: Mapping[str, Cell]
    """What stands in its row of the table, by column."""
    poster: str | None
    preview: str | None
    """The video, for whoever wants to see it move."""
    reason: str
    """Why it did not become a video."""
    favourite: bool
    tags: list[str]
    ended: bool


class SettingView(TypedDict):
    """A setting and its value in words."""

    name: str
    label: str
    value: str


class InputView(TypedDict):
    """A file that the job was made of."""

    label: str
    name: str
    kind: str
    thumbnail: str
    content: str


class MomentView(TypedDict):
    """One line of what happened when."""

    at: float
    label: str
    details: list[tuple[str, str]]


class OutputFileView(TypedDict):
    """A file that the job made."""

    name: str
    url: str
    bytes: int
    sha256: str


class DetailView(EntryView, JobView):
    """All that the job's page shows."""

    account: str
    listed: list[SettingView]
    """The settings, in words."""
    inputs: list[InputView]
    timeline: list[MomentView]
    estimate: str
    billed: str
    expires_at: float | None
    """When the provider throws the result away, for one that is not here yet."""
    files: list[OutputFileView]
    fps: float | None
    """Pictures a second of its video."""


def entry_view(entry: HistoryEntry, words: Translation) -> EntryView:
    """What a list says of the job."""
    job, video = entry.job, entry.job.video
    whole = view(job, words)
    media = f"{words.root}/studio/media/{job.id}"
    return {
        "id": job.id,
        "state": whole["state"],
        "tone": whole["tone"],
        "label": whole["label"],
        "mode": job.mode,
        "model": job.request.model,
        "prompt": job.request.prompt[:EXCERPT],
        "created_at": job.created_at,
        "cost": price(job, words),
        "length": length(job, words),
        "ratio": video.width / video.height if video else entry.input_ratio or _asked_ratio(job),
        "cells": cells(job, words),
        "poster": f"{media}/poster" if video and video.poster else None,
        "preview": f"{media}/video" if video else None,
        "reason": fault_view(job.fault, words, job)["what"] if job.fault and job.state.ended else "",
        "favourite": job.favourite_at is not None,
        "tags": list(entry.tags),
        "ended": job.state.ended,
    }


def detail_view(
    entry: HistoryEntry, shown: JobView, history: Sequence[Event], outputs: Locations, words: Translation
) -> DetailView:
    """All that the job's page shows. Reads its files."""
    job = entry.job
    quote = job.quote if not in_sandbox(job.account) else None
    return {
        **entry_view(entry, words),
        **shown,
        "account": _account(job, words),
        "listed": list(settings(job, words)),
        "inputs": [_input(label, asset, kind, words.root) for label, kind, asset in _inputs(job, words)],
        "timeline": list(_timeline(job, history, words)),
        "estimate": money(quote.amount, quote.currency, words) if quote else "",
        "billed": money(job.billed, quote.currency, words) if quote and job.billed is not None else "",
        "expires_at": _expires_at(job),
        "files": _files(job, outputs, words.root),
        "fps": job.video.fps if job.video else None,
    }


def _asked_ratio(job: Job) -> float:
    across, _, down = (getattr(job.request, "ratio", None) or USUAL_RATIO).partition(":")
    return int(across) / int(down)


def _account(job: Job, words: Translation) -> str:
    if in_sandbox(job.account):
        return words("account.sandbox")
    provider = CATALOG.providers.get(job.provider)
    if provider is None:
        return job.account
    region = provider.regions.get(job.region)
    return f"{provider.name} · {words.said(region.name)}" if region else provider.name


def settings(job: Job, words: Translation) -> Iterator[SettingView]:
    """What the job was asked for besides its prompt and files, in the visitor's words."""
    yield {
        "name": "mode",
        "label": words("setting.mode"),
        "value": words(f"tab.{job.mode}") if words.has(f"tab.{job.mode}") else job.mode,
    }
    for name, value in job.request.to_json().items():
        if name in ("mode", "provider", "prompt", *job.request.inputs) or value is None:
            continue
        label = words(f"setting.{name}") if words.has(f"setting.{name}") else words(name)
        yield {"name": name, "label": label, "value": words.value(name, value)}


def _inputs(job: Job, words: Translation) -> Iterator[tuple[str, str, Asset]]:
    for field, assets in job.request.inputs.items():
        several = inputs_of(type(job.request))[field].many
        for number, asset in enumerate(assets, 1):
            label = words(f"{field}.one", number=number) if several else words(field)
            yield label, CATALOG.input_kind(job.mode, field), asset


def _input(label: str, asset: Asset, kind: str, root: str) -> InputView:
    base = f"{root}/studio/files/{asset.sha256}"
    return {
        "label": label,
        "name": asset.name,
        "kind": kind,
        "thumbnail": f"{base}/thumbnail",
        "content": f"{base}/content",
    }


def _timeline(job: Job, history: Sequence[Event], words: Translation) -> Iterator[MomentView]:
    """The history, and between it what the provider's clock says."""
    moments: list[MomentView] = [
        {"at": event.at, "label": happened(event, words), "details": _details(event, words)} for event in history
    ]
    for at, key in ((job.started_at, "timeline.started"), (job.finished_at, "timeline.finished")):
        if at is not None:
            moments.append({"at": at, "label": words(key), "details": []})
    yield from sorted(moments, key=lambda moment: moment["at"])


_KNOWN = frozenset({*map(str, State), *map(str, Happening)})


def happened(event: Event, words: Translation) -> str:
    """What the timeline calls it; what nobody here has heard of by its own name."""
    if event.what == Happening.TASK:
        status = str(event.detail.get("task_status", ""))
        key = f"timeline.status.{status.lower()}"
        return words("timeline.task", status=words(key) if words.has(key) else status)
    if event.what not in _KNOWN:
        return event.what
    name = event.what.replace(" ", "_")
    keys = (f"timeline.{name}.{event.detail.get('trace')}", f"timeline.{name}", f"state.{name}")
    return next(words(key) for key in keys if words.has(key))


def _details(event: Event, words: Translation) -> list[tuple[str, str]]:
    shown = {"task_id": words("task"), "request_id": words("request"), "error": "", "path": ""}
    details = {name: value if isinstance(value, str) else str(value) for name, value in event.detail.items() if value}
    return [(shown[name], words.said(value)) for name, value in details.items() if name in shown]


def _expires_at(job: Job) -> float | None:
    """When the provider throws the result away, for a result that is not here yet."""
    waits = job.state is State.SAVING or (job.fault is not None and job.fault.stage == "save")
    if job.video is not None or job.finished_at is None or not waits:
        return None
    if job.fault is not None and job.fault.kind in (StorageUnreachable.kind, StorageRefused.kind):  # it waits here
        return None
    return job.finished_at + CATALOG.task_seconds(job.provider)


def _files(job: Job, outputs: Locations, root: str) -> list[OutputFileView]:
    """The job's files; of one whose location does not answer, what its row says of the video."""
    names = {".mp4": "video", ".jpg": "poster", ".json": "evidence"}
    found: list[OutputFileView] = []
    if job.video is None:
        return found
    try:
        for stored in files_of(job, outputs):
            path = PurePosixPath(stored.name)
            digest = job.video.sha256 if path.suffix == ".mp4" else stored.stat.sha256 or _digest(stored)
            url = f"{root}/studio/media/{job.id}/{names[path.suffix]}?download=1"
            found.append({"name": path.name, "url": url, "bytes": stored.stat.size, "sha256": digest})
    except (SaveError, OutputGone):
        if not found:
            name, url = PurePosixPath(job.video.path).name, f"{root}/studio/media/{job.id}/video?download=1"
            found.append({"name": name, "url": url, "bytes": job.video.bytes, "sha256": job.video.sha256})
    return found


def _digest(stored: Stored) -> str:
    digest = hashlib.sha256()
    for chunk in stored.read():
        digest.update(chunk)
    return digest.hexdigest()
