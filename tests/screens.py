"""Every screen of the page in every state, as pictures to look at: ``python -m tests.screens <folder> [name …]``.

Each is taken on a desktop and a phone, in light English and in dark Chinese, of a studio whose videos are drawn by the
sandbox. A name takes the scenes of ``tests.web.scenes`` in whose names it stands.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from tests import browser as chromium
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.accessibility.looks import DARK_CHINESE, LIGHT_ENGLISH, PHONE
from tests.web.scenes import SCENES, become, make_all
from tests.web.visit import Visit

DESKTOP = {"viewport": {"width": 1440, "height": 900}}
LOOKS = {
    "desktop-light-en": DESKTOP | LIGHT_ENGLISH,
    "desktop-dark-zh": DESKTOP | DARK_CHINESE,
    "phone-light-en": PHONE | LIGHT_ENGLISH,
    "phone-dark-zh": PHONE | DARK_CHINESE,
}
"""By folder, what Playwright's ``new_context`` wants."""


def take(folder: Path, names: Sequence[str]) -> None:
    """Write the pictures into ``folder``, those of a look in a folder of its own."""
    with _studio() as (studio, maker), sync_playwright() as playwright:
        expect.set_options(timeout=60_000)
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        )
        for look, profile in LOOKS.items():
            (folder / look).mkdir(parents=True, exist_ok=True)
            for visitor in ("", maker):
                _take(browser, studio, visitor, profile, folder / look, names)
        browser.close()


@contextmanager
def _studio() -> Iterator[tuple[StudioProcess, str]]:
    """A studio, and the token of a visitor who has made videos there."""
    with (
        tempfile.TemporaryDirectory() as place,
        SandboxServer(Path(place) / "cloud") as cloud,
        StudioProcess(Path(place) / "studio", cloud, STUDIO_POLL_SECONDS="0.3") as studio,
    ):
        cloud.rules(limited=False, pending=0, running_per_model=100)
        yield studio, make_all(studio, cloud)


def _take(
    browser: Browser, studio: StudioProcess, visitor: str, profile: dict[str, Any], folder: Path, names: Sequence[str]
) -> None:
    visit = Visit(browser, studio, **profile)
    if visitor:
        become(visit, visitor)
    with visit:
        for name, scene in SCENES.items():
            if scene.made != bool(visitor) or not any(part in name for part in names or [""]):
                continue
            scene.enter(visit)
            visit.page.wait_for_timeout(300)  # what fades in has done so
            path = folder / f"{name.replace(' ', '-')}.png"
            visit.page.screenshot(path=path)
            print(path)


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("Name the folder for the pictures: make screens to=screens")
    take(Path(sys.argv[1]), sys.argv[2:])
