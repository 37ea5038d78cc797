"""Many jobs in flight in one process: requests, delay, processor time and memory, against one loop per job."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.crowd import Crossing
from benchmarks.figures import Figure, percentile, table
from studio.providers.base import TaskStatus
from tests.servers import SandboxServer

PATIENCE = 120.0
SLOWEST_PACE = 0.2
"""Jobs sent or saved per second, at least: a slow machine that has other work takes seconds to save one."""
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class _Measured:
    crossing: Crossing
    busiest_second: int
    """Most requests to the API (create, get, list, cancel) in any one second."""
    requests_per_second: float
    """Of looking (get, list) from the moment when all were in flight until the last task's end."""
    delays: list[float]
    """For each task the seconds from its end at the far side until this side knew."""


def run(jobs: int, seconds: float, end: TaskStatus) -> str:
    """Both ways at once, each with a far side of its own, so that what else the machine does meets both.

    ``seconds`` is the time over which the tasks end, from the moment on which all of them are in flight. With thousands
    of jobs they had better fail: to save so many videos takes a machine longer than to watch their tasks.
    """
    with ThreadPoolExecutor() as threads:
        studio, loops = threads.map(partial(_measure, jobs, seconds, end), ("studio", "loops"))

    figures = [
        Figure("busiest second", "requests", studio.busiest_second, loops.busiest_second),
        Figure("requests while the tasks end", "/s", studio.requests_per_second, loops.requests_per_second),
        Figure("end of a task noticed after, median", "s", percentile(studio.delays, 50), percentile(loops.delays, 50)),
        Figure("… 95th percentile", "s", percentile(studio.delays, 95), percentile(loops.delays, 95)),
        Figure("… worst", "s", max(studio.delays), max(loops.delays)),
        Figure("processor time per job", "ms", *(each.crossing.cpu_seconds / jobs * 1000 for each in (studio, loops))),
        Figure(
            "… of ffprobe and ffmpeg",
            "ms",
            *(each.crossing.child_cpu_seconds / jobs * 1000 for each in (studio, loops)),
        ),
        Figure("peak memory", "MB", studio.crossing.peak_megabytes, loops.crossing.peak_megabytes),
        Figure(
            "… grown by the jobs",
            "MB",
            *(each.crossing.peak_megabytes - each.crossing.ready_megabytes for each in (studio, loops)),
        ),
    ]
    what = "succeed and are saved" if end is TaskStatus.SUCCEEDED else "fail"
    return table(f"{jobs:,} jobs in flight that {what}, spread over {seconds:.0f} s", "one loop per job", figures)


def _measure(jobs: int, seconds: float, end: TaskStatus, way: str) -> _Measured:
    with (
        tempfile.TemporaryDirectory(prefix="happyhorse-bench-") as folder,
        SandboxServer(Path(folder), "--instant", seconds=0) as sandbox,
    ):
        sandbox.rules(hold="PENDING", pending=0, running_per_model=jobs)
        child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.crowd", way, str(jobs), str(seconds / jobs), end],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert child.stdin is not None
            child.stdin.write(json.dumps({"url": sandbox.url, "key": sandbox.key}) + "\n")
            child.stdin.flush()
            _wait_until_in_flight(jobs, sandbox, child)
            before = _looks(sandbox)
            sandbox.rules(hold=None)
            time.sleep(seconds)
            during = _looks(sandbox) - before
            told, _ = child.communicate(timeout=_patience(jobs))
        finally:
            child.kill()
            child.wait()
        if child.returncode:
            raise RuntimeError(f"the {way} ended with {child.returncode}")
        crossing = Crossing(**json.loads(told))
        statistics = sandbox.statistics()
    delays = [crossing.noticed[task["id"]] - task["ended_at"] for task in statistics["tasks"]]
    return _Measured(crossing, statistics["busiest_second"], during / seconds, delays)


def _wait_until_in_flight(jobs: int, sandbox: SandboxServer, child: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + _patience(jobs)
    while sandbox.statistics()["creations"] < jobs:
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"not all jobs were sent, exit status {child.poll()}")
        time.sleep(1)


def _patience(jobs: int) -> float:
    """Seconds after which a crowd that does not come on is given up."""
    return PATIENCE + jobs / SLOWEST_PACE


def _looks(sandbox: SandboxServer) -> int:
    requests = sandbox.statistics()["requests"]
    looks: int = requests["get"] + requests["list"]
    return looks
