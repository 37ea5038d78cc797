"""Answers whose body lies where finished videos are saved, by ranges."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, ParamSpec, TypeVar

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from studio.outputs.locations import Stored

P = ParamSpec("P")
T = TypeVar("T")

_READERS = ThreadPoolExecutor(32, "outputs")
"""Of their own: a store that says nothing must not take the threads that all else on the page needs."""


async def reading(call: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """Call what may have to wait for the location of a video."""
    return await asyncio.get_running_loop().run_in_executor(_READERS, partial(call, *args, **more))


def answer(stored: Stored, media_type: str, filename: str | None, headers: Mapping[str, str]) -> FileResponse:
    """The file, or the range of it that is asked for; ``filename`` where it is to be kept and not shown."""
    if stored.path is not None:
        return FileResponse(stored.path, media_type=media_type, filename=filename, headers=headers)
    return _StoredResponse(stored, media_type, filename, headers)


class _StoredResponse(FileResponse):
    """Ranges, ``If-Range``, ``HEAD`` and 416 are Starlette's; only the file that it opens is another."""

    chunk_size = 1 << 18

    def __init__(self, stored: Stored, media_type: str, filename: str | None, headers: Mapping[str, str]) -> None:
        self._stored = stored
        about = stored.stat
        modified = int(about.modified)
        found = os.stat_result((stat.S_IFREG | 0o600, 0, 0, 1, 0, 0, about.size, modified, modified, modified))
        whole = {**headers, "ETag": f'"{about.tag}"'}
        super().__init__(stored.name, 200, whole, media_type, filename=filename, stat_result=found)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # No server is to send the file by its path: there is none.
        await super().__call__({**scope, "extensions": {}}, receive, send)

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[Any]:
        yield _Reader(self._stored)


class _Reader:
    """As much of a file as Starlette uses."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._blocks: Iterator[bytes] = stored.read()
        self._block = memoryview(b"")

    async def seek(self, position: int) -> None:
        self._blocks, self._block = self._stored.read(position), memoryview(b"")

    async def read(self, count: int) -> bytes:
        """So many bytes, fewer only at the end."""
        parts, missing = [], count
        while missing:
            if not self._block:
                self._block = memoryview(await reading(next, self._blocks, b""))
                if not self._block:
                    break
            parts.append(self._block[:missing])
            self._block = self._block[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)
