"""Where Gradio puts what is uploaded: a folder of this studio's own.

Its usual one is that of every Gradio app on the machine. There it could not be told whose a file is, and what a studio
that was cut off has left there stayed for good: Gradio remembers in memory alone what it has to delete.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from studio.system.clock import CLOCK, Clock

VARIABLE = "GRADIO_TEMP_DIR"
KEEP_SECONDS = 2 * 3600.0
"""What is older is nobody's: an upload lasts an hour at most, and stays for another."""


def folder_of(data: Path) -> Path:
    """That of the studio with this data folder, which Gradio itself is to show nothing of."""
    return Path(tempfile.gettempdir()).resolve() / f"happyhorse-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"


def prepare(folder: Path, clock: Clock = CLOCK) -> None:
    """Have uploads put into ``folder``, without what is left there of earlier. One that the environment names stays
    that one, and as it is, since others may use it too."""
    if os.environ.get(VARIABLE):
        return
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    lies = folder.lstat()  # a link is not followed
    if not stat.S_ISDIR(lies.st_mode) or (hasattr(os, "geteuid") and lies.st_uid != os.geteuid()):
        return  # somebody else was there first
    os.environ[VARIABLE] = str(folder)
    sweep(folder, clock.wall() - KEEP_SECONDS)


def sweep(folder: Path, before: float) -> None:
    """Delete the files that were last written before then, and folders that are empty."""
    for path in [*folder.glob("*/*"), *folder.glob("*")]:
        with suppress(OSError):  # another process may sweep as well
            if path.is_dir():
                path.rmdir()
            elif path.stat().st_mtime < before:
                path.unlink()
