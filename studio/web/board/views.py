"""A job as a visitor sees it: JSON for the board and for scripts, words included, nothing of others or of the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from studio.accounts.account import in_sandbox
from studio.catalog.models import CATALOG
from studio.catalog.sizes import resolution_of
from studio.database.states import STATES, State, Tone
from studio.errors import (
    AccountMissing,
    Fault,
)
from studio.jobs.model import STOPPED, Candidate, Job, Trace
from studio.jobs.watch.durations import TypicalDuration
from studio.providers.base import TaskStatus
from studio.web.board.actions import actions_of
from studio.web.faults import FaultView, fault_view, reported_of
from studio.web.money.amounts import money
from studio.web.money.keys import KeyAccess, place_name
from studio.web.money.limits import utc
from studio.web.text import Translation

LENGTHS_APART = 0.5
"""Seconds by which a video may be longer or shorter than it was asked for without a word."""


class ChoiceView(TypedDict):
    """A task that may be that of an interrupted job."""

    task_id: str
    label: str
    created_at: float | None


class VideoView(TypedDict):
    """A finished video and where to get it."""

    url: str
    download: str
    poster: str | None
    evidence: str
    width: int
    height: int
    facts: list[str]
    saved: str
    bytes: int
    sha256: str


class UsualView(TypedDict):
    """How long such jobs take from the press of the button to the saved video, in seconds."""

    half: float
    """Half of them took at most so long."""
    most: float
    """Nine in ten did."""


class JobView(TypedDict):
    """A job. Times are seconds since 1970, UTC."""

    id: str
    state: str
    tone: Tone
    label: str
    note: str
    usual: UsualView | None
    """While it is under way, and where enough such jobs have been seen."""
    mode: str
    model: str
    prompt: str
    settings: dict[str, Any]
    chips: list[str]
    cost: str
    cost_short: str
    """The same where there is little room."""
    price: str
    """What the same would cost once more."""
    created_at: float
    submitted_at: float | None
    started_at: float | None
    finished_at: float | None
    saved_at: float | None
    not_before: float
    task_id: str | None
    request_id: str | None
    task_status: str | None
    fault: FaultView | None
    video: VideoView | None
    choices: list[ChoiceView]
    actions: list[str]
    seconds: float | None
    """Length of the video, or the one asked for; None where it follows the input."""
    thumbnail: str | None
    """A small picture of the first file it is made of."""
    favourite: bool


def view(
    job: Job,
    words: Translation,
    progress: Mapping[str, float] | None = None,
    usual: TypicalDuration | None = None,
    access: KeyAccess | None = None,
) -> JobView:
    """Everything about ``job`` that its owner may see; ``progress`` is the engine's while it publishes files, and
    ``access`` as of ``fault_view``."""
    state, label, note = _state(job, words)
    if progress:
        names = {asset.sha256: asset.name for asset in job.request.assets}
        note = " · ".join(f"{names[sha256]} {part:.0%}" for sha256, part in progress.items())
    settings = {name: value for name, value in job.request.to_json().items() if value is not None}
    return {
        "id": job.id,
        "state": state,
        "tone": "over" if state == STOPPED else STATES[job.state].tone,
        "label": label,
        "note": note,
        "usual": {"half": usual.half, "most": usual.most} if usual else None,
        "mode": job.mode,
        "model": job.request.model,
        "prompt": job.request.prompt,
        "settings": settings,
        "chips": _chips(job, words),
        "cost": _cost(job, words),
        "cost_short": _cost_short(job, words),
        "price": _price(job, words),
        "created_at": job.created_at,
        "submitted_at": job.submitted_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "saved_at": job.saved_at,
        "not_before": job.not_before,
        "task_id": job.task_id,
        "request_id": job.request_id,
        "task_status": job.task_status,
        "fault": fault_view(job.fault, words, job, access=access) if job.fault else None,
        "video": _video(job, words),
        "choices": [_choice(candidate, words) for candidate in job.candidates],
        "actions": actions_of(job),
        "seconds": job.seconds or None,
        "thumbnail": _thumbnail(job, words),
        "favourite": job.favourite_at is not None,
    }


def _state(job: Job, words: Translation) -> tuple[str, str, str]:
    """The state's name on the page, its label, and a line that says what is going on."""
    name = job.standing
    fault = job.fault if not job.state.ended and name != STOPPED else None
    note = _obstacle(job, fault) if fault else f"state.{name}.note"
    if note == "state.waiting.note" and job.task_status is TaskStatus.UNKNOWN:
        note = "state.waiting.unknown"
    if job.state is State.CANCELED and job.quote is not None and (used := reported_of(job)):
        notes = [words("reported.not_billed", price=money(used, job.quote.currency, words))]
    else:
        notes = [
            words(note, account=_account_name(job, words)) if words.has(note) else "",
            _trace(job, words),
            _by_address(job, words),
        ]
        notes += [_until(job, words), _other(job, words)]
    return name, words(f"state.{name}"), words.join(*notes)


def _obstacle(job: Job, fault: Fault) -> str:
    """The key of what happens next with a job that something holds up."""
    missing = fault.kind == AccountMissing.kind
    if job.state is State.WAITING:
        if missing:
            return "state.waiting.absent"
        return "state.waiting.word" if fault.kind == "status_undocumented" else "state.waiting.unasked"
    if missing and job.state is State.QUEUED and not in_sandbox(job.account):
        return "state.queued.absent"
    return f"state.{job.state}.held" if fault.of_account else f"state.{job.state}.later"


