"""Jobs and workflows in a SQLite file each, against one file for both: commits, processor time and waits.

``python -m benchmarks.database_files one 300`` brings 300 jobs through in a new folder, with all that is written for
them and nothing that is asked over a wire, and prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, event

from benchmarks.figures import Figure, percentile, table
from studio.catalog.requests import TextToVideo
from studio.config import sqlite_url
from studio.database.states import State
from studio.jobs.durable.workflows import SAVE, SUBMIT, Workflows
from studio.jobs.model import Happening, Job, new_id
from studio.jobs.rows.store import Store
from studio.providers.base import TaskStatus

ROOT = Path(__file__).parent.parent
WAYS = ("two", "one")
AT_ONCE = 24
"""Jobs that are on their way."""
NOTE_SECONDS = 0.02
"""Between two notes that a watcher writes meanwhile."""


@dataclass(frozen=True)
class _Passage:
    seconds: float
    cpu_seconds: float
    commits: int
    waits: list[float]
    """Seconds that each of the watcher's notes took."""


def run(jobs: int, rounds: int) -> str:
    """Both ways at once, each in a process of its own, so that what else the machine does meets both; and again."""
    with ThreadPoolExecutor() as threads:
        pairs = [tuple(threads.map(partial(_in_a_process, jobs), WAYS)) for _ in range(rounds)]
    figures = [
        _figure("commits", "/s", pairs, lambda one: one.commits / one.seconds),
        _figure("… for a job", "", pairs, lambda one: one.commits / jobs),
        _figure("jobs", "/s", pairs, lambda one: jobs / one.seconds),
        _figure("processor time per job", "ms", pairs, lambda one: one.cpu_seconds / jobs * 1000),
        _figure("a note takes, median", "ms", pairs, lambda one: median(one.waits) * 1000),
        _figure("… 95th percentile", "ms", pairs, lambda one: percentile(one.waits, 95) * 1000),
    ]
    return table(f"{jobs:,} jobs sent and saved with two database files, {rounds} rounds", "one file", figures)


def _in_a_process(jobs: int, way: str) -> _Passage:
    arguments = [sys.executable, "-m", "benchmarks.database_files", way, str(jobs)]
    told = subprocess.run(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=600)
    return _Passage(**json.loads(told.stdout.splitlines()[-1]))


def _figure(name: str, unit: str, pairs: Sequence[tuple[_Passage, ...]], of: Callable[[_Passage], float]) -> Figure:
    """The median of the ratios, as the rounds differ by more than the ways do."""
    one = median(of(pair[1]) for pair in pairs)
    ratios = [of(pair[0]) / of(pair[1]) for pair in pairs if of(pair[1])]
    return Figure(name, unit, one * median(ratios or [1.0]), one)


def _pass_through(way: str, count: int, folder: Path) -> _Passage:
    store = Store(sqlite_url(folder / "studio.db"))
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    waiting: dict[str, asyncio.Event] = {}

    async def submit(job_id: str) -> None:
        await asyncio.to_thread(store.move, job_id, State.SUBMITTING, submitting_at=time.time())
        await asyncio.to_thread(store.move, job_id, State.WAITING, task_id=job_id, task_status=TaskStatus.PENDING)
        waiting[job_id].set()

    async def save(job_id: str) -> None:
        await asyncio.to_thread(store.move, job_id, State.SUCCEEDED, saved_at=time.time())
        waiting[job_id].set()

    url = sqlite_url(folder / ("studio.db" if way == "one" else "engine.db"))
    workflows = Workflows(store, url, loop, {SUBMIT: submit, SAVE: save})
    workflows.launch("bench")

    async def hand_over(work: str, job: Job) -> None:
        while not await workflows.hand_over(work, job):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await waiting[job.id].wait()
        waiting[job.id].clear()

    async def through(job: Job, slots: asyncio.Semaphore) -> None:
        async with slots:
            waiting[job.id] = asyncio.Event()
            await asyncio.to_thread(store.add, job)
            await hand_over(SUBMIT, job)
            seen = await asyncio.to_thread(
                lambda: store.move(job.id, State.SAVING, next_attempt=True, task_status=TaskStatus.SUCCEEDED)
            )
            assert seen is not None
            await hand_over(SAVE, seen)

    async def all_through() -> None:
        slots = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(through(_job(number), slots) for number in range(count)))

    with _counted(store.engine, workflows._database) as commits, _noting(store) as waits:
        begun, cpu = time.monotonic(), _cpu_seconds()
        asyncio.run_coroutine_threadsafe(all_through(), loop).result()
        passage = _Passage(time.monotonic() - begun, _cpu_seconds() - cpu, len(commits), waits)
    workflows.stop()
    store.close()
    return passage


@contextmanager
def _counted(*engines: Engine | None) -> Iterator[list[None]]:
    commits: list[None] = []
    for engine in filter(None, engines):
        event.listen(engine, "commit", lambda _: commits.append(None))
    yield commits


@contextmanager
def _noting(store: Store) -> Iterator[list[float]]:
    """What a watcher notes meanwhile of another job, and how long that takes each time."""
    other, waits, over = _job(-1), list[float](), threading.Event()
    store.add(other)

    def note() -> None:
        while not over.wait(NOTE_SECONDS):
            begun = time.monotonic()
            store.note(other.id, when={State.QUEUED}, what=Happening.TASK, request_id=str(begun))
            waits.append(time.monotonic() - begun)

    thread = threading.Thread(target=note)
    thread.start()
    yield waits
    over.set()
    thread.join()


def _job(number: int) -> Job:
    """Each of a visitor of its own, so that none waits for its turn."""
    now = time.time()
    request = TextToVideo(provider="dashscope", model="happyhorse-1.0-t2v", prompt=f"Horse {number}", duration=3)
    return Job(
        id=new_id(now),
        owner=f"visitor {number}",
        account="dashscope:beijing",
        region="beijing",
        state=State.QUEUED,
        request=request,
        quote=None,
        created_at=now,
        updated_at=now,
        attempt=0,
        not_before=0.0,
    )


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="happyhorse-bench-") as folder:
        print(json.dumps(asdict(_pass_through(sys.argv[1], int(sys.argv[2]), Path(folder)))))
