"""A job: one request of one visitor, from acceptance to a video on disk.

    queued → publishing → submitting → waiting → saving → succeeded
                                                        ↘ failed · canceled · expired · interrupted

``queued``       accepted and on disk; nothing has left this machine
``publishing``   its media are being made reachable for the provider
``submitting``   the intent to pay is on disk; the POST may be on its way
``waiting``      the provider has it: its task id is on disk
``saving``       the provider is done; the result is being brought home
``interrupted``  the studio died or lost the answer between intent and task id: never sent again by itself
``expired``      the provider no longer knows the task or its result
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from studio.catalog import ProviderName
from studio.errors import Fault
from studio.pricing import Quote
from studio.providers.base import TaskStatus, Usage
from studio.requests import Request


class State(StrEnum):
    QUEUED = "queued"
    PUBLISHING = "publishing"
    SUBMITTING = "submitting"
    WAITING = "waiting"
    SAVING = "saving"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"
    INTERRUPTED = "interrupted"

    @property
    def ended(self) -> bool:
        """Whether the studio does nothing more by itself."""
        return self in ENDED


ENDED = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELED, State.EXPIRED, State.INTERRUPTED})

MOVES: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.PUBLISHING, State.SUBMITTING, State.CANCELED, State.FAILED}),
    State.PUBLISHING: frozenset({State.QUEUED, State.SUBMITTING, State.CANCELED, State.FAILED}),
    # Back to queued only after a refusal that certainly made no task.
    State.SUBMITTING: frozenset({State.WAITING, State.QUEUED, State.FAILED, State.INTERRUPTED}),
    State.WAITING: frozenset({State.SAVING, State.FAILED, State.CANCELED, State.EXPIRED}),
    State.SAVING: frozenset({State.SUCCEEDED, State.FAILED, State.EXPIRED}),
    State.FAILED: frozenset({State.QUEUED, State.SAVING}),
    State.CANCELED: frozenset({State.QUEUED}),
    State.INTERRUPTED: frozenset({State.WAITING}),
    State.EXPIRED: frozenset({State.SAVING}),
    State.SUCCEEDED: frozenset(),
}
"""The moves there are; the store makes each as one guarded UPDATE, so that two workers cannot both make it."""


@dataclass(frozen=True)
class VideoFile:
    """A finished video on disk."""

    path: str
    """Relative to the output folder, with forward slashes."""
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


@dataclass(frozen=True)
class Event:
    """One line of a job's history."""

    at: float
    """Seconds since 1970, UTC."""
    what: str
    """A state of the job, or ``task`` with the provider's status in ``detail``."""
    detail: Mapping[str, Any]


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
    task_id: str | None = None
    request_id: str | None = None
    """The provider's id of the submission."""
    task_status: TaskStatus | None = None
    result_url: str | None = None
    usage: Usage | None = None
    fault: Fault | None = None
    """Why it ended, or, while it goes on, what holds it up."""
    video: VideoFile | None = None

    @property
    def provider(self) -> ProviderName:
        return self.request.provider

    @property
    def mode(self) -> str:
        return self.request.mode


def new_id() -> str:
    """A fresh job id: 24 hex digits that sort by time of making."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(6)}"
