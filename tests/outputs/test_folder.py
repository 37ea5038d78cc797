"""A folder: what is in it under its own name is whole, also after a death in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.errors import ConfigError, StorageFull, StorageUnwritable
from studio.outputs.folder import Folder
from tests.disks import disk_at

NAME = "m/videos/a.mp4"


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB, to which a file of another cannot be linked."""
    with disk_at(tmp_path / "output", "64k") as folder:
        yield folder


def test_what_lies_there_already_is_published(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a video")
    before = path.stat()
    Folder(tmp_path).put(path, NAME)
    assert path.stat() == before


def test_a_file_of_another_disk_is_copied_and_nothing_half_stays(other_disk: Path, tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b"a video")
    large.write_bytes(b"x" * 100_000)
    folder = Folder(other_disk)
    folder.put(small, NAME)
    with pytest.raises(StorageFull):
        folder.put(large, "m/videos/b.mp4")
    assert [path.name for path in other_disk.rglob("*") if path.is_file()] == ["a.mp4"]
    assert (other_disk / NAME).read_bytes() == b"a video"


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "output").write_text("a file, and no folder")
    source = tmp_path / "source"
    source.write_bytes(b"")
    folder = Folder(tmp_path / "output")
    with pytest.raises(ConfigError, match=r"OUTPUT_DIR is .* cannot be written .*: give the studio permission"):
        folder.check()
    with pytest.raises(StorageUnwritable):
        folder.put(source, NAME)
    assert folder.stat(NAME) is None
