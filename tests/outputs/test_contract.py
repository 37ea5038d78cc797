"""What every location for finished videos does alike."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.errors import OutputGone, OutputTaken
from studio.outputs.base import Outputs
from studio.outputs.bucket import LARGEST_BLOCK, PART, Bucket
from studio.outputs.folder import Folder
from studio.outputs.locations import open_outputs
from tests.outputs.store import KEY_ID, SECRET, Store, access
from tests.servers import ROOT

NAME = "happyhorse-1.0-t2v/videos/20260421-125820-3f9a1c2b.mp4"

MEMBERS: dict[str, Callable[[pytest.FixtureRequest, Path], Outputs]] = {}


def member(make: Callable[[pytest.FixtureRequest, Path], Outputs]) -> Callable[[pytest.FixtureRequest, Path], Outputs]:
    MEMBERS[make.__name__] = make
    return make


@member
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Outputs:
    return Folder(tmp_path / "videos of mine")


@member
def bucket(request: pytest.FixtureRequest, tmp_path: Path) -> Outputs:
    store: Store = request.getfixturevalue("s3_store")
    return Bucket(store.bucket(), "studio one/ü", access(store.url))


@pytest.fixture(
    params=[pytest.param(name, marks=[pytest.mark.process] if name == "bucket" else []) for name in MEMBERS]
)
def outputs(request: pytest.FixtureRequest, tmp_path: Path) -> Outputs:
    return MEMBERS[request.param](request, tmp_path)


def written(tmp_path: Path, content: bytes, name: str = "source") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def content_of(outputs: Outputs, name: str = NAME, start: int = 0, end: int | None = None) -> bytes:
    stat = outputs.stat(name)
    assert stat is not None
    return b"".join(outputs.read(name, stat, start, end))


def test_a_file_is_there_under_its_name_and_its_source_stays(outputs: Outputs, tmp_path: Path) -> None:
    assert outputs.stat(NAME) is None
    source = written(tmp_path, b"a video")
    outputs.put(source, NAME)
    assert content_of(outputs) == source.read_bytes() == b"a video"
    stat = outputs.stat(NAME)
    assert stat is not None
    assert stat.size == 7
    assert abs(stat.modified - source.stat().st_mtime) < 60


@pytest.mark.parametrize(
    "name",
    ["with spaces.mp4", "100%.mp4", "100%25.mp4", "a+b&c=d?#e.mp4", "视频/一匹马.mp4", "e\u0301.mp4", "'\"~!@$.mp4"],
)
def test_a_name_is_taken_as_it_is(outputs: Outputs, tmp_path: Path, name: str) -> None:
    outputs.put(written(tmp_path, name.encode()), name)
    assert content_of(outputs, name) == name.encode()
    outputs.delete(name)
    assert outputs.stat(name) is None


@pytest.mark.parametrize("name", ["../away.mp4", "/etc/passwd", "a//b", "", ".", "a/..", "a\\b", "a\0b"])
def test_a_name_leads_nowhere_else(outputs: Outputs, tmp_path: Path, name: str) -> None:
    source = written(tmp_path, b"")
    for use in (lambda: outputs.put(source, name), lambda: outputs.stat(name), lambda: outputs.delete(name)):
        with pytest.raises(ValueError, match="no name of a file"):
            use()


def test_what_is_there_is_replaced_only_on_purpose(outputs: Outputs, tmp_path: Path) -> None:
    first, second = written(tmp_path, b"first"), written(tmp_path, b"other", "second")
    outputs.put(first, NAME)
    outputs.put(first, NAME)
    with pytest.raises(OutputTaken):
        outputs.put(second, NAME)
    assert content_of(outputs) == b"first"
    outputs.put(second, NAME, replace=True)
    assert content_of(outputs) == b"other"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, None, b"0123456789"),
        (0, 1, b"0"),
        (0, 4, b"0123"),
        (3, 7, b"3456"),
        (7, None, b"789"),
        (9, 10, b"9"),
        (8, 100, b"89"),
        (10, 11, b""),
        (50, 60, b""),
        (5, 5, b""),
    ],
)
def test_ranges(outputs: Outputs, tmp_path: Path, start: int, end: int | None, expected: bytes) -> None:
    outputs.put(written(tmp_path, b"0123456789"), NAME)
    assert content_of(outputs, NAME, start, end) == expected


def test_an_empty_file_is_a_file(outputs: Outputs, tmp_path: Path) -> None:
    outputs.put(written(tmp_path, b""), NAME)
    assert content_of(outputs) == b""
    stat = outputs.stat(NAME)
    assert stat is not None
    assert stat.size == 0


def test_a_large_file_goes_up_in_parts_and_comes_down_in_blocks(outputs: Outputs, tmp_path: Path) -> None:
    content = os.urandom(4 * PART + 12345)
    outputs.put(written(tmp_path, content), NAME)
    stat = outputs.stat(NAME)
    assert stat is not None
    blocks = list(outputs.read(NAME, stat))
    assert max(map(len, blocks)) <= LARGEST_BLOCK
    assert b"".join(blocks) == content
    middle = len(content) // 2
    assert (
        content_of(outputs, NAME, middle, middle + 6 * LARGEST_BLOCK // 5) == content[middle:][: 6 * LARGEST_BLOCK // 5]
    )
    outputs.put(tmp_path / "source", NAME)  # the same once more, by its digest


def test_deleting_is_safe_to_repeat(outputs: Outputs, tmp_path: Path) -> None:
    outputs.put(written(tmp_path, b"a video"), NAME)
    outputs.delete(NAME)
    outputs.delete(NAME)
    assert outputs.stat(NAME) is None


def test_a_file_that_vanished_is_said_to_be_gone(outputs: Outputs, tmp_path: Path) -> None:
    outputs.put(written(tmp_path, b"a video"), NAME)
    stat = outputs.stat(NAME)
    assert stat is not None
    outputs.delete(NAME)
    with pytest.raises(OutputGone):
        list(outputs.read(NAME, stat))


@pytest.mark.process
def test_nobody_gets_the_bytes_of_a_file_that_took_its_place(outputs: Outputs, tmp_path: Path) -> None:
    """Another process put it there, so that nothing is known here of the change."""
    outputs.put(written(tmp_path, b"a video"), NAME)
    before = outputs.stat(NAME)
    assert before is not None
    in_another_process(outputs, "put", written(tmp_path, b"another", "second"), tmp_path)
    with pytest.raises(OutputGone):
        list(outputs.read(NAME, before))
    assert content_of(outputs) == b"another"


@pytest.mark.process
def test_a_second_process_sees_the_same_files(outputs: Outputs, tmp_path: Path) -> None:
    in_another_process(outputs, "put", written(tmp_path, b"a video"), tmp_path)
    assert content_of(outputs) == b"a video"
    before = outputs.stat(NAME)
    assert before is not None
    in_another_process(outputs, "delete", None, tmp_path)
    with pytest.raises(OutputGone):
        list(outputs.read(NAME, before))
    assert outputs.stat(NAME) is None


def in_another_process(outputs: Outputs, what: str, source: Path | None, tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from pydantic import SecretStr
from studio.outputs.base import Access
from studio.outputs.locations import open_outputs
outputs = open_outputs({outputs.location!r}, Access({getattr(outputs, "endpoint", None)!r}, "us-east-1",
    {KEY_ID!r}, SecretStr({SECRET!r})))
if {what!r} == "put":
    outputs.put(Path({str(source)!r}), {NAME!r}, replace=True)
else:
    outputs.delete({NAME!r})
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_threads_may_put_and_read_at_once(outputs: Outputs, tmp_path: Path) -> None:
    wrong: list[int] = []

    def work(number: int) -> None:
        content = bytes([number]) * 100_000
        outputs.put(written(tmp_path, content, f"source-{number}"), f"m/videos/{number}.mp4")
        if content_of(outputs, f"m/videos/{number}.mp4") != content:
            wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert outputs.stat("m/videos/7.mp4") is not None


def test_a_location_that_takes_files_passes_its_check_and_nothing_stays_of_it(outputs: Outputs) -> None:
    outputs.check()
    outputs.check()


def test_its_location_opens_it_again(outputs: Outputs) -> None:
    again = open_outputs(outputs.location, access("http://store.example"))
    assert (type(again), again.location) == (type(outputs), outputs.location)
