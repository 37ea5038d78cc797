"""What a visitor without a video sees: examples of the open form's mode, of which each fills the form in."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from studio.catalog.models import MODES
from studio.web.presets.starters import STARTERS
from studio.web.shell.assets import FOLDER
from studio.web.text import Translation
from tests.studio_process import StudioProcess

SHOWN = {
    "text-to-video": ["tram", "astronaut", "noodles"],
    "image-to-video": ["valley", "lighthouse", "alley"],
    "reference-to-video": ["walk", "voyage", "flight"],
    "video-edit": ["night", "painting", "swap", "storm"],
}
PROMPT = "A chestnut horse in the snow"
_MOVING = re.compile(r"examples/[a-z]+\.avif")


class FirstScreen:
    """The page of a visitor who has never been here. Use as a context manager."""

    def __init__(self, browser: Browser, studio: StudioProcess, **profile: Any) -> None:
        self.studio = studio
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.context: BrowserContext = browser.new_context(**{"viewport": {"width": 1440, "height": 900}} | profile)
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))
        self.page.on("request", lambda request: self.asked.append(request.url.split("/studio/")[-1]))
        self.element = self.page.locator(".first-screen")
        self.examples = self.element.get_by_role("listitem")

    def __enter__(self) -> FirstScreen:
        self.page.goto(self.studio.url)
        expect(self.examples.first).to_be_visible()
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def open_tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name, exact=True).click()

    def example(self, name: str) -> Locator:
        return self.examples.filter(has=self.page.get_by_role("heading", name=name, exact=True))

    def use(self, name: str) -> None:
        self.example(name).get_by_role("button", name=f"Use “{name}”").click()

    def prompt(self, prefix: str) -> Locator:
        return self.page.locator(f"#{prefix}-prompt-box textarea")

    def pictures(self, at: int = 0) -> Locator:
        """The example's picture."""
        return self.examples.nth(at).locator(".example-picture img")


# Addresses


def test_each_mode_has_its_examples(visitor: httpx.Client) -> None:
    starters = visitor.get("/studio/starters").raise_for_status().json()["starters"]
    assert {mode: {one["id"] for one in starters if one["mode"] == mode} for mode in MODES} == {
        mode: set(ids) for mode, ids in SHOWN.items()
    }
    for starter in starters:
        assert starter["prompt"] == STARTERS[starter["id"]].prompt(Translation())
        for kind in ("moving", "still"):
            picture = visitor.get("/" + starter["example"][kind]).raise_for_status()
            assert picture.headers["content-type"] == "image/avif"
            assert "immutable" in picture.headers["cache-control"]
            assert len(picture.content) <= 60_000
        for given in starter["inputs"]:
            assert visitor.get("/" + given["picture"]).headers["content-type"] == "image/jpeg"
    assert visitor.get("/studio/assets/examples/nothing.avif").status_code == 404
    assert visitor.get("/studio/assets/examples/../../app.avif").status_code == 404


def test_prompts_are_in_the_visitors_language(visitor: httpx.Client) -> None:
    for language in ("en", "zh"):
        answer = visitor.get("/studio/starters", headers={"Accept-Language": language})
        for starter in answer.json()["starters"]:
            assert starter["prompt"] == STARTERS[starter["id"]].prompt(Translation(language))


def test_the_examples_are_small_and_no_video() -> None:
    """A Space takes no plain ``.mp4``, and a first visit should cost little."""
    files = [*FOLDER.joinpath("examples").iterdir()]
    assert {file.suffix for file in files} == {".avif"}
    assert sum(file.stat().st_size for file in files) < 1_000_000


# In the browser


def test_each_form_has_examples_of_its_own(studio: StudioProcess, browser: Browser) -> None:
    with FirstScreen(browser, studio) as screen:
        expect(screen.element.get_by_role("heading", name="Generate your first video")).to_be_visible()
        for tab, mode in zip(("Text", "Image", "Reference", "Edit"), MODES, strict=True):
            screen.open_tab(tab)
            names = [Translation()(f"starter.{starter}") for starter in SHOWN[mode]]
            expect(screen.examples.get_by_role("heading")).to_have_text(names)
            expect(screen.examples).to_have_count(len(names))
        expect(screen.examples.first).to_contain_text("Before")
        expect(screen.examples.first).to_contain_text("After")
        assert screen.complaints == []


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("tab", "prefix", "name", "starter"),
    [
        ("Text", "t2v", "Hand-pulled noodles", "noodles"),
        ("Image", "i2v", "Lighthouse", "lighthouse"),
        ("Reference", "r2v", "A walk for two", "walk"),
        ("Edit", "edit", "Swap the boat", "swap"),
    ],
)
def test_use_fills_the_form_in_and_the_prompt_has_the_focus(
    studio: StudioProcess, browser: Browser, tab: str, prefix: str, name: str, starter: str
) -> None:
    with FirstScreen(browser, studio) as screen:
        screen.open_tab(tab)
        screen.use(name)
        expect(screen.prompt(prefix)).to_have_value(STARTERS[starter].prompt(Translation()), timeout=90_000)
        expect(screen.prompt(prefix)).to_be_focused()
        tiles = screen.page.locator(f"#{prefix}-form .media-tile:not(.coming)")
        expect(tiles).to_have_count(len(STARTERS[starter].pictures))
        expect(screen.element).to_be_visible()
        assert screen.complaints == []


