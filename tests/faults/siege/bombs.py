"""Small files that want to be large: pictures, films, compressed bodies. Each function gives the bytes of one."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache


def png(width: int, height: int, *, rows: int | None = None) -> bytes:
    """A black picture of 8 bits a pixel that has ``rows`` of its rows, by default all."""
    packer, left, data = zlib.compressobj(1), (width + 1) * (height if rows is None else rows), b""
    while left:
        piece = min(left, 1 << 20)
        data, left = data + packer.compress(bytes(piece)), left - piece
    data += packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def mp4(tracks: int, *, samples: int = 1) -> bytes:
    """A film of so many tracks, each of ``samples`` that nothing stands behind."""
    body = _box(b"mvhd", _words(0, 0, 0, 1000, 5000, 0x10000), b"\1\0", bytes(10), _MATRIX, bytes(24), _words(2))
    body += b"".join(_track(number + 1, samples) for number in range(tracks))
    kind = _box(b"ftyp", b"isom", _words(512), b"isomiso2avc1mp41")
    return kind + _box(b"moov", body) + _box(b"mdat", bytes(1024))


@cache
def gzipped(megabytes: int) -> bytes:
    """A JSON string of blanks."""
    return gzip.compress(b'{"prompt": "' + b" " * (megabytes << 20) + b'"}', 1)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def _words(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return _words(len(body) + 8) + kind + body


def _track(number: int, samples: int) -> bytes:
    size = _words(1280 << 16, 720 << 16)
    head = _box(b"tkhd", _words(7, 0, 0, number, 0, 5000), bytes(16), _MATRIX, size)
    picture = bytes(6) + b"\0\1" + bytes(16) + struct.pack(">HH", 1280, 720) + _words(0x480000, 0x480000, 0)
    entry = _box(b"mp4v", picture, b"\0\1", bytes(32), b"\0\x18\xff\xff")
    table = _box(
        b"stbl",
        _box(b"stsd", _words(0, 1), entry),
        _box(b"stts", _words(0, 1, samples, 40)),
        _box(b"stsc", _words(0, 1, 1, samples, 1)),
        _box(b"stsz", _words(0, 16, samples)),
        _box(b"stco", _words(0, 1, 100)),
    )
    where = _box(b"dinf", _box(b"dref", _words(0, 1), _box(b"url ", _words(1))))
    times = _box(b"mdhd", _words(0, 0, 0, 1000, 5000), b"\x55\xc4\0\0")
    handler = _box(b"hdlr", _words(0, 0), b"vide", bytes(13))
    media = _box(b"mdia", times, handler, _box(b"minf", _box(b"vmhd", _words(1), bytes(8)), where, table))
    return _box(b"trak", head, media)


PICTURES: Mapping[str, Callable[[], bytes]] = {
    "225 megapixels": lambda: png(15_000, 15_000),
    "80 megapixels": lambda: png(10_000, 8_000),
    "header alone": lambda: png(60_000, 60_000, rows=1),
    "cut off": lambda: png(8_000, 8_000)[:-2000],
    "no picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(4096),
}
FILMS: Mapping[str, Callable[[], bytes]] = {
    "900 tracks": lambda: mp4(900),
    "millions of samples": lambda: mp4(1, samples=50_000_000),
    "2^32 samples": lambda: mp4(2, samples=2**32 - 1),
    "no film": lambda: mp4(0) + bytes(4096),
}


GZIPPED = (1, 64)
"""Megabytes of compressed bodies."""


@cache
def made(name: str) -> bytes:
    """One of ``PICTURES`` or ``FILMS``, made once."""
    return (PICTURES | FILMS)[name]()


def make_all() -> None:
    """Make every bomb, so that no attack waits for one."""
    for name in PICTURES | FILMS:
        made(name)
    for megabytes in GZIPPED:
        gzipped(megabytes)
    nested()


@cache
def nested() -> bytes:
    """JSON that is deeper than any parser goes."""
    return b'{"prompt": ' + b"[" * 200_000
