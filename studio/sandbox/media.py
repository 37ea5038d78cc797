"""The media of a task: fetched as the cloud fetches them, measured, and held against the catalog's limits.

What cannot be had or does not fit ends the task with DashScope's codes: ``InvalidURL``, alone and with
``.ConnectionRefused`` and ``.Timeout``; ``InvalidParameter.DataInspection``; ``InvalidFile`` with ``.Format``,
``.Size``, ``.Resolution``, ``.Duration`` and ``.FPS``. Where the sources of a limit differ, the widest one counts here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from studio.catalog.models import CATALOG, MediaLimits, Model
from studio.errors import AddressRefused, AnswerRefused
from studio.sandbox import pictures
from studio.sandbox.refusal import Refusal
from studio.sandbox.tasks import TaskFailed
from studio.sandbox.uploads import UploadStore
from studio.system.addresses import Judge, web_address
from studio.system.children import MB, Bounds, run
from studio.system.fetching import REDIRECTS, client
from studio.system.ffmpeg import CONFINED, program
from studio.system.work_queue import TURNS, Work

TYPES = {"first_frame": "first_frame", "references": "reference_image", "video": "video"}
"""The type on the wire of each medium, by the catalog's name for it."""

_FIELDS = {kind: field for field, kind in TYPES.items()}

_UNREACHABLE = "Unable to download the media resource during the data inspection process."
_UNREADABLE = "The media format is not supported or incorrect for the data inspection."
_FETCH_CHUNK = 1 << 18
_PROBING = Bounds(20, memory=512 * MB, output=8 * MB)


@dataclass(frozen=True)
class Picture:
    """An image, upright and in RGB, perhaps reduced; ``width`` and ``height`` are those of the file."""

    image: Image.Image
    width: int
    height: int


@dataclass(frozen=True)
class Film:
    """A video file of the MP4 family; pixels as displayed."""

    path: Path
    width: int
    height: int
    seconds: float
    sound: bool


@dataclass(frozen=True)
class TaskMedia:
    """All media of a task, in the order of the submission."""

    pictures: tuple[Picture, ...] = ()
    film: Film | None = None


@dataclass(frozen=True)
class Measured:
    """What the limits speak of; ``seconds`` and ``fps`` are None for an image."""

    format: str
    bytes: int
    width: int
    height: int
    seconds: Decimal | None = None
    fps: Fraction | None = None


class Media:
    """Fetches and judges what tasks were given."""

    def __init__(self, uploads: UploadStore, seconds: Callable[[], float], judge: Callable[[], Judge]) -> None:
        """``seconds`` tells how long fetching one medium may take, ``judge`` who says from where."""
        self._uploads = uploads
        self._seconds = seconds
        self._judge = judge
        # A picture may take most of a gigabyte while it is decoded.
        self._decoding = asyncio.Semaphore(1)

    @contextlib.asynccontextmanager
    async def of(self, items: Sequence[Mapping[str, str]], model: Model) -> AsyncIterator[TaskMedia]:
        """The media of a submission to ``model``, as long as the context lasts; raises TaskFailed.

        Each item has the ``type`` and ``url`` of DashScope and perhaps a ``name``, by which failures call it.
        """
        with tempfile.TemporaryDirectory(prefix="happyhorse-media-") as folder:
            takes = [self._take(item, model, index, Path(folder)) for index, item in enumerate(items)]
            taken = await asyncio.gather(*takes, return_exceptions=True)
            # Whichever was found first: it is the first medium's failure that is told.
            if failure := next((one for one in taken if isinstance(one, BaseException)), None):
                raise failure
            films = [one for one in taken if isinstance(one, Film)]
            yield TaskMedia(tuple(one for one in taken if isinstance(one, Picture)), films[0] if films else None)

    async def _take(self, item: Mapping[str, str], model: Model, index: int, folder: Path) -> Picture | Film:
        field = _FIELDS[item["type"]]
        where = item.get("name", f"input.media[{index}] ({item['type']})")
        limits = widest(CATALOG.media_limits(model, field))
        path = await self._fetch(item["url"], model, folder / str(index), limits, where)
        if model.inputs[field].kind == "video":
            return await TURNS.run(Work.CHECK, None, read_film, path, limits, where)
        async with self._decoding:
            return await TURNS.run(Work.CHECK, None, read_picture, path, limits, where)

    async def _fetch(self, url: str, model: Model, target: Path, limits: MediaLimits, where: str) -> Path:
        if url.startswith("oss://"):
            try:
                return self._uploads.find(url, model.id)
            except Refusal as refusal:
                raise TaskFailed(refusal.code, f"{where}: {refusal.message}") from None
        try:
            async with asyncio.timeout(self._seconds()):
                await _download(self._judge(), url, target, limits.max_bytes, where)
        except (TimeoutError, httpx.TimeoutException):
            raise TaskFailed("InvalidURL.Timeout", f"{where}: downloading the URL timed out.") from None
        except httpx.ConnectError:
            raise TaskFailed("InvalidURL.ConnectionRefused", f"{where}: connection to the URL refused.") from None
        except (AddressRefused, httpx.InvalidURL, httpx.TooManyRedirects):
            raise TaskFailed("InvalidURL", f"{where}: the provided URL does not appear to be valid.") from None
        except (AnswerRefused, httpx.HTTPError, UnicodeError):
            raise TaskFailed("InvalidParameter.DataInspection", f"{where}: {_UNREACHABLE}") from None
        return target


