"""Rendering of the sandbox's results: real H.264 MP4 files at 24 frames a second, with sound."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import secrets
import tempfile
import threading
from concurrent.futures import wait
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import ffmpeg
from PIL import Image, ImageOps

from studio.catalog.models import CATALOG, Model
from studio.sandbox import footage
from studio.sandbox.faults import directives
from studio.sandbox.footage import FPS, Move
from studio.sandbox.media import Film, Media, TaskMedia
from studio.sandbox.refusal import reason_of
from studio.sandbox.scenes import framed, insets, landscape, shade, signs
from studio.sandbox.tasks import SandboxTask, TaskFailed
from studio.system.children import MB, Bounds, run
from studio.system.ffmpeg import program
from studio.system.work_queue import TURNS, Work

log = logging.getLogger(__name__)

_RENDERING = Bounds(600, memory=1536 * MB, file_bytes=512 * MB, files=256)
_STOPPING_SECONDS = 5


@dataclass(frozen=True)
class Order:
    """What a task's video shall be; ``seconds`` of the result, size in pixels."""

    task: SandboxTask
    model: Model
    resolution: str
    ratio: str | None
    """None where the mode has no such parameter: the result follows its input."""
    size: tuple[int, int]
    seconds: float
    media: TaskMedia

    @classmethod
    def of(cls, task: SandboxTask, model: Model, media: TaskMedia) -> Order:
        """Fill in what the task leaves to the model."""
        parameters, ratios, lengths = task.body.get("parameters", {}), model.options("ratio"), model.range("duration")
        resolution = parameters.get("resolution", model.resolution.default)
        ratio = parameters.get("ratio", ratios.default) if ratios else None
        source = media.film or (media.pictures[0] if media.pictures else None)
        shape = ratio or (f"{source.width}:{source.height}" if source else "16:9")
        if media.film:
            seconds = min(media.film.seconds, float(CATALOG.edit.max_output_seconds))
        else:
            seconds = parameters.get("duration", lengths.default if lengths else None)
        return cls(task, model, resolution, ratio, size_of(resolution, shape), seconds, media)

    @property
    def prompt(self) -> str:
        return self.task.prompt

    def parameter(self, name: str, default: Any) -> Any:
        return self.task.body.get("parameters", {}).get(name, default)

    def chance(self) -> random.Random:
        """What prompt and seed leave open."""
        return random.Random(sha256(f"{self.prompt}\0{self.task.seed}".encode()).digest())

    def usage(self) -> dict[str, Any]:
        """What the cloud would bill: whole seconds, but for an edit, whose input counts too and in full."""
        film = self.media.film
        out = self.seconds if film is None else round(self.seconds, 2)
        input_seconds = 0 if film is None else round(film.seconds, 2)
        usage = {
            "duration": out if film is None else round(input_seconds + out, 2),
            "input_video_duration": input_seconds,
            "output_video_duration": out,
            "video_count": 1,
            "SR": int(self.resolution.removesuffix("P")),
        }
        return usage if self.ratio is None else usage | {"ratio": self.ratio}


