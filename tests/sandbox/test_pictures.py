"""Pictures that cost much to decode: in a process of their own, within bounds."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from studio.catalog.models import CATALOG
from studio.sandbox import pictures
from studio.sandbox.media import read_picture, widest
from studio.sandbox.tasks import TaskFailed
from tests.processes import running

LIMITS = widest(CATALOG.media_limits(CATALOG.models("dashscope", "image-to-video")[0], "first_frame"))


def png(width: int, height: int, colour: int = 2, depth: int = 8, rows: bytes = b"") -> bytes:
    """A PNG whose header says so, whatever its rows are."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_001, 10_000), (20_000, 20_000)])
def test_what_has_too_many_pixels_is_refused_by_its_header(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(*size))
    with pytest.raises(TaskFailed, match="too many pixels"):
        read_picture(path, LIMITS, "it")


@pytest.mark.process
def test_a_large_picture_comes_upright_from_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    picture = Image.new("RGB", (5200, 5000), "red")
    assert picture.width * picture.height > pictures.LARGE_PIXELS
    picture.paste("blue", (0, 0, 2600, 5000))
    exif = picture.getexif()
    exif[0x0112] = 6  # to be turned by a quarter: what was left is above
    picture.save(path, exif=exif, compress_level=1)
    given = read_picture(path, LIMITS, "it")
    assert (given.width, given.height) == (5000, 5200)
    assert max(given.image.size) == pictures.KEPT_SIDE
    right, bottom = given.image.width - 10, given.image.height - 10
    assert [given.image.getpixel(at) for at in ((right, 10), (right, bottom))] == [(0, 0, 255), (255, 0, 0)]
    assert not running("studio.sandbox.pictures")


@pytest.mark.process
def test_a_large_picture_that_is_not_whole_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(6000, 6000, rows=bytes(1000)))
    with pytest.raises(TaskFailed, match="not supported or incorrect"):
        read_picture(path, LIMITS, "it")
