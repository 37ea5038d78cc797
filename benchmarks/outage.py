"""A provider that is away for an hour with hundreds of jobs in flight, in fast time, against one loop per job.

The provider is the sandbox, and time passes for it as for us. Half of the hour it refuses connections, the other half
its gateway answers 503; its tasks go on meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from benchmarks import fast_time
from benchmarks.crowd import OWNER, make_requests
from benchmarks.figures import Figure, table
from studio.accounts.account import Account
from studio.catalog.models import CATALOG
from studio.catalog.requests import TextToVideo
from studio.database.states import State
from studio.errors import ProviderError, TransportError
from studio.jobs.model import Job, JobTask, new_id
from studio.jobs.rows.store import Store
from studio.jobs.submit.publishing import Publisher
from studio.jobs.watch.watcher import Watcher
from studio.media.vault import Vault
from studio.providers.base import Task, TaskStatus
from studio.providers.dashscope import DashScope
from studio.sandbox.cloud import Sandbox
from studio.sandbox.faults import Traffic, endpoint_of
from studio.sandbox.server import build, endpoints_of
from studio.sandbox.tasks import TaskPace
from studio.system.clock import Clock

JOBS = 200
SPREAD_SECONDS = 4800.0
"""The time over which the tasks end."""
GONE_AFTER, BACK_AFTER = 900.0, 4500.0
"""Seconds from the beginning."""
GIVEN_UP_AFTER = 9000.0
"""What was not noticed so many seconds from the beginning is lost."""
ACCOUNT = "dashscope:beijing"
POLL_SECONDS = CATALOG.providers["dashscope"].poll_seconds.value


@dataclass(frozen=True)
class _Measured:
    requests: int
    """Sent while the provider was away."""
    busiest_second: int
    lost: int
    """Jobs whose completion nobody noticed."""
    recovered_after: float
    """Seconds from the provider's return until every completion that it had to tell then was noticed."""


def run(jobs: int = JOBS) -> str:
    studio, loops = (fast_time.run(_measure(follow, jobs)) for follow in (_by_studio, _by_loops))
    figures = [
        Figure("sent during the hour", "requests", studio.requests, loops.requests),
        Figure("busiest second of all", "requests", studio.busiest_second, loops.busiest_second),
        Figure("lost", "jobs", studio.lost, loops.lost),
        Figure("all that ended meanwhile noticed after", "s", studio.recovered_after, loops.recovered_after),
    ]
    return table(f"An hour without the provider, {jobs:,} jobs in flight", "one loop per job", figures)


class _Line(httpx.AsyncBaseTransport):
    """The way to the provider: it counts the requests, and fails for an hour."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._provider = httpx.ASGITransport(build(sandbox, control=False))
        self._endpoints = endpoints_of(sandbox)
        self._begun = time.monotonic()
        self.traffic = Traffic()
        self.vain = 0
        """Requests during the hour."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        endpoint = endpoint_of({"type": "http", "path": request.url.path, "method": request.method}, self._endpoints)
        assert endpoint is not None
        self.traffic.requests[endpoint.route.name].append(time.monotonic())
        seconds = time.monotonic() - self._begun
        if not GONE_AFTER <= seconds < BACK_AFTER:
            return await self._provider.handle_async_request(request)
        self.vain += 1
        if seconds < (GONE_AFTER + BACK_AFTER) / 2:
            raise httpx.ConnectError("Connection refused")
        return httpx.Response(503, stream=httpx.ByteStream(b""))


Follow = Callable[[DashScope, list[TextToVideo], dict[str, float], Path], Coroutine[Any, Any, None]]
"""Sends the jobs and notes for each task id when its completion was noticed, in seconds since 1970."""


async def _measure(follow: Follow, jobs: int) -> _Measured:
    back_at = time.time() + BACK_AFTER
    noticed: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="happyhorse-bench-") as name:
        folder = Path(name)
        sandbox = Sandbox(folder / "sandbox", TaskPace(pending=0, running=0, running_per_model=jobs), instant=True)
        line = _Line(sandbox)
        provider = DashScope("http://sandbox", SecretStr(sandbox.keys["dashscope"]), transport=line)
        working = asyncio.create_task(sandbox.tasks.run())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GIVEN_UP_AFTER):
                await follow(
                    provider, make_requests(jobs, SPREAD_SECONDS / jobs, TaskStatus.SUCCEEDED), noticed, folder
                )
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
        await provider.aclose()
        awaited = [task.id for task in sandbox.tasks if task.ended_at is not None and task.ended_at < back_at]
    return _Measured(
        line.vain,
        line.traffic.busiest_second("create", "get", "list"),
        jobs - len(noticed),
        max(noticed.get(task_id, float("inf")) for task_id in awaited) - back_at,
    )


async def _by_studio(provider: DashScope, requests: list[TextToVideo], noticed: dict[str, float], folder: Path) -> None:
    """The studio's watcher and its store."""
    # The studio's own clock was bound before time was made fast.
    store = Store(f"sqlite:///{folder / 'studio.db'}", clock=Clock(time.time, time.monotonic, time.monotonic))
    all_noticed = asyncio.Event()

    async def done(job: Job) -> None:
        assert job.task_id is not None
        noticed[job.task_id] = time.time()
        if len(noticed) == len(requests):
            all_noticed.set()

    account = Account(ACCOUNT, provider, "beijing", live=False, poll_seconds=POLL_SECONDS)
    publisher = Publisher(Vault(folder / "files", store.engine), store.engine)
    watching = asyncio.create_task(Watcher(account, store, publisher, "bench", done).rounds.go())
    try:
        for request in requests:
            await asyncio.to_thread(store.add, _job(request, await provider.create(request)))
        await all_noticed.wait()
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        store.close()


async def _by_loops(provider: DashScope, requests: list[TextToVideo], noticed: dict[str, float], folder: Path) -> None:
    """One loop per job that asks on after a failure; those of the documentation's examples end with the first."""

    async def follow(task: Task) -> None:
        while not task.status.final:
            await asyncio.sleep(POLL_SECONDS)
            with contextlib.suppress(ProviderError, TransportError):
                task = await provider.get(task.id)
        noticed[task.id] = time.time()

    async with asyncio.TaskGroup() as group:
        for request in requests:
            group.create_task(follow(await provider.create(request)))


def _job(request: TextToVideo, task: Task) -> Job:
    now = time.time()
    return Job(
        id=new_id(now),
        owner=OWNER,
        account=ACCOUNT,
        region="beijing",
        state=State.WAITING,
        request=request,
        quote=None,
        created_at=now,
        updated_at=now,
        attempt=1,
        not_before=0.0,
        submitted_at=now,
        task=JobTask(task.id, task.status),
    )
