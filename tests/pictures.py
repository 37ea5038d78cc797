"""The README's pictures, taken of the studio at work: ``python -m tests.pictures [folder]``.

A sandbox stands in for DashScope, so that prices are shown. Prompts and files are the page's own starting points.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from studio.catalog.requests import REQUESTS
from studio.web.presets.starters import STARTERS, Starter
from studio.web.text import Translation
from tests import browser as chromium
from tests.servers import ROOT, SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit

FOLDER = ROOT / "docs" / "pictures"
SIZES = {"create.jpg": (1440, 900), "history.jpg": (780, 1688)}
"""The pictures by name, as the README shows them, and their pixels."""
MAX_BYTES = 250_000
DESKTOP = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light", "locale": "en"}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
    "color_scheme": "dark",
    "locale": "en",
}
MADE = ("dew", "noodles", "night", "walk", "lighthouse", "harbour")
"""Starting points of the videos that are made, in this order."""


def take(folder: Path) -> None:
    """Write the pictures into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    chrome = chromium.find()
    with (
        tempfile.TemporaryDirectory() as place,
        SandboxServer(Path(place) / "cloud") as cloud,
        StudioProcess(Path(place) / "studio", cloud, STUDIO_POLL_SECONDS="0.3") as studio,
        sync_playwright() as playwright,
    ):
        expect.set_options(timeout=60_000)
        browser = playwright.chromium.launch(executable_path=chrome, args=["--no-sandbox", "--disable-gpu"])
        page, cookies = create(browser, studio)
        keep(page, folder / "create.jpg")
        keep(history(browser, studio, cookies), folder / "history.jpg")
        browser.close()


def create(browser: Browser, studio: StudioProcess) -> tuple[bytes, list[Any]]:
    """The page with a form that was filled in and its finished video; the cookies of who made it."""
    with Visit(browser, studio, **DESKTOP) as visit:
        for count, name in enumerate(MADE, 1):
            fill_in(visit, STARTERS[name])
            generate(visit, count)
            expect(visit.cards.first).to_have_attribute("data-state", "succeeded")
        visit.page.get_by_role("button", name="No thanks").click()  # no news in the browser
        visit.page.wait_for_function("document.querySelector('.stage video').readyState === 4")
        expect(visit.about).to_have_text("5 s × ¥1.2")  # what was sent is no news any more
        expect(visit.page.locator(".notice p")).to_have_count(0)
        still(visit)
        return visit.page.screenshot(), [*visit.context.cookies()]


def fill_in(visit: Visit, starter: Starter) -> None:
    """Take a starting point in the form of its mode, with a seed that makes the same video each time."""
    visit.open_tab(Translation()(f"tab.{starter.mode}"), REQUESTS[starter.mode].short)
    visit.form.locator(".presets-open").click()
    visit.form.locator(".starter", has_text=Translation()(f"starter.{starter.id}")).click()
    expect(visit.prompt).to_have_value(starter.prompt(Translation()))
    visit.set_seed("7")


def generate(visit: Visit, count: int) -> None:
    """Press the button until there are ``count`` videos: a press before the new price came is refused with that."""
    for _ in range(5):
        visit.button.click()
        with contextlib.suppress(AssertionError):
            return expect(visit.cards).to_have_count(count, timeout=5000)
    raise TimeoutError("Nothing was sent.")


def still(visit: Visit) -> None:
    """Go to the top and wait until all pictures in sight are there."""
    visit.page.evaluate("document.querySelectorAll('*').forEach((one) => one.scrollTo(0, 0))")
    visit.page.wait_for_function("""
        [...document.images].every((image) => {
          const { top, bottom } = image.getBoundingClientRect();
          return bottom <= 0 || top >= innerHeight || (image.complete && image.naturalWidth);
        })
    """)


def history(browser: Browser, studio: StudioProcess, cookies: list[Any]) -> bytes:
    """The same visitor's history on a phone."""
    with Visit(browser, studio, storage_state={"cookies": cookies}, **PHONE) as visit:
        visit.page.get_by_role("link", name="History").click()
        expect(visit.page.locator(".tile:visible")).to_have_count(len(MADE))
        still(visit)
        return visit.page.screenshot()


def keep(screenshot: bytes, path: Path) -> None:
    """Write it as JPEG, with all of its colours: thin letters are grey without them."""
    options = {"quality": 82, "subsampling": 0, "optimize": True, "progressive": True}
    Image.open(BytesIO(screenshot)).convert("RGB").save(path, **options)
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    take(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
