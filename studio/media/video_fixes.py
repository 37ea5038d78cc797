"""Mended copies of videos: one run of ffmpeg for all fixes together."""

from __future__ import annotations

import math
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import ffmpeg

from studio.errors import FixFailed, MediaUnreadable
from studio.media.facts import VideoFacts, probe_video
from studio.media.fixes import Compress, Fix, Framerate, Pad, Trim
from studio.media.framing import Layout, lay_out
from studio.message import Message
from studio.system.children import MB, Bounds, run
from studio.system.ffmpeg import CONFINED, THREADS, program

SECONDS = 900.0
"""The longest that a copy may take, whatever its size."""
LEAST_SECONDS = 120.0
PIXELS_A_SECOND = 8_000_000
"""Read and written, on a slow machine that has other work. What takes longer than its size explains is cut, since
others wait for its place."""
MAX_PIXELS = 9_437_184
"""The studio's own bound: the largest frame of H.264's level 5.2, 4096 × 2304. No provider takes a longer side."""
LIMITS = Bounds(SECONDS, memory=1536 * MB, file_bytes=1 << 30, nice=10)
LARGE_PIXELS = 2560 * 1440
"""From here on the encoder looks fewer frames ahead: it would hold sixty of them, a gigabyte, for little."""
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
    seconds: float | None = None,
) -> None:
    """Write the mended copy of the video at ``path`` to ``target``; raises FixFailed, and then there is no target.

    What is written is an MP4 of one H.264 stream, upright, 8-bit 4:2:0, square pixels, at an even frame rate, with
    the sound as AAC where there is one, and without metadata. ``progress`` is called with the share
    that is done, 0 to 1, which never falls. Setting ``cancelled`` ends the work within a fraction of a second, and so
    does ``seconds`` when they are over, by default as many as the size of the copy explains. A byte limit is met by
    capping the bit rate; only where the cap is not kept is there a second run, with a lower one.
    """
    begun = time.monotonic()
    try:
        facts = probe_video(path)
    except MediaUnreadable as error:
        raise FixFailed(Message("The video could not be fixed: {reason}", reason=error.said)) from error
    copy = _Copy.of(facts, fixes)
    deadline = begun + (patience(facts, fixes) if seconds is None else seconds)
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
        raise FixFailed(Message("The video could not be fixed: it does not fit into {most:,} bytes.", most=max_bytes))
    except OSError as error:
        raise FixFailed(
            Message("The video could not be fixed: {reason}", reason=f"{error.strerror or error}.")
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def patience(facts: VideoFacts, fixes: Sequence[Fix]) -> float:
    """Seconds that the mended copy may take: by the pixels of its frames, before and after; raises FixFailed."""
    copy = _Copy.of(facts, fixes)
    width, height = copy.layout.size
    read = facts.width * facts.height * float(facts.fps) * copy.seconds
    return min(SECONDS, max(LEAST_SECONDS, (read + width * height * copy.frames) / PIXELS_A_SECOND))


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
                    Message(
                        "The video could not be fixed: {width:,} × {height:,} pixels are too many.",
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
                    Message(
                        "The video could not be fixed: it ends before {start} s, where the part to keep begins.",
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
    if copy.facts.wide:
        _check_colours(copy.facts)
    streams = [_picture(source["V:0"], copy)]
    audio_bits = 0
    if copy.facts.audio_codec is not None:
        audio_bits = _AUDIO_BITS if budget is None else min(_AUDIO_BITS, int(budget * 8 / copy.seconds / 8))
        streams.append(source["a:0"].filter("aresample", **{"async": 1, "first_pts": 0}))
    output: dict[str, Any] = {
        "format": "mp4",
        "vcodec": "libx264",
        "preset": "veryfast",
        "threads": THREADS,
        "crf": CRF,
        "pix_fmt": "yuv420p",
        "frames:v": copy.frames,
        "t": f"{copy.seconds:.6f}",
        "movflags": "+faststart",
        "map_metadata": -1,
        "map_chapters": -1,
    }
    if copy.facts.wide or copy.facts.chroma == "RGB":
        output |= dict.fromkeys(("color_primaries", "color_trc", "colorspace"), "bt709") | {"color_range": "tv"}
    if copy.layout.size[0] * copy.layout.size[1] > LARGE_PIXELS:
        output["x264-params"] = "rc-lookahead=4:sync-lookahead=0"
    if audio_bits:
        output |= {"acodec": "aac", "b:a": audio_bits}
    if budget is not None:
        video_bits = max(1_000, int(budget * 8 * (1 - _CONTAINER_SHARE) / copy.seconds) - audio_bits)
        output |= {"maxrate": video_bits, "bufsize": video_bits}
    written = ffmpeg.output(*streams, f"file:{target.resolve()}", **output)
    written = written.global_args("-nostdin", "-v", "error", "-progress", "pipe:1", "-stats_period", "0.2")
    command: list[str] = written.compile(cmd=program("ffmpeg"), overwrite_output=True)
    return command


def _picture(stream: Any, copy: _Copy) -> Any:
    """The filters from a decoded frame, which ffmpeg has turned upright already, to what is encoded."""
    facts, layout = copy.facts, copy.layout
    left, top, width, height = layout.box
    if facts.turned:
        stream = stream.filter("scale", facts.width, facts.height).filter("setsar", 1)
    if (width, height) != (facts.width, facts.height):
        stream = stream.filter("crop", width, height, left, top)
    if facts.chroma == "RGB":
        stream = stream.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv444p")
        stream = stream.filter("setparams", colorspace="bt709", range="tv")
    if layout.fill is not None:
        # What it is padded with is named in the colours of a plain screen.
        stream = _padded(_plain(stream, facts), layout)
    if layout.size != layout.canvas:
        stream = stream.filter("scale", *layout.size, flags="lanczos")
    if layout.fill is None:
        stream = _plain(stream, facts)  # of as few pixels as possible: it reckons with floating point
    stream = stream.filter("setsar", 1).filter("fps", fps=str(copy.fps), start_time=0)
    # The last frame once or twice more, so that rounding never leaves fewer frames than were counted on.
    return stream.filter("tpad", stop=2, stop_mode="clone").filter("format", "yuv420p")


def _plain(stream: Any, facts: VideoFacts) -> Any:
    """In the colours and the brightness of a plain screen (BT.709), without what is said of others."""
    if not facts.wide:
        return stream
    matrix = facts.matrix if facts.matrix and facts.matrix != "gbr" else "bt2020nc"
    # What the video does not say of itself is what such videos have.
    said = {
        "color_primaries": facts.primaries or "bt2020",
        "colorspace": matrix,
        "color_trc": facts.transfer or "bt709",
    }
    stream = stream.filter("setparams", **said)
    if facts.hdr:
        # Light itself first, in which brightness can be folded; white is 100 nits.
        stream = stream.filter("zscale", t="linear", npl=100).filter("format", "gbrpf32le")
        stream = stream.filter("zscale", p="bt709").filter("tonemap", "hable", desat=0)
    stream = stream.filter("zscale", t="bt709", m="bt709", p="bt709", r="tv")
    return stream.filter("sidedata", mode="delete")


def _check_colours(facts: VideoFacts) -> None:
    """Raise FixFailed where the colours cannot be brought to those of a plain screen."""
    if facts.dolby_only:
        raise FixFailed(
            "The video could not be fixed: its colors are Dolby Vision only (profile 5), which ffmpeg cannot "
            "convert. Export it as SDR, or record with HDR turned off."
        )
    needed = ("zscale", "tonemap") if facts.hdr else ("zscale",)
    if lacking := [name for name in needed if name not in filters(program("ffmpeg"))]:
        raise FixFailed(
            Message(
                "The video could not be fixed: it is HDR, and this studio’s ffmpeg lacks {missing} to convert "
                "the colors. Install a full build of ffmpeg, or export the video as SDR.",
                missing=", ".join(lacking),
            )
        )


@lru_cache(4)
def filters(ffmpeg: str) -> frozenset[str]:
    """The names of the filters that an ffmpeg was built with; raises FixFailed, and is asked again then."""
    done = run([ffmpeg, "-v", "error", "-filters"], Bounds(20))
    if done.failed:
        raise FixFailed(Message("The video could not be fixed: {reason}", reason=f"{done.reason}."))
    lines = (line.split() for line in done.output.decode("utf-8", "replace").splitlines())
    return frozenset(words[1] for words in lines if len(words) > 2)


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
    def listen(line: str) -> None:
        name, _, value = line.strip().partition("=")
        if name == "frame" and value.isdecimal():
            advance(int(value))

    seconds = max(0.1, deadline - time.monotonic())
    done = run(command, LIMITS.of(seconds=seconds), on_line=listen, cancelled=cancelled)
    if done.canceled:
        raise FixFailed("The fix was canceled.")
    if done.late:
        raise FixFailed("Fixing the video took too long.")
    if done.failed:
        reason = re.sub(r"file:\S+?: ", "", done.reason)  # without the paths that ffmpeg puts into its words
        raise FixFailed(Message("The video could not be fixed: {reason}", reason=f"{reason}."))
