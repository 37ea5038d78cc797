"""A relay before a server that can be shut, for what a server cannot do itself: refuse connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Gate:
    """Passes connections on to a server at ``upstream``, in a thread of its own.

    ::

        with Gate(sandbox.url) as gate:
            studio = DashScope(gate.url, key)
            gate.shut()
            ...
            gate.open()
    """

    url: str
    """Base address, without a trailing slash; the same also after it was shut."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        assert parts.hostname
        assert parts.port
        self._upstream = parts.hostname, parts.port
        self._port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gate", daemon=True)
        self._clients: set[asyncio.StreamWriter] = set()
        self._shut_at: bytes | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self.open()
        self.url = f"http://127.0.0.1:{self._port}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    def shut(self, *, at: bytes | None = None) -> None:
        """Refuse connections until ``open``: from now, or from when an answer that holds ``at`` is passed on."""
        if at is None:
            self._loop.call_soon_threadsafe(self._shut, None)
        else:
            self._shut_at = at

    def open(self) -> None:
        """Take connections again."""
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(60)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def _shut(self, spared: asyncio.StreamWriter | None) -> None:
        self._server.close()
        for client in self._clients - {spared}:
            client.close()

    async def _end(self) -> None:
        self._server.close()
        for client in self._clients:
            client.transport.abort()  # a client that reads no more would keep an orderly end waiting
        work = asyncio.all_tasks() - {asyncio.current_task()}
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        self._clients.add(client)
        try:
            async with _connection(*self._upstream) as (upstream_reader, upstream), asyncio.TaskGroup() as both:
                requests = both.create_task(_pump(reader, upstream))
                await self._pass_answers(upstream_reader, client)
                requests.cancel()
        finally:
            self._clients.discard(client)
            await _close(client)

    async def _pass_answers(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                if self._shut_at is not None and self._shut_at in data:
                    self._shut_at = None
                    self._shut(client)
                client.write(data)
                await client.drain()
        except ConnectionError:  # the client is to see what we saw
            raw = client.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def _connection(host: str, port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield reader, writer
    finally:
        await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
