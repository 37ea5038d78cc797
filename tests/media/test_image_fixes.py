from __future__ import annotations

import io
import random
import threading
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageCms, ImageDraw

from studio.catalog.models import CATALOG, MediaLimits
from studio.errors import FixFailed
from studio.media.checks import Verdict, check_image, verdict
from studio.media.fixes import Compress, Convert, Crop, Fix, Pad, Upright, Upscale
from studio.media.image_fixes import apply_image, mend_image
from studio.media.images import read_image
from studio.media.plan import plan
from tests.media.videos import cut

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
FRAME = CATALOG.limits["dashscope-image"]
RED, GREEN, BLUE = (255, 0, 0), (0, 128, 0), (0, 0, 255)


def stripes(size: tuple[int, int] = (300, 300)) -> Image.Image:
    """Red on the left, green in the middle, blue on the right."""
    image = Image.new("RGB", size, GREEN)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size[0] // 3, size[1]), RED)
    draw.rectangle((size[0] * 2 // 3, 0, size[0], size[1]), BLUE)
    return image


def noise(size: tuple[int, int], seed: int = 1) -> Image.Image:
    """What no format compresses."""
    return Image.frombytes("RGB", size, random.Random(seed).randbytes(size[0] * size[1] * 3))


def mend(tmp_path: Path, image: Image.Image, *fixes: Fix, form: str = "PNG", **options: Any) -> Image.Image:
    """Save the image, fix the file, open what came out."""
    original, target = tmp_path / "original", tmp_path / "mended"
    image.save(original, form, **options)
    before = original.read_bytes()
    apply_image(original, fixes, target)
    assert original.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"original", "mended"}
    mended = Image.open(io.BytesIO(target.read_bytes()))
    mended.load()
    assert mended.mode == "RGB"
    return mended


def near(image: Image.Image, at: tuple[int, int], color: Sequence[int], within: int = 3) -> bool:
    pixel = image.getpixel(at)
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= within for one, other in zip(pixel, color, strict=True))


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "PNG", "WEBP"])
@pytest.mark.parametrize("wanted", ["JPEG", "PNG", "WEBP"])
def test_an_image_is_written_in_the_wanted_format(tmp_path: Path, form: str, wanted: Any) -> None:
    mended = mend(tmp_path, stripes(), Convert(wanted), form=form)
    assert mended.format == wanted
    assert near(mended, (20, 150), RED, 8)
    assert near(mended, (280, 150), BLUE, 8)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_an_image_keeps_its_format_where_no_fix_changes_it(tmp_path: Path, form: str) -> None:
    assert mend(tmp_path, stripes(), Upscale(320), form=form).format == form


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    image = stripes().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 300, 150))
    mended = mend(tmp_path, image, Convert("PNG"))
    assert mended.getpixel((150, 50)) == (255, 255, 255)
    assert mended.getpixel((150, 250)) == GREEN


def test_a_transparent_colour_of_a_palette_becomes_white(tmp_path: Path) -> None:
    image = Image.new("P", (40, 40), 1)
    image.putpalette([0, 0, 0, 200, 0, 0])
    image.paste(0, (0, 0, 20, 40))
    mended = mend(tmp_path, image, Convert("PNG"), transparency=0)
    assert (mended.getpixel((5, 5)), mended.getpixel((35, 5))) == ((255, 255, 255), (200, 0, 0))


def test_what_is_not_told_apart_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(FixFailed):
        mend(tmp_path, stripes(), Convert("PNG"), form="PCX")


def test_of_a_moving_picture_the_first_frame_is_kept(tmp_path: Path) -> None:
    first, second = Image.new("RGB", (40, 40), RED), Image.new("RGB", (40, 40), BLUE)
    for form in ("GIF", "WEBP", "PNG"):
        mended = mend(tmp_path, first, Convert("PNG"), form=form, save_all=True, append_images=[second])
        assert getattr(mended, "n_frames", 1) == 1
        assert near(mended, (20, 20), RED, 6)


