"""What the studio needs of a cloud, whichever it is.

Nothing outside ``studio.providers`` and ``studio.sandbox`` knows a field name of a wire: a provider turns a request
into its own JSON, and its answers into the types below.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, Self

from studio.catalog.models import ProviderName
from studio.catalog.requests import Request
from studio.errors import Fault
from studio.system.clock import FarClock


class TaskStatus(StrEnum):
    """Where a task is, in DashScope's words; AIVideoAPI's are mapped onto them."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    UNKNOWN = "UNKNOWN"
    """Not known to the provider: never existed, belongs to another account, or is older than 24 hours."""

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to the task."""
        return self not in (TaskStatus.PENDING, TaskStatus.RUNNING)


@dataclass(frozen=True)
class Usage:
    """What the provider says it billed."""

    billed_seconds: float
    input_seconds: float = 0.0
    output_seconds: float | None = None
    resolution: str | None = None
    ratio: str | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Of a row; raises TypeError, and ValueError where nothing can be billed so."""
        usage = cls(**data)
        if not 0 <= usage.billed_seconds < math.inf:
            raise ValueError("its billed seconds are none")
        return usage


@dataclass(frozen=True)
class Task:
    """A task as one answer of the provider described it."""

    id: str
    status: TaskStatus
    request_id: str | None = None
    submitted_at: float | None = None
    """Seconds since 1970, UTC, by the provider's clock; so are the next two."""
    started_at: float | None = None
    ended_at: float | None = None
    prompt: str | None = None
    """The prompt the provider received."""
    video_url: str | None = None
    """Where the result is, for 24 hours."""
    usage: Usage | None = None
    fault: Fault | None = None
    """Why it failed."""
    word: str | None = None
    """What the provider calls its status, where no document knows that word and the task has not ended."""
    answer: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What the provider answered, whole; empty where it could say nothing of the task."""


@dataclass(frozen=True)
class ListedTask:
    """A task as it stands in a list: enough to see that it moved."""

    id: str
    status: TaskStatus
    model: str | None = None
    created_at: float | None = None
    started_at: float | None = None


@dataclass(frozen=True)
class TaskPage:
    """One page of the account's tasks."""

    tasks: tuple[ListedTask, ...]
    total: int
    """Tasks on all pages."""


@dataclass(frozen=True)
class Download:
    """The head of a result's download; ``chunks`` gives the bytes."""

    length: int | None
    """Bytes that were announced, or None."""
    content_type: str | None
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True)
class Published:
    """A file that the provider can fetch."""

    url: str
    expires_at: float
    """Seconds since 1970, UTC."""


BeforeSend = Callable[[], Awaitable[None]]
Upload = Callable[[Path, str, str, Callable[[int], None]], Awaitable[Published]]
"""Hands a file over for use with a model: ``upload(path, name, model, progress)``; ``progress`` is told of the bytes
sent. Costs nothing."""


class Uploader(Protocol):
    """A cloud that takes files itself."""

    upload: Upload


class Provider(Protocol):
    """One account at one cloud.

    Every method raises ``ProviderError`` when the provider refuses and ``TransportError`` when no usable answer came.
    All methods but ``create`` repeat by themselves what may be repeated.
    """

    name: ProviderName
    lists: bool
    """Whether ``list`` works here."""
    workspace: str | None
    """The part of the account that its requests name, if they do."""
    clock: FarClock
    """By which the times that it tells are."""

    async def create(
        self, request: Request, media: Mapping[str, str] | None = None, *, before_send: BeforeSend | None = None
    ) -> Task:
        """Make a task: the one call that costs money. One POST at most leaves; it is never repeated here.

        ``media`` gives for each asset's sha256 the URL under which the provider can fetch it. ``before_send`` runs when
        the account's budget has given the turn and the POST is about to leave; if it raises, nothing is sent. Of every
        error raised, ``task_made`` tells whether a task may exist.
        """
        ...

    async def get(self, task_id: str) -> Task:
        """The task's state. A failed or unknown task is an answer, not an error."""
        ...

    async def list(
        self,
        *,
        page: int = 1,
        page_size: int = 100,
        status: TaskStatus | None = None,
        since: float | None = None,
        until: float | None = None,
    ) -> TaskPage:
        """A page of the account's tasks, newest first; times in seconds since 1970."""
        ...

    async def cancel(self, task_id: str) -> None:
        """Withdraw a task that has not started; RequestRefused when it has."""
        ...

    async def check(self) -> Decimal | None:
        """Have the key looked at, at no cost; the credits left, or None where an account has none."""
        ...

    def download(self, url: str) -> AbstractAsyncContextManager[Download]:
        """Open a result. ResultExpired, ResultUnreachable as in ``studio.errors``."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...
