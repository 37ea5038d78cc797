"""A proxy that shows a server below a path, and nothing beside it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


class PrefixProxy:
    """Listens on a free port of this machine, in a thread of its own. Use as a context manager.

    What is asked for outside of the path is answered 404: an address that forgets the path leads to other programs.
    """

    def __init__(self, server: str, prefix: str, *, strips: bool) -> None:
        """``server`` is a base address; ``prefix`` is taken off before it is asked, or left, as ``strips`` says."""
        self._host, self._port = urlsplit(server).hostname, urlsplit(server).port
        self._prefix = prefix
        self._strips = strips
        self.outside: list[str] = []
        """Addresses that were asked for outside of the path."""
        self._serving: set[asyncio.Task[Any] | None] = set()
        """Nobody else holds on to one whose client has gone."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        starting = asyncio.start_server(self._serve, "127.0.0.1")
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(10)
        self.origin = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self.url = self.origin + self._prefix
        """Where a browser finds the server's ``/``."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        while going := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in going:
                task.cancel()
            await asyncio.gather(*going, return_exceptions=True)
        await asyncio.sleep(0)  # what was closed ends with the loop's next round

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.add(asyncio.current_task())
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._pass_on(reader, writer)
        writer.close()
        self._serving.discard(asyncio.current_task())

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, and the connection with it."""
        first, *fields = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[:-2]
        method, target, version = first.decode("latin-1").split(" ")
        if target != self._prefix and not target.startswith((f"{self._prefix}/", f"{self._prefix}?")):
            self.outside.append(target)
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        if self._strips:
            target = target.removeprefix(self._prefix)
            target = target if target.startswith("/") else f"/{target}"
        kept = [field for field in fields if not field.lower().startswith(b"connection:")]
        head = [f"{method} {target} {version}".encode("latin-1"), *kept, b"Connection: close", b"", b""]
        from_server, to_server = await asyncio.open_connection(self._host, self._port)
        to_server.write(b"\r\n".join(head))
        sending = asyncio.create_task(_copy(reader, to_server))
        try:
            await _copy(from_server, writer)
        finally:
            sending.cancel()
            to_server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
