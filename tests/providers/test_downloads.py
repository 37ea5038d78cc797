"""How a result comes: whole, short, wrong, late or not at all."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from studio.errors import ResultExpired, ResultUnreachable
from studio.providers.dashscope import DashScope
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
