"""Kill the studio again and again, at any moment: ``python -m tests.faults.chaos 50``.

Each trial is a process that opens the same studio, without the page, takes a few jobs on and dies by SIGKILL a moment
later, in the middle of whatever it and those before it have left undone. The cloud answers slowly enough for that to
happen between a paid request and its answer, too. In the end one is left alone until nothing is left to be done. Then

- every job that was accepted is there and has come to its end,
- no job was sent or paid for twice,
- no task was paid for that no job has.

The processes are forked from this one, which has imported the studio and done nothing with it: that takes longer than
all the rest of a trial.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from studio.catalog.requests import ImageToVideo, Request, TextToVideo
from studio.config import Settings
from studio.database.states import State
from studio.jobs.save import saving
from studio.outputs.locations import Locations
from studio.service import Studio
from studio.system import ffmpeg as tools
from studio.system.pace import Pace
from tests.servers import SandboxServer

LONGEST_LIFE = 1.0
"""Seconds; a job that is let alone takes about as many."""
DIE_EARLY = 0.3
"""Of so many a studio's life counts from its birth, of the others from when it is ready for work."""
UP = b"up\n"
JOBS = 3
"""Of each trial."""
ANSWER_SECONDS = 0.15
PATIENCE = 90.0
BRISK = Pace(beat_seconds=0.3, due_seconds=0.2, lease_seconds=0.5)
"""A studio that was killed is missed, and its work taken over, within a trial or two."""