def test_what_stood_in_the_form_can_be_had_back(studio: StudioProcess, browser: Browser) -> None:
    with FirstScreen(browser, studio) as screen:
        screen.prompt("t2v").fill(PROMPT)
        screen.use("Tram in the rain")
        expect(screen.prompt("t2v")).not_to_have_value(PROMPT)
        screen.page.get_by_role("button", name="Undo").click()
        expect(screen.prompt("t2v")).to_have_value(PROMPT)


def test_no_picture_is_fetched_before_the_form_is_there_nor_one_that_nobody_sees(
    studio: StudioProcess, browser: Browser
) -> None:
    telephone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    with FirstScreen(browser, studio, **telephone) as screen:
        screen.page.add_init_script("""
            window.fetchedEarly = [];
            const look = new PerformanceObserver(list => {
              for (const { name } of list.getEntries())
                if (/examples|starters\\/.*jpg/.test(name) && !document.querySelector("textarea")?.offsetParent)
                  window.fetchedEarly.push(name);
            });
            look.observe({ type: "resource", buffered: true });
        """)
        screen.asked.clear()
        screen.page.reload()
        expect(screen.pictures(0)).to_have_attribute("src", _MOVING)
        expect(screen.pictures(2)).not_to_have_attribute("src", re.compile("."))
        assert screen.page.evaluate("window.fetchedEarly") == []
        assert [one for one in screen.asked if "noodles" in one] == []
        screen.examples.nth(2).scroll_into_view_if_needed()
        expect(screen.pictures(2)).to_have_attribute("src", _MOVING)


def test_who_wants_no_motion_has_stills_and_a_button(studio: StudioProcess, browser: Browser) -> None:
    with FirstScreen(browser, studio, reduced_motion="reduce") as screen:
        expect(screen.pictures(0)).to_have_attribute("src", re.compile("examples/tram-still"))
        assert [one for one in screen.asked if _MOVING.search(one)] == []
        screen.element.get_by_role("button", name="Play").click()
        for at in range(3):
            expect(screen.pictures(at)).to_have_attribute("src", _MOVING)
        screen.element.get_by_role("button", name="Pause").click()
        expect(screen.pictures(0)).to_have_attribute("src", re.compile("examples/tram-still"))


def test_the_whole_prompt_can_be_read(studio: StudioProcess, browser: Browser) -> None:
    with FirstScreen(browser, studio, viewport={"width": 390, "height": 844}, has_touch=True) as screen:
        prompt = screen.example("Tram in the rain").locator(".example-prompt")
        cut = prompt.evaluate("node => node.scrollHeight - node.clientHeight")
        assert cut > 0
        prompt.press("Enter")
        expect(prompt).to_have_attribute("aria-expanded", "true")
        box = screen.example("Tram in the rain").bounding_box()
        inner = prompt.bounding_box()
        assert box is not None
        assert inner is not None
        assert inner["y"] >= box["y"]


def test_it_goes_with_the_first_video(studio: StudioProcess, browser: Browser) -> None:
    with FirstScreen(browser, studio) as screen:
        screen.prompt("t2v").fill(PROMPT)
        screen.prompt("t2v").press("Control+Enter")
        expect(screen.element).to_be_hidden()
        expect(screen.page.locator(".stage")).to_be_visible()
        screen.page.reload()
        expect(screen.page.locator(".stage")).to_be_visible()
        expect(screen.element).to_be_hidden()
        screen.open_tab("Image")
        expect(screen.element).to_be_hidden()


@pytest.mark.slow
def test_it_says_what_a_test_run_gives(studio: StudioProcess, browser: Browser, tmp_path: Any) -> None:
    with FirstScreen(browser, studio) as screen:
        expect(screen.element).to_contain_text("The examples are drawings by the studio, not AI video.")
    with (
        StudioProcess(tmp_path, None, STUDIO_PROVIDER="sandbox") as sandbox,
        FirstScreen(browser, sandbox) as screen,
    ):
        expect(screen.element).to_contain_text("you get a simple drawing instead of AI video, free of charge")


@pytest.mark.matrix
@pytest.mark.parametrize("width", [320, 390, 820, 1280, 1600])
def test_it_fits_any_window(studio: StudioProcess, browser: Browser, width: int) -> None:
    with FirstScreen(browser, studio, viewport={"width": width, "height": 844}) as screen:
        assert screen.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        for at in range(screen.examples.count()):
            use = screen.examples.nth(at).get_by_role("button", name=re.compile("^Use"))
            use.scroll_into_view_if_needed()
            box, card = use.bounding_box(), screen.examples.nth(at).bounding_box()
            assert box is not None
            assert card is not None
            assert card["x"] <= box["x"]
            assert box["x"] + box["width"] <= card["x"] + card["width"]
            assert box["height"] >= 24
