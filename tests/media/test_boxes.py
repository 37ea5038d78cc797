"""Boxes of MP4 files, of any make: what a comment changes in an index, and where a file says that it ends."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from studio.errors import MediaUnreadable
from studio.media.comment_tag import read_comment, with_comment
from studio.media.contents import outline

TEXTS = st.text(st.characters(codec="utf-8"), max_size=200)
NAMES = st.sampled_from([b"iods", b"mvex", b"free", b"trak", b"abcd"])


def box(kind: bytes, *bodies: bytes, long: bool = False) -> bytes:
    """A box; ``long`` with its size in 64 bits."""
    body = b"".join(bodies)
    if long:
        return struct.pack(">I4sQ", 1, kind, 16 + len(body)) + body
    return struct.pack(">I4s", 8 + len(body), kind) + body


def table(kind: bytes, offsets: list[int]) -> bytes:
    """Where the samples of a track begin, in 32 or 64 bits."""
    form = ">I" if kind == b"stco" else ">Q"
    return box(kind, struct.pack(">II", 0, len(offsets)), *(struct.pack(form, offset) for offset in offsets))


def track(chunks: bytes) -> bytes:
    return box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", box(b"minf", box(b"stbl", box(b"stsd"), chunks))))


def tags(handler: bytes, others: int) -> bytes:
    """A list of tags as iTunes (``mdir``) or QuickTime (``mdta``) write it, with so many that are no comment."""
    head = box(b"hdlr", bytes(8) + handler + bytes(13))
    value = box(b"data", struct.pack(">II", 1, 0), b"a label")
    if handler == b"mdir":
        return box(b"meta", bytes(4), head, box(b"ilst", *[box(b"\xa9too", value)] * others))
    keys = [box(b"mdta", f"com.example.{number}".encode()) for number in range(others)]
    items = [box(struct.pack(">I", number + 1), value) for number in range(others)]
    return box(b"meta", bytes(4), head, box(b"keys", struct.pack(">II", 0, others), *keys), box(b"ilst", *items))


OFFSETS = st.lists(st.integers(0, 2**31), max_size=8)
TRACKS = st.builds(table, st.sampled_from([b"stco", b"co64"]), OFFSETS).map(track)
OTHERS = st.builds(box, NAMES.filter(lambda name: name != b"trak"), st.binary(max_size=40), long=st.booleans())
META = st.builds(tags, st.sampled_from([b"mdir", b"mdta"]), st.integers(0, 5))
UDTA = st.lists(META, max_size=1).map(lambda meta: box(b"udta", *meta))


@st.composite
def indexes(draw: st.DrawFn) -> bytes:
    parts = draw(st.lists(TRACKS | OTHERS, max_size=5))
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), draw(UDTA))
    return box(b"moov", *parts, long=draw(st.booleans()))


def parts_of(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each box."""
    while data:
        size, kind = struct.unpack_from(">I4s", data)
        begin = 8
        if size == 1:
            (size,), begin = struct.unpack_from(">Q", data, 8), 16
        yield kind, data[begin:size]
        data = data[size:]


def offsets_in(data: bytes) -> list[int]:
    """All that stand in an index, in order."""
    found: list[int] = []
    for kind, content in parts_of(data):
        if kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
            found += offsets_in(content)
        elif kind in (b"stco", b"co64"):
            width = 4 if kind == b"stco" else 8
            found += [int.from_bytes(content[at : at + width], "big") for at in range(8, len(content), width)]
    return found


@given(indexes(), TEXTS, st.integers(0, 2**31))
def test_a_comment_is_read_back_and_only_the_samples_behind_the_index_move(index: bytes, text: str, after: int) -> None:
    grown = with_comment(index, text, after)
    assert read_comment(grown) == text
    (size,) = struct.unpack_from(">I", grown)
    assert size == len(grown)
    # The header of the index may shrink from 16 bytes to 8; what stands behind it moves by the difference of the whole.
    by = len(grown) - len(index)
    assert offsets_in(grown) == [offset + by if offset >= after else offset for offset in offsets_in(index)]
    assert offsets_in(with_comment(index, text, None)) == offsets_in(index)
    if "a label" not in text:
        assert grown.count(b"a label") == index.count(b"a label")


@given(st.binary(max_size=300) | st.builds(lambda index, cut: index[:cut], indexes(), st.integers(0, 400)))
def test_what_is_no_index_has_no_comment_and_takes_none_or_is_refused(data: bytes) -> None:
    assert read_comment(data) is None or b"data" in data
    whole = box(b"moov", data)
    try:
        grown = with_comment(whole, "a text", 0)
    except MediaUnreadable:
        return
    assert len(grown) > len(whole)


FILES = st.lists(st.sampled_from([b"mdat", b"moov", b"free", b"moof"]), max_size=6)


@given(FILES, st.data())
def test_a_video_that_lost_its_end_is_known_wherever_it_was_cut(kinds: list[bytes], data: st.DataObject) -> None:
    parts = [box(kind, bytes(data.draw(st.integers(0, 60))), long=data.draw(st.booleans())) for kind in kinds]
    video = box(b"ftyp", b"isom", bytes(4)) + b"".join(parts)
    needed = [at for at, kind in enumerate(kinds) if kind != b"free"]
    least = len(video) - sum(map(len, parts[needed[-1] + 1 :])) if needed else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "clip.mp4")
        path.write_bytes(video + data.draw(st.binary(max_size=4)))  # what stands behind the last box is no part of it
        whole = outline(path)
        assert (whole.kind, whole.announced, whole.indexed) == ("MP4", least, b"moov" in kinds)
        assert whole.cut is (b"moov" not in kinds)
        if least is not None and kinds.count(b"moov") == 1:
            path.write_bytes(video[: data.draw(st.integers(16, least - 1))])
            assert outline(path).cut or b"moov" in kinds[: needed[-1]]


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\0\0\0\x10ftypisom", b"RIFF", b"\x1aE\xdf\xa3"]),
)
def test_any_bytes_have_an_outline(tail: bytes, head: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(head + tail)
        found = outline(path)
    assert found.bytes == len(head + tail)
    assert found.announced is None or found.announced >= 0