async def _download(judge: Judge, url: str, target: Path, most: int, where: str) -> None:
    """GET ``url`` into ``target``, never more than ``most`` bytes of it."""
    async with client(judge, redirects=REDIRECTS) as web, web.stream("GET", web_address(url)) as answer:
        if answer.status_code != httpx.codes.OK:
            raise TaskFailed("InvalidParameter.DataInspection", f"{where}: {_UNREACHABLE}")
        size = int(answer.headers.get("content-length", 0))
        received = 0
        with target.open("wb") as out:
            async for chunk in answer.aiter_raw(_FETCH_CHUNK):
                received += len(chunk)
                if max(size, received) > most:
                    raise _too_large(where, max(size, received), most)
                await asyncio.to_thread(out.write, chunk)


def read_picture(path: Path, limits: MediaLimits, where: str) -> Picture:
    """Measure, judge and decode an image; raises TaskFailed."""
    try:
        with Image.open(path, formats=pictures.KNOWN) as image:
            kind = "JPEG" if image.format == "MPO" else str(image.format)
            pixels = image.width * image.height
            if pixels > pictures.MOST_PIXELS:
                raise Image.DecompressionBombError
            small = pixels <= pictures.LARGE_PIXELS
            turned, large = (pictures.is_turned(image), None) if small else pictures.decoded_apart(path)
            width, height = image.size[::-1] if turned else image.size
            judge(Measured(kind, path.stat().st_size, width, height), limits, where)
            return Picture(large or pictures.decoded(image), width, height)
    except TaskFailed:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TaskFailed("InvalidFile.Resolution", f"{where}: the image has too many pixels.") from None
    except Exception as error:  # Pillow's readers answer broken files with nearly any exception
        raise _unreadable(where) from error


def read_film(path: Path, limits: MediaLimits, where: str) -> Film:
    """Measure and judge a video; raises TaskFailed."""
    container = _container(path)
    if container is None:
        raise _unreadable(where)
    if container not in ("MP4", "MOV"):
        judge(Measured(container, path.stat().st_size, 0, 0), limits, where)
    report = _probe(path, where)
    streams = report.get("streams", [])
    pictures = [one for one in streams if one.get("codec_type") == "video" and not one["disposition"]["attached_pic"]]
    try:
        stream = pictures[0]
        width, height = _displayed(stream)
        seconds = Decimal(stream.get("duration") or report["format"]["duration"])
        measured = Measured(container, path.stat().st_size, width, height, seconds, Fraction(stream["avg_frame_rate"]))
        whole = _is_whole(stream) or _is_whole(_probe(path, where, "-ignore_editlist", "1")["streams"][stream["index"]])
    except (LookupError, ValueError, ArithmeticError):
        raise _unreadable(where) from None
    judge(measured, limits, where)
    if not whole:
        raise _unreadable(where)
    sound = any(one.get("codec_type") == "audio" for one in streams)
    return Film(path, width, height, float(seconds), sound)


def _is_whole(stream: dict[str, Any]) -> bool:
    return int(stream["nb_read_packets"]) >= int(stream.get("nb_frames", 0))


def _container(path: Path) -> str | None:
    """The container, by its first bytes; None for what is no video."""
    with path.open("rb") as file:
        head = file.read(16)
    if head[4:8] == b"ftyp":
        return "MOV" if head[8:12] == b"qt  " else "MP4"
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "MOV"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "AVI"
    signatures = {
        b"\x1aE\xdf\xa3": "Matroska",
        b"FLV\x01": "FLV",
        b"GIF8": "GIF",
        b"OggS": "Ogg",
        b"\0\0\x01\xba": "MPEG",
    }
    return signatures.get(head[:4])


