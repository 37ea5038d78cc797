"""The still picture that stands for a video until it is played."""

from __future__ import annotations

import secrets
from pathlib import Path

import ffmpeg

from studio.errors import MediaUnreadable
from studio.message import Message
from studio.system.children import MB, Bounds, run
from studio.system.ffmpeg import CONFINED, program

DECODING = Bounds(30, memory=1024 * MB, file_bytes=256 * MB)
"""Of a program that decodes a few frames of a video, at most of 8192 × 4352, and writes one."""
LOOK_INTO_SECONDS = 2
LOOK_AT_FRAMES = 120
"""``thumbnail`` picks the most telling frame of this stretch, which passes over a fade from black. It holds all of them
at once, so they are scaled down first, and there is a bound for high frame rates."""


def make_poster(video: Path, target: Path, *, max_side: int = 960, seconds: float = 30.0) -> None:
    """Write a JPEG of an early frame, at most ``max_side`` pixels wide or high; raises MediaUnreadable."""
    partial = target.with_suffix(f".{secrets.token_hex(4)}.part")
    picture = (
        ffmpeg.input(str(video.resolve()), t=LOOK_INTO_SECONDS, **CONFINED)
        .video.filter("scale", max_side, max_side, force_original_aspect_ratio="decrease", force_divisible_by=2)
        .filter("thumbnail", LOOK_AT_FRAMES)
        .output(str(partial), vframes=1, format="image2", vcodec="mjpeg", **{"q:v": 3, "update": 1})
        .global_args("-nostdin", "-v", "error")
    )
    try:
        done = run(picture.compile(cmd=program("ffmpeg"), overwrite_output=True), DECODING.of(seconds=seconds))
        if done.failed:
            raise MediaUnreadable(Message("No frame can be shown: {reason}.", reason=done.reason))
        partial.replace(target)
    except FileNotFoundError as error:
        raise MediaUnreadable("No frame can be shown: the video has none.") from error
    finally:
        partial.unlink(missing_ok=True)
