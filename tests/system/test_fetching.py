"""Fetching: only where the judge allows, as it is, and within bounds."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import anyio
import httpx
import pytest

from studio.errors import AddressRefused, AnswerRefused, BodyTooLarge, BodyTooSlow
from studio.system.addresses import Judge, Place
from studio.system.bodies import Bound, bounded
from studio.system.fetching import Judged, client
from tests.servers import ScriptedServer, answer

pytestmark = pytest.mark.anyio


class Leads(Judge):
    """Says of every address that it leads to these hosts."""

    def __init__(self, *hosts: str) -> None:
        super().__init__()
        self._to = hosts

    async def place(self, url: httpx.URL) -> Place:
        return Place(self._to)


async def test_the_hosts_that_were_judged_are_asked_by_their_addresses() -> None:
    """The name, which is none here, is not looked up again; the first host does not answer."""
    async with ScriptedServer(answer(b"A horse")) as server, client(Leads("127.0.0.2", "127.0.0.1")) as web:
        port = server.url.rpartition(":")[2]
        assert (await web.get(f"http://films.invalid:{port}/a.png?b=c")).content == b"A horse"
    assert server.requests[0].startswith("GET /a.png?b=c HTTP/1.1\r\n")
    assert f"\r\nhost: films.invalid:{port}\r\n" in server.requests[0].lower()
    assert "\r\naccept-encoding: identity\r\n" in server.requests[0].lower()


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, gzip, gzip", "zstd", "nonsense"])
async def test_an_encoded_answer_is_not_taken(encoding: str) -> None:
    bomb = gzip.compress(bytes(1 << 20))
    encoded = answer(bomb, Content_Encoding=encoding)
    async with ScriptedServer(encoded) as server, client(Judge(hosts=["127.0.0.1"])) as web:
        with pytest.raises(AnswerRefused, match="encoding"):
            await web.get(server.url)


async def test_each_redirect_is_judged_and_there_are_few() -> None:
    inside = answer(b"", "302 Found", Location="http://10.0.0.1/secret")
    round_about = answer(b"", "302 Found", Location="/again")
    own = Judge(hosts=["127.0.0.1"])
    async with ScriptedServer(inside) as server, client(own, redirects=5) as web:
        with pytest.raises(AddressRefused, match="not a public address"):
            await web.get(server.url)
    async with ScriptedServer(round_about) as server, client(own, redirects=5) as web:
        with pytest.raises(httpx.TooManyRedirects):
            await web.get(server.url)
        assert len(server.requests) == 6
    async with ScriptedServer(round_about) as server, client(own) as web:
        assert (await web.get(server.url)).status_code == 302


async def test_a_transport_of_ones_own_carries_what_is_judged() -> None:
    kept = httpx.AsyncHTTPTransport()
    async with ScriptedServer(answer(b"A horse")) as server:
        async with httpx.AsyncClient(transport=Judged(Judge(hosts=["127.0.0.1"]), kept)) as web:
            assert (await web.get(server.url)).content == (await web.get(server.url)).content == b"A horse"
        assert server.connections == 1
        async with httpx.AsyncClient(transport=Judged(Judge(), kept)) as web:
            with pytest.raises(AddressRefused):
                await web.get(server.url)
    assert len(server.requests) == 2


async def test_what_streams_in_has_a_most_a_least_speed_and_a_time() -> None:
    async def drops(count: int, size: int, wait: float) -> AsyncIterator[bytes]:
        for _ in range(count):
            await anyio.sleep(wait)
            yield bytes(size)

    async def length(count: int, size: int, wait: float, bound: Bound) -> int:
        return sum([len(chunk) async for chunk in bounded(drops(count, size, wait), bound)])

    assert await length(1000, 1000, 0, Bound(1_000_000, seconds=60)) == 1_000_000
    with pytest.raises(BodyTooLarge, match="larger than the limit of 976 KB"):
        await length(1001, 1000, 0, Bound(1_000_000, seconds=60))
    with pytest.raises(BodyTooSlow):  # one piece never comes
        await length(1, 1, 3600, Bound(1_000_000, seconds=60, patience=0.05))
    with pytest.raises(BodyTooSlow):  # each comes soon, but they are small
        await length(10_000, 1, 0.001, Bound(1_000_000, seconds=60, least=10_000, patience=0.05))
    with pytest.raises(BodyTooSlow):  # they are large, but never end
        await length(10_000, 1000, 0.001, Bound(1 << 30, seconds=0.1, least=1))