@dataclass
class Chaos:
    """A studio in ``folder`` that is killed at any moment, and the cloud that it uses."""

    folder: Path
    cloud: SandboxServer
    chance: random.Random
    accepted: list[str] = field(default_factory=list)
    """Ids of the jobs that a studio said it had taken on."""
    died_in: Counter[str] = field(default_factory=Counter)
    """The states in which deaths left jobs that had not ended."""
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    def trial(self) -> None:
        """A studio's short life."""
        pid, told = self._start(JOBS)
        if self.chance.random() > DIE_EARLY:
            assert os.read(told, len(UP)) == UP
        time.sleep(self.chance.uniform(0, LONGEST_LIFE))
        self._kill(pid, told)
        self.died_in.update(state for _, state, _ in self._jobs() if not State(state).ended)

    def settle(self) -> None:
        """Let a studio live until there is nothing left to be done; TimeoutError when that does not come."""
        pid, told = self._start(0)
        deadline = time.monotonic() + PATIENCE
        try:
            while (left := self._left()) and time.monotonic() < deadline:
                time.sleep(0.2)
        finally:
            self._kill(pid, told)
        if left:
            raise TimeoutError(f"after {PATIENCE:.0f} s there are still {left}")

    def verdict(self) -> dict[str, int]:
        """What is not as it should be: all zero."""
        jobs = self._jobs()
        states = {job_id: State(state) for job_id, state, _ in jobs}
        seen = self.cloud.statistics()
        paid = Counter(task["prompt"] for task in seen["tasks"])
        sent = len(self._rows("SELECT id FROM jobs WHERE submitting_at IS NOT NULL"))
        videos = list((self.folder / "output").rglob("*.mp4"))
        done = sum(state is State.SUCCEEDED for state in states.values())
        # As the studio does it later.
        saving.sweep(Locations.folder(self.folder / "output"), [], time.time() + 2 * saving.LEFT_SECONDS)
        return {
            "jobs lost": sum(not states.get(job_id, State.QUEUED).ended for job_id in self.accepted),
            "jobs sent twice": max(0, seen["requests"]["create"] - sent),
            "jobs paid for twice": sum(count > 1 for count in paid.values()),
            "paid tasks without a job": len(self._orphans()),
            "tasks with two jobs": len([task for _, _, task in jobs if task])
            - len({task for _, _, task in jobs if task}),
            "videos missing or double": abs(len(videos) - done),
            "unfinished files": len(list((self.folder / "output").rglob("*.part"))),
        }

    def states(self) -> dict[str, int]:
        """How many jobs there are in each state."""
        return dict(Counter(state for _, state, _ in self._jobs()))

    def _left(self) -> str:
        going = [job_id for job_id, state, _ in self._jobs() if not State(state).ended]
        orphans = self._orphans()
        return f"{len(going)} jobs and {len(orphans)} tasks without one" if going or orphans else ""

    def _orphans(self) -> set[str]:
        owned = {task for _, _, task in self._jobs()}
        return {task["id"] for task in self.cloud.statistics()["tasks"]} - owned

    def _jobs(self) -> list[tuple[str, str, str | None]]:
        """Id, state and task of every job on disk."""
        return self._rows("SELECT id, state, task_id FROM jobs")

    def _rows(self, query: str) -> list[Any]:
        database = next((self.folder / "data").glob("studio.db"), None)
        if database is None:
            return []
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError:  # killed before the tables were made
            return []
        finally:
            connection.close()

    def _start(self, jobs: int) -> tuple[int, int]:
        """A new studio; its process and where it tells the ids of the jobs it accepted."""
        numbers = [next(self.numbers) for _ in range(jobs)]
        pauses = [self.chance.uniform(0, 0.2) for _ in numbers]
        told, tell = os.pipe()
        pid = os.fork()
        if pid:
            os.close(tell)
            return pid, told
        try:
            self._live(numbers, pauses, tell)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)

    def _kill(self, pid: int, told: int) -> None:
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        with os.fdopen(told, "rb") as ids:
            self.accepted += ids.read().removeprefix(UP).decode().split()
        if not os.WIFSIGNALED(status):
            raise RuntimeError(f"a studio ended by itself with status {os.waitstatus_to_exitcode(status)}")

    def _live(self, numbers: list[int], pauses: list[float], tell: int) -> None:
        environ = {
            "DASHSCOPE_API_KEY": self.cloud.key,
            "DASHSCOPE_BASE_URL": self.cloud.url,
            "STUDIO_DATA_DIR": str(self.folder / "data"),
            "OUTPUT_DIR": str(self.folder / "output"),
            "STUDIO_POLL_SECONDS": "0.2",
        }
        settings = Settings.load(environ, self.folder / "no.env")
        settings.check()
        with Studio(settings, pace=BRISK) as studio:
            os.write(tell, UP)
            for number, pause in zip(numbers, pauses, strict=True):
                job = asyncio.run(studio.engine.accept("ada", self._request(studio, number)))
                os.write(tell, f"{job.id}\n".encode())
                time.sleep(pause)
            signal.pause()

    def _request(self, studio: Studio, number: int) -> Request:
        """A small job; the last of each trial has a file to publish."""
        small: dict[str, Any] = {"provider": "dashscope", "prompt": f"No. {number}: a horse", "resolution": "720P"}
        if number % JOBS < JOBS - 1:
            return TextToVideo(model="happyhorse-1.0-t2v", duration=3, **small)
        path = self.folder / f"{number}.png"
        Image.effect_noise((320, 320), 90).save(path)
        frame = studio.vault.keep("ada", "image", path.name, path).asset
        return ImageToVideo(model="happyhorse-1.0-i2v", first_frame=frame, duration=3, **small)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trials", type=int, nargs="?", default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="repeats the moments of the deaths")
    arguments = parser.parse_args()
    logging.disable()
    tools.ensure()
    print(f"{arguments.trials} trials with --seed {arguments.seed}", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="chaos-") as folder,
        SandboxServer(Path(folder) / "cloud", "--instant", seconds=0.1) as cloud,
    ):
        cloud.rules(limited=False, pending=0.1, running_per_model=1000)
        slow = {"do": "delay_after", "seconds": ANSWER_SECONDS, "times": 10**9}
        cloud.faults(*({"endpoint": endpoint, **slow} for endpoint in ("create", "upload", "download")))
        chaos = Chaos(Path(folder), cloud, random.Random(arguments.seed))
        begun = time.monotonic()
        for _ in range(arguments.trials):
            chaos.trial()
        chaos.settle()
        verdict = chaos.verdict()
        print(f"{len(chaos.accepted)} jobs accepted, {time.monotonic() - begun:.0f} s")
        print("deaths left jobs", dict(chaos.died_in))
        print("in the end", chaos.states())
    for what, count in verdict.items():
        print(f"{count} {what}")
    return 1 if any(verdict.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
