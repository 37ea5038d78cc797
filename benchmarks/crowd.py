"""Many jobs in flight at once, brought through by the studio or by the naive way; each in a process of its own.

``python -m benchmarks.crowd studio 500 1.2 SUCCEEDED`` reads one line ``{"url": …, "key": …}`` from its standard input,
sends 500 jobs whose tasks end 1.2 s apart once they run, waits until all are brought to their end and prints one line
of JSON: when each task's end was noticed and what the process consumed.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from math import gcd
from pathlib import Path

from pydantic import SecretStr

from benchmarks.processes import megabytes_at_peak
from studio.catalog.models import CATALOG
from studio.catalog.requests import TextToVideo
from studio.config import Settings
from studio.database.states import State
from studio.errors import RateLimited
from studio.providers.base import Task, TaskStatus
from studio.providers.dashscope import DashScope
from studio.service import Studio

OWNER = "crowd"


@dataclass(frozen=True)
class Crossing:
    """How one process brought the crowd through."""

    noticed: Mapping[str, float]
    """For each task id the time at which its end was known, in seconds since 1970."""
    cpu_seconds: float
    """Of the process since it was ready, without its start."""
    child_cpu_seconds: float
    """Of the programs it ran: ffprobe and ffmpeg."""
    peak_megabytes: float
    ready_megabytes: float
    """Peak of its memory before the first job."""


def make_requests(count: int, apart: float, end: TaskStatus) -> list[TextToVideo]:
    """``count`` jobs whose tasks ``end`` ``apart`` seconds after each other, in an order unlike that of submission.

    They alternate between the models of the mode, since each model has its own pace of submissions.
    """
    models = [model.id for model in CATALOG.models("dashscope", "text-to-video")]
    turns = [index * _stride(count) % count for index in range(count)]
    word = "sandbox:fail=InternalError" if end is TaskStatus.FAILED else ""
    return [
        TextToVideo(
            provider="dashscope",
            model=models[index % len(models)],
            prompt=f"Horse {index} sandbox:slow={turn * apart:.2f} {word}",
            resolution="720P",
            duration=3,
        )
        for index, turn in enumerate(turns)
    ]


def by_studio(url: str, key: str, requests: list[TextToVideo], end: TaskStatus, folder: Path) -> Crossing:
    """The studio without its page."""
    environment = {
        "STUDIO_PROVIDER": "dashscope",
        "DASHSCOPE_BASE_URL": url,
        "DASHSCOPE_API_KEY": key,
        "STUDIO_DATA_DIR": str(folder / "data"),
        "OUTPUT_DIR": str(folder / "output"),
        "STUDIO_PORT": "0",
    }
    settings = Settings.load(environment, folder / ".env")
    settings.check()
    with Studio(settings) as studio:
        begun = _Consumption()
        asyncio.run(_accept_all(studio, requests))
        store = studio.engine.store
        while store.unfinished():
            time.sleep(1)
        consumed = begun.until_now()
        noticed = {}
        for job in store.page(OWNER, limit=len(requests)):
            if job.state != end.lower():
                raise RuntimeError(f"job {job.id} is {job.state}: {job.fault}")
            assert job.task_id is not None
            history = store.history(job.id)
            noticed[job.task_id] = next(event.at for event in history if event.what in (State.SAVING, State.FAILED))
    return Crossing(noticed, **consumed)


async def _accept_all(studio: Studio, requests: list[TextToVideo]) -> None:
    for request in requests:
        await studio.engine.accept(OWNER, request)


def by_loops(url: str, key: str, requests: list[TextToVideo], end: TaskStatus, folder: Path) -> Crossing:
    """One loop per job, as in the documentation's examples: submit, look every so often, download.

    It has the studio's client, rate limit and pace of looking, and none of its promises: nothing is on disk but the
    videos, unchecked.
    """
    begun = _Consumption()
    noticed = asyncio.run(_loop_each(url, key, requests, end, folder))
    return Crossing(noticed, **begun.until_now())


async def _loop_each(
    url: str, key: str, requests: list[TextToVideo], end: TaskStatus, folder: Path
) -> dict[str, float]:
    pause = CATALOG.providers["dashscope"].poll_seconds.value
    provider = DashScope(url, SecretStr(key))
    noticed: dict[str, float] = {}

    async def submit(request: TextToVideo) -> Task:
        while True:
            try:
                return await provider.create(request)
            except RateLimited:
                await asyncio.sleep(2)

    async def bring_through(request: TextToVideo) -> None:
        task = await submit(request)
        while not task.status.final:
            await asyncio.sleep(pause)
            task = await provider.get(task.id)
        noticed[task.id] = time.time()
        if task.status is not end:
            raise RuntimeError(f"task {task.id} is {task.status}: {task.fault}")
        if task.video_url is None:
            return
        async with provider.download(task.video_url) as download:
            with await asyncio.to_thread((folder / f"{task.id}.mp4").open, "wb") as file:
                async for chunk in download.chunks:
                    file.write(chunk)

    async with asyncio.TaskGroup() as group:
        for request in requests:
            group.create_task(bring_through(request))
    await provider.aclose()
    return noticed


Way = Callable[[str, str, list[TextToVideo], TaskStatus, Path], Crossing]
WAYS: Mapping[str, Way] = {"studio": by_studio, "loops": by_loops}


class _Consumption:
    """What this process has consumed since this object was made."""

    def __init__(self) -> None:
        self._ready = megabytes_at_peak()
        self._own, self._children = _cpu_seconds(resource.RUSAGE_SELF), _cpu_seconds(resource.RUSAGE_CHILDREN)

    def until_now(self) -> dict[str, float]:
        return {
            "cpu_seconds": _cpu_seconds(resource.RUSAGE_SELF) - self._own,
            "child_cpu_seconds": _cpu_seconds(resource.RUSAGE_CHILDREN) - self._children,
            "peak_megabytes": megabytes_at_peak(),
            "ready_megabytes": self._ready,
        }


def _cpu_seconds(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _stride(count: int) -> int:
    """A step through ``range(count)``, round and round, that comes by every number once."""
    return next(step for step in range(int(count * 0.618), count * 2) if gcd(step, count) == 1)


def main() -> int:
    way, count, apart, end = WAYS[sys.argv[1]], int(sys.argv[2]), float(sys.argv[3]), TaskStatus(sys.argv[4])
    far_side = json.loads(sys.stdin.readline())
    with tempfile.TemporaryDirectory(prefix="happyhorse-bench-") as folder:
        crossing = way(far_side["url"], far_side["key"], make_requests(count, apart, end), end, Path(folder))
    print(json.dumps(asdict(crossing)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
