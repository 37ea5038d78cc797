"""A text inside a video file, in the comment tag that players and ffprobe show.

The file is not remuxed. One box is added to its index and the rest is copied as it is: the samples, and the provider's
own tags, of which one may be a label that the law asks for. Where the index stands before the samples they move by its
growth, and so do the offsets in it. The copy is compared with the original, packet by packet, before it counts.

Sources: ISO/IEC 14496-12 (boxes, ``stco``, ``co64``), QuickTime File Format (``keys``, ``ilst``).
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from studio.errors import MediaUnreadable
from studio.system.children import MB, Bounds, run
from studio.system.ffmpeg import CONFINED, program

INDEX_BYTES = 64 << 20
"""More than the index of any video here: what claims to be larger is not read."""
_COMMENT = b"\xa9cmt"
_KEY = b"mdtacomment"


class _Box(NamedTuple):
    kind: bytes
    start: int
    body: int
    """Where its content begins, after size and kind."""
    end: int


def write_comment(source: Path, target: Path, text: str) -> None:
    """Write to ``target`` the video at ``source`` with ``text`` as its comment.

    Raises MediaUnreadable when it has a comment, is laid out in a way not known here, or the copy is not the same
    video; what is then at ``target`` is of no use.
    """
    index, begin, after = _find_index(source)
    # At the end of the file it moves nothing.
    grown = with_comment(index, text, after if after < source.stat().st_size else None)
    with source.open("rb") as old, target.open("wb") as new:
        _copy(old.read, new.write, begin)
        new.write(grown)
        old.seek(after)
        shutil.copyfileobj(old, new, 1 << 20)
    if _packets(source) != _packets(target):
        raise MediaUnreadable("The copy with the comment is not the same video.")


def with_comment(index: bytes, text: str, after: int | None) -> bytes:
    """``index``, a whole ``moov`` box, with ``text`` as its comment; samples at ``after`` or later, if there are any,
    move by its growth. Raises as ``write_comment``."""
    content = index[_header_size(index) :]
    if _read(content) is not None:
        raise MediaUnreadable("The video has a comment already.")
    grown = _with(content, b"udta", lambda tags: _with(tags, b"meta", lambda meta: _with_comment(meta, text)))
    if after is not None:
        grown = _moved(grown, after, 8 + len(grown) - len(index))
    return _box(b"moov", grown)


def read_comment(data: bytes) -> str | None:
    """The comment of a video, of which ``data`` is the file or its index alone; None when it has none."""
    for box in _boxes(data):
        if box.kind == b"moov":
            return _read(data[box.body : box.end])
    return None


def _find_index(path: Path) -> tuple[bytes, int, int]:
    """The index's bytes, where they begin in the file, and what comes after them."""
    size = path.stat().st_size
    found: tuple[bytes, int, int] | None = None
    with path.open("rb") as file:
        position = 0
        while position < size:
            file.seek(position)
            head = file.read(16)
            box = next(_boxes(head, size - position), None)
            if box is None:
                raise MediaUnreadable("The video's boxes do not fill it.")
            if box.kind == b"mfra" or (box.kind == b"moov" and found is not None):
                raise MediaUnreadable("The video has a second index.")
            if box.kind == b"moov":
                if box.end > INDEX_BYTES:
                    raise MediaUnreadable("The video's index is too large.")
                file.seek(position)
                found = file.read(box.end), position, position + box.end
            position += box.end
    if found is None:
        raise MediaUnreadable("The video has no index.")
    return found


MOST_BOXES = 10_000
"""So many side by side are looked at; a video has a handful, and one that has more is made to take time."""


def _boxes(data: bytes, whole: int | None = None) -> Iterator[_Box]:
    """The boxes in ``data``, up to the first that does not fit in ``whole`` bytes (else those of ``data``)."""
    whole, start = len(data) if whole is None else whole, 0
    for _ in range(MOST_BOXES):
        if start + 8 > len(data):
            return
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1 and start + 16 <= len(data):
            size, body = struct.unpack_from(">Q", data, body)[0], start + 16
        elif size == 0 and kind != bytes(4):  # to the end of the file
            size = whole - start
        if size < body - start or start + size > whole:
            return
        yield _Box(kind, start, body, start + size)
        start += size


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _header_size(box: bytes) -> int:
    return next(_boxes(box)).body


