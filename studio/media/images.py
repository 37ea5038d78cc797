"""Facts of an image file, read in a child process.

A picture may be made to break whoever opens it: a header that promises a billion pixels, a stream that never ends. So a
reader of its own opens it, bounded in time, memory and pixels; when that dies, the studio gets a sentence and goes on.
The reader (``python -m studio.media.images``) answers one JSON line for each file that it is asked for; while it has
the picture open, it makes the thumbnail, too.
"""

from __future__ import annotations

import contextlib
import json
import queue
import secrets
import sys
import threading
import warnings
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from studio.errors import MediaUnreadable
from studio.media.contents import outline, refuse
from studio.message import Message
from studio.system.children import MB, Bounds, Child
from studio.system.work_queue import TURNS, Work

MAX_PIXELS = 100_000_000
"""The studio's own bound: ten times what any camera of today gives a video model to look at."""
LARGE_PIXELS = 25_000_000
"""From here on one picture is opened at a time: a hundred million pixels take 400 MB."""
LIMITS = Bounds(None, memory=1024 * MB, cpu_seconds=600, file_bytes=16 * MB)
"""Of a reader. It lives on, so its processor time is that of some hundred pictures: when it is over, another begins."""
SECONDS = 20.0
READERS = 2
THUMBNAIL_SIDE = 480

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "ICO", "PPM", "AVIF")
"""What is told apart. Pillow's other readers stay closed: one of them hands PostScript to an interpreter."""
_TOO_MUCH = "The image needs more memory than the limit per file. Save it with fewer pixels or as JPEG."
_PHONE = frozenset({"HEIC", "HEIF"})
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
    announced: int | None = None
    """Bytes that the whole file has, by its own outline; None where its format says nothing."""

    @property
    def deep(self) -> bool:
        """More than 8 bits a channel."""
        return self.mode.startswith(("I", "F"))


@cache
def formats() -> tuple[str, ...]:
    """``FORMATS``, and ``HEIF`` where its reader can be loaded: the studio does without it."""
    try:
        from pillow_heif import register_heif_opener
    except (ImportError, OSError):  # no wheel for this machine, or a library of the system is missing
        return FORMATS
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return (*FORMATS, "HEIF")


def _known() -> frozenset[str]:
    return frozenset(formats()) | (_PHONE if "HEIF" in formats() else frozenset())


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
            with Image.open(path, formats=formats()) as image:
                facts, found = _facts(image, size), outline(path)
                if found.kind in _PHONE:  # a burst is its primary picture, which is the one that was opened
                    facts = replace(facts, format=found.kind, frames=1)
                whole = facts.complete and not (found.kind == "PNG" and found.cut)
                facts = replace(facts, announced=found.announced, complete=whole)
                if facts.complete and thumbnail is not None:
                    with contextlib.suppress(OSError, ValueError, MemoryError):  # it is told of all the same
                        _make_thumbnail(image, thumbnail)
                return facts
    except UnidentifiedImageError:
        raise refuse(path, _known(), "The image format is not supported.") from None
    except MediaUnreadable:
        raise
    except MemoryError:
        raise refuse(path, _known(), _TOO_MUCH) from None
    except Exception as error:  # decoders of hostile files raise anything
        unread = Message("The image cannot be read: {reason}.", reason=str(error) or type(error).__name__)
        raise refuse(path, _known(), unread) from error


