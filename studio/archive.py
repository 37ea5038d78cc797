"""Many files as one ZIP, made while it is sent: neither in memory nor on disk is it ever whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

CHUNK = 1 << 20


def stream(files: Iterable[tuple[str, Path | str]]) -> Iterator[bytes]:
    """The bytes of a ZIP: each name in it with the file it is of, or with its text.

    Videos do not shrink: nothing is compressed.
    """
    output = _Output()
    with ZipFile(output, "w", ZIP_STORED) as archive:
        for name, path in files:
            if isinstance(path, str):
                archive.writestr(name, path)
                continue
            entry = ZipInfo.from_file(path, name)
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=entry.file_size > 1 << 31) as target:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
                    yield output.take()
    yield output.take()


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
