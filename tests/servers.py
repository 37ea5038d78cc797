"""Real servers in processes of their own, for tests that need the far side of a wire."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

CREATE = "/api/v1/services/aigc/video-generation/video-synthesis"
TASKS = "/api/v1/tasks/"
ROOT = Path(__file__).parent.parent
ONE_REQUEST = httpx.Limits(max_keepalive_connections=0)
"""For clients of a server that closes what was idle for 5 s: a request may be on its way at that very moment."""


class SandboxServer:
    """``python -m studio.sandbox --control`` as a child that keeps its tasks in ``folder``, also over a restart.

    ::

        with SandboxServer(tmp_path) as sandbox:
            sandbox.faults({"endpoint": "create", "do": "reset"})
            studio = DashScope(sandbox.url, SecretStr(sandbox.key))
    """

    url: str
    """Base address, without a trailing slash."""
    key: str
    """The only key that its DashScope accepts."""
    aivideo_key: str
    """The only key that its AIVideoAPI accepts, at the same address."""
    accounts: Mapping[str, str]
    """By cloud, the only key that it accepts there."""

    def __init__(self, folder: Path, *arguments: str, seconds: float = 0.3) -> None:
        """``seconds`` is how long a task runs at least; ``arguments`` go to the command line as they are."""
        self._folder = folder
        self._arguments = [
            "--control",
            "--exit-with-parent",
            "--seconds",
            str(seconds),
            "--data",
            str(folder),
            *arguments,
        ]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start the child and wait until it answers; raises RuntimeError with its complaint when it does not."""
        self._folder.mkdir(parents=True, exist_ok=True)
        complaints = self._folder / "stderr.txt"
        with complaints.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "studio.sandbox", *self._arguments],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError(complaints.read_text())
        started = json.loads(line)
        self.url, self.key = started["url"], started["key"]
        self.accounts = {name: cloud["key"] for name, cloud in started["clouds"].items()}
        self.aivideo_key = self.accounts["aivideoapi"]
        self.http = httpx.Client(base_url=self.url, timeout=60, limits=ONE_REQUEST)

    def stop(self) -> None:
        """End the child by closing its standard input."""
        if hasattr(self, "http"):
            self.http.close()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """Start again in the same folder, after ``kill`` or ``stop``."""
        self.stop()
        self.start()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One raw request with the key; ``headers`` among ``options`` add to it, and None there leaves one out."""
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        present = {name: value for name, value in headers.items() if value is not None}
        return self.http.request(method, path, headers=present, **options)

    def create(self, body: Any = None, **options: Any) -> httpx.Response:
        """A raw submission of ``body``, by default a small and valid one."""
        headers = {"X-DashScope-Async": "enable", **options.pop("headers", {})}
        return self.request("POST", CREATE, json=submission() if body is None else body, headers=headers, **options)

    def get(self, task_id: str) -> dict[str, Any]:
        """The answer to a look at a task."""
        told: dict[str, Any] = self.request("GET", TASKS + task_id).json()
        return told

    def task(self, body: Any = None) -> str:
        """Make a task by ``create``; its id."""
        made = self.create(body).raise_for_status()
        task_id: str = made.json()["output"]["task_id"]
        return task_id

    def finished(self, task_id: str, *, seconds: float = 60) -> dict[str, Any]:
        """Wait until the task is neither PENDING nor RUNNING; the answer that says so."""
        deadline = time.monotonic() + seconds
        while (told := self.get(task_id))["output"]["task_status"] in ("PENDING", "RUNNING"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"after {seconds} s the task is still {told['output']['task_status']}")
            time.sleep(0.1)  # half of the rate that the sandbox allows
        return told

    def post(self, path: str, body: Any = None) -> Any:
        """POST to the control endpoints; the answer's JSON."""
        return self.http.post(path, json=body).raise_for_status().json()

    def faults(self, *faults: dict[str, Any]) -> None:
        """Queue faults as ``studio.sandbox.faults`` describes them."""
        self.post("/_control/faults", list(faults))

    def rules(self, **rules: Any) -> None:
        """Change rates, lifetimes and the pace of tasks until the next ``clear``."""
        self.post("/_control/rules", rules)

    def statistics(self) -> dict[str, Any]:
        """What came in since the last ``clear``."""
        told: dict[str, Any] = self.http.get("/_control/statistics").raise_for_status().json()
        return told

    def clear(self) -> None:
        """Forget tasks, faults, changed rules and statistics."""
        self.post("/_control/clear")


def submission(prompt: str = "A horse at dawn", **parameters: Any) -> dict[str, Any]:
    """The JSON of a text-to-video submission, as small as the catalog allows unless ``parameters`` say otherwise."""
    small = {"resolution": "720P", "ratio": "16:9", "duration": 3, "seed": 7}
    return {"model": "happyhorse-1.0-t2v", "input": {"prompt": prompt}, "parameters": {**small, **parameters}}


class ScriptedServer:
    """A socket that gives one raw HTTP answer after another, for what the sandbox never says; the last one repeats."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)
        self.requests: list[str] = []
        """The head of each request, in the order in which they came."""
        self.bodies: list[bytes] = []
        self.times: list[float] = []
        """When each came, by the monotonic clock."""
        self.connections = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1")
        host, port = self._server.sockets[0].getsockname()
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                told = head.decode("latin-1")
                length = re.search(r"content-length: (\d+)", told, re.IGNORECASE)
                self.bodies.append(await reader.readexactly(int(length[1]) if length else 0))
                self.requests.append(told)
                self.times.append(time.monotonic())
                writer.write(self._answers.pop(0) if len(self._answers) > 1 else self._answers[0])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def answer(body: bytes = b"{}", status: str = "200 OK", **headers: str) -> bytes:
    """A raw HTTP answer; underscores in the names of ``headers`` stand for hyphens."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
