"""Mended copies of videos: one run of ffmpeg for all fixes together."""

from __future__ import annotations

import math
import re
import secrets
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import ffmpeg

from studio.errors import FixFailed, MediaUnreadable
from studio.media.facts import VideoFacts, probe_video
from studio.media.fixes import Compress, Fix, Framerate, Pad, Trim
from studio.media.framing import Layout, lay_out
from studio.media.tools import CONFINED
from studio.told import Told

SECONDS = 900.0
MAX_PIXELS = 35_651_584
"""The studio's own bound: a frame of H.264's highest level, 8192 × 4352."""
CRF = 18
"""x264's constant quality: hardly to be told from the original."""

_RUNS = 3
_AUDIO_BITS = 192_000
_CONTAINER_SHARE = 0.03
"""What of the byte limit is left to the container and to the rate control's error."""
_BLUR_SHRINK = 8
_BLUR_SIGMA = 6


def apply_video(
    path: Path,
    fixes: Sequence[Fix],
    target: Path,
    *,
    progress: Callable[[float], None],
    cancelled: threading.Event,
    seconds: float = SECONDS,
) -> None:
    """Write the mended copy of the video at ``path`` to ``target``; raises FixFailed, and then there is no target.

    What is written is an MP4 of one H.264 stream, upright, 8-bit 4:2:0, square pixels, at an even frame rate, with
    the sound as AAC where there is one, and without metadata. ``progress`` is called from this thread with the share
    that is done, 0 to 1, which never falls. Setting ``cancelled`` ends the work within a fraction of a second, and
    so does ``seconds`` when they are over. A byte limit is met by capping the bit rate; only where the cap is not
    kept is there a second run, with a lower one.
    """
    deadline = time.monotonic() + seconds
    try:
        facts = probe_video(path)
    except MediaUnreadable as error:
        raise FixFailed(Told("The video could not be mended: {reason}", reason=error.said)) from error
    copy = _Copy.of(facts, fixes)
    max_bytes = next((fix.max_bytes for fix in fixes if isinstance(fix, Compress)), None)
    partial = target.with_suffix(f".{secrets.token_hex(4)}.part")
    budget, shown = max_bytes, 0.0

    def advance(frames: int) -> None:
        nonlocal shown
        shown = max(shown, min(1.0, frames / copy.frames))
        progress(shown)

    try:
        for _ in range(_RUNS):
            command = _command(path.resolve(), partial, copy, budget)
            _run(command, advance, cancelled, deadline)
            size = partial.stat().st_size
            if max_bytes is None or budget is None or size <= max_bytes:
                partial.replace(target)
                progress(1.0)
                return
            budget = round(budget * max_bytes / size * 0.95)
        raise FixFailed(Told("The video could not be mended: it does not fit into {most:,} bytes.", most=max_bytes))
    except OSError as error:
        raise FixFailed(
            Told("The video could not be mended: {reason}", reason=f"{error.strerror or error}.")
        ) from error
    finally:
        partial.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Copy:
    """What comes out, in numbers."""

    facts: VideoFacts
    layout: Layout
    start: Decimal
    fps: Fraction
    frames: int

    @property
    def seconds(self) -> float:
        return float(self.frames / self.fps)

    @classmethod
    def of(cls, facts: VideoFacts, fixes: Sequence[Fix]) -> _Copy:
        layout = lay_out(facts.width, facts.height, fixes, even=True)
        for width, height in (layout.canvas, layout.size):
            if width * height > MAX_PIXELS:
                raise FixFailed(
                    Told(
                        "The video could not be mended: {width:,} × {height:,} pixels are too many.",
                        width=width,
                        height=height,
                    )
                )
        fps = next((fix.fps for fix in fixes if isinstance(fix, Framerate)), facts.fps)
        start, length = Decimal(0), facts.seconds
        trim = next((fix for fix in fixes if isinstance(fix, Trim)), None)
        if trim is not None:
            start, length = trim.start, min(trim.length, facts.seconds - trim.start)
            if length <= 0:
                raise FixFailed(
                    Told(
                        "The video could not be mended: it ends before the {start} s that it is to keep.",
                        start=f"{trim.start:f}",
                    )
                )
        frames = round(Fraction(length) * fps)
        if trim is not None and trim.within is not None:
            least, most = trim.within
            frames = max(math.ceil(Fraction(least) * fps), min(frames, math.floor(Fraction(most) * fps)))
        return cls(facts, layout, start, fps, max(1, frames))


