"""The real studio in a process of its own: ``python app.py``, for tests of the page and of crashes."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.servers import ONE_REQUEST, ROOT, SandboxServer

_READY = re.compile("^HappyHorse Studio is at ", re.MULTILINE)
_SETTINGS = re.compile("STUDIO_|DASHSCOPE_|AIVIDEOAPI_|GRADIO_|OUTPUT_DIR|DATABASE_URL|SPACE_")
ENDED = ("succeeded", "failed", "canceled", "expired", "interrupted")


class StudioProcess:
    """``python app.py`` as a child that keeps everything in ``folder``, also over a restart.

    ::

        with StudioProcess(tmp_path, sandbox) as studio, studio.visitor() as visitor:
            job = studio.submit(visitor, "A horse at dawn")
            studio.kill()
            studio.restart()
            studio.wait(visitor, job["id"])

    With a ``SandboxServer`` it takes that for the cloud, and so shows prices; without one it starts its own sandbox.
    """

    process: subprocess.Popen[bytes]
    python = sys.executable
    """Which Python runs it."""

    def __init__(self, folder: Path, sandbox: SandboxServer | None = None, **environ: str) -> None:
        """``environ`` are further settings by their names; the settings of whoever runs the tests do not count."""
        # Bound and never listening, it keeps the port from all who ask for any, also while the studio is down.
        self._port = socket.socket()
        self._port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._port.bind(("127.0.0.1", 0))
        port = self._port.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        """Base address, without a trailing slash."""
        self.folder = folder
        self.data_dir = folder / "data"
        self.output_dir = folder / "output"
        self.environ = {
            "STUDIO_DATA_DIR": str(self.data_dir),
            "OUTPUT_DIR": str(self.output_dir),
            "STUDIO_PORT": str(port),
            "HOME": str(folder),
        }
        if sandbox is not None:
            self.environ |= {"DASHSCOPE_BASE_URL": sandbox.url, "DASHSCOPE_API_KEY": sandbox.key}
        self.environ |= environ
        self._log = folder / "studio.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if self.process.poll() is None:
                self.stop()
        finally:
            self.forget()

    def forget(self) -> None:
        """Give the port back of one that did not start."""
        self._port.close()

    @property
    def output(self) -> str:
        """All it wrote to its terminal since the first start."""
        return self._log.read_text("utf-8", "replace")

    def start(self) -> None:
        """Start it and wait for its address; raises RuntimeError with what it said when it ends or stays silent."""
        self.folder.mkdir(parents=True, exist_ok=True)
        theirs = {name: value for name, value in os.environ.items() if not _SETTINGS.match(name)}
        with self._log.open("ab") as log:
            said_before = log.tell()
            # Run in the folder, where there is no .env of a developer.
            self.process = subprocess.Popen(
                [self.python, str(ROOT / "app.py")],
                cwd=self.folder,
                env=theirs | self.environ,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 180
        while not _READY.search(self._log.read_bytes()[said_before:].decode("utf-8", "replace")):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise RuntimeError(f"The studio did not start (exit status {self.process.wait()}):\n{self.output}")
            time.sleep(0.02)

    def stop(self) -> int:
        """SIGTERM, as a service manager would; the exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def restart(self, **environ: str) -> None:
        """Start again in the same folder and on the same port, with changed settings if given."""
        if self.process.poll() is None:
            self.stop()
        self.environ |= environ
        self.start()

    def visitor(self) -> httpx.Client:
        """A client with a fresh visitor's cookie."""
        page = httpx.get(self.url, timeout=60).raise_for_status()
        return httpx.Client(base_url=self.url, cookies=page.cookies, timeout=60, limits=ONE_REQUEST)

    def submit(self, visitor: httpx.Client, prompt: str, **settings: Any) -> dict[str, Any]:
        """Hand a small text-to-video job in by the API; the job's view."""
        small = {"model": "", "resolution": "720P", "ratio": "16:9", "duration": 3, "watermark": True, "seed": 7}
        values = [prompt, *(small | settings).values()]
        answer = visitor.post("/gradio_api/run/text_to_video", json={"data": values}).raise_for_status()
        job: dict[str, Any] = answer.json()["data"][0]
        return job

    def job(self, visitor: httpx.Client, job_id: str) -> dict[str, Any]:
        """The job's view and its history, as its visitor sees them."""
        job: dict[str, Any] = visitor.get(f"/studio/jobs/{job_id}").raise_for_status().json()
        return job

    def wait(
        self,
        visitor: httpx.Client,
        job_id: str,
        until: Callable[[dict[str, Any]], bool] = lambda job: job["state"] in ENDED,
        *,
        seconds: float = 120,
    ) -> dict[str, Any]:
        """Wait until the job has ended, or ``until`` says so of it; the job's view then."""
        deadline = time.monotonic() + seconds
        while not until(job := self.job(visitor, job_id)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"after {seconds} s the job is still {job['state']}: {job}\n{self.output[-4000:]}")
            time.sleep(0.05)
        return job