def _facts(image: Image.Image, size: int) -> ImageFacts:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise MediaUnreadable(
            Message(
                "The image has {width:,} × {height:,} pixels; the limit is {most} million.",
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
        tag = image.getexif().get(ExifTags.Base.Orientation, 1)  # which already decodes a PNG
        orientation = tag if tag in range(1, 9) else 1
        image.load()
        complete = True
    except (OSError, SyntaxError, ValueError, EOFError):
        complete = False
    if orientation in _ROTATED:
        width, height = height, width
    return ImageFacts(kind, size, width, height, mode, orientation, frames, alpha, complete)


def _make_thumbnail(image: Image.Image, target: Path) -> None:
    if image.width * image.height > LARGE_PIXELS:  # what follows would copy all of it
        scale = 4 * THUMBNAIL_SIDE / max(image.size)
        few = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        image = image.resize(few, Image.Resampling.NEAREST)
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
        self._large = threading.Lock()
        self._idle: queue.Queue[_Child | None] = queue.LifoQueue()
        for _ in range(readers):
            self._idle.put(None)  # a child is started when it is first needed

    def read(self, path: Path, thumbnail: Path | None = None) -> ImageFacts:
        """The facts of the image at ``path``; raises MediaUnreadable, also when the reader dies of it.

        ``thumbnail`` is where a small picture of it is to be written.
        """
        return TURNS.do(Work.CHECK, None, self._read, path, thumbnail)

    def _read(self, path: Path, thumbnail: Path | None) -> ImageFacts:
        question = path.resolve(), thumbnail and thumbnail.resolve()
        answer = self._answer(*question, LARGE_PIXELS)
        if "large" in answer:
            with self._large:
                answer = self._answer(*question, MAX_PIXELS)
        if "error" in answer:
            raise MediaUnreadable(Message.from_json(answer["error"]))
        return ImageFacts(**answer)

    def _answer(self, path: Path, thumbnail: Path | None, most_pixels: int) -> dict[str, Any]:
        child = self._idle.get()
        question = path, thumbnail, most_pixels, self._seconds
        try:
            if child is not None:
                try:
                    return child.ask(*question)
                except EOFError:  # it may have died before, of something else
                    child = None
            child = _Child()
            return child.ask(*question)
        except TimeoutError:
            assert child is not None
            child.kill()
            child = None
            raise MediaUnreadable(
                Message("Reading the image took longer than {seconds:.0f} seconds.", seconds=self._seconds)
            ) from None
        except EOFError:
            child = None
            raise MediaUnreadable("The image is damaged and cannot be read.") from None
        finally:
            self._idle.put(child)

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
        command = [sys.executable, "-m", "studio.media.images"]
        self._process = Child(command, LIMITS, stdin=True, errors=False, folder=Path(__file__).parents[2])
        self._lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(ValueError):  # closed meanwhile
            while line := self._process.output.readline(64 << 10):
                self._lines.put(line)
        self._lines.put(b"")

    def ask(self, path: Path, thumbnail: Path | None, most_pixels: int, seconds: float) -> dict[str, Any]:
        question = json.dumps([str(path), thumbnail and str(thumbnail), most_pixels])
        with contextlib.suppress(BrokenPipeError):
            self._process.input.write(f"{question}\n".encode())
            self._process.input.flush()
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:  # its end, or a decoder's own words: what follows would be taken for the next one's answer
            self.kill()
            raise EOFError from None
        return answer

    def kill(self) -> None:
        self._process.close()


def main() -> None:
    """Answer on standard output, line by line, what stands on standard input.

    A line asks for an image, its thumbnail, and how many pixels may be decoded now; of one that has more it is told
    that it is large, and nothing else.
    """
    Image.init()
    Image.MAX_IMAGE_PIXELS = None  # judged by ``_facts``, in words
    for line in sys.stdin:
        path, thumbnail, most_pixels = json.loads(line)
        try:
            if most_pixels < MAX_PIXELS and _pixels(Path(path)) > most_pixels:
                answer: dict[str, Any] = {"large": True}
            else:
                answer = asdict(read_image(Path(path), thumbnail and Path(thumbnail)))
        except MediaUnreadable as error:
            answer = {"error": Message.to_json(error.said)}
        except OSError as error:
            answer = {
                "error": Message.to_json(Message("The file cannot be opened: {reason}.", reason=str(error.strerror)))
            }
        print(json.dumps(answer), flush=True)


def _pixels(path: Path) -> int:
    """As the header has it; 0 for what is told of when it is read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=formats()) as image:
                return image.width * image.height
    except Exception:  # decoders of hostile files raise anything
        return 0


if __name__ == "__main__":
    main()
