"""The sandbox's tasks: kept on disk, brought from PENDING to their end, also over a restart."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from studio.catalog.models import CATALOG

_RUNNING = CATALOG.providers["dashscope"].running_per_model


@dataclass(frozen=True)
class SandboxTask:
    """One task; times in seconds since 1970."""

    id: str
    model: str
    mode: str
    body: dict[str, Any]
    """The submission as it was accepted, in DashScope's form."""
    seed: int
    request_id: str = ""
    provider: str = "dashscope"
    """Whose model it is: both clouds give one of their models the same name."""
    status: str = "PENDING"
    created_at: float = field(default_factory=time.time)
    started_at: float | None = None
    ended_at: float | None = None
    code: str | None = None
    message: str | None = None
    video: str | None = None
    """Name of the result in the videos folder."""
    usage: dict[str, Any] | None = None
    credits: str = "0"
    """Its price, as a decimal number."""
    host: str = ""
    """The address under which the submission reached us."""
    callback_url: str | None = None
    callback_due: float | None = None
    """When its end is told next, if it has come by then; None: never again."""
    callback_tries: int = 0

    @property
    def prompt(self) -> str:
        prompt: str = self.body["input"].get("prompt", "")
        return prompt

    @property
    def cost(self) -> Decimal:
        """What it costs; what failed costs nothing."""
        return Decimal(0 if self.status == "FAILED" else self.credits)


class TaskFailed(Exception):
    """Raised by the work on a task; becomes FAILED with this code and message, or without (None)."""

    def __init__(self, code: str | None, message: str | None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass
class TaskPace:
    """How long tasks take, in seconds; the control endpoint changes it."""

    pending: float = 0.5
    running: float = 3.0
    running_per_model: int = int(_RUNNING.value) if _RUNNING else sys.maxsize
    hold: str | None = None
    """Tasks do not leave this status while it is set (``PENDING`` or ``RUNNING``)."""


Work = Callable[[SandboxTask], Awaitable[tuple[str, dict[str, Any]]]]
"""Renders a task; gives the file's name in the videos folder and the usage, or raises TaskFailed."""


class Tasks:
    """All tasks, in memory and in a SQLite file."""

    def __init__(self, data_dir: Path, pace: TaskPace, work: Work, ended: Callable[[SandboxTask], None]) -> None:
        """``ended`` hears of each task that succeeded or failed."""
        self.pace = pace
        self._work = work
        self._ended = ended
        self._database = sqlite3.connect(data_dir / "tasks.db", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.execute("CREATE TABLE IF NOT EXISTS tasks (id TEXT PRIMARY KEY, task TEXT NOT NULL)")
        self._database.execute("CREATE TABLE IF NOT EXISTS spent (credits TEXT NOT NULL)")
        rows = self._database.execute("SELECT task FROM tasks")
        self._tasks = {task.id: task for task in (SandboxTask(**json.loads(row[0])) for row in rows)}
        spent = self._database.execute("SELECT credits FROM spent").fetchone()
        self.spent = Decimal(spent[0] if spent else 0)
        """What the tasks that were dropped cost."""
        self._moved = asyncio.Event()
        self._poked = asyncio.Event()
        self._under_way: dict[str, asyncio.Task[None]] = {}

    def __iter__(self) -> Iterator[SandboxTask]:
        return iter(self._tasks.values())

    def get(self, task_id: str) -> SandboxTask | None:
        return self._tasks.get(task_id)

    def create(self, **fields: Any) -> SandboxTask:
        task = SandboxTask(id=f"{secrets.token_hex(4)}-sandbox-{secrets.token_hex(8)}", **fields)
        self._put(task)
        self._moved.set()
        return task

    def change(self, task: SandboxTask, **changes: Any) -> SandboxTask:
        changed = replace(task, **changes)
        self._put(changed)
        self._moved.set()
        return changed

    def cancel(self, task: SandboxTask) -> bool:
        """Withdraw it if it is still PENDING."""
        if task.status != "PENDING":
            return False
        self.change(task, status="CANCELED", ended_at=time.time())
        return True

    def drop(self, tasks: Collection[SandboxTask]) -> None:
        """Forget these that have ended, but not what they cost."""
        self.spent += sum(task.cost for task in tasks)
        for task in tasks:
            del self._tasks[task.id]
        self._database.execute("BEGIN")
        self._database.executemany("DELETE FROM tasks WHERE id = ?", [(task.id,) for task in tasks])
        self._database.execute("DELETE FROM spent")
        self._database.execute("INSERT INTO spent VALUES (?)", (str(self.spent),))
        self._database.execute("COMMIT")

    def forget(self) -> None:
        """Forget every task and what it cost."""
        for work in self._under_way.values():
            work.cancel()
        self._tasks.clear()
        self.spent = Decimal()
        self._database.execute("DELETE FROM tasks")
        self._database.execute("DELETE FROM spent")

    def poke(self) -> None:
        """Look again: the pace has changed."""
        self._moved.set()
        self._poked.set()
        self._poked = asyncio.Event()

    async def run(self) -> None:
        """Move tasks along until cancelled. What was RUNNING when the sandbox died starts again."""
        for task in tuple(self._tasks.values()):
            if task.status == "RUNNING":
                self.change(task, status="PENDING", started_at=None)
        try:
            while True:
                self._moved.clear()
                wait = self._start_what_may()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._moved.wait(), wait)
        finally:
            for work in self._under_way.values():
                work.cancel()
            self._database.close()

    def _start_what_may(self) -> float | None:
        """Start pending tasks while their model has room; gives the seconds until the next one is due."""
        running: Counter[tuple[str, str]] = Counter()
        for task_id in self._under_way:
            if task := self._tasks.get(task_id):
                running[task.provider, task.model] += 1
        soonest: float | None = None
        now = time.time()
        for task in [task for task in self._tasks.values() if task.status == "PENDING"]:
            wait = task.created_at + self.pace.pending - now
            if self.pace.hold == "PENDING" or running[task.provider, task.model] >= self.pace.running_per_model:
                continue
            if wait > 0:
                soonest = min(wait, soonest if soonest is not None else wait)
                continue
            running[task.provider, task.model] += 1
            started = self.change(task, status="RUNNING", started_at=now)
            self._under_way[task.id] = asyncio.create_task(self._finish(started))
        return soonest

    async def _finish(self, task: SandboxTask) -> None:
        try:
            (video, usage), _ = await asyncio.gather(self._work(task), asyncio.sleep(self.pace.running))
            while self.pace.hold == "RUNNING":
                await self._poked.wait()
            if task.id in self._tasks:
                self._ended(self.change(task, status="SUCCEEDED", ended_at=time.time(), video=video, usage=usage))
        except TaskFailed as failure:
            failed = self.change(
                task, status="FAILED", ended_at=time.time(), code=failure.code, message=failure.message
            )
            self._ended(failed)
        finally:
            self._under_way.pop(task.id, None)
            self._moved.set()

    def _put(self, task: SandboxTask) -> None:
        self._tasks[task.id] = task
        self._database.execute(
            "INSERT OR REPLACE INTO tasks VALUES (?, ?)", (task.id, json.dumps(asdict(task), ensure_ascii=False))
        )
