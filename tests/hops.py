"""A hop between the browser and the studio that treats the event stream badly, as some do."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import itertools
import threading
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.studio_process import StudioProcess

_STREAM = b"GET /studio/events "
_BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Hop:
    """Passes everything on, on a port of its own; what is set below holds for the event streams that begin later."""

    refuse = 0
    """How many streams are answered with 502."""
    cut_after: float | None = None
    """Seconds after which a stream ends."""
    hold_back = 0
    """Bytes at the beginning of a stream that are held back until more have come."""

    def __init__(self, studio: StudioProcess) -> None:
        self._far = urlsplit(studio.url)
        self.studio = copy.copy(studio)
        """The studio as it is seen through this hop."""
        self.streams = 0
        """How many were asked for."""
        self._open: set[asyncio.StreamWriter] = set()
        self._ends: dict[asyncio.Task[Any], list[asyncio.StreamWriter]] = {}

    def __enter__(self) -> Self:
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(started)), daemon=True)
        self._thread.start()
        assert started.wait(10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _run(self, started: threading.Event) -> None:
        # In a thread of its own: where Playwright runs, no other loop can.
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1")
        host, port = server.sockets[0].getsockname()
        self.studio.url = f"http://{host}:{port}"
        started.set()
        await self._stop.wait()
        server.close()
        for writer in itertools.chain(*self._ends.values()):
            writer.transport.abort()
        await asyncio.gather(*self._ends, return_exceptions=True)

    def cut(self) -> None:
        """End the streams that are open."""

        def close() -> None:
            for writer in self._open:
                writer.transport.abort()

        self._loop.call_soon_threadsafe(close)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        ends = self._ends[task] = [writer]
        task.add_done_callback(self._ends.pop)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError), contextlib.closing(writer):
            head = await reader.readuntil(b"\r\n\r\n")
            # One request a connection: then an answer is whatever comes until its end.
            lines = [line for line in head[:-4].split(b"\r\n") if not line.lower().startswith(b"connection:")]
            head = b"\r\n".join([*lines, b"Connection: close", b"", b""])
            stream = head.startswith(_STREAM)
            self.streams += stream
            if stream and self.refuse:
                self.refuse -= 1
                writer.write(_BAD_GATEWAY)
                return await writer.drain()
            far_reader, far = await asyncio.open_connection(self._far.hostname, self._far.port)
            ends.append(far)
            with contextlib.closing(far):
                far.write(head)
                up = asyncio.create_task(_pass(reader, far))
                try:
                    await (self._stream(far_reader, writer) if stream else _pass(far_reader, writer))
                finally:
                    up.cancel()

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readuntil(b"\r\n\r\n"))
        self._open.add(writer)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.cut_after):
                    with contextlib.suppress(asyncio.IncompleteReadError):
                        writer.write(await reader.readexactly(self.hold_back))
                    await _pass(reader, writer)
        finally:
            self._open.discard(writer)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