def _child(body: bytes, kind: bytes) -> bytes | None:
    return next((body[box.body : box.end] for box in _boxes(body) if box.kind == kind), None)


def _with(body: bytes, kind: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """``body`` with what its first box of ``kind`` holds changed; the box is added, empty before, where none is."""
    last = 0
    for box in _boxes(body):
        if box.kind == kind:
            return body[: box.start] + _box(kind, change(body[box.body : box.end])) + body[box.end :]
        last = box.end
    return body[:last] + _box(kind, change(b"")) + body[last:]  # QuickTime ends a list of tags with four zeros


def _with_comment(meta: bytes, text: str) -> bytes:
    """The content of a ``meta`` box and ``text`` in it, in the way in which its other tags stand there."""
    value = _box(b"data", struct.pack(">II", 1, 0) + text.encode("utf-8", "replace"))
    if not meta:
        handler = _box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
        return bytes(4) + handler + _box(b"ilst", _box(_COMMENT, value))
    fixed, boxes = meta[:4], meta[4:]
    match _handler(meta):
        case b"mdir":
            return fixed + _with(boxes, b"ilst", lambda items: items + _box(_COMMENT, value))
        case b"mdta":
            keys = _child(boxes, b"keys")
            if keys is None or len(keys) < 8:
                raise MediaUnreadable("The video's tags have no names.")
            number = struct.unpack_from(">I", keys, 4)[0] + 1
            named = keys[:4] + struct.pack(">I", number) + keys[8:] + _key()
            boxes = _with(boxes, b"keys", lambda _: named)
            return fixed + _with(boxes, b"ilst", lambda items: items + _box(struct.pack(">I", number), value))
    raise MediaUnreadable("The video's tags are of an unknown kind.")


def _key() -> bytes:
    return struct.pack(">I", 4 + len(_KEY)) + _KEY


def _handler(meta: bytes) -> bytes:
    return (_child(meta[4:], b"hdlr") or b"")[8:12]


def _read(index: bytes) -> str | None:
    meta = _child(_child(index, b"udta") or b"", b"meta") or b""
    items = _child(meta[4:], b"ilst") or b""
    wanted = _COMMENT
    if _handler(meta) == b"mdta":
        names = (_child(meta[4:], b"keys") or b"")[8:]
        kinds = [names[box.start + 4 : box.end] for box in _boxes(names)]
        if _KEY not in kinds:
            return None
        wanted = struct.pack(">I", kinds.index(_KEY) + 1)
    value = _child(_child(items, wanted) or b"", b"data")
    return None if value is None else value[8:].decode("utf-8", "replace")


def _moved(index: bytes, after: int, by: int) -> bytes:
    """The index with every sample that stood at ``after`` or later ``by`` bytes further on."""
    moved = bytearray(index)
    tables = ((b"stco", ">I"), (b"co64", ">Q"))
    path = (b"trak", b"mdia", b"minf", b"stbl")

    def walk(start: int, end: int, kinds: tuple[bytes, ...]) -> None:
        for box in _boxes(index[start:end]):
            if kinds and box.kind == kinds[0]:
                walk(start + box.body, start + box.end, kinds[1:])
            for kind, form in tables:
                if not kinds and box.kind == kind:
                    width = struct.calcsize(form)
                    for at in range(start + box.body + 8, start + box.end, width):
                        offset = struct.unpack_from(form, index, at)[0]
                        struct.pack_into(form, moved, at, offset + by if offset >= after else offset)

    try:
        walk(0, len(index), path)
    except struct.error as error:
        raise MediaUnreadable(f"The video's offsets cannot be moved: {error}.") from error
    return bytes(moved)


def _copy(read: Callable[[int], bytes], write: Callable[[bytes], object], count: int) -> None:
    while count and (chunk := read(min(count, 1 << 20))):
        write(chunk)
        count -= len(chunk)


def _packets(path: Path, *, seconds: float = 60.0) -> bytes:
    """Time, size and digest of every packet of every stream, as text."""
    confined = [word for name, value in CONFINED.items() for word in (f"-{name}", value)]
    command = [program("ffmpeg"), "-nostdin", "-v", "error", *confined, "-i", f"file:{path.resolve()}"]
    done = run([*command, "-map", "0", "-c", "copy", "-f", "framemd5", "-"], Bounds(seconds, output=64 * MB))
    if done.failed:
        raise MediaUnreadable(f"The video's packets cannot be compared: {done.reason}.")
    return done.output
