"""Rendering of the sandbox's results: real H.264 MP4 files at 24 frames a second, with sound."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import ffmpeg

from studio.sandbox.scenes import Layer, landscape, signs
from studio.sandbox.tasks import SandboxTask, TaskFailed

FPS = 24


class Renderer:
    """Turns tasks into files of the videos folder, as many at a time as there are processors."""

    def __init__(self, videos: Path, *, instant: bool) -> None:
        self._videos = videos
        self._instant = instant
        self._slots = asyncio.Semaphore(os.cpu_count() or 1)
        self._children: set[asyncio.subprocess.Process] = set()
        self._shared = asyncio.Lock()

    async def render(self, task: SandboxTask) -> tuple[str, dict[str, Any]]:
        """The file's name and the usage as the cloud would bill it; raises TaskFailed."""
        from studio.sandbox.faults import words

        magic = words(task.body["input"].get("prompt", ""))
        if code := magic.get("fail"):
            raise TaskFailed(code, f"The task failed because its prompt asks for {code}.")
        if slow := magic.get("slow"):
            await asyncio.sleep(float(slow))
        parameters = task.body.get("parameters", {})
        resolution, ratio = parameters.get("resolution", "1080P"), parameters.get("ratio", "16:9")
        seconds = parameters.get("duration", 5)
        usage = {
            "duration": seconds,
            "input_video_duration": 0,
            "output_video_duration": seconds,
            "video_count": 1,
            "SR": int(resolution.removesuffix("P")),
            "ratio": ratio,
        }
        if self._instant:
            return await self._instant_video(), usage
        name = f"{task.id}.mp4"
        async with self._slots:
            await self._text_to_video(task, size_of(resolution, ratio), seconds, name)
        return name, usage

    async def _text_to_video(self, task: SandboxTask, size: tuple[int, int], seconds: int, name: str) -> None:
        prompt = task.body["input"]["prompt"]
        watermark = task.body.get("parameters", {}).get("watermark", True)

        def layers() -> list[Layer]:
            scene = landscape(prompt, task.seed, size, seconds)
            return [*scene, *signs(size, prompt, watermark=watermark)]

        await self._encode(await asyncio.to_thread(layers), size, seconds, task.seed, name)

    async def _encode(
        self, layers: Iterable[Layer], size: tuple[int, int], seconds: float, seed: int, name: str
    ) -> None:
        """Move the layers over each other for ``seconds`` and write the result under ``name`` when it is whole."""
        with tempfile.TemporaryDirectory(prefix="happyhorse-") as folder:
            picture = None
            for index, layer in enumerate(layers):
                path = Path(folder) / f"{index}.png"
                await asyncio.to_thread(layer.image.save, path, compress_level=0)
                # Decoded and converted once; repeating the file would do both again for every frame.
                source = (
                    ffmpeg.input(str(path), framerate=FPS)
                    .filter("format", "yuv420p" if picture is None else "yuva420p")
                    .filter("loop", loop=-1, size=1)
                    .filter("setpts", f"N/{FPS}/TB")
                )
                picture = source if picture is None else picture.overlay(source, x=layer.x, y=layer.y, eval="frame")
            assert picture is not None
            target = self._videos / f"{name}.{secrets.token_hex(4)}.part"
            output = ffmpeg.output(
                picture,
                tone(seed, seconds),
                str(target),
                format="mp4",
                vcodec="libx264",
                pix_fmt="yuv420p",
                preset="veryfast",
                crf=23,
                acodec="aac",
                r=FPS,
                threads=2,
                movflags="+faststart",
                **{"b:a": "96k", "frames:v": round(FPS * seconds), "flags:v": "+bitexact", "flags:a": "+bitexact"},
                fflags="+bitexact",
                t=seconds,
            ).global_args("-nostdin", "-v", "error")
            try:
                await self._run(output.compile(cmd=shutil.which("ffmpeg") or "ffmpeg", overwrite_output=True))
                target.replace(self._videos / name)
            finally:
                target.unlink(missing_ok=True)

    async def _run(self, command: list[str]) -> None:
        child = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        self._children.add(child)
        try:
            _, errors = await child.communicate()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            raise
        finally:
            self._children.discard(child)
        if child.returncode:
            raise TaskFailed("InternalError.Algo", errors.decode("utf-8", "replace").strip()[-300:])

    async def _instant_video(self) -> str:
        name = "instant.mp4"
        async with self._shared:
            if not (self._videos / name).exists():
                size = (320, 180)
                layers = [*landscape("instant", 0, size, 3), *signs(size, "", watermark=False)]
                await self._encode(layers, size, 3, 0, name)
        return name

    def close(self) -> None:
        """Stop what is being rendered."""
        for child in tuple(self._children):
            with contextlib.suppress(ProcessLookupError):
                child.kill()


def size_of(resolution: str, ratio: str) -> tuple[int, int]:
    """Even width and height with the ratio asked for and the area that the resolution has at 16:9."""
    lines = int(resolution.removesuffix("P"))
    across, down = map(int, ratio.split(":"))
    area = lines * lines * 16 / 9
    width = math.sqrt(area * across / down)
    return round(width / 2) * 2, round(area / width / 2) * 2


def tone(seed: int, seconds: float) -> Any:
    """A soft chord whose pitch comes from the seed, faded in and out."""
    root = 110 * 2 ** (sha256(str(seed).encode()).digest()[0] % 12 / 12)
    voices = "+".join(
        f"{gain}*sin(2*PI*{root * step:.3f}*t)" for gain, step in ((0.10, 1), (0.07, 1.5), (0.05, 2), (0.03, 2.5))
    )
    sound = ffmpeg.input(f"aevalsrc={voices}|{voices}:s=48000:d={seconds + 1}", format="lavfi")
    fade = min(1.0, seconds / 4)
    return sound.filter("afade", t="in", d=fade).filter("afade", t="out", st=seconds - fade, d=fade)
