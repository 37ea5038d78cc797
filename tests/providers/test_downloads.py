"""How a result comes: whole, short, wrong, late or not at all."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from pydantic import SecretStr

from studio.errors import ResultExpired, ResultUnreachable
from studio.providers.budget import Budget
from studio.providers.dashscope import DashScope, read_error
from studio.providers.http import RESULT_BOUND, Wire
from tests.providers.wires import told_by, wire_to
from tests.servers import SandboxServer, ScriptedServer, answer

pytestmark = pytest.mark.anyio


async def download(client: DashScope, url: str) -> tuple[int | None, bytes]:
    async with client.download(url) as result:
        return result.length, b"".join([chunk async for chunk in result.chunks])


async def test_a_download_tells_its_length_and_gives_all_bytes(instant_sandbox: SandboxServer) -> None:
    url = instant_sandbox.finished(instant_sandbox.task())["output"]["video_url"]
    client = DashScope(instant_sandbox.url, SecretStr(instant_sandbox.key))
    length, whole = await download(client, url)
    assert length == len(whole) > 10_000
    assert whole[4:8] == b"ftyp"

    for fault, error in (
        ({"do": "expired"}, ResultExpired),
        ({"do": "truncate"}, ResultUnreachable),
        ({"do": "reset"}, ResultUnreachable),
        ({"do": "status", "status": 500}, ResultUnreachable),
        ({"do": "status", "status": 404}, ResultExpired),
    ):
        instant_sandbox.faults({"endpoint": "download", **fault})
        with pytest.raises(error) as caught:
            await download(client, url)
        assert "Signature=" not in told_by(caught.value)

    # These two are not visible on the wire: whoever keeps the file has to look into it.
    instant_sandbox.faults({"endpoint": "download", "do": "wrong_length"}, {"endpoint": "download", "do": "garbage"})
    length, short = await download(client, url)
    assert (length, short) == (len(whole) // 2, whole[: len(whole) // 2])
    length, garbage = await download(client, url)
    assert length == len(garbage)
    assert b"ftyp" not in garbage
    await client.aclose()


@pytest.mark.parametrize("url", ["http://127.0.0.1:port/a.mp4", "nonsense", "ftp://127.0.0.1/a.mp4", ""])
async def test_an_address_that_cannot_be_opened_is_unreachable(url: str) -> None:
    wire = wire_to("http://127.0.0.1")
    with pytest.raises(ResultUnreachable):
        async with wire.download(url):
            pass
    await wire.aclose()


async def test_a_download_carries_no_key_and_follows_redirects() -> None:
    async with ScriptedServer(answer(b"video")) as bucket:
        async with ScriptedServer(answer(b"", "302 Found", Location=f"{bucket.url}/b.mp4")) as front:
            wire = wire_to(front.url)
            async with wire.download(f"{front.url}/a.mp4") as result:
                assert b"".join([chunk async for chunk in result.chunks]) == b"video"
            await wire.aclose()
        heads = front.requests + bucket.requests
    assert len(heads) == 2
    assert not any("authorization" in head.lower() for head in heads)


class Hundredfold(httpx.AsyncHTTPTransport):
    """Real connections on which all waiting is a hundred times shorter."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions["timeout"]
        request.extensions["timeout"] = {what: seconds / 100 for what, seconds in timeout.items()}
        return await super().handle_async_request(request)


async def test_a_video_is_waited_for_longer_than_a_minute_whatever_it_is_called() -> None:
    """A host that fetches it from somewhere first says nothing for so long, and some call it text."""
    minute = 0.6
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in (head, b"vid", b"eo"):
            await asyncio.sleep(1.5 * minute)
            writer.write(part)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        key = SecretStr("sk-0123456789abcdef")
        wire = Wire(url, key, read_error, budget=Budget(100), transport=Hundredfold())
        async with wire.download(f"{url}/a.mp4") as result:
            assert b"".join([chunk async for chunk in result.chunks]) == b"video"
        await wire.aclose()
    assert RESULT_BOUND.patience > 2 * 60