class Renderer:
    """Turns tasks into files of the videos folder, as many at a time as there are processors."""

    def __init__(self, videos: Path, media: Media, *, instant: bool) -> None:
        self._videos = videos
        self._media = media
        self._instant = instant
        self._under_way: set[threading.Event] = set()
        """One for each video that is made; setting it stops that."""
        self._shared = asyncio.Lock()

    async def render(self, task: SandboxTask) -> tuple[str, dict[str, Any]]:
        """The file's name and the usage as the cloud would bill it; raises TaskFailed."""
        magic = directives(task.prompt)
        if slow := magic.get("slow"):
            await asyncio.sleep(float(slow))
        if "fail" in magic:
            raise TaskFailed(*(reason_of(magic["fail"]) if magic["fail"] else (None, None)))
        model = CATALOG.model(task.provider, task.model)
        try:
            async with self._media.of(task.body["input"].get("media", []), model) as media:
                order = Order.of(task, model, media)
                if self._instant:
                    return await self._instant_video(), order.usage()
                name = f"{task.id}.mp4"
                await self._encode(order, name)
                return name, order.usage()
        except TaskFailed:
            raise
        except Exception as error:  # as in the cloud, a task always comes to an end
            log.exception("task %s", task.id)
            raise TaskFailed("InternalError", f"The sandbox could not render the task: {error!r}.") from error

    async def _encode(self, order: Order, name: str) -> None:
        """Write the video under ``name`` when it is whole, as soon as a processor is free."""
        stopped = threading.Event()
        self._under_way.add(stopped)
        turn = TURNS.submit(Work.RESULT, None, self._make, order, name, stopped)
        try:
            await asyncio.shield(asyncio.wrap_future(turn))
        except asyncio.CancelledError:
            stopped.set()
            if not turn.cancel():
                await asyncio.to_thread(wait, [turn], _STOPPING_SECONDS)  # it puts its files away
            raise
        finally:
            self._under_way.discard(stopped)

    def _make(self, order: Order, name: str, stopped: threading.Event) -> None:
        with tempfile.TemporaryDirectory(prefix="happyhorse-") as folder:
            picture, sound = _streams(order, Path(folder))
            target = self._videos / f"{name}.{secrets.token_hex(4)}.part"
            # A filter: ffmpeg's own limit of frames ends the sound with them, a little early and at no fixed place.
            picture = picture.filter("trim", end_frame=round(FPS * order.seconds))
            streams = [picture] if sound is None else [picture, sound]
            output = ffmpeg.output(
                *streams,
                str(target),
                format="mp4",
                vcodec="libx264",
                pix_fmt="yuv420p",
                preset="ultrafast",  # of these plain pictures, the slower ones make smaller files and no better ones
                crf=23,
                acodec="aac",
                r=FPS,
                threads=1,  # with more, one video in some dozens differs in a few bits; tasks run side by side anyway
                movflags="+faststart",
                **{
                    "b:a": "96k",
                    "flags:v": "+bitexact",
                    "flags:a": "+bitexact",
                    # Nothing of an input's own tags in the result.
                    "map_metadata": -1,
                },
                fflags="+bitexact",
                t=order.seconds,
            ).global_args("-nostdin", "-v", "error")
            try:
                done = run(output.compile(cmd=program("ffmpeg"), overwrite_output=True), _RENDERING, cancelled=stopped)
                if done.failed:
                    raise TaskFailed("InternalError.Algo", done.errors.strip()[-300:] or done.reason)
                target.replace(self._videos / name)
            finally:
                target.unlink(missing_ok=True)

    async def _instant_video(self) -> str:
        name = "instant.mp4"
        async with self._shared:
            if not (self._videos / name).exists():
                await self._encode(_INSTANT, name)
        return name

    def close(self) -> None:
        """Stop what is being rendered."""
        for stopped in tuple(self._under_way):
            stopped.set()


def size_of(resolution: str, ratio: str) -> tuple[int, int]:
    """Even width and height with the ratio asked for and the area that the resolution has at 16:9."""
    lines = int(resolution.removesuffix("P"))
    across, down = map(int, ratio.split(":"))
    area = lines * lines * 16 / 9
    width = math.sqrt(area * across / down)
    return round(width / 2) * 2, round(area / width / 2) * 2


def _streams(order: Order, folder: Path) -> tuple[Any, Any]:
    """Picture and sound of the result as ffmpeg streams; no sound is None. Pictures are written to ``folder``."""
    size, pictures = order.size, [picture.image for picture in order.media.pictures]
    watermark = order.parameter("watermark", True)
    over = [*signs(size, order.prompt, watermark=watermark)]
    sound = footage.tone(order.task.seed, order.seconds)
    match order.model.mode:
        case "text-to-video":
            scene = landscape(order.prompt, order.task.seed, size, order.seconds)
            return footage.overlaid([*scene, *over], folder), sound
        case "image-to-video":
            ground = _first_frame(order, pictures[0], folder)
        case "reference-to-video":
            chance = order.chance()
            canvases = [framed(image, size) for image in pictures]
            moves = [Move.any(chance) for _ in canvases]
            ground = footage.crossfaded(canvases, moves, order.seconds, folder)
        case "video-edit":
            assert order.media.film is not None
            ground, sound = _edit(order, order.media.film, sound)
            over = [*insets(pictures, size), *over]
    if watermark or order.prompt.strip():
        over = [shade(size), *over]
    return footage.overlaid(over, folder, ground), sound


def _first_frame(order: Order, image: Image.Image, folder: Path) -> Any:
    canvas = ImageOps.fit(image, order.size, Image.Resampling.LANCZOS)
    move = Move.inward(order.chance(), order.seconds)
    return footage.moved(canvas, folder / "first.png", move, round(FPS * order.seconds))


def _edit(order: Order, film: Film, tone: Any) -> tuple[Any, Any]:
    """The input, graded; its own sound, for want of one ``tone`` unless the original sound is asked for."""
    source = footage.opened(film, order.seconds)
    picture = footage.developed(source, order.size, footage.grade_of(order.prompt))
    if film.sound:
        return picture, footage.heard(source)
    return picture, None if order.parameter("audio_setting", "auto") == "origin" else tone


_INSTANT = Order(
    task=SandboxTask(
        id="instant",
        model="",
        mode="text-to-video",
        body={"input": {"prompt": ""}, "parameters": {"watermark": False}},
        seed=0,
        request_id="",
    ),
    model=CATALOG.models("dashscope", "text-to-video")[0],
    resolution="720P",
    ratio="16:9",
    size=(320, 180),
    seconds=3,
    media=TaskMedia(),
)
"""The small video that all tasks of an instant sandbox share."""
