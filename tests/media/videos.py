"""Real video files, made by ffmpeg."""

from __future__ import annotations

import struct
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path


def make_video(
    path: Path,
    *options: str,
    size: str = "640x360",
    rate: str = "24",
    seconds: float = 1,
    codec: str = "libx264",
    sound: bool = False,
    picture: str = "testsrc2",
) -> Path:
    """Write a test picture that moves; ``options`` go to the output. The container follows from the name.

    ``picture`` is any source of ffmpeg's: a plain ``color`` is made and read in a fraction of the time.
    """
    path.write_bytes(_made(path.suffix, options, size, rate, seconds, codec, sound, picture))
    return path


@lru_cache(64)
def _made(
    suffix: str, options: tuple[str, ...], size: str, rate: str, seconds: float, codec: str, sound: bool, picture: str
) -> bytes:
    inputs = ["-f", "lavfi", "-i", f"{picture}=size={size}:rate={rate}:duration={seconds}"]
    if sound:
        inputs += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-c:a", "aac"]
    quick = _QUICK.get(codec, [])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"made{suffix}")
        run(*inputs, "-c:v", codec, *quick, "-pix_fmt", "yuv420p", *options, str(path))
        return path.read_bytes()


_QUICK = {
    "libx264": ["-preset", "ultrafast", "-threads", "1"],
    "libvpx": ["-deadline", "realtime", "-cpu-used", "8"],
}


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
