"""Connections that ask for nothing, take nothing, or are too many: in-process, by a real server on a socket."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from studio.config import Settings
from studio.system.listening import room
from studio.web.edge import connections
from studio.web.edge.connections import Connections

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
HALF = b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: "
EVENTS = b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n"
ENDLESS = b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n"
PATIENCE = 30
"""Seconds that a test waits for what must come."""


async def brief(request: Request) -> Response:
    return PlainTextResponse("here")


async def events(request: Request) -> Response:
    """An event now, and each time a tenth of a second later."""

    async def told() -> AsyncIterator[bytes]:
        while True:
            yield b"data: now\n\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(told(), media_type="text/event-stream")


async def endless(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield bytes(1 << 20)
            await asyncio.sleep(0)  # nothing else here gives way once the client is gone

    return StreamingResponse(pieces())


@asynccontextmanager
async def guarded(places: Connections, log_level: str = "critical") -> AsyncIterator[int]:
    """The port of a server within these bounds."""
    app = Starlette(routes=[Route("/", brief), Route("/events", events), Route("/endless", endless)])
    config = uvicorn.Config(app, port=0, log_level=log_level, lifespan="off", timeout_graceful_shutdown=1)
    connections.guard(config, places)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await anyio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def says(self, words: bytes) -> None:
        self.writer.write(words)
        await self.writer.drain()

    async def hears(self, until: bytes) -> bytes:
        return await asyncio.wait_for(self.reader.readuntil(until), PATIENCE)

    async def hears_the_rest(self) -> str:
        """All until the server ends it."""
        return (await asyncio.wait_for(self.reader.read(), PATIENCE)).decode()

    async def is_cut(self) -> None:
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(self.reader.read(), PATIENCE) == b""


@asynccontextmanager
async def client(port: int, *words: bytes) -> AsyncIterator[Client]:
    one = Client(*await asyncio.open_connection("127.0.0.1", port))
    try:
        for word in words:
            await one.says(word)
        yield one
    finally:
        one.writer.transport.abort()


def many(most: int = 50, of_a_network: int = 50, head: float = 30, untaken: float = 30) -> Connections:
    """Places where this machine counts as any network."""
    return Connections(most, of_a_network, spared=(), head_seconds=head, untaken_seconds=untaken)


async def test_half_a_request_is_ended_with_a_sentence_however_it_trickles() -> None:
    async with guarded(many(head=0.5)) as port, client(port, HALF) as waits, client(port, HALF) as trickles:

        async def trickle() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    await trickles.says(b"a")
                    await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        for one in (waits, trickles):
            answer = await one.hears_the_rest()
            assert answer.startswith("HTTP/1.1 408 ")
            assert "took too long to arrive" in answer
            assert "请求未能及时送达" in answer
        trickling.cancel()


async def test_what_is_no_request_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("uvicorn.error")  # which hands nothing on
    log.addHandler(caplog.handler)
    try:
        async with guarded(many(), log_level="warning") as port, client(port, b"GET\r\n\r\n") as one:
            assert (await one.hears_the_rest()).startswith("HTTP/1.1 400 ")
    finally:
        log.removeHandler(caplog.handler)
    assert caplog.records == []


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"data: now\n\n"])
async def test_what_is_no_body_after_the_answer_has_begun_ends_the_connection(
    end: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = b"/" if end == b"\r\n\r\n" else b"/events"
    asked = b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with guarded(many()) as port, client(port, asked) as one:
        assert (await one.hears(end)).startswith(b"HTTP/1.1 200 ")
        await one.says(b"no chunk\r\n")
        await one.hears_the_rest()
    assert caplog.records == []


async def test_a_connection_that_says_nothing_is_closed_without_a_word() -> None:
    async with guarded(many(head=0.2)) as port, client(port) as silent:
        assert await silent.hears_the_rest() == ""


async def test_half_of_a_second_request_has_its_deadline_too() -> None:
    async with guarded(many(head=0.5)) as port, client(port, GET) as kept:
        await kept.hears(b"here")
        await kept.says(HALF)
        assert (await kept.hears_the_rest()).startswith("HTTP/1.1 408 ")


async def test_a_body_that_goes_on_after_its_answer_has_an_end() -> None:
    """The route does not look at it, and answers at once."""
    asked = b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
    async with guarded(many(head=0.5)) as port, client(port, asked) as goes_on:
        await goes_on.hears(b"here")
        with pytest.raises(ConnectionError):  # noqa: PT012
            while not goes_on.reader.at_eof():
                await goes_on.says(b"a")
                await asyncio.sleep(0.05)
            raise ConnectionResetError


async def test_requests_one_after_another_and_event_streams_outlast_the_deadline() -> None:
    async with guarded(many(head=0.5)) as port, client(port, GET) as kept, client(port, EVENTS) as stream:
        for _ in range(10):
            await kept.hears(b"here")
            await stream.hears(b"data: now\n\n")
            await asyncio.sleep(0.1)
            await kept.says(GET)
        for _ in range(10):
            await stream.hears(b"data: now\n\n")


async def test_requests_that_come_together_are_answered_in_turn() -> None:
    async with guarded(many(head=0.5)) as port, client(port, GET * 5) as pipelined:
        for _ in range(5):
            await pipelined.hears(b"here")


async def test_an_answer_that_nobody_takes_is_cut() -> None:
    async with guarded(many(untaken=0.3)) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as taker:
            taker.sendall(ENDLESS)
            await asyncio.sleep(1.5)
            with contextlib.suppress(ConnectionError):
                while await asyncio.to_thread(taker.recv, 1 << 20):
                    pass


async def test_an_answer_that_is_taken_slowly_is_not_cut() -> None:
    async with guarded(many(untaken=0.5)) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as taker:
            taker.sendall(ENDLESS)
            for _ in range(10):
                await asyncio.sleep(0.2)
                taken = 0
                while taken < 8 << 20:  # more than the system keeps on the way
                    piece = await asyncio.to_thread(taker.recv, 1 << 20)
                    assert piece
                    taken += len(piece)


async def test_of_a_network_the_next_beyond_its_share_is_told_so_while_others_come_in() -> None:
    async with guarded(many(of_a_network=2)) as port, client(port, EVENTS) as first, client(port, EVENTS) as second:
        for one in (first, second):
            await one.hears(b"data: now\n\n")
        async with client(port, GET) as third:
            answer = await third.hears_the_rest()
            assert answer.startswith("HTTP/1.1 503 ")
            assert "Too many connections" in answer
            assert "连接过多" in answer
        # Linux has a network of loopback addresses: another of them is another client.
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
        writer.write(GET)
        assert await asyncio.wait_for(reader.readuntil(b"here"), PATIENCE)
        writer.close()
        first.writer.transport.abort()
        await second.hears(b"data: now\n\n")
        async with client(port) as again:
            await anyio.sleep(0.1)
            await again.says(GET)
            await again.hears(b"here")


async def test_who_asks_for_nothing_keeps_nobody_out() -> None:
    """Neither of its own network nor of any other."""
    async with guarded(many(most=3)) as port, client(port, EVENTS) as stream:
        await stream.hears(b"data: now\n\n")
        async with client(port) as silent, client(port, HALF) as half:
            await asyncio.sleep(0.1)
            for evicted in (silent, half):
                async with client(port, EVENTS) as next_one:
                    await next_one.hears(b"data: now\n\n")
                    await evicted.is_cut()
        await stream.hears(b"data: now\n\n")


async def test_places_of_those_who_left_are_free_again() -> None:
    async with guarded(many(most=4, of_a_network=4)) as port:
        for _ in range(30):
            async with client(port, GET) as one:
                await one.hears(b"here")


async def test_an_upgrade_that_nobody_offers_is_answered_as_a_request() -> None:
    asked = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n"
    async with guarded(many(most=1, of_a_network=1)) as port, client(port, asked) as one:
        await one.hears(b"here")


async def test_a_proxy_takes_as_many_places_as_there_are(tmp_path: Path) -> None:
    """It is the proxy's to count who comes by it: one on this machine, or one that a setting names."""
    settings = Settings.load({"STUDIO_VISITOR_STREAMS": "1", "STUDIO_STREAMS": "1"}, tmp_path / "no.env")
    async with guarded(connections.of(settings)) as port, contextlib.AsyncExitStack() as stack:
        for _ in range(connections.LEAST_OF_A_NETWORK + 2):
            stream = await stack.enter_async_context(client(port, EVENTS))
            await stream.hears(b"data: now\n\n")


def test_connections_leave_half_of_the_files_to_the_rest() -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        assert room(10) == 10
        most = before[1] if before[1] != resource.RLIM_INFINITY else 1 << 20
        assert room(most) <= most // 2
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
