"""Facts of a video file, read by ffprobe in a child process that may open nothing but that file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from studio.errors import MediaUnreadable
from studio.media.contents import VIDEOS, outline, refuse
from studio.media.rates import measured
from studio.message import Message
from studio.system.children import MB, Bounds, run
from studio.system.ffmpeg import CONFINED, MAX_STREAMS, program

_FORMATS = {
    "avi": "AVI",
    "mpegts": "MPEG-TS",
    "gif": "GIF",
}
_QUICKTIME_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
"""What a QuickTime file may begin with that is older than the box that names the type."""
_EBML_HEAD = 64
"""Bytes within which a Matroska file says whether it is a WebM."""
HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})
"""PQ and HLG (ITU-R BT.2100)."""
ALIKE = Decimal("0.25")
"""Seconds by which the tracks of one recording may differ: sound comes in blocks of its own length."""
PROBING = Bounds(20, memory=512 * MB, output=8 * MB)
_STILL_CODECS = frozenset({"mjpeg", "png", "bmp", "webp"})


@dataclass(frozen=True)
class VideoFacts:
    """What a video is, judged by its content."""

    format: str
    """Container: ``MP4``, ``MOV``, ``WEBM``, ``Matroska`` …"""
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
    transfer: str | None = None
    """How light becomes numbers, as ffprobe names it (``bt709``, ``smpte2084``); None: it is not said."""
    primaries: str | None = None
    """Of which colours the numbers speak: ``bt709``, ``bt2020`` …"""
    matrix: str | None = None
    """How colours are split into brightness and difference: ``bt709``, ``bt2020nc`` …"""
    dolby_only: bool = False
    """Whether its colours are Dolby Vision's alone (profile 5), which no player without it shows right."""
    slowest: Fraction | None = None
    """Frames a second where they are farthest apart; None where it was not measured, as is the fastest."""
    fastest: Fraction | None = None
    """Frames a second where they are closest together, over a quarter of a second."""
    announced: int | None = None
    """Bytes that the whole file has at least, by its own outline; None where it says nothing."""
    longest: Decimal | None = None
    """Seconds that another reader may find, where those are clearly more than ``seconds``: of the longest track, of the
    file as a whole, or of all its frames, of which an edit list shows a part."""

    @property
    def longer(self) -> Decimal:
        """What may have to be paid for: which of its lengths a provider goes by is in no document."""
        return self.longest or self.seconds

    @property
    def hdr(self) -> bool:
        """Whether its brightness goes beyond what a plain screen shows: PQ, HLG, or Dolby Vision alone."""
        return self.transfer in HDR_TRANSFERS or self.dolby_only

    @property
    def wide(self) -> bool:
        """Whether its colours are BT.2020's, of high dynamic range or not."""
        return self.hdr or self.primaries == "bt2020" or (self.matrix or "").startswith("bt2020")

    @property
    def bits(self) -> int:
        """Of each channel."""
        found = re.search(r"p?(9|10|12|14|16|48|64|32)(?:le|be)$", self.pixel_format)
        depth = int(found[1]) if found else 8
        return {48: 16, 64: 16}.get(depth, depth)

    @property
    def chroma(self) -> str:
        """How much of its colours is kept: ``4:2:0`` is what every player shows."""
        found = re.search(r"4(20|22|44|40|11|10)", self.pixel_format)
        if found:
            return ":".join(f"4{found[1]}")
        return "4:2:0" if self.pixel_format.startswith(("nv12", "nv21", "p010", "gray", "unknown")) else "RGB"

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
        raise refuse(path, VIDEOS, "The file contains no video.")
    try:
        container = _container(report["format"], path)
        facts = _facts(report, videos, size, container)
        if facts.truncated and container in ("MP4", "MOV"):
            # An edit list may leave frames out that are there.
            all_read = _ffprobe(path, seconds, "-ignore_editlist", "1")["streams"][int(videos[0]["index"])]
            videos[0]["nb_read_packets"] = all_read.get("nb_read_packets", 0)
            facts = _facts(report, videos, size, container)
        facts = replace(facts, announced=outline(path).announced)
        times = measured(path, int(videos[0]["index"]))
        if times is None:
            return facts
        # What a file announces is a number in it. It plays as long as it has frames, and is billed so.
        played = max(facts.seconds, round(Decimal(times.seconds.numerator) / times.seconds.denominator, 6))
        longest = facts.longest if facts.longest is not None and facts.longest - played > ALIKE else None
        return replace(facts, seconds=played, longest=longest, slowest=times.slowest, fastest=times.fastest)
    except (KeyError, ValueError, ArithmeticError) as error:
        raise MediaUnreadable(Message("The video’s metadata is incomplete ({reason}).", reason=str(error))) from error


def _ffprobe(path: Path, seconds: float, *options: str) -> dict[str, Any]:
    confined = [word for name, value in CONFINED.items() for word in (f"-{name}", value)]
    command = [program("ffprobe"), "-v", "error", *confined, *options]
    command += ["-count_packets", "-show_format", "-show_streams"]
    done = run([*command, "-of", "json", f"file:{path}"], PROBING.of(seconds=seconds))
    if done.late:
        raise MediaUnreadable(Message("Reading the video took longer than {seconds:.0f} seconds.", seconds=seconds))
    if "max_streams" in done.errors:
        raise MediaUnreadable(
            Message(
                "The file has more than {most} tracks, the limit of this studio. Export it with one video "
                "track and one audio track.",
                most=MAX_STREAMS,
            )
        )
    if done.failed:
        raise refuse(path, VIDEOS, "The video format is not supported, or the file is damaged.")
    report: dict[str, Any] = json.loads(done.output)
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
    frames, packets = stream.get("nb_frames"), int(stream.get("nb_read_packets", 0))
    lengths = [Decimal(one["duration"]) for one in (*report["streams"], report["format"]) if one.get("duration")]
    longest = max(*lengths, round(Decimal(packets * fps.denominator) / fps.numerator, 6))
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
        packets=packets,
        transfer=_said(stream, "color_transfer"),
        primaries=_said(stream, "color_primaries"),
        matrix=_said(stream, "color_space"),
        dolby_only=any(side.get("dv_profile") == 5 for side in stream.get("side_data_list", ())),
        longest=longest if longest - Decimal(duration) > ALIKE else None,
    )


def _container(section: dict[str, Any], path: Path) -> str:
    name: str = section["format_name"]
    if name == "matroska,webm":
        with path.open("rb") as file:
            return "WEBM" if b"webm" in file.read(_EBML_HEAD) else "Matroska"
    if not name.startswith("mov,mp4"):
        return _FORMATS.get(name, name)
    with path.open("rb") as file:
        kind = file.read(8)[4:]
    if kind == b"ftyp":
        return "MOV" if section.get("tags", {}).get("major_brand", "").strip() == "qt" else "MP4"
    # ffprobe reads on where the beginning is damaged; others do not.
    return "MOV" if kind in _QUICKTIME_BOXES else "damaged MP4"


def _said(stream: dict[str, Any], name: str) -> str | None:
    value: str | None = stream.get(name)
    return None if value in ("unknown", "unspecified", "reserved") else value


def _is_cover(stream: dict[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic")) and stream.get("codec_name") in _STILL_CODECS


def _fraction(text: str | None) -> Fraction | None:
    """``24000/1001`` as a number; None for what ffprobe writes when it does not know (``0/0``)."""
    try:
        value = Fraction(text or "0")
    except (ValueError, ZeroDivisionError):
        return None
    return value if value > 0 else None