def _account_name(job: Job, words: Translation) -> str:
    cloud = CATALOG.providers.get(job.provider)
    return place_name(job.provider, job.region, words) if cloud and job.region in cloud.regions else job.account


def _until(job: Job, words: Translation) -> str:
    """Until when the result of a task can be had that cannot be asked for."""
    missing = job.state is State.INTERRUPTED and job.fault is not None and job.fault.kind == AccountMissing.kind
    if not missing and (job.state is not State.WAITING or job.fault is None or job.stopped_at is not None):
        return ""
    return words(
        "until",
        time=utc((job.submitted_at or job.submitting_at or job.created_at) + CATALOG.task_seconds(job.provider)),
    )


def _other(job: Job, words: Translation) -> str:
    """In what a video differs from the one that was asked for."""
    video, notes = job.video, []
    if video is None:
        return ""
    used = job.usage.output_seconds if job.usage else None
    asked = max(float(getattr(job.request, "duration", None) or 0), used or 0.0)
    if asked and abs(video.seconds - asked) > LENGTHS_APART:
        notes.append(words("other.length", seconds=f"{video.seconds:.1f}", asked=f"{asked:g}"))
    made, wanted = resolution_of(video.width, video.height), job.request.resolution
    if wanted and made != wanted:
        notes.append(words("other.size", width=video.width, height=video.height, asked=wanted))
    return words.join(*notes)


def _trace(job: Job, words: Translation) -> str:
    """What came of looking for the task of a job whose answer was lost."""
    if job.state is State.INTERRUPTED and job.trace is None and job.fault and job.fault.kind == AccountMissing.kind:
        return words("state.interrupted.absent")
    if job.state is State.INTERRUPTED:
        line = words(f"trace.{job.trace}") if job.trace else words("trace.looking")
        return words.join(line, words("trace.sent_again")) if job.sent_again else line
    return words("trace.found") if job.trace is Trace.FOUND else ""


def _by_address(job: Job, words: Translation) -> str:
    """Which files the provider fetches itself, and not from us: it may find others there than were checked."""
    names = [asset.name for asset in job.request.assets if asset.url]
    values = {"provider": CATALOG.provider_name(job.provider), "names": ", ".join(dict.fromkeys(names))}
    return words("by_address", **values) if names else ""


def _choice(candidate: Candidate, words: Translation) -> ChoiceView:
    state = "waiting" if candidate.status is TaskStatus.PENDING else candidate.status.lower()
    label = words(f"state.{state}" if words.has(f"state.{state}") else "timeline.status.unknown")
    return {"task_id": candidate.task_id, "label": label, "created_at": candidate.created_at}


def _thumbnail(job: Job, words: Translation) -> str | None:
    files = job.request.assets
    return f"{words.root}/studio/files/{files[0].sha256}/thumbnail" if files else None


def _chips(job: Job, words: Translation) -> list[str]:
    request = job.request
    ratio, duration = getattr(request, "ratio", None), getattr(request, "duration", None)
    chips = [request.model, request.resolution, ratio, words("seconds", seconds=duration) if duration else None]
    seed = words("seed.random") if request.seed is None else words("seed.chip", seed=request.seed)
    return [chip for chip in (*chips, seed) if chip]


def _price(job: Job, words: Translation) -> str:
    if in_sandbox(job.account):
        return words("free")
    return money(job.quote.amount, job.quote.currency, words) if job.quote else "?"


def nothing_due(job: Job) -> bool:
    """Whether the job has ended without a bill, and none is to come."""
    return (
        job.billed is None
        and job.reported is None
        and job.state.ended
        and job.state not in (State.INTERRUPTED, State.SUCCEEDED)
    )


def _cost(job: Job, words: Translation) -> str:
    if job.quote is None:
        return ""
    if in_sandbox(job.account):
        price = money(job.quote.amount, job.quote.currency, words)
        return "" if nothing_due(job) else words("cost.sandbox", price=price)
    if job.billed is not None:
        return words("cost.billed", price=money(job.billed, job.quote.currency, words))
    if job.reported is not None:
        return words("cost.reported", price=money(job.reported, job.quote.currency, words))
    if nothing_due(job):
        return ""
    return words("cost.estimate", price=money(job.quote.amount, job.quote.currency, words))


def _cost_short(job: Job, words: Translation) -> str:
    return words("free") if in_sandbox(job.account) and _cost(job, words) else _cost(job, words)


def _video(job: Job, words: Translation) -> VideoView | None:
    video = job.video
    if video is None:
        return None
    base = f"{words.root}/studio/media/{job.id}"
    codecs = video.codec.upper().replace("H264", "H.264") + (
        f" + {video.audio_codec.upper()}" if video.audio_codec else ""
    )
    size = f"{video.bytes / 2**20:.1f} MB"
    return {
        "url": f"{base}/video",
        "download": f"{base}/video?download=1",
        "poster": f"{base}/poster" if video.poster else None,
        "evidence": f"{base}/evidence",
        "width": video.width,
        "height": video.height,
        "facts": [
            f"{video.width} × {video.height}",
            words("seconds", seconds=f"{video.seconds:.1f}"),
            f"{video.fps:g} fps",
            codecs,
            size,
        ],
        "saved": words("saved", path=video.path),
        "bytes": video.bytes,
        "sha256": video.sha256,
    }
