"""From the start of ``python app.py`` to the first page, against the smallest page that Gradio can serve."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from benchmarks.figures import Figure, table
from benchmarks.processes import PeakMemory, end

ROUNDS = 5
START_SECONDS = 60.0
ASK_AGAIN_SECONDS = 0.01
SETTLE_SECONDS, IDLE_SECONDS = 2.0, 3.0
"""What a start leaves to be done is let pass before the idle processor time is taken."""
ROOT = Path(__file__).parent.parent
BARE = """
import gradio, os
with gradio.Blocks() as page:
    gradio.Button("Go").click(str, gradio.Textbox(), None)
page.launch(server_port=int(os.environ["STUDIO_PORT"]), quiet=True)
"""


@dataclass(frozen=True)
class Start:
    """One start of one of the two programs."""

    page: float
    """Seconds until the whole page had been received."""
    complete: float
    """Seconds until the studio's board had its jobs too; the bare page has no board."""
    alone: int
    """Bytes of memory of the process at its peak."""
    together: int
    """The same with its children."""
    idle: float
    """Per cent of a core that the process takes while nobody is there and nothing is to be done."""


def run(rounds: int = ROUNDS) -> str:
    """Both programs in turn, after one start each that only warms the caches of bytecode and files."""
    studio, bare = [str(ROOT / "app.py")], ["-c", BARE]
    starts: dict[str, list[Start]] = {"studio": [], "bare": []}
    for turn in range(rounds + 1):
        for name, arguments in (("studio", studio), ("bare", bare)):
            start = _start(arguments, board=name == "studio")
            if turn:
                starts[name].append(start)

    def median(name: str, field: str) -> float:
        return float(statistics.median(getattr(start, field) for start in starts[name]))

    megabyte = 1e6
    return table(
        f"Cold start, medians of {rounds}",
        "bare Gradio",
        [
            Figure("page received", "s", median("studio", "page"), median("bare", "page")),
            Figure("page and board", "s", median("studio", "complete"), median("bare", "complete")),
            Figure("peak memory", "MB", median("studio", "alone") / megabyte, median("bare", "alone") / megabyte),
            Figure(
                "… with the sandbox's process",
                "MB",
                median("studio", "together") / megabyte,
                median("bare", "together") / megabyte,
            ),
            Figure("processor while idle", "% of a core", median("studio", "idle"), median("bare", "idle")),
        ],
    )


def _start(arguments: list[str], *, board: bool) -> Start:
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="happyhorse-bench-") as folder:
        environment = os.environ | {
            "STUDIO_PROVIDER": "sandbox",
            "STUDIO_PORT": str(port),
            "STUDIO_DATA_DIR": f"{folder}/data",
            "OUTPUT_DIR": f"{folder}/output",
            "GRADIO_ANALYTICS_ENABLED": "False",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }
        begun = time.perf_counter()
        process = psutil.Popen(
            [sys.executable, *arguments],
            cwd=folder,  # where no .env of a developer lies
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            with PeakMemory(process.pid) as memory, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
                _wait_for_page(client, process)
                page = complete = time.perf_counter() - begun
                if board:
                    _first_message(client)
                    complete = time.perf_counter() - begun
            idle = _idle(process)
        finally:
            end(process)
    return Start(page, complete, memory.alone, memory.together, idle)


def _idle(process: psutil.Popen) -> float:
    time.sleep(SETTLE_SECONDS)
    process.cpu_percent()  # counts from here
    time.sleep(IDLE_SECONDS)
    return process.cpu_percent()


def _wait_for_page(client: httpx.Client, process: psutil.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if client.get("/").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(ASK_AGAIN_SECONDS)
    raise RuntimeError(f"no page after {START_SECONDS:.0f} s, exit status {process.poll()}")


def _first_message(client: httpx.Client) -> None:
    with client.stream("GET", "/studio/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("data:"):
                return
    raise RuntimeError("the event stream ended without a message")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