def _command(path: Path, target: Path, copy: _Copy, budget: int | None) -> list[str]:
    # Before the input, ``ss`` jumps to the key frame before and decodes from there on: exact, and fast in a long file.
    begin = {"ss": f"{copy.start:f}"} if copy.start else {}
    source = ffmpeg.input(f"file:{path}", **CONFINED, **begin)
    streams = [_picture(source["V:0"], copy)]
    audio_bits = 0
    if copy.facts.audio_codec is not None:
        audio_bits = _AUDIO_BITS if budget is None else min(_AUDIO_BITS, int(budget * 8 / copy.seconds / 8))
        streams.append(source["a:0"].filter("aresample", **{"async": 1, "first_pts": 0}))
    output: dict[str, Any] = {
        "format": "mp4",
        "vcodec": "libx264",
        "preset": "veryfast",
        "crf": CRF,
        "pix_fmt": "yuv420p",
        "frames:v": copy.frames,
        "t": f"{copy.seconds:.6f}",
        "movflags": "+faststart",
        "map_metadata": -1,
        "map_chapters": -1,
    }
    if audio_bits:
        output |= {"acodec": "aac", "b:a": audio_bits}
    if budget is not None:
        video_bits = max(1_000, int(budget * 8 * (1 - _CONTAINER_SHARE) / copy.seconds) - audio_bits)
        output |= {"maxrate": video_bits, "bufsize": video_bits}
    written = ffmpeg.output(*streams, f"file:{target.resolve()}", **output)
    written = written.global_args("-nostdin", "-v", "error", "-progress", "pipe:1", "-stats_period", "0.2")
    command: list[str] = written.compile(overwrite_output=True)
    return command


def _picture(stream: Any, copy: _Copy) -> Any:
    """The filters from a decoded frame, which ffmpeg has turned upright already, to what is encoded."""
    facts, layout = copy.facts, copy.layout
    left, top, width, height = layout.box
    if facts.turned:
        stream = stream.filter("scale", facts.width, facts.height).filter("setsar", 1)
    if (width, height) != (facts.width, facts.height):
        stream = stream.filter("crop", width, height, left, top)
    if layout.fill is not None:
        stream = _padded(stream, layout)
    if layout.size != layout.canvas:
        stream = stream.filter("scale", *layout.size, flags="lanczos")
    stream = stream.filter("setsar", 1).filter("fps", fps=str(copy.fps), start_time=0)
    # The last frame once or twice more, so that rounding never leaves fewer frames than were counted on.
    return stream.filter("tpad", stop=2, stop_mode="clone").filter("format", "yuv420p")


def _padded(stream: Any, layout: Layout) -> Any:
    width, height = layout.canvas
    if layout.fill != Pad.BLUR:
        return stream.filter("pad", width, height, "(ow-iw)/2", "(oh-ih)/2", color=layout.fill)
    small = (max(2, width // _BLUR_SHRINK), max(2, height // _BLUR_SHRINK))
    split = stream.filter_multi_output("split")
    behind = (
        split[0]
        .filter("scale", *small, force_original_aspect_ratio="increase")
        .filter("crop", *small)
        .filter("gblur", sigma=_BLUR_SIGMA)
        .filter("scale", width, height, flags="bicubic")
        .filter("setsar", 1)
    )
    return ffmpeg.overlay(behind, split[1], x="(W-w)/2", y="(H-h)/2")


def _run(command: list[str], advance: Callable[[int], None], cancelled: threading.Event, deadline: float) -> None:
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8"
        ) as process:
            threading.Thread(target=_guard, args=(process, cancelled, deadline), daemon=True).start()
            try:
                assert process.stdout is not None
                for line in process.stdout:
                    name, _, value = line.strip().partition("=")
                    if name == "frame" and value.isdecimal():
                        advance(int(value))
                code = process.wait()
            except BaseException:
                process.kill()
                raise
        if cancelled.is_set():
            raise FixFailed("The video was not mended: the fix was canceled.")
        if code != 0:
            if time.monotonic() >= deadline:
                raise FixFailed("The video could not be mended in time.")
            raise FixFailed(Told("The video could not be mended: {reason}", reason=f"{_reason(errors, code)}."))


def _guard(process: subprocess.Popen[str], cancelled: threading.Event, deadline: float) -> None:
    """Kill the process when it is no longer wanted; reading its progress may wait for a line that never comes."""
    while process.poll() is None:
        if cancelled.wait(0.1) or time.monotonic() >= deadline:
            process.kill()
            return


def _reason(errors: IO[bytes], code: int) -> str:
    """ffmpeg's last words, without the paths that it puts into them."""
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    return re.sub(r"file:\S+?: ", "", lines[-1]) if lines else f"ffmpeg ended with {code}"
