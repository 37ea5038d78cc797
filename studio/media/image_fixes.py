"""Mended copies of images, made with Pillow, in a child process, since a picture or a fix may be made to take all."""

from __future__ import annotations

import io
import json
import math
import secrets
import sys
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from PIL import Image, ImageCms, ImageFilter, ImageOps

from studio.errors import FixFailed
from studio.media.fixes import Compress, Convert, Fix, ImageFormat, Pad, from_json, to_json
from studio.media.framing import Layout, lay_out
from studio.media.images import MAX_PIXELS, formats
from studio.message import Message
from studio.system.children import MB, Bounds, run

SECONDS = 60.0
LIMITS = Bounds(SECONDS, memory=1280 * MB, file_bytes=512 * MB, nice=10)
BEST_QUALITY = 95
WORST_QUALITY = 60
"""A smaller picture looks better than one below this."""

_WRITTEN = frozenset(get_args(ImageFormat))
_BLURRED_SIDE = 256
"""Pixels of the longer side at which an extension is blurred: it is made small first, which is fast and looks alike."""
_BLUR_RADIUS = 8
_WHITE = (255, 255, 255)


def mend_image(
    path: Path, fixes: Sequence[Fix], target: Path, *, cancelled: threading.Event, seconds: float = SECONDS
) -> None:
    """``apply_image`` in a process of its own, which ends with ``cancelled`` and after ``seconds``."""
    question = json.dumps([str(path.resolve()), [to_json(fix) for fix in fixes], str(target.resolve())])
    command = [sys.executable, "-m", "studio.media.image_fixes"]
    done = run(
        command,
        LIMITS.of(seconds=seconds),
        question=question.encode(),
        cancelled=cancelled,
        folder=Path(__file__).parents[2],
    )
    if not done.failed and not done.output:
        return
    for left in target.parent.glob(f"{target.stem}.*.part"):  # of a child that could not put it away
        left.unlink(missing_ok=True)
    if done.canceled:
        raise FixFailed("The fix was canceled.")
    if done.late:
        raise FixFailed(Message("Fixing the image took longer than {seconds:.0f} seconds.", seconds=seconds))
    if done.failed:
        raise FixFailed(Message("The image could not be fixed: {reason}.", reason=done.reason))
    raise FixFailed(Message.from_json(json.loads(done.output)))


