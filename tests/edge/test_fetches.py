"""How many addresses are fetched at once for whom: in-process, from a server that does not answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from studio.errors import MediaUnreadable
from studio.service import FETCHES_OF_ONE, Studio
from studio.visitors.visitor import Visitor
from studio.web.form.files import Files
from tests.jobs.test_engine import run, settings_for
from tests.servers import SandboxServer


def test_a_visitor_has_so_many_addresses_fetched_at_once_and_the_others_theirs(
    instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    asked: Counter[str] = Counter()
    answering = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked[(await reader.readuntil(b"\r\n\r\n")).decode().split()[1]] += 1
        await answering.wait()
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def story(studio: Studio) -> None:
        async with await asyncio.start_server(serve, "127.0.0.1") as server:
            address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            files, more = Files(studio), FETCHES_OF_ONE + 3
            fetches = [
                asyncio.create_task(files.fetched(Visitor(name), "image", f"{address}/{name}"))
                for name in (*["ada"] * more, "bo")
            ]
            while asked != {"/ada": FETCHES_OF_ONE, "/bo": 1}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            assert asked["/ada"] == FETCHES_OF_ONE
            answering.set()
            ends = await asyncio.gather(*fetches, return_exceptions=True)
            assert all(isinstance(end, MediaUnreadable) and "HTTP 404" in end.said for end in ends)
            assert asked["/ada"] == more

    with Studio(settings_for(instant_sandbox, tmp_path, STUDIO_ALLOW_PRIVATE_URLS="true")) as studio:
        run(story(studio))
