"""The way of a video by keys alone: each is heard by something, and what it leaves behind has the focus."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.scenes import PROMPT, files
from tests.web.visit import Visit

_WATCH = """() => {
  window.lost = [];
  let last = "";
  const look = () => {
    const node = document.activeElement;
    if (node && node !== document.body) last = `${node.localName} ${node.className} ${node.textContent.slice(0, 40)}`;
    else if (window.lost.at(-1) !== last) window.lost.push(last);
    requestAnimationFrame(look);
  };
  look();
}"""
"""Keeps what had the focus before nothing had it, in any frame that was drawn."""
MOST = 60


class Keys:
    """The keyboard of a visitor without a mouse, from the first stop of the page on."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.keyboard.press("Tab")
        page.evaluate(_WATCH)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        assert self.page.evaluate("document.activeElement !== document.body"), f"{key} left nothing with the focus"

    def reach(self, selector: str, key: str = "Tab") -> None:
        """Press a key until what is meant has the focus."""
        for _ in range(MOST):
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            self.press(key)
        raise AssertionError(f"{selector} is not reached by {key}")

    @property
    def lost(self) -> list[str]:
        lost: list[str] = self.page.evaluate("window.lost")
        return lost


@pytest.mark.slow
def test_the_whole_story_is_told_by_keys_alone(studio: StudioProcess, cloud: SandboxServer, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        page, keys = visit.page, Keys(visit.page)
        page.on("filechooser", lambda _: None)  # from here on none is the browser's own
        expect(page.locator(".skip")).to_be_focused()
        keys.press("Enter")
        expect(visit.prompt).to_be_focused()

        keys.reach("[role=tab]", "Shift+Tab")
        keys.press("ArrowRight")
        visit.prefix = "i2v"
        expect(page.locator("#i2v-tab-button")).to_be_focused()
        expect(page.locator("#i2v-tab-button")).to_have_attribute("aria-selected", "true")
        expect(visit.part("first_frame").locator(".media-add")).to_be_visible()
        keys.reach("#i2v-first_frame .media-add")
        with page.expect_file_chooser() as chooser:
            keys.press("Enter")
        chooser.value.set_files(files()["good"])
        expect(visit.file("first_frame")).to_be_visible()
        keys.reach("#i2v-prompt")
        page.keyboard.type(PROMPT)
        keys.reach('#i2v-form [data-name="resolution"] > button')
        keys.press("Enter")
        expect(page.locator(":popover-open input:checked")).to_be_focused()
        keys.press("ArrowLeft")
        keys.press("Escape")
        expect(visit.chip("resolution")).to_be_focused()
        expect(visit.chip("resolution")).to_have_text("720P")

        keys.reach("#i2v-submit")
        expect(visit.button).to_have_attribute("aria-disabled", "false")
        keys.press("Enter")
        expect(visit.cards.first).to_have_attribute("data-state", "succeeded")
        expect(visit.button).to_be_focused()
        keys.reach(".strip-tile")
        keys.press("Space")
        page.wait_for_function("document.querySelector('.stage video').currentTime > 0")
        keys.reach('.stage [aria-haspopup="menu"]', "Shift+Tab")
        keys.press("Enter")
        expect(page.get_by_role("menuitem").first).to_be_focused()
        keys.press("Escape")
        expect(page.get_by_role("button", name="More", exact=True).last).to_be_focused()

        keys.reach('a[href="#history"]', "Shift+Tab")
        keys.press("Enter")
        tile = page.locator(".tile:visible")
        expect(tile).to_have_count(1)
        keys.reach(".tile")
        keys.press("Enter")
        expect(page.locator(".job-columns")).to_be_visible()
        expect(page.locator(".job h2").first).to_be_focused()
        keys.press("Escape")
        expect(tile).to_be_focused()
        keys.press("Delete")
        expect(tile).to_have_count(0)
        keys.reach(".notice .offer")
        keys.press("Enter")
        expect(tile).to_be_visible()
        assert keys.lost == []
        assert visit.wrong == []


@pytest.mark.slow
def test_the_skip_link_leads_to_the_form_from_wherever_one_is(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, "#history") as visit:
        keys = Keys(visit.page)
        keys.press("Enter")
        expect(visit.prompt).to_be_focused()
        expect(visit.page).to_have_url(re.compile("#create"))
        assert visit.wrong == []


def test_the_tabs_are_one_stop_with_arrows_inside(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        tabs = visit.page.get_by_role("tab")
        tabs.first.focus()
        for key, place in (("ArrowRight", 1), ("End", 3), ("ArrowRight", 0), ("ArrowLeft", 3), ("Home", 0)):
            visit.page.keyboard.press(key)
            expect(tabs.nth(place)).to_be_focused()
            expect(tabs.nth(place)).to_have_attribute("aria-selected", "true")
        expect(visit.page.locator('[role=tab][tabindex="0"]')).to_have_count(1)
        visit.page.keyboard.press("Tab")
        expect(visit.prompt).to_be_focused()


def test_the_files_of_an_input_are_one_stop_with_names(studio: StudioProcess, browser: Browser) -> None:
    given = [files()[name] for name in ("good", "small", "tiny")]
    with Visit(browser, studio) as visit:
        visit.open_tab("Reference", "r2v")
        visit.add("references", *given)
        openers = visit.part("references").locator(".media-open")
        expect(openers).to_have_count(len(given))
        assert openers.evaluate_all("all => all.filter((one) => one.tabIndex === 0).length") == 1
        for place, path in enumerate(given):
            expect(openers.nth(place)).to_have_accessible_name(re.compile(f"^Image {place + 1}, {path.name}: "))
        openers.first.focus()
        visit.page.keyboard.press("ArrowRight")
        expect(openers.nth(1)).to_be_focused()
