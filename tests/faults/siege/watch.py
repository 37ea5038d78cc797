"""What is looked at while the strangers are at work: whether the studio answers, its memory, what they reached."""

from __future__ import annotations

import gzip
import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Self
from urllib.parse import urlsplit

import psutil

PROBE_SECONDS = 0.05
PATIENCE = 60.0
MEGABYTE = 2**20


class Repeated:
    """A thread that does one thing again and again until the block is left."""

    pause = PROBE_SECONDS

    def __enter__(self) -> Self:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        while not self._ended.is_set():
            self.once()
            self._ended.wait(self.pause)

    def once(self) -> None:
        raise NotImplementedError


class Prober(Repeated):
    """Asks ``/livez`` every 50 ms over one connection, and keeps how long each answer took."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        assert where.hostname is not None
        self._connection = http.client.HTTPConnection(where.hostname, where.port, timeout=PATIENCE)
        self.waits: list[tuple[float, float]] = []
        """When each answer came, by the monotonic clock, and the seconds it took."""

    def once(self) -> None:
        begun = time.monotonic()
        try:
            self._connection.request("GET", "/livez")
            self._connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            self._connection.close()  # the next request opens it anew; what it takes until then counts
            with suppress(OSError, http.client.HTTPException):
                self._connection.request("GET", "/livez")
                self._connection.getresponse().read()
        now = time.monotonic()
        self.waits.append((now, now - begun))

    def longest(self, since: float) -> float:
        """The longest wait that ended after ``since``; seconds."""
        return max((wait for at, wait in list(self.waits) if at >= since), default=0.0)


class Memory(Repeated):
    """Looks every 100 ms how much memory the studio and all its children have; bytes."""

    pause = 0.1

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.samples: list[tuple[float, int, int]] = []
        """When, the studio's, all its children's together."""

    def once(self) -> None:
        children = 0
        with suppress(psutil.NoSuchProcess):
            own = self._process.memory_info().rss
            for child in self._process.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    children += child.memory_info().rss
            self.samples.append((time.monotonic(), own, children))

    def peak(self, since: float = 0.0) -> tuple[float, float]:
        """The most that the studio had since then, and that its children had; megabytes."""
        seen = [sample for sample in list(self.samples) if sample[0] >= since] or self.samples[-1:]
        return max(one[1] for one in seen) / MEGABYTE, max(one[2] for one in seen) / MEGABYTE


class _Canary(BaseHTTPRequestHandler):
    """Sings to whoever comes; ``/hop`` leads on to itself, ``/bomb`` is a compressed answer."""

    hits: ClassVar[list[str]] = []
    song: ClassVar[bytes] = b""

    def do_GET(self) -> None:
        self.hits.append(f"{self.server.server_address[0]}{self.path}")
        if self.path.startswith("/hop"):
            self.send_response(302)
            self.send_header("Location", "/")
            self.end_headers()
            return
        body = gzip.compress(bytes(64 * MEGABYTE)) if self.path.startswith("/bomb") else self.song
        self.send_response(200)
        if body is not self.song:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_POST = do_PUT = do_GET

    def log_message(self, format: str, *arguments: object) -> None:
        """It says nothing."""


@dataclass
class Canaries:
    """Servers that nobody but this machine may reach: no visitor has the studio fetch from them."""

    song: str
    """What they answer; in no answer of the studio it may be found."""
    addresses: list[tuple[str, int]] = field(default_factory=list)

    @property
    def hits(self) -> list[str]:
        return list(_Canary.hits)

    @contextmanager
    def listening(self) -> Iterator[Self]:
        """On 127.0.0.1, and on 127.0.0.2 where the system has it."""
        _Canary.song, servers = self.song.encode(), []
        _Canary.hits.clear()
        for host in ("127.0.0.1", "127.0.0.2"):
            with suppress(OSError):
                servers.append(ThreadingHTTPServer((host, 0), _Canary))
        self.addresses = [(str(server.server_address[0]), server.server_address[1]) for server in servers]
        for server in servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            for server in servers:
                server.shutdown()
                server.server_close()
