"""Facts of a video file, read by ffprobe in a child process that may open nothing but that file."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from studio.errors import MediaUnreadable
from studio.media.tools import CONFINED
from studio.told import Told

_FORMATS = {
    "matroska,webm": "Matroska",
    "avi": "AVI",
    "mpegts": "MPEG-TS",
    "gif": "GIF",
}
_QUICKTIME_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
"""What a QuickTime file may begin with that is older than the box that names the type."""
_STILL_CODECS = frozenset({"mjpeg", "png", "bmp", "webp"})


@dataclass(frozen=True)
class VideoFacts:
    """What a video is, judged by its content."""

    format: str
    """Container: ``MP4``, ``MOV``, ``Matroska`` …"""
    bytes: int
    width: int
    """Pixels as displayed: after rotation and pixel aspect ratio; so is the height."""
    height: int
    seconds: Decimal
    fps: Fraction
    """Average frame rate."""
    variable: bool
    """Whether frames come at uneven times."""
    codec: str
    """As ffprobe names it: ``h264``, ``hevc`` …"""
    pixel_format: str
    audio_codec: str | None
    streams: int
    """Video streams, cover pictures left aside."""
    turned: bool
    """Whether it is stored otherwise than displayed: rotated, or with pixels that are not square."""
    frames: int | None
    """Frames the file's index announces."""
    packets: int
    """Frames that are really in the file."""

    @property
    def truncated(self) -> bool:
        """Whether the file ends before the frames that it announces."""
        return self.frames is not None and self.packets < self.frames


def probe_video(path: Path, *, seconds: float = 20.0) -> VideoFacts:
    """Read the facts of the video at ``path``; raises MediaUnreadable.

    Packets are counted, not decoded: a file that was cut off still has the index of the whole; only the count tells.
    """
    path = path.resolve()
    size = path.stat().st_size
    if size == 0:
        raise MediaUnreadable("The file is empty.")
    report = _ffprobe(path, seconds)
    videos = [s for s in report.get("streams", ()) if s.get("codec_type") == "video" and not _is_cover(s)]
    if not videos:
        raise MediaUnreadable("The file has no video in it.")
    try:
        return _facts(report, videos, size, _container(report["format"], path))
    except (KeyError, ValueError, ArithmeticError) as error:
        raise MediaUnreadable(Told("The video's description is incomplete ({reason}).", reason=str(error))) from error


def _ffprobe(path: Path, seconds: float) -> dict[str, Any]:
    program = shutil.which("ffprobe") or "ffprobe"
    confined = [word for name, value in CONFINED.items() for word in (f"-{name}", value)]
    command = [program, "-v", "error", *confined, "-count_packets", "-show_format", "-show_streams"]
    try:
        done = subprocess.run(
            [*command, "-of", "json", f"file:{path}"],
            capture_output=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise MediaUnreadable(
            Told("The video could not be read within {seconds:.0f} seconds.", seconds=seconds)
        ) from None
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = lines[-1].replace(f"file:{path}", "the file") if lines else f"ffprobe ended with {done.returncode}"
        raise MediaUnreadable(Told("The file is not a video of a known format ({reason}).", reason=reason))
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _facts(report: dict[str, Any], videos: list[dict[str, Any]], size: int, container: str) -> VideoFacts:
    stream = videos[0]
    width, height = int(stream["width"]), int(stream["height"])
    pixel = _fraction(stream.get("sample_aspect_ratio", "1:1").replace(":", "/")) or Fraction(1)
    shown_width, shown_height = round(width * pixel), height
    rotation = next((int(side["rotation"]) for side in stream.get("side_data_list", ()) if "rotation" in side), 0)
    if rotation % 180:
        shown_width, shown_height = shown_height, shown_width
    average, nominal = _fraction(stream.get("avg_frame_rate")), _fraction(stream.get("r_frame_rate"))
    fps = average or nominal
    duration = stream.get("duration") or report["format"].get("duration")
    if fps is None or duration is None or width <= 0 or height <= 0:
        raise ValueError("no frame rate, duration or size")
    frames = stream.get("nb_frames")
    return VideoFacts(
        format=container,
        bytes=size,
        width=shown_width,
        height=shown_height,
        seconds=Decimal(duration),
        fps=fps,
        variable=nominal is not None and abs(nominal - fps) > fps / 50,
        codec=stream.get("codec_name", "unknown"),
        pixel_format=stream.get("pix_fmt", "unknown"),
        audio_codec=next((s.get("codec_name") for s in report["streams"] if s.get("codec_type") == "audio"), None),
        streams=len(videos),
        turned=rotation % 360 != 0 or pixel != 1,
        frames=int(frames) if frames is not None else None,
        packets=int(stream.get("nb_read_packets", 0)),
    )


def _container(told: dict[str, Any], path: Path) -> str:
    name: str = told["format_name"]
    if not name.startswith("mov,mp4"):
        return _FORMATS.get(name, name)
    with path.open("rb") as file:
        kind = file.read(8)[4:]
    if kind == b"ftyp":
        return "MOV" if told.get("tags", {}).get("major_brand", "").strip() == "qt" else "MP4"
    # ffprobe reads on where the beginning is damaged; others do not.
    return "MOV" if kind in _QUICKTIME_BOXES else "damaged MP4"


def _is_cover(stream: dict[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic")) and stream.get("codec_name") in _STILL_CODECS


def _fraction(text: str | None) -> Fraction | None:
    """``24000/1001`` as a number; None for what ffprobe writes when it does not know (``0/0``)."""
    try:
        value = Fraction(text or "0")
    except (ValueError, ZeroDivisionError):
        return None
    return value if value > 0 else None
