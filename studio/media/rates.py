"""The least and the greatest frame rate inside a video, and how long it plays, by the times at which its frames are
shown.

An average says little of a phone's recording: it may stand still for a second and hurry afterwards. And the length that
a file announces is only a number in it: one of a minute that says three seconds plays a minute all the same. Times are
read from the container, nothing is decoded, and of a long film only the beginning is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from studio.system.children import MB, Bounds, run
from studio.system.ffmpeg import CONFINED, program

MOST_FRAMES = 20_000
"""Looked at: five minutes at 60 a second, which is beyond what any provider takes."""
WINDOW_SECONDS = Fraction(1, 4)
"""Over which the greatest rate is taken: times are rounded, and a phone's frames are never quite even."""
_READING = Bounds(20, memory=512 * MB, output=2 * MB)


class Times(NamedTuple):
    """Of the frames that are shown."""

    slowest: Fraction
    """Frames a second where they are farthest apart."""
    fastest: Fraction
    seconds: Fraction
    """From the first of those looked at to the last."""


def measured(path: Path, stream: int) -> Times | None:
    """Of the video stream of that index; None where the file does not tell its times."""
    confined = [word for name, value in CONFINED.items() for word in (f"-{name}", value)]
    command = [program("ffprobe"), "-v", "error", *confined, "-select_streams", str(stream)]
    command += ["-read_intervals", f"%+#{MOST_FRAMES}", "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0"]
    done = run([*command, f"file:{path}"], _READING)
    if done.failed:
        return None
    times = []
    for line in done.output.decode("ascii", "replace").splitlines():
        time, _, flags = line.strip().partition(",")
        if "D" in flags:  # is decoded, but not shown
            continue
        try:
            times.append(Fraction(time))
        except (ValueError, ZeroDivisionError):  # N/A
            continue
    times = sorted(set(times))
    found = rates(times)
    return found and Times(*found, times[-1] - times[0])


def rates(times: Sequence[Fraction]) -> tuple[Fraction, Fraction] | None:
    """Least and greatest rate of frames shown at these rising seconds; None for fewer than three."""
    if len(times) < 3:
        return None
    slowest = 1 / max(later - earlier for earlier, later in pairwise(times))
    fastest = slowest
    begin = 0
    for end in range(1, len(times)):
        while times[end] - times[begin + 1] >= WINDOW_SECONDS:
            begin += 1
        if times[end] - times[begin] >= WINDOW_SECONDS:
            fastest = max(fastest, (end - begin) / (times[end] - times[begin]))
    if times[-1] - times[0] < WINDOW_SECONDS:
        fastest = (len(times) - 1) / (times[-1] - times[0])
    return slowest, fastest
