"""A job as a visitor sees it: JSON for the board and for scripts, words included, nothing of others or of the key."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypedDict

from studio.errors import Fault, InvalidRequest, Stage, StudioError
from studio.jobs.accounts import SANDBOX
from studio.jobs.model import Job, State
from studio.jobs.submission import NOT_SENT_YET
from studio.pricing import Quote
from studio.providers.base import TaskStatus
from studio.web.text import Words

_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€"}


class FaultView(TypedDict):
    """What is wrong, in words, and the provider's own."""

    kind: str
    what: str
    charged: str
    remedy: str
    message: str
    code: str | None
    request_id: str | None
    status: int | None


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


class JobView(TypedDict):
    """A job. Times are seconds since 1970, UTC."""

    id: str
    state: str
    label: str
    note: str
    mode: str
    model: str
    prompt: str
    settings: dict[str, Any]
    chips: list[str]
    cost: str
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
    actions: list[str]


def view(job: Job, words: Words) -> JobView:
    """Everything about ``job`` that its owner may see."""
    state, label, note = _state(job, words)
    settings = {name: value for name, value in job.request.to_json().items() if value is not None}
    return {
        "id": job.id,
        "state": state,
        "label": label,
        "note": note,
        "mode": job.mode,
        "model": job.request.model,
        "prompt": job.request.prompt,
        "settings": settings,
        "chips": _chips(job, words),
        "cost": _cost(job, words),
        "created_at": job.created_at,
        "submitted_at": job.submitted_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "saved_at": job.saved_at,
        "not_before": job.not_before,
        "task_id": job.task_id,
        "request_id": job.request_id,
        "task_status": job.task_status,
        "fault": fault_view(job.fault, words) if job.fault else None,
        "video": _video(job, words),
        "actions": _actions(job),
    }


def fault_view(fault: Fault, words: Words) -> FaultView:
    """A fault in words: what happened, whether it was charged, what to do."""
    key = f"fault.{fault.kind}" if words.has(f"fault.{fault.kind}") else "fault.studio_error"
    return {
        "kind": fault.kind,
        "what": words(key),
        "charged": words(f"charged.{fault.charged}"),
        "remedy": words(f"{key}.do") if words.has(f"{key}.do") else "",
        "message": fault.message,
        "code": fault.code,
        "request_id": fault.request_id,
        "status": fault.status,
    }


def sentence(error: StudioError, words: Words, stage: Stage = "check") -> str:
    """An error that was raised at the visitor, in one or two sentences."""
    if isinstance(error, InvalidRequest):
        names = {problem.field: words(problem.field) for problem in error.problems if words.has(problem.field)}
        return " ".join(
            words("problem", field=names.get(p.field, p.field), value=_shown(p.value), rule=p.rule)
            for p in error.problems
        )
    fault = fault_view(error.fault(stage), words)
    return f"{fault['what']} {fault['message']}"


def money(amount: Decimal, currency: str) -> str:
    """``¥8.00``, ``137.5 credits``."""
    if currency in _SYMBOLS:
        return f"{_SYMBOLS[currency]}{amount:.2f}"
    return f"{amount.normalize():f} {currency}"


def rate_text(quote: Quote) -> str:
    """The price of one second, to the last digit that the provider states."""
    symbol = _SYMBOLS.get(quote.currency)
    return f"{symbol}{quote.rate:f}" if symbol else f"{quote.rate.normalize():f} {quote.currency}"


def _state(job: Job, words: Words) -> tuple[str, str, str]:
    """The state's name on the page, its label, and a line that says what is going on."""
    name = job.state.value
    if job.state is State.WAITING and job.task_status is TaskStatus.RUNNING:
        name = "running"
    held_up = job.fault is not None and job.state in (State.QUEUED, State.SAVING)
    note = f"state.{name}.later" if held_up else f"state.{name}.note"
    return name, words(f"state.{name}"), words(note) if words.has(note) else ""


def _chips(job: Job, words: Words) -> list[str]:
    request = job.request
    ratio, duration = getattr(request, "ratio", None), getattr(request, "duration", None)
    chips = [request.model, request.resolution, ratio, f"{duration} s" if duration else None]
    seed = words("seed.random") if request.seed is None else words("seed.chip", seed=request.seed)
    return [chip for chip in (*chips, seed) if chip]


def _cost(job: Job, words: Words) -> str:
    if job.quote is None:
        return ""
    if job.account == SANDBOX:
        return words("cost.sandbox", price=money(job.quote.amount, job.quote.currency))
    if job.usage is not None:
        billed = Decimal(str(job.usage.billed_seconds)) * job.quote.rate
        return words("cost.billed", price=money(billed, job.quote.currency))
    if job.state.ended and job.state is not State.INTERRUPTED:
        return ""
    return words("cost.estimate", price=money(job.quote.amount, job.quote.currency))


def _video(job: Job, words: Words) -> VideoView | None:
    video = job.video
    if video is None:
        return None
    base = f"/studio/media/{job.id}"
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
        "facts": [f"{video.width} × {video.height}", f"{video.seconds:.1f} s", f"{video.fps:g} fps", codecs, size],
        "saved": words("saved", path=video.path),
        "bytes": video.bytes,
        "sha256": video.sha256,
    }


def _actions(job: Job) -> list[str]:
    """What the visitor can do now, by the names of the routes."""
    if job.state in NOT_SENT_YET or (job.state is State.WAITING and job.task_status is not TaskStatus.RUNNING):
        return ["cancel"]
    fault = job.fault
    if job.task_id is None and (
        job.state is State.CANCELED or (job.state is State.FAILED and fault is not None and fault.charged == "no")
    ):
        return ["send-again"]
    if job.state in (State.FAILED, State.EXPIRED) and job.task_id and fault is not None and fault.stage == "save":
        return ["save-again"]
    return []


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
