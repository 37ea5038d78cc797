"""Facts of an image file, read in a child process.

A picture may be made to break whoever opens it: a header that promises a billion pixels, a stream that never ends. So a
reader of its own opens it, bounded in time, memory and pixels; when that dies, the studio gets a sentence and goes on.
The reader (``python -m studio.media.images``) answers one JSON line for each file that it is asked for; while it has
the picture open, it makes the thumbnail, too.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import subprocess
import sys
import threading
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from studio.errors import MediaUnreadable
from studio.told import Told

MAX_PIXELS = 100_000_000
"""The studio's own bound: ten times what any camera of today gives a video model to look at."""
MAX_MEMORY = 2 << 30
SECONDS = 20.0
READERS = 2
THUMBNAIL_SIDE = 480

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "ICO", "PPM", "AVIF")
"""What is told apart. Pillow's other readers stay closed: one of them hands PostScript to an interpreter."""
_ROTATED = frozenset({5, 6, 7, 8})


@dataclass(frozen=True)
class ImageFacts:
    """What an image is, judged by its content."""

    format: str
    """As Pillow names it: ``JPEG``, ``PNG``, ``WEBP``, ``GIF`` …"""
    bytes: int
    width: int
    """Pixels as displayed, after the EXIF orientation; so is the height."""
    height: int
    mode: str
    """Pillow's pixel mode: ``RGB``, ``RGBA``, ``P``, ``CMYK``, ``I;16`` …"""
    orientation: int
    """EXIF orientation, 1 to 8; 1 is upright."""
    frames: int
    """More than 1: animated."""
    alpha: bool
    """Whether any pixel may be transparent."""
    complete: bool
    """Whether it decodes to its last row."""

    @property
    def deep(self) -> bool:
        """More than 8 bits a channel."""
        return self.mode.startswith(("I", "F"))


def read_image(path: Path, thumbnail: Path | None = None) -> ImageFacts:
    """Open and decode the image in this very process; raises MediaUnreadable.

    If it is whole, a JPEG of at most ``THUMBNAIL_SIDE`` pixels a side is written to ``thumbnail``.
    """
    size = path.stat().st_size
    if size == 0:
        raise MediaUnreadable("The file is empty.")
    Image.init()  # else some of the formats are unknown by name
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                facts = _facts(image, size)
                if facts.complete and thumbnail is not None:
                    with contextlib.suppress(OSError, ValueError, MemoryError):  # it is told of all the same
                        _make_thumbnail(image, thumbnail)
                return facts
    except UnidentifiedImageError:
        raise MediaUnreadable("The file is not an image of a known format.") from None
    except MediaUnreadable:
        raise
    except Exception as error:  # decoders of hostile files raise anything
        raise MediaUnreadable(
            Told("The image cannot be read: {reason}.", reason=str(error) or type(error).__name__)
        ) from error


def _facts(image: Image.Image, size: int) -> ImageFacts:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise MediaUnreadable(
            Told(
                "The image has {width:,} × {height:,} pixels; the studio opens up to {most} million.",
                width=width,
                height=height,
                most=MAX_PIXELS // 1_000_000,
            )
        )
    orientation = 1
    frames = getattr(image, "n_frames", 1)
    mode, kind = image.mode, image.format or "unknown"
    alpha = mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
    try:
        told = image.getexif().get(ExifTags.Base.Orientation, 1)  # which already decodes a PNG
        orientation = told if told in range(1, 9) else 1
        image.load()
        complete = True
    except (OSError, SyntaxError, ValueError, EOFError):
        complete = False
    if orientation in _ROTATED:
        width, height = height, width
    return ImageFacts(kind, size, width, height, mode, orientation, frames, alpha, complete)


def _make_thumbnail(image: Image.Image, target: Path) -> None:
    if image.mode.startswith("I"):  # 16 bits, of which the upper 8 are shown
        small = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    else:
        small = image.convert("RGB") if image.mode in ("1", "P", "PA") else image  # a palette cannot be scaled
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    partial = target.with_suffix(f".{secrets.token_hex(4)}.part")
    try:
        ImageOps.exif_transpose(small).convert("RGB").save(partial, "JPEG", quality=82)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


class ImageReader:
    """Readers in child processes. Methods block and may be called from any thread."""

    def __init__(self, readers: int = READERS, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._idle: queue.Queue[_Child | None] = queue.LifoQueue()
        for _ in range(readers):
            self._idle.put(None)  # a child is started when it is first needed

    def read(self, path: Path, thumbnail: Path | None = None) -> ImageFacts:
        """The facts of the image at ``path``; raises MediaUnreadable, also when the reader dies of it.

        ``thumbnail`` is where a small picture of it is to be written.
        """
        child = self._idle.get()
        question = path.resolve(), thumbnail and thumbnail.resolve(), self._seconds
        try:
            if child is not None:
                try:
                    answer = child.ask(*question)
                except EOFError:  # it may have died before, of something else
                    child = None
            if child is None:
                child = _Child()
                answer = child.ask(*question)
        except TimeoutError:
            assert child is not None
            child.kill()
            child = None
            raise MediaUnreadable(
                Told("The image could not be read within {seconds:.0f} seconds.", seconds=self._seconds)
            ) from None
        except EOFError:
            child = None
            raise MediaUnreadable("The image broke the reader that opened it.") from None
        finally:
            self._idle.put(child)
        if "error" in answer:
            raise MediaUnreadable(Told.from_json(answer["error"]))
        return ImageFacts(**answer)

    def close(self) -> None:
        """End the children."""
        while True:
            try:
                child = self._idle.get_nowait()
            except queue.Empty:
                return
            if child is not None:
                child.kill()


class _Child:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "studio.media.images"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def ask(self, path: Path, thumbnail: Path | None, seconds: float) -> dict[str, Any]:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps([str(path), thumbnail and str(thumbnail)]) + "\n")
            self._process.stdin.flush()
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if not line:
            self.kill()
            raise EOFError
        answer: dict[str, Any] = json.loads(line)
        return answer

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def main() -> None:
    """Answer on standard output, line by line, for the pairs of paths on standard input: image and thumbnail."""
    _limit_memory()
    Image.MAX_IMAGE_PIXELS = None  # judged by ``_facts``, in words
    for line in sys.stdin:
        path, thumbnail = json.loads(line)
        try:
            answer = asdict(read_image(Path(path), thumbnail and Path(thumbnail)))
        except MediaUnreadable as error:
            answer = {"error": Told.to_json(error.said)}
        except OSError as error:
            answer = {"error": Told.to_json(Told("The file cannot be opened: {reason}.", reason=str(error.strerror)))}
        print(json.dumps(answer), flush=True)


def _limit_memory() -> None:
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


if __name__ == "__main__":
    main()
