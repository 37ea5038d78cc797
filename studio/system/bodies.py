"""Bounds of what streams in, whoever sends it: bytes, whole time, least speed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import TypeVar

from studio.errors import BodyTooLarge, BodyTooSlow
from studio.message import Message

T = TypeVar("T")

CHUNK = 1 << 18


@dataclass(frozen=True)
class Bound:
    """What a body may be at most, and how it has to come."""

    most: int
    """Bytes."""
    seconds: float
    """For all of it."""
    least: int = 1024
    """Bytes a second, on average over each ``patience``."""
    patience: float = 30.0
    """Seconds; also how long nothing at all may come."""

    def too_large(self) -> BodyTooLarge:
        size = f"{self.most >> 20} MB" if self.most >= 1 << 20 else f"{self.most >> 10} KB"
        return BodyTooLarge(Message("It is larger than the limit of {most}.", most=size))

    def too_slow(self) -> BodyTooSlow:
        return BodyTooSlow(
            Message(
                "It must arrive at {least} KB per second or faster, and within {minutes} minutes.",
                least=self.least // 1024,
                minutes=f"{self.seconds / 60:g}",
            )
        )


class Meter:
    """Holds one body against its bound while it comes. Only the waiting for it counts as its time."""

    def __init__(self, bound: Bound) -> None:
        self._bound = bound
        self.bytes = 0
        self._waited = 0.0
        self._window_waited = 0.0
        self._window_bytes = 0

    async def timed(self, arriving: Awaitable[T]) -> T:
        """What ``arriving`` gives; raises BodyTooSlow when it takes more time than is left."""
        bound, loop = self._bound, asyncio.get_running_loop()
        begun = loop.time()
        try:
            async with asyncio.timeout(
                min(bound.seconds - self._waited, bound.patience - self._window_waited)
            ) as limit:
                return await arriving
        except TimeoutError:
            if limit.expired():
                raise bound.too_slow() from None
            raise
        finally:
            waited = loop.time() - begun
            self._waited += waited
            self._window_waited += waited

    def add(self, count: int) -> None:
        """So many bytes came; raises BodyTooLarge when they are more than are taken in."""
        bound = self._bound
        self.bytes += count
        self._window_bytes += count
        if self._window_bytes >= bound.least * bound.patience:
            self._window_bytes, self._window_waited = 0, 0.0
        if self.bytes > bound.most:
            raise bound.too_large()


async def bounded(chunks: AsyncIterable[bytes], bound: Bound) -> AsyncIterator[bytes]:
    """``chunks`` in larger pieces; raises BodyTooLarge and BodyTooSlow where they break the bound."""
    meter, pieces, together = Meter(bound), aiter(chunks), bytearray()
    while True:
        try:
            piece = await meter.timed(anext(pieces))
        except StopAsyncIteration:
            break
        meter.add(len(piece))
        together += piece
        if len(together) >= CHUNK:
            yield bytes(together)
            together.clear()
    if together:
        yield bytes(together)
