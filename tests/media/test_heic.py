"""Photos as phones store them: HEIC, HEIF, AVIF."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import ExifTags, Image, ImageCms

from studio.catalog.models import CATALOG
from studio.errors import MediaUnreadable
from studio.media.checks import Verdict, check_image
from studio.media.image_fixes import apply_image
from studio.media.images import ImageFacts, ImageReader
from studio.media.plan import plan
from tests.media.videos import cut

pytestmark = pytest.mark.process

pillow_heif = pytest.importorskip("pillow_heif")
LIMITS = CATALOG.limits["dashscope-image"]
RED, GREEN = (220, 30, 30), (30, 200, 60)


@pytest.fixture(scope="module")
def reader() -> Iterator[ImageReader]:
    opened = ImageReader()
    yield opened
    opened.close()


def halves(mode: str = "RGB", size: tuple[int, int] = (600, 400)) -> Image.Image:
    """Red on the left, green on the right."""
    image = Image.new(mode, size, RED)
    image.paste(GREEN, (size[0] // 2, 0, *size))
    return image


def photo(path: Path, image: Image.Image | None = None, **options: object) -> Path:
    pillow_heif.register_heif_opener()
    (image or halves()).save(path, "HEIF", quality=90, **options)
    return path


def near(seen: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(seen, tuple)
    return all(abs(a - b) < 12 for a, b in zip(seen, wanted, strict=True))


def mended(path: Path, facts: ImageFacts) -> Image.Image:
    target = path.with_name("mended")
    apply_image(path, plan(facts, check_image(facts, LIMITS), LIMITS), target)
    with Image.open(target) as image:
        image.load()
        return image


def test_a_phones_photo_is_known_shown_and_made_a_jpeg(reader: ImageReader, tmp_path: Path) -> None:
    thumbnail = tmp_path / "thumbnail.jpg"
    facts = reader.read(photo(tmp_path / "IMG_0001.jpg"), thumbnail)
    assert (facts.format, facts.width, facts.height, facts.complete) == ("HEIC", 600, 400, True)
    (refused,) = [one for one in check_image(facts, LIMITS) if one.verdict is Verdict.REFUSED]
    assert (refused.rule, refused.measured, refused.fix) == ("format", "HEIC", "convert")
    copy = mended(tmp_path / "IMG_0001.jpg", facts)
    assert (copy.format, copy.size) == ("JPEG", (600, 400))
    assert near(copy.getpixel((20, 200)), RED)
    with Image.open(thumbnail) as small:
        assert (small.format, small.size) == ("JPEG", (480, 320))


@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
def test_a_turned_photo_is_turned_once(reader: ImageReader, tmp_path: Path, form: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    path = tmp_path / "photo.heic"
    pillow_heif.register_heif_opener()
    halves().save(path, form, quality=90, exif=exif.tobytes())
    facts = reader.read(path)
    assert (facts.width, facts.height) == (400, 600)
    copy = mended(path, facts)
    assert (copy.size, copy.getexif().get(ExifTags.Base.Orientation, 1)) == ((400, 600), 1)
    assert near(copy.getpixel((200, 20)), RED)
    assert near(copy.getpixel((200, 580)), GREEN)


def test_what_is_transparent_lies_on_white(reader: ImageReader, tmp_path: Path) -> None:
    image = halves("RGBA")
    image.putalpha(0)
    facts = reader.read(photo(tmp_path / "photo.heic", image))
    assert facts.alpha
    assert near(mended(tmp_path / "photo.heic", facts).getpixel((300, 200)), (255, 255, 255))


def test_its_colours_are_brought_to_srgb(reader: ImageReader, tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    facts = reader.read(photo(tmp_path / "photo.heic", icc_profile=lab))
    copy = mended(tmp_path / "photo.heic", facts)
    assert "icc_profile" not in copy.info
    assert near(copy.getpixel((20, 200)), RED)


def test_of_a_burst_the_primary_picture_counts(reader: ImageReader, tmp_path: Path) -> None:
    burst = pillow_heif.HeifFile()
    for colour in (GREEN, RED, GREEN):
        burst.add_from_pillow(Image.new("RGB", (400, 400), colour))
    burst.save(tmp_path / "burst.heic", primary_index=1, quality=90)
    facts = reader.read(tmp_path / "burst.heic")
    assert facts.frames == 1
    assert near(mended(tmp_path / "burst.heic", facts).getpixel((200, 200)), RED)


@pytest.mark.matrix
@pytest.mark.parametrize("share", [0.0004, 0.3, 0.9])
def test_a_photo_that_ends_early_is_not_whole(reader: ImageReader, tmp_path: Path, share: float) -> None:
    path = photo(tmp_path / "photo.heic", Image.effect_noise((400, 400), 90).convert("RGB"))
    cut(path, share)
    if share < 0.01:
        with pytest.raises(MediaUnreadable, match="The file is incomplete"):
            reader.read(path)
        return
    facts = reader.read(path)
    (finding,) = [one for one in check_image(facts, LIMITS) if one.rule == "complete"]
    assert finding.verdict is Verdict.REFUSED
    assert finding.limit == f"{facts.announced:,} bytes"


def test_without_its_reader_it_is_called_by_its_name(tmp_path: Path) -> None:
    """Where there is no wheel for the machine, the studio starts all the same."""
    path = photo(tmp_path / "photo.heic")
    without = (
        "import sys; sys.modules['pillow_heif'] = None\n"
        "from pathlib import Path; from studio.media.images import read_image\n"
        "read_image(Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", without, str(path)], capture_output=True, text=True, timeout=60)
    assert "The studio cannot open HEIC images. Save it as JPEG or PNG" in done.stderr
