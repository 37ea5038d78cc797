"""Chromium for the tests of the page.

``find()`` gives one that works; ``python -m tests.browser`` prints it, and first installs it where it may. Without a
browser both fail: a test of the page is never passed over in silence.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
REMEDY = (
    "Install one (Debian: apt install chromium; elsewhere: python -m playwright install chromium), "
    "or set CHROMIUM to the path of one."
)


class BrowserMissing(Exception):
    """There is no Chromium that starts; says how to get one."""


def find() -> str:
    """Path of a Chromium that starts: ``$CHROMIUM``, one on PATH, or the one that Playwright installed.

    Raises BrowserMissing.
    """
    if wanted := os.environ.get("CHROMIUM"):
        if not _starts(wanted):
            raise BrowserMissing(f"CHROMIUM is {wanted!r}, which is not a browser that starts. {REMEDY}")
        return wanted
    for path in _candidates():
        if _starts(path):
            return path
    raise BrowserMissing(f"No Chromium was found. {REMEDY}")


def install() -> None:
    """Install Debian's Chromium, as root or by a sudo that asks for no password; BrowserMissing when neither can."""
    apt = shutil.which("apt-get")
    prefix = _as_root()
    if apt is None or prefix is None:
        raise BrowserMissing(f"No Chromium was found, and it cannot be installed from here. {REMEDY}")
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", apt, "-qq", "-o", "Dpkg::Use-Pty=0"]
    try:
        subprocess.run([*prefix, *quiet, "update"], check=True, stdout=sys.stderr)
        subprocess.run(
            [*prefix, *quiet, "install", "--yes", "--no-install-recommends", "chromium"], check=True, stdout=sys.stderr
        )
    except subprocess.CalledProcessError as error:
        raise BrowserMissing(
            f"apt-get could not install chromium (exit status {error.returncode}). {REMEDY}"
        ) from error


def main() -> int:
    """Print the path of a Chromium, installing it if need be; the exit status."""
    try:
        try:
            path = find()
        except BrowserMissing:
            if os.environ.get("CHROMIUM"):
                raise
            install()
            path = find()
    except BrowserMissing as error:
        print(error, file=sys.stderr)
        return 1
    print(path)
    return 0


def _candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).is_file():
        yield own


def _starts(path: str) -> bool:
    """Ubuntu's chromium-browser, for one, is a script that only says to use snap."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _as_root() -> list[str] | None:
    if os.name == "posix" and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


if __name__ == "__main__":
    sys.exit(main())