def test_a_cameras_picture_with_others_behind_it_stays_a_jpeg(tmp_path: Path) -> None:
    second = [Image.new("RGB", (40, 40), BLUE)]
    mended = mend(
        tmp_path, Image.new("RGB", (40, 40), RED), Upscale(60), form="MPO", save_all=True, append_images=second
    )
    assert mended.format == "JPEG"
    assert near(mended, (30, 30), RED, 6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_is_stored_as_it_is_shown(tmp_path: Path, orientation: int) -> None:
    shown = stripes((320, 240))
    stored = {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }[orientation]
    for method in stored:
        shown = shown.transpose(method)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    mended = mend(tmp_path, shown, Upright(), form="JPEG", exif=exif, quality=95)
    assert mended.size == (320, 240)
    assert mended.getexif().get(ExifTags.Base.Orientation, 1) == 1
    assert near(mended, (20, 120), RED, 6)
    assert near(mended, (300, 120), BLUE, 6)


def test_metadata_such_as_a_place_does_not_leave_with_the_copy(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "At home"
    mended = mend(tmp_path, stripes(), Upscale(320), form="JPEG", exif=exif, comment=b"At home")
    assert not mended.getexif()
    assert "comment" not in mended.info


@pytest.mark.parametrize("bits", ["I;16", "I", "F"])
def test_deep_gray_keeps_its_shades(tmp_path: Path, bits: str) -> None:
    ramp = Image.linear_gradient("L")
    deep = ramp.convert("I").point(lambda value: value * 257)
    if bits == "I;16":
        deep = deep.convert("I;16")
    elif bits == "F":
        deep = ramp.convert("F").point(lambda value: value * (1 / 255) + 0)
    mended = mend(tmp_path, deep, Convert("PNG"), form="PNG" if bits == "I;16" else "TIFF")
    assert [mended.getpixel((128, shade)) for shade in range(256)] == [(shade,) * 3 for shade in range(256)]


def test_ink_becomes_light(tmp_path: Path) -> None:
    mended = mend(tmp_path, Image.new("CMYK", (40, 40), (0, 255, 255, 0)), Convert("PNG"), form="JPEG", quality=95)
    assert near(mended, (20, 20), RED, 4)


def test_colours_of_another_space_are_turned_into_srgb(tmp_path: Path) -> None:
    lab = ImageCms.createProfile("LAB", 5000)
    srgb = ImageCms.createProfile("sRGB")
    profile = ImageCms.ImageCmsProfile(srgb).tobytes()
    assert near(mend(tmp_path, stripes(), Convert("PNG"), icc_profile=profile), (150, 150), GREEN, 1)
    for broken in (b"no profile", ImageCms.ImageCmsProfile(lab).tobytes()):
        mended = mend(tmp_path, stripes(), Convert("PNG"), icc_profile=broken)
        assert near(mended, (150, 150), GREEN, 1)
        assert "icc_profile" not in mended.info


def test_a_wide_gamut_profile_changes_the_numbers_and_is_left_out(tmp_path: Path) -> None:
    """The red and the blue primary change places in this profile: what reads as red is shown as blue."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = data.index(b"rXYZ"), data.index(b"bXYZ")
    data[red : red + 4], data[blue : blue + 4] = b"bXYZ", b"rXYZ"
    mended = mend(tmp_path, stripes(), Convert("PNG"), icc_profile=bytes(data))
    assert near(mended, (20, 150), BLUE, 2)
    assert near(mended, (280, 150), RED, 2)
    assert "icc_profile" not in mended.info


@pytest.mark.parametrize(("anchor", "kept"), [(0.0, RED), (0.5, GREEN), (1.0, BLUE)])
def test_a_crop_keeps_the_side_that_was_chosen(tmp_path: Path, anchor: float, kept: tuple[int, int, int]) -> None:
    mended = mend(tmp_path, stripes((900, 300)), Crop(Fraction(1), (anchor, 0.5)))
    assert mended.size == (300, 300)
    assert near(mended, (150, 150), kept)


def test_a_pad_of_a_colour_frames_the_whole_picture(tmp_path: Path) -> None:
    mended = mend(tmp_path, stripes((900, 300)), Pad(Fraction(5, 2), "#101820"))
    assert mended.size == (900, 360)
    assert mended.getpixel((450, 10)) == (0x10, 0x18, 0x20)
    assert mended.getpixel((450, 350)) == (0x10, 0x18, 0x20)
    assert [mended.getpixel((x, 180)) for x in (20, 450, 880)] == [RED, GREEN, BLUE]


def test_a_blurred_pad_goes_on_in_the_pictures_colours(tmp_path: Path) -> None:
    mended = mend(tmp_path, stripes((600, 300)), Pad(Fraction(1)))
    assert mended.size == (600, 600)
    assert near(mended, (300, 20), GREEN, 3)
    assert [mended.getpixel((x, 300)) for x in (20, 300, 580)] == [RED, GREEN, BLUE]
    edge = [mended.getpixel((x, 20)) for x in range(50, 150)]
    assert len(set(edge)) > 20, "the border between two colours is soft"


def test_a_picture_is_enlarged_to_the_pixel(tmp_path: Path) -> None:
    assert mend(tmp_path, stripes((250, 200)), Upscale(300)).size == (375, 300)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_file_is_kept_under_its_limit_with_the_best_quality_that_fits(tmp_path: Path, form: str) -> None:
    limit = 150_000
    mended = mend(tmp_path, noise((400, 400)), Compress(limit), form=form, quality=100)
    size = (tmp_path / "mended").stat().st_size
    assert limit * 0.8 < size <= limit
    assert mended.size == (400, 400)
    assert mended.format == ("WEBP" if form == "WEBP" else "JPEG")


def test_where_quality_is_not_enough_the_picture_shrinks(tmp_path: Path) -> None:
    mended = mend(tmp_path, noise((400, 200)), Compress(10_000))
    assert 3_000 < (tmp_path / "mended").stat().st_size <= 10_000
    assert mended.width < 400
    assert mended.width == pytest.approx(2 * mended.height, abs=2)


def test_a_lossless_file_within_its_limit_stays_lossless(tmp_path: Path) -> None:
    picture = noise((60, 60))
    mended = mend(tmp_path, picture, Compress(1_000_000))
    assert mended.format == "PNG"
    assert mended.tobytes() == picture.tobytes()


def test_what_cannot_be_mended_leaves_no_file(tmp_path: Path) -> None:
    original, target = tmp_path / "original.png", tmp_path / "mended.png"
    noise((200, 200)).save(original)
    cut(original, 0.5)
    with pytest.raises(FixFailed, match="could not be fixed"):
        apply_image(original, [Upscale(300)], target)
    assert [path.name for path in tmp_path.iterdir()] == ["original.png"]


def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    original = tmp_path / "original.png"
    Image.new("RGB", (4000, 2)).save(original)
    with pytest.raises(FixFailed, match=r"would have 1,440,000 × 720 pixels.*Crop it first"):
        apply_image(original, [Upscale(720)], tmp_path / "mended.png")


def test_a_byte_limit_that_nothing_meets_is_an_error(tmp_path: Path) -> None:
    original = tmp_path / "original.png"
    noise((50, 50)).save(original)
    with pytest.raises(FixFailed, match="does not fit into 10 bytes"):
        apply_image(original, [Compress(10)], tmp_path / "mended.png")


@pytest.mark.matrix
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (3, 900), pytest.param((1200, 700), marks=pytest.mark.long)])
def test_compressing_ends_whatever_the_limit(tmp_path: Path, form: str, size: tuple[int, int]) -> None:
    original, target = tmp_path / "original", tmp_path / "mended"
    noise(size).save(original, form)
    for limit in (1, 60, 300, 640, 900):
        try:
            apply_image(original, [Compress(limit)], target)
            assert 0 < target.stat().st_size <= limit
        except FixFailed as error:
            assert f"does not fit into {limit} bytes" in str(error)  # noqa: PT017


@pytest.mark.process
class TestInAChild:
    """What the studio does: the same, in a process that can be ended."""

    def test_the_copy_is_the_same(self, tmp_path: Path) -> None:
        original, here, there = (tmp_path / name for name in ("original", "here", "there"))
        stripes((250, 200)).save(original, "PNG")
        fixes: list[Fix] = [Crop(Fraction(1), (0.0, 1.0)), Upscale(300), Convert("WEBP"), Compress(10**6)]
        apply_image(original, fixes, here)
        mend_image(original, fixes, there, cancelled=threading.Event())
        assert there.read_bytes() == here.read_bytes()

    def test_why_it_cannot_be_is_told(self, tmp_path: Path) -> None:
        original = tmp_path / "original"
        Image.new("RGB", (4000, 2)).save(original, "PNG")
        with pytest.raises(FixFailed, match=r"would have 1,440,000 × 720 pixels.*Crop it first"):
            mend_image(original, [Upscale(720)], tmp_path / "mended", cancelled=threading.Event())
        assert list(tmp_path.iterdir()) == [original]

    def test_it_ends_in_time_and_when_it_is_canceled(self, tmp_path: Path) -> None:
        original, cancelled = tmp_path / "original", threading.Event()
        noise((1000, 1000)).save(original, "PNG", compress_level=1)
        with pytest.raises(FixFailed, match="took longer than 0 seconds"):
            mend_image(original, [Upscale(9000)], tmp_path / "mended", cancelled=cancelled, seconds=0.2)
        threading.Timer(0.2, cancelled.set).start()
        with pytest.raises(FixFailed, match="was canceled"):
            mend_image(original, [Upscale(9000)], tmp_path / "mended", cancelled=cancelled)
        assert list(tmp_path.iterdir()) == [original]


def troubled(dice: random.Random, path: Path) -> None:
    """An image that breaks some rules at random."""
    size = (dice.randint(60, 900), dice.randint(60, 900))
    image = noise(size, dice.randrange(1000)).resize(size)
    form = dice.choice(["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
    mode = dice.choice({"JPEG": ["RGB", "L", "CMYK"], "GIF": ["P"], "BMP": ["RGB"], "WEBP": ["RGB", "RGBA"]}.get(
        form, ["RGB", "RGBA", "L", "LA", "1", "P", "I;16"]
    ))  # fmt: skip
    image = image.convert("L").convert("I").convert("I;16") if mode == "I;16" else image.convert(mode)
    options: dict[str, Any] = {}
    if form in ("JPEG", "PNG", "WEBP"):
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = dice.randint(1, 8)
        options["exif"] = exif
    if form in ("GIF", "WEBP") and dice.random() < 0.5:
        options |= {"save_all": True, "append_images": [image.rotate(180)]}
    image.save(path, form, **options)


@pytest.mark.long
@pytest.mark.matrix
@pytest.mark.parametrize("key", [key for key in CATALOG.limits if not key.endswith("video")])
def test_whatever_is_wrong_with_an_image_the_checks_pass_afterwards(tmp_path: Path, key: str) -> None:
    dice = random.Random(key)
    limits: list[MediaLimits] = [one.model_copy(update={"max_bytes": 2_000_000}) for one in CATALOG.limits[key]]
    for number in range(10):
        original, target = tmp_path / f"{number}", tmp_path / f"{number}.mended"
        troubled(dice, original)
        facts = read_image(original)
        fixes = plan(facts, check_image(facts, limits), limits, pad=dice.random() < 0.5)
        if fixes:
            apply_image(original, fixes, target)
            left = [one for one in check_image(read_image(target), limits) if one.verdict is not Verdict.PASS]
            assert not left, (facts, fixes)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample pictures are not here")
def test_real_pictures_can_be_mended_to_any_ratio(tmp_path: Path) -> None:
    for sample in [*SAMPLES.glob("*.png"), *SAMPLES.glob("*.jpeg")]:
        for fix in (Crop(Fraction(5, 2)), Pad(Fraction(2, 5))):
            target = tmp_path / f"{sample.stem}-{fix.name}"
            apply_image(sample, [fix, Upscale(300), Compress(10 * 2**20)], target)
            facts = read_image(target)
            assert verdict(check_image(facts, FRAME)) is not Verdict.REFUSED
            assert abs(facts.width / facts.height - fix.ratio) < 0.01
