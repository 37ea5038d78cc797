"""A job: one request of one visitor, from acceptance to a video on disk.

    queued → publishing → submitting → waiting → saving → succeeded
                                                        ↘ failed · canceled · expired · interrupted
                                                                                 └──── found ──→ waiting

What each state means is told where they are declared, in ``studio.database.states``.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from studio.accounts.charges import is_bill
from studio.catalog.models import CATALOG, ProviderName
from studio.catalog.pricing import Quote
from studio.catalog.requests import Request
from studio.database.states import State
from studio.errors import Fault
from studio.providers.base import TaskStatus, Usage

Place = tuple[str, str]
"""Where a job is sent: account and model, since a model may be out of order alone."""


class Trace(StrEnum):
    """What came of looking for the task of an interrupted job; before there is anything to say, it is looked for."""

    FOUND = "found"
    """It has its task again."""
    SEVERAL = "several"
    """More than one may be it: the visitor may choose, and the search goes on."""
    NONE = "none"
    """The provider's list has had time to show one, and shows none."""
    UNLISTED = "unlisted"
    """No list tells: the provider gives none or refuses it, or which hour of it to read was not known, or the task
    would be listed no more."""


class Happening(StrEnum):
    """What the history of a job tells beside the states that it came to."""

    TASK = "task"
    """The provider gave its task another status, ``task_status``."""
    SEARCHED = "searched"
    """Looking for its task came to something else, ``trace``."""
    STOPPED = "stopped"
    """Its visitor does not want its task watched any more."""
    WATCHED = "watched"
    """Its visitor does again."""
    NO_ACCOUNT = "no account"
    """Nobody here can ask for its task, or send it."""
    NOT_SAVED = "not saved"
    """The video could not be brought home, and is tried again."""
    IMPORTED = "imported"
    """It came from another studio."""


@dataclass(frozen=True)
class Candidate:
    """A task that may be that of an interrupted job."""

    task_id: str
    status: TaskStatus
    created_at: float | None
    """Seconds since 1970, UTC, by the provider's clock."""


@dataclass(frozen=True)
class VideoFile:
    """A finished video."""

    path: str
    """Its name in the location where it lies, with forward slashes."""
    poster: str | None
    """Relative path of a JPEG of the first frame."""
    bytes: int
    sha256: str
    width: int
    height: int
    seconds: float
    fps: float
    codec: str
    """Video codec as ffprobe names it (``h264``)."""
    audio_codec: str | None = None
    location: str | None = None
    """Where it lies, as ``OUTPUT_DIR`` named it when it was saved; None in rows that are older than this."""


@dataclass(frozen=True)
class JobTask:
    """The task that a job is at the provider, as it was last seen."""

    id: str
    status: TaskStatus | None = None
    """None for a word that this version of the studio does not know."""
    result_url: str | None = None
    """Where its video is, for a day, once it has succeeded."""


AHEAD = "clock_ahead"
"""What the history of a job says of the moment at which its request left: by how many seconds the provider's clock was
ahead of ours. Either may be put right before the job's task is looked for."""


@dataclass(frozen=True)
class Event:
    """One line of a job's history."""

    at: float
    """Seconds since 1970, UTC."""
    what: str
    """A state of the job or a ``Happening``; from another version of the studio perhaps something else."""
    detail: Mapping[str, Any]


RUNNING, STOPPED = "running", "stopped"
"""Where a waiting job stands whose task is being worked on, and one that is not watched."""
STATUS_WORDS: Mapping[str, str] = {
    State.QUEUED: "Queued",
    State.PUBLISHING: "Uploading files",
    State.SUBMITTING: "Sending",
    State.WAITING: "In the queue",
    RUNNING: "Generating",
    STOPPED: "Not tracked",
    State.SAVING: "Saving",
    State.SUCCEEDED: "Done",
    State.FAILED: "Failed",
    State.CANCELED: "Canceled",
    State.EXPIRED: "Expired",
    State.INTERRUPTED: "Interrupted",
}


