from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from studio.library.archive import CHUNK, stream
from studio.outputs.locations import Locations, Stored


def test_a_zip_is_sent_while_it_is_made(tmp_path: Path) -> None:
    contents = {"first.mp4": b"\x00\x01" * (2 * CHUNK), "二.json": b"{}", "empty.json": b""}
    opened: list[str] = []

    folder = Locations.folder(tmp_path)

    def files() -> Iterator[tuple[str, Stored]]:
        for name, content in contents.items():
            opened.append(name)
            (tmp_path / name).write_bytes(content)
            stored = folder.find(None, name)
            assert stored is not None
            yield name, stored

    parts = stream(files())
    first = next(parts)
    assert opened == ["first.mp4"]
    rest = list(parts)
    assert max(map(len, [first, *rest])) < 1.1 * CHUNK
    archive = zipfile.ZipFile(io.BytesIO(b"".join([first, *rest])))
    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist()} == contents
    assert all(entry.compress_type == zipfile.ZIP_STORED for entry in archive.infolist())