def _probe(path: Path, where: str, *options: str) -> dict[str, Any]:
    # Read as this one container and nothing else, with only this one file in reach.
    confined = [word for name, value in CONFINED.items() for word in (f"-{name}", value)]
    command = [program("ffprobe"), "-v", "error", *confined, *options, "-f", "mov"]
    command += ["-count_packets", "-show_streams", "-show_format", "-of", "json", f"file:{path}"]
    done = run(command, _PROBING)
    if done.failed:
        raise _unreadable(where)
    report: dict[str, Any] = json.loads(done.output)
    return report


def _displayed(stream: dict[str, Any]) -> tuple[int, int]:
    """Width and height after pixel aspect ratio and rotation."""
    across, down = map(int, stream.get("sample_aspect_ratio", "1:1").split(":"))
    width = round(int(stream["width"]) * across / down) if across and down else int(stream["width"])
    height = int(stream["height"])
    rotation = next((int(side["rotation"]) for side in stream.get("side_data_list", ()) if "rotation" in side), 0)
    return (height, width) if rotation % 180 else (width, height)


def widest(limits: Sequence[MediaLimits]) -> MediaLimits:
    """What at least one source allows, figure by figure; a source that is silent on a figure allows all."""

    def most(name: str) -> Any:
        values = [getattr(one, name) for one in limits]
        return None if None in values else max(values)

    def span(name: str) -> Any:
        spans = [getattr(one, name) for one in limits]
        return None if None in spans else (min(low for low, _ in spans), max(high for _, high in spans))

    floors = [(one.fps_min, one.fps_above) for one in limits]
    least = min((low for pair in floors for low in pair if low is not None), default=None)
    silent = any(pair == (None, None) for pair in floors)
    included = any(low == least for low, _ in floors)
    return MediaLimits(
        source=", ".join(one.source for one in limits),
        formats=tuple(dict.fromkeys(name for one in limits for name in one.formats)),
        max_bytes=most("max_bytes"),
        min_side=min(one.min_side for one in limits),
        max_side=most("max_side"),
        ratio=span("ratio"),
        seconds=span("seconds"),
        fps_min=least if included and not silent else None,
        fps_above=None if included or silent else least,
        fps_max=most("fps_max"),
    )


def judge(file: Measured, limits: MediaLimits, where: str) -> None:
    """Raise TaskFailed for the first limit that ``file`` breaks, with its value and the limit."""
    size = f"{file.width} x {file.height}"

    def no(code: str, text: str) -> TaskFailed:
        return TaskFailed(f"InvalidFile.{code}", f"{where}: {text}.")

    if file.format not in limits.formats:
        raise no("Format", f"the format is {file.format}; it must be one of {', '.join(limits.formats)}")
    if file.bytes > limits.max_bytes:
        raise _too_large(where, file.bytes, limits.max_bytes)
    if min(file.width, file.height) < limits.min_side:
        raise no("Resolution", f"the size is {size}; width and height must be at least {limits.min_side} pixels")
    if limits.max_side is not None and max(file.width, file.height) > limits.max_side:
        raise no("Resolution", f"the size is {size}; width and height must be at most {limits.max_side} pixels")
    if limits.ratio is not None and not limits.ratio[0] <= Fraction(file.width, file.height) <= limits.ratio[1]:
        low, high = limits.ratio
        raise no("Resolution", f"the size is {size}; its aspect ratio must be between {low} and {high}")
    if file.seconds is not None and limits.seconds is not None:
        low, high = limits.seconds
        if not low <= file.seconds <= high:
            raise no("Duration", f"the duration is {file.seconds:.2f} s; it must be between {low} and {high} s")
    if file.fps is not None and not limits.allows_fps(file.fps):
        least = f"greater than {limits.fps_above}" if limits.fps_above is not None else f"at least {limits.fps_min}"
        most = f" and at most {limits.fps_max}" if limits.fps_max is not None else ""
        raise no("FPS", f"the frame rate is {float(file.fps):.2f}; it must be {least}{most}")


def _too_large(where: str, size: int, most: int) -> TaskFailed:
    megabyte = 1 << 20
    text = f"{where}: the size is {size / megabyte:.2f} MB; it must be at most {most / megabyte:g} MB."
    return TaskFailed("InvalidFile.Size", text)


def _unreadable(where: str) -> TaskFailed:
    return TaskFailed("InvalidParameter.DataInspection", f"{where}: {_UNREADABLE}")