@dataclass(frozen=True)
class Job:
    """A job as one row of the store. Times are seconds since 1970, UTC."""

    id: str
    owner: str
    """The visitor whose job it is."""
    account: str
    """Where it is sent: ``sandbox``, ``dashscope:beijing`` …"""
    region: str
    """Catalog region whose prices apply."""
    state: State
    request: Request
    quote: Quote | None
    created_at: float
    updated_at: float
    attempt: int
    """Counts submissions and savings begun; part of the engine's workflow ids."""
    not_before: float
    """The studio leaves the job alone until then."""
    submitting_at: float | None = None
    submitted_at: float | None = None
    started_at: float | None = None
    """When the provider began to work on it."""
    finished_at: float | None = None
    """When the provider was done."""
    saved_at: float | None = None
    request_id: str | None = None
    """The provider's id of the submission."""
    task: JobTask | None = None
    """From the answer to the submission on, or when it was found; not any more when it turned out to be another's."""
    usage: Usage | None = None
    fault: Fault | None = None
    """Why it ended, or, while it goes on, what holds it up."""
    video: VideoFile | None = None
    trace: Trace | None = None
    candidates: tuple[Candidate, ...] = ()
    """The tasks to choose from when several may be it."""
    sent_again: str | None = None
    """The job that took the place of this interrupted one, at the visitor's risk."""
    stopped_at: float | None = None
    """Since when the visitor does not want it watched here. The provider goes on."""
    favourite_at: float | None = None
    """When the visitor made it a favourite."""
    deleted_at: float | None = None
    """When the visitor deleted it; 0 when that can no longer be undone, and all but its cost is gone."""
    network: str | None = None
    """The network from which it was asked for, ``203.0.113.7/32``; None when that is not known."""

    @property
    def provider(self) -> ProviderName:
        return self.request.provider

    @property
    def mode(self) -> str:
        return self.request.mode

    @property
    def place(self) -> Place:
        return self.account, self.request.model

    @property
    def task_id(self) -> str | None:
        return self.task.id if self.task else None

    @property
    def task_status(self) -> TaskStatus | None:
        return self.task.status if self.task else None

    @property
    def standing(self) -> str:
        """Its state, or of a waiting job ``RUNNING`` or ``STOPPED``."""
        if self.state is not State.WAITING:
            return self.state
        if self.stopped_at is not None:
            return STOPPED
        return RUNNING if self.task_status is TaskStatus.RUNNING else self.state

    @property
    def status(self) -> str:
        """Where it stands, as the page calls that in English."""
        return STATUS_WORDS[self.standing]

    @property
    def cancelable(self) -> bool:
        """Whether the provider may still take the task back: those that do so do it until the task has started."""
        pending = self.task_status in (None, TaskStatus.PENDING)
        entry = CATALOG.providers.get(self.provider)
        return self.state is State.WAITING and pending and entry is not None and entry.cancels

    @property
    def seconds(self) -> float:
        """Length of the video, else the length that was asked for; 0 when that follows the input."""
        return self.video.seconds if self.video else float(getattr(self.request, "duration", None) or 0)

    @property
    def billed(self) -> Decimal | None:
        """What the provider billed, in the quote's currency; None while that is not known."""
        return self._used if is_bill(self.state, self.fault.charged if self.fault else None) else None

    @property
    def reported(self) -> Decimal | None:
        """What the provider says was used by a task that came to nothing, in the quote's currency.

        By its documents it does not bill that, so it is neither billed nor certainly free: the bill tells.
        """
        return None if self.billed is not None else self._used or None

    @property
    def _used(self) -> Decimal | None:
        if self.quote is None or self.usage is None:
            return None
        return Decimal(str(self.usage.billed_seconds)) * self.quote.rate

    @property
    def price(self) -> float:
        """What was billed or reported, else the estimate, in the quote's currency; 0 where no price is known."""
        if self.quote is None:
            return 0.0
        return float(self.quote.amount if self._used is None else self._used)


def new_id(at: float) -> str:
    """A fresh id: 24 hex digits that sort by time of making, ``at`` seconds since 1970."""
    millisecond, microsecond = divmod(int(at * 1e6), 1000)
    return f"{millisecond:012x}{microsecond:03x}{secrets.token_hex(5)[1:]}"
