from __future__ import annotations

import shutil
import struct
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import ExifTags, Image

from studio.errors import MediaUnreadable
from studio.media.images import MAX_PIXELS, ImageFacts, ImageReader
from tests.media.videos import cut
from tests.processes import running

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def reader() -> Iterator[ImageReader]:
    opened = ImageReader()
    yield opened
    opened.close()


def picture(mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> Image.Image:
    """A gradient, which no format shrinks to nothing."""
    return Image.linear_gradient("L").resize(size).convert(mode)


def save(path: Path, image: Image.Image | None = None, **options: Any) -> Path:
    (image or picture()).save(path, **options)
    return path


def children() -> set[int]:
    """Process ids of the readers that this process started."""
    return running("studio.media.images")


def png(width: int, height: int, *more: bytes) -> bytes:
    """A PNG of one black pixel row whose header promises ``width`` × ``height``."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(width + 1))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_the_facts_of_a_plain_image(reader: ImageReader, tmp_path: Path, form: str) -> None:
    path = save(tmp_path / "picture", format=form)
    assert reader.read(path) == ImageFacts(
        format=form,
        bytes=path.stat().st_size,
        width=40,
        height=30,
        mode="RGB",
        orientation=1,
        frames=1,
        alpha=False,
        complete=True,
        announced=path.stat().st_size if form in ("PNG", "WEBP", "BMP") else None,
    )


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "I;16", "CMYK"])
def test_a_thumbnail_is_made_on_the_way(reader: ImageReader, tmp_path: Path, mode: str) -> None:
    form = "TIFF" if mode == "CMYK" else "PNG"
    thumbnail = tmp_path / "thumbnail.jpg"
    assert reader.read(save(tmp_path / "large", picture(mode, (1000, 500)), format=form), thumbnail).complete
    with Image.open(thumbnail) as small:
        assert (small.format, small.size) == ("JPEG", (480, 240))


def test_a_thumbnail_is_upright_and_only_of_what_is_whole(reader: ImageReader, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    path, thumbnail = save(tmp_path / "photo.jpg", picture(size=(1000, 500)), exif=exif), tmp_path / "thumbnail.jpg"
    reader.read(path, thumbnail)
    with Image.open(thumbnail) as small:
        assert small.size == (240, 480)
    thumbnail.unlink()
    cut(path, 0.7)
    assert not reader.read(path, thumbnail).complete
    assert not thumbnail.exists()


def test_a_thumbnail_of_deep_gray_is_gray(reader: ImageReader, tmp_path: Path) -> None:
    reader.read(save(tmp_path / "deep.png", Image.new("I;16", (600, 600), 0x8000)), tmp_path / "thumbnail.jpg")
    with Image.open(tmp_path / "thumbnail.jpg") as small:
        assert small.getpixel((200, 200)) == pytest.approx((128, 128, 128), abs=2)


def test_postscript_is_handed_to_no_interpreter(reader: ImageReader, tmp_path: Path) -> None:
    path = save(tmp_path / "drawing.eps", picture(size=(400, 300)), format="EPS")
    with pytest.raises(MediaUnreadable, match="The image format is not supported"):
        reader.read(path)


def test_the_format_is_judged_by_the_content(reader: ImageReader, tmp_path: Path) -> None:
    assert reader.read(save(tmp_path / "picture.jpg", format="PNG")).format == "PNG"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_has_the_size_that_is_shown(reader: ImageReader, tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    facts = reader.read(save(tmp_path / "photo.jpg", exif=exif))
    assert facts.orientation == orientation
    assert (facts.width, facts.height) == ((40, 30) if orientation < 5 else (30, 40))


def test_an_orientation_that_does_not_exist_is_upright(reader: ImageReader, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 77
    assert reader.read(save(tmp_path / "photo.jpg", exif=exif)).orientation == 1


def test_print_colours_and_deep_channels_are_noticed(reader: ImageReader, tmp_path: Path) -> None:
    assert reader.read(save(tmp_path / "print.jpg", picture("CMYK"))).mode == "CMYK"
    deep = reader.read(save(tmp_path / "deep.png", picture("I;16")))
    assert (deep.mode, deep.deep) == ("I;16", True)
    assert not reader.read(save(tmp_path / "plain.png")).deep


def test_transparency_is_noticed_in_all_its_forms(reader: ImageReader, tmp_path: Path) -> None:
    assert reader.read(save(tmp_path / "rgba.png", picture("RGBA"))).alpha
    assert reader.read(save(tmp_path / "la.png", picture("LA"))).alpha
    assert reader.read(save(tmp_path / "palette.png", picture("P"), transparency=0)).alpha
    assert not reader.read(save(tmp_path / "opaque.png", picture("P"))).alpha


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_moving_pictures_are_counted(reader: ImageReader, tmp_path: Path, form: str) -> None:
    frames = [picture().rotate(90 * turn) for turn in range(3)]
    path = save(tmp_path / "moving", frames[0], format=form, save_all=True, append_images=frames[1:])
    facts = reader.read(path)
    assert (facts.format, facts.frames) == (form, 3)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "BMP"])
def test_a_picture_that_ends_early_is_incomplete(reader: ImageReader, tmp_path: Path, form: str) -> None:
    path = save(tmp_path / "cut", picture(size=(400, 300)), format=form)
    cut(path, 0.5)
    facts = reader.read(path)
    assert (facts.width, facts.height, facts.complete) == (400, 300, False)


@pytest.mark.parametrize("cut", [1, 12, 20])
def test_a_png_without_its_end_is_incomplete_though_its_rows_are_all_there(
    reader: ImageReader, tmp_path: Path, cut: int
) -> None:
    path = save(tmp_path / "image", picture(), format="PNG")
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    facts = reader.read(path)
    assert (facts.complete, facts.announced) == (False, len(whole))
    path.write_bytes(whole + bytes(5000))  # what follows the end is no part of it
    facts = reader.read(path)
    assert (facts.complete, facts.announced) == (True, len(whole))


def test_a_webp_that_ends_early_cannot_be_read_at_all(reader: ImageReader, tmp_path: Path) -> None:
    path = save(tmp_path / "cut", picture(size=(400, 300)), format="WEBP")
    cut(path, 0.5)
    with pytest.raises(MediaUnreadable):
        reader.read(path)


def test_a_turned_photo_that_ends_early_is_both(reader: ImageReader, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    path = save(tmp_path / "photo.jpg", picture(size=(400, 300)), exif=exif)
    cut(path, 0.7)
    facts = reader.read(path)
    assert (facts.width, facts.height, facts.complete) == (300, 400, False)


def test_a_header_of_a_billion_pixels_is_refused_unopened(reader: ImageReader, tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(60_000, 60_000))
    with pytest.raises(MediaUnreadable, match="60,000 × 60,000 pixels; the limit is 100 million"):
        reader.read(path)


def test_a_header_within_the_bound_is_opened(reader: ImageReader, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(png(MAX_PIXELS // 10_000, 10_000))
    facts = reader.read(path)
    assert facts.width * facts.height == MAX_PIXELS


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b"Dear diary, " * 500, "The image format is not supported"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot open SVG images"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "cannot open JPEG XL images"),
        (b"<!doctype html><title>Log in</title>", "The file is a web page"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", r"The file is a video \(MP4\), not an image"),
        (b"\x89PNG\r\n\x1a\n", "incomplete.* at least 20 bytes, but has 8"),
        (b"\xff\xd8\xff\xe0", "incomplete: the JPEG ends after 4 bytes"),
        (b"GIF89a\xff\xff\xff\xff\x80\x00\x00", "incomplete: the GIF ends after 13 bytes"),
        (b"RIFF\0\1\0\0WEBPVP8 ", "incomplete: it should have at least 264 bytes, but has 16"),
    ],
)
def test_what_is_no_image_is_refused_with_a_reason(
    reader: ImageReader, tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(content)
    with pytest.raises(MediaUnreadable, match=reason) as caught:
        reader.read(path)
    assert str(tmp_path) not in str(caught.value)


def test_a_file_that_is_not_there_is_told(reader: ImageReader, tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable, match="cannot be opened: No such file"):
        reader.read(tmp_path / "missing.png")


def test_any_name_can_be_asked_for(reader: ImageReader, tmp_path: Path) -> None:
    for name in ("two\nlines.png", "馬 🐎.png", '"quoted".png'):
        assert reader.read(save(tmp_path / name)).width == 40


def test_a_reader_that_hangs_is_given_up_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "picture.png")
    reader = ImageReader(readers=1)
    before = children()
    try:
        assert reader.read(path).complete
        (hung,) = children() - before
        psutil.Process(hung).suspend()
        with monkeypatch.context() as patch:
            patch.setattr(reader, "_seconds", 1.0)
            with pytest.raises(MediaUnreadable, match="took longer than 1 seconds"):
                reader.read(path)
        assert not psutil.pid_exists(hung)
        assert reader.read(path).complete
    finally:
        reader.close()
    assert children() == before


def test_a_reader_that_dies_is_replaced_unnoticed(tmp_path: Path) -> None:
    path = save(tmp_path / "picture.png")
    reader = ImageReader(readers=1)
    before = children()
    try:
        reader.read(path)
        (victim,) = children() - before
        psutil.Process(victim).kill()
        assert reader.read(path).complete
    finally:
        reader.close()


@pytest.mark.skipif(not hasattr(psutil.Process, "rlimit"), reason="processes have no limits here")
def test_a_picture_that_takes_too_much_memory_is_told_so(tmp_path: Path) -> None:
    path, large = save(tmp_path / "picture.png"), tmp_path / "large.png"
    Image.new("RGB", (4900, 4900)).save(large)
    reader = ImageReader(readers=1)
    before = children()
    try:
        reader.read(path)
        (child,) = map(psutil.Process, children() - before)
        most = child.memory_info().vms + (20 << 20)
        child.rlimit(psutil.RLIMIT_AS, (most, most))
        with pytest.raises(MediaUnreadable, match=r"needs more memory than .* as JPEG"):
            reader.read(large)
        assert reader.read(path).complete
    finally:
        reader.close()


@pytest.mark.parametrize(
    "program", ["false", "echo"]
)  # a reader that dies at once, and one that says what is no answer
def test_an_image_that_every_reader_breaks_at_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    path = save(tmp_path / "picture.png")
    reader = ImageReader(readers=1)
    before = children()
    try:
        reader.read(path)
        (victim,) = children() - before
        psutil.Process(victim).kill()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", shutil.which(program))
            with pytest.raises(MediaUnreadable, match="is damaged and cannot be read"):
                reader.read(path)
        assert reader.read(path).complete
    finally:
        reader.close()


def test_many_threads_get_their_own_answers_from_few_readers(reader: ImageReader, tmp_path: Path) -> None:
    before = children()
    paths = [save(tmp_path / f"{width}.png", picture(size=(width, 20))) for width in range(20, 60)]
    with ThreadPoolExecutor(8) as pool:
        widths = [facts.width for facts in pool.map(reader.read, paths)]
    assert widths == list(range(20, 60))
    assert len(children() | before) <= 2


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_a_large_picture_is_read_and_shown_like_any_other(reader: ImageReader, tmp_path: Path, mode: str) -> None:
    color: Any = 130 if mode == "L" else (130, 130, 130, 255)
    path = save(tmp_path / "large.png", Image.new(mode, (6500, 4000), color), compress_level=1)
    facts = reader.read(path, tmp_path / "thumbnail.jpg")
    assert (facts.width, facts.height, facts.complete) == (6500, 4000, True)
    with Image.open(tmp_path / "thumbnail.jpg") as small:
        assert small.size == (480, 296)
        assert small.getpixel((100, 100)) == pytest.approx((130, 130, 130), abs=2)
