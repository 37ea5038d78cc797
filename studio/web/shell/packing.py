"""Bodies as browsers take them: packed by Brotli or gzip, or as they are."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import brotli
from starlette.requests import Request
from starlette.responses import Response

from studio.web.negotiation import encoding_for

_FAST, _SMALL = 5, 11
"""Brotli's qualities: what a first visitor gets at once, and what all later ones may get."""
_SMALLEST = 512
"""Bytes below which packing saves nothing."""
_PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=_FAST),
    "gzip": partial(gzip.compress, compresslevel=6, mtime=0),
}


class Packed:
    """A body in memory, packed when it is first asked for."""

    def __init__(self, plain: bytes) -> None:
        self._plain = plain
        self._packed: dict[str, bytes] = {}
        self.small = False
        """Whether it is as small as it gets."""

    def body(self, accepted: str) -> tuple[str, bytes]:
        """The encoding, empty for none, and the body for who sends this ``Accept-Encoding``."""
        encoding = encoding_for(accepted) if len(self._plain) >= _SMALLEST else ""
        if not encoding:
            return "", self._plain
        if encoding not in self._packed:
            self._packed[encoding] = _PACKERS[encoding](self._plain)
        return encoding, self._packed[encoding]

    async def ready(self, accepted: str) -> tuple[str, bytes]:
        """The same; what has to be packed first is packed in a thread."""
        if len(self._plain) < _SMALLEST or encoding_for(accepted) in ("", *self._packed):
            return self.body(accepted)
        return await asyncio.to_thread(self.body, accepted)

    def squeeze(self) -> None:
        """Pack as small as it gets, which takes a second for the largest."""
        self._packed["br"] = brotli.compress(self._plain, quality=_SMALL)
        self.small = True


async def packed_json(request: Request, value: Any) -> Response:
    """``value`` as JSON, packed; for what is long and mostly the same words."""
    whole = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    encoding, body = await Packed(whole).ready(request.headers.get("accept-encoding", ""))
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    headers |= {"Content-Encoding": encoding} if encoding else {}
    return Response(body, media_type="application/json", headers=headers)
