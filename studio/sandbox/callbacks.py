"""AIVideoAPI's callbacks: the end of a task, told to the address that its submission named."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

import httpx

from studio.errors import AddressRefused, AnswerRefused
from studio.sandbox.aivideo_tasks import described
from studio.sandbox.tasks import SandboxTask, Tasks
from studio.system.addresses import Judge, web_address
from studio.system.fetching import client

log = logging.getLogger(__name__)


class Callbacks:
    """Tells each end until it gets a 2xx; what is due survives a restart with its task."""

    def __init__(
        self,
        tasks: Tasks,
        delays: Callable[[], Sequence[float]],
        patience: Callable[[], float],
        judge: Callable[[], Judge],
    ) -> None:
        """``delays`` gives the seconds before each further try, ``patience`` those that an answer may take, ``judge``
        who says where it may be told."""
        self._tasks = tasks
        self._delays = delays
        self._patience = patience
        self._judge = judge
        self._under_way: set[asyncio.Task[None]] = set()

    def resume(self) -> None:
        """Take up what a restart left."""
        for task in self._tasks:
            if task.ended_at is not None:
                self.ended(task)

    def ended(self, task: SandboxTask) -> None:
        """Tell of it, now or when it is due."""
        if task.callback_due is not None:
            delivery = asyncio.create_task(self._deliver(task))
            self._under_way.add(delivery)
            delivery.add_done_callback(self._under_way.discard)

    def forget(self) -> None:
        """Tell of nothing that has ended so far."""
        for delivery in self._under_way:
            delivery.cancel()

    async def close(self) -> None:
        """Leave the rest to the next start."""
        self.forget()

    async def _deliver(self, task: SandboxTask) -> None:
        while task.callback_due is not None:
            await asyncio.sleep(task.callback_due - time.time())
            heard = await self._post(task)
            tries, delays = task.callback_tries + 1, self._delays()
            due = None if heard or tries > len(delays) else time.time() + delays[tries - 1]
            task = self._tasks.change(task, callback_tries=tries, callback_due=due)

    async def _post(self, task: SandboxTask) -> bool:
        """Whether the other side took it."""
        assert task.callback_url is not None
        body = described(task)
        headers = {"X-Event": f"task.{body['status']}", "X-Task-Id": task.id, "X-Timestamp": str(int(time.time()))}
        try:
            async with asyncio.timeout(self._patience()):
                async with (
                    client(self._judge(), timeout=self._patience()) as web,
                    web.stream("POST", web_address(task.callback_url), json=body, headers=headers) as answer,
                ):
                    pass  # what it says beyond its status is not read
        except (TimeoutError, AddressRefused, AnswerRefused, httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("the callback of task %s failed: %r", task.id, error)
            return False
        if not answer.is_success:
            log.warning("the callback of task %s was answered %s", task.id, answer.status_code)
        return answer.is_success