def apply_image(path: Path, fixes: Sequence[Fix], target: Path) -> None:
    """Write the mended copy of the image at ``path`` to ``target``; raises FixFailed, and then there is no target.

    What is written is one upright picture of 8-bit sRGB without metadata, on white where the original is transparent;
    its format follows from the fixes (its own if none says otherwise), not from the name of ``target``. All of it
    happens in this very process: the studio calls ``mend_image``.
    """
    partial = target.with_suffix(f".{secrets.token_hex(4)}.part")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture, kind = _read(path)
            picture = _framed(picture, lay_out(*picture.size, fixes, even=False))
            partial.write_bytes(_encoded(picture, kind, fixes))
            partial.replace(target)
    except FixFailed:
        raise
    except MemoryError:
        raise FixFailed("The image could not be fixed: it needs more memory than the limit per file.") from None
    except Exception as error:  # decoders and encoders raise anything
        raise FixFailed(
            Message("The image could not be fixed: {reason}.", reason=str(error) or type(error).__name__)
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _read(path: Path) -> tuple[Image.Image, str]:
    """The first frame as shown, and the format of the file."""
    with Image.open(path, formats=formats()) as image:
        _bound(*image.size)
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        profile = image.info.get("icc_profile")
        picture = _srgb(_opaque(_eight_bit(ImageOps.exif_transpose(image))), profile)
    picture.info.clear()  # the PNG writer would put a profile back that no longer holds
    return picture, kind


def _bound(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise FixFailed(
            Message(
                "The image would have {width:,} × {height:,} pixels; the limit is {most} million. Crop it first.",
                width=width,
                height=height,
                most=MAX_PIXELS // 1_000_000,
            )
        )


def _eight_bit(image: Image.Image) -> Image.Image:
    """Scale deep gray to 8 bits; Pillow's own conversion would cut off all that is brighter than 255."""
    if not image.mode.startswith(("I", "F")):
        return image
    deep = image.convert("F")
    _, brightest = deep.getextrema()
    assert isinstance(brightest, float)
    if image.mode.startswith("I"):
        white = max(65_535.0, brightest)
    else:  # floating point holds shares, or counts of 8 or 16 bits
        white = next((bound for bound in (1.0, 255.0, 65_535.0) if brightest <= bound), brightest)
    return deep.point(lambda value: value * (255 / white) + 0.5).convert("L")


def _opaque(image: Image.Image) -> Image.Image:
    """On white where it is transparent; CMYK stays so for its profile's sake."""
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        shown = image if image.mode == "RGBA" else image.convert("RGBA")
        paper = Image.new("RGB", shown.size, _WHITE)
        paper.paste(shown, mask=shown.getchannel("A"))
        return paper
    return image if image.mode in ("RGB", "CMYK", "L") else image.convert("RGB")


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In the colours that a reader without colour management shows."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            shown = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            shown = None  # a broken profile, or one of other channels: as if there were none
        if shown is not None:
            return shown
    return image if image.mode == "RGB" else image.convert("RGB")


def _framed(picture: Image.Image, layout: Layout) -> Image.Image:
    _bound(*layout.canvas)
    _bound(*layout.size)
    left, top, width, height = layout.box
    if (width, height) != picture.size:
        picture = picture.crop((left, top, left + width, top + height))
    if layout.fill is not None:
        canvas = _canvas(picture, layout)
        canvas.paste(picture, ((canvas.width - width) // 2, (canvas.height - height) // 2))
        picture = canvas
    return picture if picture.size == layout.size else picture.resize(layout.size, Image.Resampling.LANCZOS)


def _canvas(picture: Image.Image, layout: Layout) -> Image.Image:
    if layout.fill != Pad.BLUR:
        return Image.new("RGB", layout.canvas, layout.fill)
    scale = min(1.0, _BLURRED_SIDE / max(layout.canvas))
    small = (max(1, round(layout.canvas[0] * scale)), max(1, round(layout.canvas[1] * scale)))
    blurred = ImageOps.fit(picture, small).filter(ImageFilter.GaussianBlur(_BLUR_RADIUS))
    return blurred.resize(layout.canvas, Image.Resampling.BICUBIC)


def _encoded(picture: Image.Image, kind: str, fixes: Sequence[Fix]) -> bytes:
    kind = next((fix.format for fix in fixes if isinstance(fix, Convert)), kind)
    kind = kind if kind in _WRITTEN else "PNG"
    data = _written(picture, kind, BEST_QUALITY)
    limit = next((fix for fix in fixes if isinstance(fix, Compress)), None)
    if limit is None or len(data) <= limit.max_bytes:
        return data
    if kind == "PNG":
        kind = limit.lossy
    while True:
        smallest = _written(picture, kind, WORST_QUALITY)
        if len(smallest) <= limit.max_bytes:
            return _best_within(picture, kind, limit.max_bytes, smallest)
        # Down to a tenth at a time: where the headers weigh most, it would shrink to nothing at once.
        share = min(0.9, max(0.1, math.sqrt(limit.max_bytes / len(smallest))))
        size = (int(picture.width * share), int(picture.height * share))
        if min(size) < 1:
            raise FixFailed(
                Message("The image could not be fixed: it does not fit into {most:,} bytes.", most=limit.max_bytes)
            )
        picture = picture.resize(size, Image.Resampling.LANCZOS)


def _best_within(picture: Image.Image, kind: str, max_bytes: int, data: bytes) -> bytes:
    """Halve the span of qualities until the best that fits is found; ``data`` is the worst, which fits."""
    low, high = WORST_QUALITY, BEST_QUALITY + 1
    while high - low > 1:
        middle = (low + high) // 2
        tried = _written(picture, kind, middle)
        if len(tried) <= max_bytes:
            low, data = middle, tried
        else:
            high = middle
    return data


def _written(picture: Image.Image, kind: str, quality: int) -> bytes:
    options: dict[str, Any] = {}
    if kind == "JPEG":
        options = {"quality": quality, "subsampling": "4:4:4" if quality >= 90 else "4:2:0"}
    elif kind == "WEBP":
        options = {"quality": quality}
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def main() -> None:
    """Read path, fixes and target from standard input; say on standard output why it cannot be, else nothing."""
    path, fixes, target = json.load(sys.stdin)
    Image.MAX_IMAGE_PIXELS = None  # judged by ``_bound``, in words
    try:
        apply_image(Path(path), [from_json(fix) for fix in fixes], Path(target))
    except FixFailed as error:
        json.dump(Message.to_json(error.said), sys.stdout)


if __name__ == "__main__":
    main()
