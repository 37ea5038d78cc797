"""Real video files, made by ffmpeg."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path


def make_video(
    path: Path,
    *options: str,
    size: str = "640x360",
    rate: str = "24",
    seconds: float = 1,
    codec: str = "libx264",
    sound: bool = False,
) -> Path:
    """Write a test picture that moves; ``options`` go to the output. The container follows from the name."""
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]
    if sound:
        inputs += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-c:a", "aac"]
    quick = ["-preset", "ultrafast"] if codec == "libx264" else []
    run("-y", *inputs, "-c:v", codec, *quick, "-pix_fmt", "yuv420p", *options, str(path))
    return path


def run(*arguments: str) -> None:
    """Run ffmpeg quietly."""
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *arguments], check=True, timeout=60)


def turn(path: Path) -> None:
    """Mark an MP4 as to be shown turned by a quarter, as a phone does: only the matrix in its header changes."""
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40  # what stands before it in a header of version 0
    data[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


def cut(path: Path, share: float) -> None:
    """Leave only the first part of a file."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
