"""What a ZIP from outside may hold: bounds are looked at before anything is read."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest

from studio.errors import ArchiveUnreadable, StorageReserved
from studio.jobs.rows.store import Store
from studio.jobs.save.metadata import settings_in
from studio.library.archive import MOST_ENTRIES, check_directory, check_entries
from studio.library.transfer import MOST_LINE, take_in
from studio.media.vault import Vault
from studio.outputs.locations import Locations
from studio.system.disk import Reserve

ABOUT = '{"format": 1, "visitor": "ada"}'


def refused(path: Path) -> str:
    with pytest.raises(ArchiveUnreadable) as caught, ZipFile(path) as archive:
        check_entries(archive)
    return str(caught.value)


def test_an_entry_that_no_studio_writes_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("files/bomb", bytes(8 << 20))
    assert "would unpack to 8,388,608 bytes" in refused(path)
    with ZipFile(path, "w", ZIP_BZIP2) as archive:
        archive.writestr("jobs.jsonl", "{}")
    assert "packed in a way that no studio uses" in refused(path)
    link = ZipInfo("files/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "is a link" in refused(path)
    with ZipFile(path, "w") as archive:
        archive.writestr("jobs.jsonl", "{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("jobs.jsonl", "[]")
    assert "two entries of the name" in refused(path)


def test_a_list_of_entries_that_is_too_long_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("studio.json", ABOUT)
    check_directory(path)
    whole = bytearray(path.read_bytes())
    whole[-10:-6] = (200 << 20).to_bytes(4, "little")
    path.write_bytes(whole)
    with pytest.raises(ArchiveUnreadable, match=f"at most {MOST_ENTRIES:,} entries"):
        check_directory(path)


def test_a_line_without_end_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("studio.json", ABOUT)
        archive.writestr("files.jsonl", b" " * (MOST_LINE + 1))
        archive.writestr("jobs.jsonl", "")
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    vault = Vault(tmp_path / "media", store.engine)
    try:
        with pytest.raises(ArchiveUnreadable, match=r"Line 1 of files\.jsonl is longer than 1 MB"):
            take_in(store.engine, vault, Locations.folder(tmp_path / "output"), path)
        with ZipFile(path, "w") as archive:
            archive.writestr("studio.json", ABOUT)
            archive.writestr("files.jsonl", "[" * 100_000)
        with pytest.raises(ArchiveUnreadable, match="nested deeper"):
            take_in(store.engine, vault, Locations.folder(tmp_path / "output"), path)
    finally:
        vault.close()
        store.close()


def test_what_would_touch_the_reserve_of_the_disk_is_refused_before_anything_comes_in(tmp_path: Path) -> None:
    path, output = tmp_path / "a.zip", tmp_path / "output"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("studio.json", ABOUT)
        archive.writestr("files.jsonl", "not looked at")
        archive.writestr("jobs.jsonl", "")
        archive.writestr("videos/a.mp4", bytes(64 << 20), compress_type=ZIP_STORED)
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    vault = Vault(tmp_path / "media", store.engine)
    try:
        free = shutil.disk_usage(tmp_path).free
        with pytest.raises(StorageReserved, match="The file was not added"):
            take_in(store.engine, vault, Locations.folder(output), path, reserve=Reserve(free - (32 << 20)))
        assert list(output.iterdir()) == []
        with pytest.raises(ArchiveUnreadable):  # with room it goes on to what is in it
            take_in(store.engine, vault, Locations.folder(output), path, reserve=Reserve(0))
    finally:
        vault.close()
        store.close()


def test_settings_are_of_what_an_answer_can_hold() -> None:
    """An answer with half a character or an endless number in it could not be sent."""
    settings = settings_in(rb'{"request": {"mode": "text-to-video", "prompt": "\ud800a horse"}}')
    assert settings == {"mode": "text-to-video", "prompt": "\ufffda horse"}
    assert settings_in(b'{"request": {"mode": "text-to-video", "duration": NaN}}') is None
    assert settings_in(b'{"request": {"mode": "text-to-video", "seed": 1e999}}') is None


def test_a_video_of_boxes_alone_and_a_huge_record_have_no_settings() -> None:
    assert settings_in(b"\0\0\0\x08free" * 1_000_000) is None
    assert settings_in(b'{"request": "' + b"a" * (2 << 20) + b'"}') is None
