"""The folder of uploads is the studio's own, and what was left there of a studio that was cut off goes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from studio.web.shell import uploads


def test_what_is_left_of_earlier_goes_and_what_is_new_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(uploads.VARIABLE, raising=False)
    names = ("tmphalf", "digest/whole.mp4", "other/whole.mp4", "other/new.mp4", "tmpnew")
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"a")
        if "new" not in name:
            os.utime(path, (0, time.time() - uploads.KEEP_SECONDS - 60))
    uploads.prepare(tmp_path)
    assert os.environ[uploads.VARIABLE] == str(tmp_path)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        "other",
        "other/new.mp4",
        "tmpnew",
    ]


def test_a_folder_that_the_environment_names_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(uploads.VARIABLE, str(tmp_path / "shared"))
    left = tmp_path / "own" / "tmphalf"
    left.parent.mkdir()
    left.write_bytes(b"a")
    os.utime(left, (0, 0))
    uploads.prepare(left.parent)
    assert left.exists()
    assert os.environ[uploads.VARIABLE] == str(tmp_path / "shared")


@pytest.mark.parametrize("there", ["file", "link"])
def test_where_somebody_else_was_first_uploads_go_to_gradios_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str
) -> None:
    """The place is known to everybody on the machine: nobody there keeps the studio from starting, or gets a file."""
    monkeypatch.delenv(uploads.VARIABLE, raising=False)
    folder = tmp_path / "own"
    if there == "file":
        folder.write_bytes(b"")
    else:
        folder.symlink_to(tmp_path / "nowhere")
    uploads.prepare(folder)
    assert uploads.VARIABLE not in os.environ
