"""Fetching what a visitor names by its address."""

from __future__ import annotations

import httpx
import pytest

from studio.web.files import reached
from tests.servers import ScriptedServer, answer


@pytest.mark.anyio
async def test_the_host_that_was_checked_is_the_one_that_is_asked() -> None:
    """By its address: its name, which is none here, is not looked up again."""
    async with ScriptedServer(answer(b"A horse")) as server:
        port = server.url.rpartition(":")[2]
        address = httpx.URL(f"http://films.invalid:{port}/a.png?b=c")
        async with reached(address, ["127.0.0.2", "127.0.0.1"]) as response:
            assert await response.aread() == b"A horse"
    assert server.requests[0].startswith("GET /a.png?b=c HTTP/1.1\r\n")
    assert f"\r\nhost: films.invalid:{port}\r\n" in server.requests[0].lower()
