"""What a process and its children take of the machine."""

from __future__ import annotations

import contextlib
import resource
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

SAMPLE_SECONDS = 0.02
PROC_STATUS = Path("/proc/self/status")


class PeakMemory:
    """The most resident memory that a process and its descendants had at once while the context was entered."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)
        self.alone = 0
        """Bytes of the process itself at its peak."""
        self.together = 0
        """Bytes of it and its descendants at their common peak."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._left.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._left.wait(SAMPLE_SECONDS):
            alone = together = 0
            with contextlib.suppress(psutil.Error):
                together = alone = self._process.memory_info().rss
                for child in self._process.children(recursive=True):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        together += child.memory_info().rss
            self.alone = max(self.alone, alone)
            self.together = max(self.together, together)


def megabytes_at_peak() -> float:
    """The most resident memory that this process had so far."""
    if PROC_STATUS.exists():  # ru_maxrss of Linux begins with the peak of the process that started this one
        kilobytes = next(line.split()[1] for line in PROC_STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(kilobytes) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def end(process: psutil.Popen, seconds: float = 15) -> None:
    """End the process as its user would (SIGTERM), and by force when it does not listen."""
    process.terminate()
    try:
        process.wait(seconds)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait()
