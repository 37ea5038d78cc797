"""Many files as one ZIP, made while it is sent: neither in memory nor on disk is it ever whole. And what a ZIP from
outside must be before it is read: its directory, its entries and what they unpack to have bounds."""

from __future__ import annotations

import os
import stat
import struct
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from studio.errors import ArchiveUnreadable
from studio.outputs.locations import Stored

CHUNK = 1 << 20
MOST_ENTRIES = 200_000
MOST_DIRECTORY = 32 << 20
"""Bytes of the list of entries, which is read as a whole: 80 for each is usual."""
MOST_LINES = 1 << 30
"""Bytes that an entry of lines unpacks to; it is read line by line."""
MOST_ENTRY = 4 << 30
"""Bytes of any other entry."""
PACKED = 4
"""So many times its size in the ZIP such an entry may unpack to, and a megabyte more: videos and pictures do not
shrink."""

_END, _END_64, _LOCATOR = b"PK\5\6", b"PK\6\6", b"PK\6\7"
_LONGEST_COMMENT = 1 << 16


def check_directory(path: Path) -> None:
    """Look at how long the list of entries is before anything reads it; raises ArchiveUnreadable, and BadZipFile."""
    entries, size = _directory(path)
    if entries > MOST_ENTRIES or size > MOST_DIRECTORY:
        raise ArchiveUnreadable(
            f"{path.name} has a list of {entries:,} entries and {size:,} bytes; "
            f"at most {MOST_ENTRIES:,} entries and {MOST_DIRECTORY:,} bytes are read."
        )


def _directory(path: Path) -> tuple[int, int]:
    """Entries and bytes of the list, as the end of the ZIP tells; the greater where two places tell."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LONGEST_COMMENT - 22 - 20))
        tail = file.read()
        at = tail.rfind(_END)
        if at < 0 or at + 22 > len(tail):
            raise BadZipFile("it has no list of entries")
        entries, length = struct.unpack_from("<H", tail, at + 10)[0], struct.unpack_from("<I", tail, at + 12)[0]
        if at >= 20 and tail[at - 20 : at - 16] == _LOCATOR:
            file.seek(min(size, struct.unpack_from("<Q", tail, at - 12)[0]))
            end = file.read(56)
            if len(end) == 56 and end[:4] == _END_64:
                more, longer = struct.unpack_from("<QQ", end, 32)
                entries, length = max(entries, more) if entries != 0xFFFF else more, longer
    return entries, length


def check_entries(archive: ZipFile) -> None:
    """Look at what the entries say of themselves; raises ArchiveUnreadable for what no studio writes.

    That they unpack to no more than they say, the reader sees to.
    """
    names: set[str] = set()
    for entry in archive.infolist():
        name, lines = entry.filename, "/" not in entry.filename
        if len(archive.NameToInfo) != len(archive.filelist) and name in names:
            raise ArchiveUnreadable(f"It has two entries of the name {name[:100]!r}.")
        names.add(name)
        if entry.flag_bits & 1 or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise ArchiveUnreadable(f"{name[:100]!r} is encrypted, or packed in a way that no studio uses.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ArchiveUnreadable(f"{name[:100]!r} is a link and no file.")
        most = MOST_LINES if lines else min(MOST_ENTRY, PACKED * entry.compress_size + CHUNK)
        if entry.file_size > most:
            raise ArchiveUnreadable(
                f"{name[:100]!r} would unpack to {entry.file_size:,} bytes; at most {most:,} are read."
            )


def stream(files: Iterable[tuple[str, Stored | str]]) -> Iterator[bytes]:
    """The bytes of a ZIP: each name in it with the file it is of, or with its text. Raises as ``Stored.read`` does.

    Videos do not shrink: nothing is compressed.
    """
    output = _Output()
    with ZipFile(output, "w", ZIP_STORED) as archive:
        for name, file in files:
            if isinstance(file, str):
                archive.writestr(name, file)
                continue
            for _ in write_stored(archive, name, file):
                yield output.take()
    yield output.take()


def write_stored(archive: ZipFile, name: str, file: Stored) -> Iterator[None]:
    """Write a file into a ZIP as it is, a piece at each step; raises OutputGone before there is anything of it."""
    chunks = file.read()
    first = next(chunks, b"")
    entry = ZipInfo(name, max(time.localtime(file.stat.modified)[:6], (1980, 1, 1, 0, 0, 0)))
    entry.external_attr = 0o600 << 16
    entry.file_size = file.stat.size
    with archive.open(entry, "w", force_zip64=file.stat.size > 1 << 31) as target:
        for chunk in (first, *chunks):
            target.write(chunk)
            yield


class _Output:
    """A file that can be written to, but not moved about in; what was written is handed on."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken
