"""A job as a visitor sees it: JSON for the board and for scripts, words included, nothing of others or of the key."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypedDict

from studio.errors import Budget, Fault, InvalidRequest, ReplyLost, SpendingLimit, Stage, StudioError
from studio.jobs.accounts import in_sandbox
from studio.jobs.durations import Usual
from studio.jobs.model import Candidate, Job, State, Trace
from studio.jobs.submission import NOT_SENT_YET
from studio.pricing import Quote
from studio.providers.base import TaskStatus
from studio.web.text import Words

_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€"}


class FaultView(TypedDict):
    """What is wrong, in words, and the provider's own."""

    kind: str
    what: str
    concerns: str
    charged: str
    remedy: str
    message: str
    code: str | None
    request_id: str | None
    status: int | None


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


class JobView(TypedDict):
    """A job. Times are seconds since 1970, UTC."""

    id: str
    state: str
    label: str
    note: str
    usual: str
    """How long such jobs run, where enough have been seen."""
    mode: str
    model: str
    prompt: str
    settings: dict[str, Any]
    chips: list[str]
    cost: str
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


def view(job: Job, words: Words, progress: Mapping[str, float] | None = None, usual: Usual | None = None) -> JobView:
    """Everything about ``job`` that its owner may see; ``progress`` is the engine's while it publishes files."""
    state, label, note = _state(job, words)
    if progress:
        names = {asset.sha256: asset.name for asset in job.request.assets}
        note = " · ".join(f"{names[sha256]} {part:.0%}" for sha256, part in progress.items())
    settings = {name: value for name, value in job.request.to_json().items() if value is not None}
    return {
        "id": job.id,
        "state": state,
        "label": label,
        "note": note,
        "usual": _usual(usual, words),
        "mode": job.mode,
        "model": job.request.model,
        "prompt": job.request.prompt,
        "settings": settings,
        "chips": _chips(job, words),
        "cost": _cost(job, words),
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
        "fault": fault_view(job.fault, words, job) if job.fault else None,
        "video": _video(job, words),
        "choices": [_choice(candidate, words) for candidate in job.candidates],
        "actions": _actions(job),
    }


def fault_view(fault: Fault, words: Words, job: Job | None = None) -> FaultView:
    """A fault in words: what happened, to which input, whether it was charged, what to do."""
    about = _about(fault, job)
    names = (fault.cause, f"{fault.kind}.{about}", fault.kind, StudioError.kind)
    keys = [f"fault.{name}" for name in names if name]
    what = next(key for key in keys if words.has(key))
    return {
        "kind": fault.kind,
        "what": words(what),
        "concerns": _concerns(fault, words, job, None if what.endswith(f".{about}") else about),
        "charged": words(f"charged.{fault.charged}"),
        "remedy": _remedy(fault, keys, words, job),
        "message": words.said(fault.message),
        "code": fault.code,
        "request_id": fault.request_id,
        "status": fault.status,
    }


def _remedy(fault: Fault, keys: list[str], words: Words, job: Job | None) -> str:
    if job is not None and job.state is State.QUEUED:
        return words("sent_again")
    if fault.stage == "submit" and fault.charged == "unknown":
        keys = [f"fault.{ReplyLost.kind}"]
    return next((words(f"{key}.do") for key in keys if words.has(f"{key}.do")), "")


def _about(fault: Fault, job: Job | None) -> str | None:
    """The kind of input the provider objects to: without media it can only be the prompt."""
    return "prompt" if fault.concerns == "input" and job is not None and not job.request.assets else fault.concerns


def _concerns(fault: Fault, words: Words, job: Job | None, about: str | None) -> str:
    files = job.request.assets if job is not None else ()
    if fault.medium is not None and fault.medium < len(files):
        return words("concerns.file", name=files[fault.medium].name)
    return words(f"concerns.{about}") if about else ""


def sentence(error: StudioError, words: Words, stage: Stage = "check") -> str:
    """An error that was raised at the visitor, in one or two sentences."""
    if isinstance(error, InvalidRequest):
        names = {problem.field: words(problem.field) for problem in error.problems if words.has(problem.field)}
        return words.join(
            *(
                words("problem", field=names.get(p.field, p.field), value=_shown(p.value), rule=words.said(p.rule))
                for p in error.problems
            )
        )
    if isinstance(error, SpendingLimit):
        return _limit_sentence(error.budget, words)
    fault = fault_view(error.fault(stage), words)
    return words.join(fault["what"], fault["message"])


def _limit_sentence(budget: Budget | None, words: Words) -> str:
    if budget is None:
        return words("limit.unknown")
    amounts = {"price": budget.price, "spent": budget.spent, "limit": budget.limit}
    return words("limit.refused", **{name: money(amount, budget.currency, words) for name, amount in amounts.items()})


