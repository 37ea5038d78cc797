"""Bodies as browsers take them: packed by Brotli or gzip, or as they are."""

from __future__ import annotations

import asyncio
import gzip

import brotli

_FAST, _SMALL = 5, 11
"""Brotli's qualities: what a first visitor gets at once, and what all later ones may get."""
_SMALLEST = 512
"""Bytes below which packing saves nothing."""


class Packed:
    """A body in memory, packed when it is first asked for."""

    def __init__(self, plain: bytes) -> None:
        self._plain = plain
        self._packed: dict[str, bytes] = {}
        self.small = False
        """Whether it is as small as it gets."""

    def body(self, accepted: str) -> tuple[str, bytes]:
        """The encoding, empty for none, and the body for who accepts these encodings."""
        if len(self._plain) < _SMALLEST:
            return "", self._plain
        if "br" in accepted:
            if "br" not in self._packed:
                self._packed["br"] = brotli.compress(self._plain, quality=_FAST)
            return "br", self._packed["br"]
        if "gzip" in accepted:
            if "gzip" not in self._packed:
                self._packed["gzip"] = gzip.compress(self._plain, 6, mtime=0)
            return "gzip", self._packed["gzip"]
        return "", self._plain

    async def ready(self, accepted: str) -> tuple[str, bytes]:
        """The same; what has to be packed first is packed in a thread."""
        if self._packed.keys() & {"br", "gzip"} or len(self._plain) < _SMALLEST:
            return self.body(accepted)
        return await asyncio.to_thread(self.body, accepted)

    def squeeze(self) -> None:
        """Pack as small as it gets, which takes a second for the largest."""
        self._packed["br"] = brotli.compress(self._plain, quality=_SMALL)
        self.small = True
