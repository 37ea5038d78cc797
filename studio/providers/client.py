"""What the clients of all clouds have in common: a wire, and a pace for each model's submissions."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import ClassVar, Self

import httpx
from pydantic import SecretStr

from studio.catalog.models import CATALOG, ProviderName
from studio.config import KEYS, Settings
from studio.errors import NotAllowed, NotFound, RequestRefused
from studio.message import Message
from studio.providers.base import BeforeSend, Download, Task, TaskPage, TaskStatus
from studio.providers.budget import Budget, Priority
from studio.providers.codes import Codes
from studio.providers.http import Answer, ToError, Wire
from studio.system.clock import CLOCK, Clock
from studio.system.pace import PACE, Pace


class Client:
    """One account at one cloud, which the subclass names; an implementation of ``studio.providers.base.Provider``."""

    name: ProviderName
    codes: ClassVar[Codes]
    """What the cloud's error codes mean."""
    workspace: str | None = None
    """The part of the account that its requests name, if they do."""

    @classmethod
    def configured(cls, settings: Settings, callback_url: str | None, clock: Clock, pace: Pace) -> Self:
        """The client of the account whose key the settings have; the cloud tells ``callback_url`` of each end."""
        raise NotImplementedError

    @classmethod
    def in_sandbox(cls, url: str, key: SecretStr, callback_url: str, clock: Clock, pace: Pace) -> Self:
        """The client of the sandbox that takes the cloud's place at ``url``."""
        raise NotImplementedError

    @classmethod
    def region(cls, settings: Settings) -> str:
        """The region of that account."""
        return next(iter(CATALOG.providers[cls.name].regions))

    @classmethod
    def way_back(cls, region: str) -> Message | None:
        """Which settings bring an account of ``region`` back; None when this version of the studio knows none."""
        return Message("Set {settings} and restart the studio.", settings=KEYS[cls.name].setting)

    @classmethod
    def called_back(cls, headers: Mapping[str, str]) -> str | None:
        """The task that a call to the address for callbacks is about, if it is one of this cloud."""
        return None

    def __init__(
        self,
        host: str,
        key: SecretStr,
        to_error: ToError,
        *,
        budget: Budget | None = None,
        headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        private: bool = False,
        clock: Clock = CLOCK,
        pace: Pace = PACE,
        submissions_per_second: float | None = None,
    ) -> None:
        """``host`` is the base address, with or without a pasted API path; ``headers`` go with every request.

        Addresses on other hosts, which the cloud names, may lead into private networks if ``private``. How many
        submissions a model takes in a second is by default what the catalog says.
        """
        figures = CATALOG.providers[self.name]
        budget = budget or Budget(figures.requests_per_second.value)
        self._wire = Wire(
            host,
            key,
            to_error,
            budget=budget,
            headers=headers,
            transport=transport,
            private=private,
            clock=clock,
            pace=pace,
        )
        self.clock = self._wire.clock
        self.lists = figures.lists
        self._own_clock = clock
        self._pace = pace
        self._submissions_per_second = submissions_per_second or figures.submissions_per_second.value
        self._submissions: dict[str, Budget] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._wire.host!r})"

    async def list(
        self,
        *,
        page: int = 1,
        page_size: int = 100,
        status: TaskStatus | None = None,
        since: float | None = None,
        until: float | None = None,
    ) -> TaskPage:
        raise NotAllowed(Message("{provider} does not list tasks.", provider=CATALOG.providers[self.name].name))

    async def cancel(self, task_id: str) -> None:
        raise NotAllowed(
            Message(
                "{provider} cannot cancel a video that it has accepted.",
                provider=CATALOG.providers[self.name].name,
            )
        )

    def download(self, url: str) -> AbstractAsyncContextManager[Download]:
        return self._wire.download(url)

    async def aclose(self) -> None:
        await self._wire.aclose()

    async def _submit(
        self,
        model: str,
        path: str,
        body: Answer,
        before_send: BeforeSend | None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """POST a submission when the model's turn has come, once."""
        async with self._submissions.setdefault(model, Budget(self._submissions_per_second)).turn(Priority.SUBMIT):
            return await self._wire.post_once(path, body, headers or {}, before_send)


def unknown_task(task_id: str, error: NotFound | RequestRefused) -> Task:
    """What a look says that was refused: the provider can say nothing of this task.

    Raises ``error`` again when it is not about the task: a gateway's page has no code, and some codes mean the account.
    """
    if error.code is None or error.cause is not None:
        raise error
    return Task(task_id, TaskStatus.UNKNOWN, request_id=error.request_id)