def money(amount: Decimal, currency: str, words: Words) -> str:
    """``¥8.00``, ``137.5 credits``."""
    if currency in _SYMBOLS:
        return f"{_SYMBOLS[currency]}{amount:,.2f}"
    return f"{round(amount, 2).normalize():,f} {_unit(currency, words)}"


def _unit(currency: str, words: Words) -> str:
    return words(currency) if words.has(currency) else currency


def rate_text(quote: Quote, words: Words) -> str:
    """The price of one second, to the last digit that the provider states."""
    symbol = _SYMBOLS.get(quote.currency)
    return f"{symbol}{quote.rate:f}" if symbol else f"{quote.rate.normalize():f} {_unit(quote.currency, words)}"


def _state(job: Job, words: Words) -> tuple[str, str, str]:
    """The state's name on the page, its label, and a line that says what is going on."""
    name = job.state.value
    if job.state is State.WAITING and job.stopped_at is not None:
        name = "stopped"
    elif job.state is State.WAITING and job.task_status is TaskStatus.RUNNING:
        name = "running"
    held_up = job.fault is not None and job.state in (State.QUEUED, State.SAVING)
    unknown = name == "waiting" and job.task_status is TaskStatus.UNKNOWN
    note = f"state.{name}.later" if held_up else f"state.{name}.unknown" if unknown else f"state.{name}.note"
    notes = [words(note) if words.has(note) else "", _trace(job, words)]
    return name, words(f"state.{name}"), words.join(*notes)


def _trace(job: Job, words: Words) -> str:
    """What came of looking for the task of a job whose answer was lost."""
    if job.state is State.INTERRUPTED:
        told = words(f"trace.{job.trace}") if job.trace else words("trace.looking")
        return words.join(told, words("trace.sent_again")) if job.sent_again else told
    return words("trace.found") if job.trace is Trace.FOUND else ""


def _choice(candidate: Candidate, words: Words) -> ChoiceView:
    state = "waiting" if candidate.status is TaskStatus.PENDING else candidate.status.lower()
    label = words(f"state.{state}") if words.has(f"state.{state}") else candidate.status
    return {"task_id": candidate.task_id, "label": label, "created_at": candidate.created_at}


def _usual(usual: Usual | None, words: Words) -> str:
    if usual is None:
        return ""
    least, most = _clock(usual.half), _clock(usual.most)
    return words("usual", time=least if least == most else f"{least}–{most}")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def _chips(job: Job, words: Words) -> list[str]:
    request = job.request
    ratio, duration = getattr(request, "ratio", None), getattr(request, "duration", None)
    chips = [request.model, request.resolution, ratio, words("seconds", seconds=duration) if duration else None]
    seed = words("seed.random") if request.seed is None else words("seed.chip", seed=request.seed)
    return [chip for chip in (*chips, seed) if chip]


def _price(job: Job, words: Words) -> str:
    if in_sandbox(job.account):
        return words("free")
    return money(job.quote.amount, job.quote.currency, words) if job.quote else "?"


def nothing_due(job: Job) -> bool:
    """Whether the job has ended without a bill, and none is to come."""
    return job.billed is None and job.state.ended and job.state not in (State.INTERRUPTED, State.SUCCEEDED)


def _cost(job: Job, words: Words) -> str:
    if job.quote is None:
        return ""
    if in_sandbox(job.account):
        return words("cost.sandbox", price=money(job.quote.amount, job.quote.currency, words))
    if job.billed is not None:
        return words("cost.billed", price=money(job.billed, job.quote.currency, words))
    if nothing_due(job):
        return ""
    return words("cost.estimate", price=money(job.quote.amount, job.quote.currency, words))


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


def _actions(job: Job) -> list[str]:
    """What the visitor can do now, by the names of the routes."""
    if job.state is State.WAITING and job.stopped_at is not None:
        return ["watch"]
    if job.state in NOT_SENT_YET or job.cancelable:
        return ["cancel"]
    if job.state is State.WAITING:
        return ["stop"]
    if job.state is State.INTERRUPTED:
        return ["adopt"] if job.sent_again else ["adopt", "send-anyway"]
    fault = job.fault
    if job.task_id is None and (
        job.state is State.CANCELED or (job.state is State.FAILED and fault is not None and fault.charged == "no")
    ):
        return ["send-again"]
    if job.state in (State.FAILED, State.EXPIRED) and job.task_id and fault is not None and fault.stage == "save":
        return ["save-again"]
    return ["adopt"] if job.state is State.EXPIRED else []


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
