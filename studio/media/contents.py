"""What a file says of itself in its first bytes and its outline, without a decoder: its kind and its whole length.

A file that was cut off on its way (an upload that broke, a card pulled out, a download still going on) has lost its
end, and with it, often, what a decoder needs to open it. Its beginning still tells what it was, and mostly how long.

Sources: ISO/IEC 14496-12 (boxes), ISO/IEC 15948 (PNG), RFC 9649 (WEBP), Matroska (EBML), ISO/IEC 18181-2 (JPEG XL).
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, NamedTuple

from studio.errors import MediaUnreadable
from studio.message import Message

_HEAD = 4096
"""Bytes that tell the kind."""
_MOST_BOXES = 10_000
"""Looked at in one file: fragmented videos have two a second."""
_MOST_CHUNKS = 100_000
"""Of a PNG: programs write its pixels in pieces of 8 KB."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"8BPS", "Photoshop"),
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1aE\xdf\xa3", "Matroska"),
    (b"OggS", "Ogg"),
)
_NEEDED = frozenset({b"moov", b"mdat", b"moof", b"meta"})
_BOXES = _NEEDED | {b"ftyp", b"wide", b"free", b"skip", b"pnot", b"sidx", b"styp", b"uuid", b"udta", b"mfra", b"emsg"}
"""What follows of other kinds, or of none, is no part of the file: a player leaves it alone."""
_BITMAPS = frozenset({12, 40, 52, 56, 64, 108, 124})
_ENDS = {"JPEG": b"\xff\xd9", "GIF": b";"}
_TAIL = 64
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF = frozenset({b"mif1", b"mif2", b"msf1", b"miaf", b"1pic"})
PICTURES = frozenset(
    {"JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "HEIC", "HEIF", "AVIF", "JPEG XL", "JPEG 2000", "Photoshop", "SVG"}
)
VIDEOS = frozenset({"MP4", "MOV", "AVI", "Matroska"})
_INDEXED = frozenset({"MP4", "MOV"})
_BOXED = _INDEXED | {"HEIC", "HEIF", "AVIF"}


class Outline(NamedTuple):
    """What was found."""

    kind: str | None
    """``JPEG``, ``HEIC``, ``MP4`` …; None for what is not known."""
    bytes: int
    announced: int | None
    """Bytes that the whole file has at least, by its own words; None where it says nothing."""
    indexed: bool = True
    """False for a video of the MP4 family without its index, which cameras write last."""
    ended: bool = True
    """False for a picture without the mark that stands at the end of its kind."""

    @property
    def cut(self) -> bool:
        """Whether the end is missing."""
        return not self.indexed or not self.ended or (self.announced is not None and self.announced > self.bytes)

    @property
    def missing(self) -> Message:
        """What is there, against what was announced."""
        if self.announced is not None and self.announced > self.bytes:
            return Message(
                "The file is incomplete: it should have at least {all:,} bytes, but has {here:,}. Copy or "
                "upload it again.",
                all=self.announced,
                here=self.bytes,
            )
        if not self.indexed:
            return Message(
                "The file is incomplete: the {kind} ends after {here:,} bytes, and the index at its end is "
                "missing. Copy or upload it again.",
                kind=self.kind,
                here=self.bytes,
            )
        return Message(
            "The file is incomplete: the {kind} ends after {here:,} bytes without an end marker. Copy or "
            "upload it again.",
            kind=self.kind,
            here=self.bytes,
        )


def outline(path: Path) -> Outline:
    """Look at the file's beginning and follow its outline to the end; reads some kilobytes, whatever its size."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD)
        kind = _kind(head)
        if kind in _BOXED:
            announced, index = _boxes_end(file, size)
            video = kind in _INDEXED
            return Outline(kind, size, announced, index or not video, video or announced is not None)
        if kind == "PNG":
            return Outline(kind, size, _png_end(file))
        file.seek(max(0, size - _TAIL))
        ended = _ENDS.get(kind or "", b"") in file.read()
    announced = None
    if kind in ("WEBP", "AVI"):
        announced = 8 + int.from_bytes(head[4:8], "little")
    elif kind == "BMP":
        announced = int.from_bytes(head[2:6], "little")
    elif kind == "Matroska":
        announced = _matroska_end(head)
    return Outline(kind, size, announced, ended=ended)


def refuse(path: Path, wanted: frozenset[str], reason: Message | str) -> MediaUnreadable:
    """Why a file that no decoder of its kind opens is refused: as what it is, else with the decoder's ``reason``."""
    found = outline(path)
    if found.kind in wanted and found.cut:
        return MediaUnreadable(found.missing)
    if found.kind == "HTML":
        return MediaUnreadable(
            "The file is a web page, not what its name says. The site may require you to sign in. Download it again."
        )
    if found.kind in PICTURES and "MP4" in wanted:
        return MediaUnreadable(Message("The file is an image ({kind}), not a video.", kind=found.kind))
    if found.kind in VIDEOS and "JPEG" in wanted:
        return MediaUnreadable(Message("The file is a video ({kind}), not an image.", kind=found.kind))
    if found.kind in PICTURES - wanted:
        return MediaUnreadable(
            Message(
                "The studio cannot open {kind} images. Save it as JPEG or PNG and add that.",
                kind=found.kind,
            )
        )
    if found.kind in ("PDF", "ZIP"):
        return MediaUnreadable(
            Message("This is a {kind} file. Extract the image or video and add that.", kind=found.kind)
        )
    return MediaUnreadable(reason)


def _kind(head: bytes) -> str | None:
    if head[:4] == b"RIFF":
        return {b"WEBP": "WEBP", b"AVI ": "AVI"}.get(head[8:12])
    if head[:2] == b"BM":
        return "BMP" if int.from_bytes(head[14:18], "little") in _BITMAPS else None
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[4:8] == b"ftyp":
        return _brand(head)
    if head[4:8] in _BOXES:
        return "MOV"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return "HTML"
    return "SVG" if b"<svg" in text and text.startswith(b"<") else None


def _brand(head: bytes) -> str:
    length = int.from_bytes(head[:4], "big")
    major, further = head[8:12], head[16 : max(16, min(length, _HEAD))]
    brands = {major, *(further[at : at + 4] for at in range(0, len(further), 4))}
    if major == b"qt  ":
        return "MOV"
    if major in (b"avif", b"avis") or (major in _HEIF and brands & {b"avif", b"avis"}):
        return "AVIF"
    if major in _HEIC or (major in _HEIF and brands & _HEIC):
        return "HEIC"
    return "HEIF" if major in _HEIF else "MP4"


def _boxes_end(file: BinaryIO, size: int) -> tuple[int | None, bool]:
    """Where the last box that is needed ends, perhaps beyond the file, and whether there was an index."""
    end, start, index = None, 0, False
    for _ in range(_MOST_BOXES):
        file.seek(start)
        head = file.read(16)
        kind, length = head[4:8], int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        elif length == 0:
            length = size - start  # to the end of the file
        # The first bears whatever name it likes: some are damaged there and play all the same.
        if len(head) < 8 or length < 8 or (start and kind not in _BOXES):
            break
        start += length
        index = index or kind == b"moov"
        if kind in _NEEDED:
            end = start
    return end, index


def _png_end(file: BinaryIO) -> int | None:
    """Where the last chunk ends, perhaps beyond the file: what follows it is no part of the picture. A decoder may have
    all rows before that, and another takes no picture without it."""
    start = len(b"\x89PNG\r\n\x1a\n")
    for _ in range(_MOST_CHUNKS):
        file.seek(start)
        head = file.read(8)
        start += 12 + int.from_bytes(head[:4], "big") if len(head) == 8 else 12
        if len(head) < 8 or head[4:] == b"IEND":
            return start
    return None


def _matroska_end(head: bytes) -> int | None:
    """Where the segment ends, which holds all; None where its length is left open, as in a live recording."""
    at = 4
    length, at = _vint(head, at)
    if length is None or head[at + length : at + length + 4] != b"\x18\x53\x80\x67":
        return None
    length, at = _vint(head, at + length + 4)
    return None if length is None else at + length


def _vint(data: bytes, at: int) -> tuple[int | None, int]:
    """A number of Matroska's, as long as its leading zeros say; None for the one that means unknown."""
    if at >= len(data) or data[at] == 0:
        return None, at
    width = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
    return (None if value == (1 << 7 * width) - 1 else value), at + width
