"""Pictures of tasks, decoded: upright, in RGB, no larger than any video shows them.

A picture may be made to break whoever opens it. What its header says is looked at before anything is decoded; one of
many pixels is decoded in a process of its own, in which ``python -m studio.sandbox.pictures FILE`` says on standard
output whether it is turned, and then what came out, as a PPM.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import ExifTags, Image, ImageOps

from studio.system.children import MB, Bounds, run

KEPT_SIDE = 2560
KNOWN = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""What is told apart; Pillow's other readers stay closed to files from outside."""
LARGE_PIXELS = 25_000_000
"""From here on a picture has a process of its own: it takes four bytes for each, and as many again on the way."""
MOST_PIXELS = 100_000_000
DECODING = Bounds(30, memory=1024 * MB, output=32 * MB)

_QUARTER_TURNS = (5, 6, 7, 8)
"""The EXIF orientations that exchange width and height."""

Image.init()  # else those readers are unknown by name
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def is_turned(image: Image.Image) -> bool:
    """Whether width and height are exchanged in what is shown; some formats are decoded for that."""
    return image.getexif().get(ExifTags.Base.Orientation, 1) in _QUARTER_TURNS


def decoded(image: Image.Image) -> Image.Image:
    """Upright, flat and small; raises nearly anything for a file that is broken."""
    image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
    if image.width * image.height > LARGE_PIXELS:  # what follows would copy all of it
        scale = 2 * KEPT_SIDE / max(image.size)
        few = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        exif = image.getexif()
        image = image.resize(few, Image.Resampling.NEAREST)
        image.getexif().update(exif)
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
    return _flat(upright)


def decoded_apart(path: Path) -> tuple[bool, Image.Image]:
    """Whether the picture at ``path`` is turned, and the picture, from a process of its own; raises OSError."""
    command = [sys.executable, "-m", "studio.sandbox.pictures", str(path.resolve())]
    done = run(command, DECODING, folder=Path(__file__).parents[2])
    if done.failed:
        raise OSError(f"The picture cannot be decoded: {done.reason}")
    turned, _, picture = done.output.partition(b"\n")
    with Image.open(io.BytesIO(picture), formats=("PPM",)) as image:
        image.load()
        return turned == b"turned", image


def _flat(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    alpha = image.convert("RGBA")
    ground = Image.new("RGBA", alpha.size, "white")
    return Image.alpha_composite(ground, alpha).convert("RGB")


def main() -> None:
    with Image.open(sys.argv[1], formats=KNOWN) as image:
        turned, picture = is_turned(image), decoded(image)
    sys.stdout.buffer.write(b"turned\n" if turned else b"upright\n")
    picture.save(sys.stdout.buffer, "PPM")


if __name__ == "__main__":
    main()
