"""The frames of a video side by side: where its beginning and its end are to be chosen."""

from __future__ import annotations

import secrets
from pathlib import Path

import ffmpeg

from studio.errors import MediaUnreadable
from studio.media.facts import VideoFacts
from studio.media.poster import DECODING
from studio.message import Message
from studio.system.children import run
from studio.system.ffmpeg import CONFINED, program

FRAMES = 12
SIDE = 96
"""Pixels of each, which is cut to a square."""
ALL_PIXELS = 2_500_000_000
"""A video of more is known by its key frames alone: to decode every frame would take longer than anyone waits."""


def make_strip(video: Path, facts: VideoFacts, target: Path, *, seconds: float = 30.0) -> None:
    """Write a JPEG of ``FRAMES`` frames at even times, from left to right; raises MediaUnreadable."""
    partial = target.with_suffix(f".{secrets.token_hex(4)}.part")
    few = {"skip_frame": "nokey"} if facts.width * facts.height * facts.packets > ALL_PIXELS else {}
    picture = (
        ffmpeg.input(f"file:{video.resolve()}", **CONFINED, **few)
        .video.filter("setpts", "PTS-STARTPTS")
        .filter("fps", fps=f"{FRAMES / float(facts.seconds):.6f}", round="up", start_time=0)
        .filter("scale", SIDE, SIDE, force_original_aspect_ratio="increase")
        .filter("crop", SIDE, SIDE)
        .filter("tpad", stop=FRAMES, stop_mode="clone")
        .filter("tile", f"{FRAMES}x1")
        .output(str(partial), vframes=1, format="image2", vcodec="mjpeg", **{"q:v": 5, "update": 1})
        .global_args("-nostdin", "-v", "error")
    )
    try:
        done = run(picture.compile(cmd=program("ffmpeg"), overwrite_output=True), DECODING.of(seconds=seconds))
        if done.failed or not partial.is_file():
            raise MediaUnreadable(Message("No frame can be shown: {reason}.", reason=done.reason))
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
