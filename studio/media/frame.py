"""One frame of a video, as a picture to go on from."""

from __future__ import annotations

from pathlib import Path

import ffmpeg

from studio.errors import MediaUnreadable
from studio.media.poster import DECODING
from studio.message import Message
from studio.system.children import run
from studio.system.ffmpeg import CONFINED, program

LAST_SECONDS = 1.0
"""Decoded to find the last frame."""


def cut_frame(video: Path, target: Path, at: float | None = None, *, seconds: float = 30.0) -> None:
    """Write the frame that is shown ``at`` so many seconds into the video, or the last one, as a PNG to ``target``.

    Raises MediaUnreadable when the video has no such frame.
    """
    where = {"sseof": -LAST_SECONDS} if at is None else {"ss": at}
    # Each frame overwrites the one before: what remains is the last, or the only one that was asked for.
    one = {} if at is None else {"vframes": 1}
    command = (
        ffmpeg.input(str(video.resolve()), **CONFINED, **where)
        .video.output(str(target), format="image2", vcodec="png", update=1, **one)
        .global_args("-nostdin", "-v", "error")
        .compile(cmd=program("ffmpeg"), overwrite_output=True)
    )
    done = run(command, DECODING.of(seconds=seconds))
    if done.failed:
        raise MediaUnreadable(Message("The frame cannot be extracted: {reason}.", reason=done.reason))
    if not target.is_file():
        raise MediaUnreadable(Message("The video has no frame at {at} s.", at=at))
