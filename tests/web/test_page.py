"""What holds for the whole page: nothing cut off, the focus where one left it, files wherever they fall, no network."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Route, expect

from studio.web.text import TEXTS
from tests.media.videos import make_video
from tests.studio_process import StudioProcess
from tests.web.visit import Visit, give, meddle

OUTSIDE = """() => [...document.querySelectorAll(".top > *, .top a")]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().width)
  .filter((node) => { const at = node.getBoundingClientRect(); return at.left < 0 || at.right > innerWidth + 0.5; })
  .map((node) => node.className || node.textContent)"""
"""What of the header stands outside the window."""


GRADIOS, OURS = "**/assets/HTML-*.js", "**/studio/assets/form/form.js*"
"""A script of Gradio's, and one of the studio's own, without which no form is drawn."""
BASE, STRIP = "**/studio/assets/shell/dom.js*", "**/studio/assets/board/strip.js*"
"""Without the first none of the studio's own modules runs; the second comes with the first video."""
SHEET = "**/studio/assets/styles/page.css*"
"""The styles that the page begins with."""
WIDE_TABS = """document.adoptedStyleSheets = [new CSSStyleSheet()];
document.adoptedStyleSheets[0].replaceSync(".tab-container button { padding-inline: 40px !important }")"""
"""For a page that opens: tabs wider than they are once the studio's style is there."""


def lose(route: Route) -> None:
    """The request, on its way."""
    route.abort("connectionreset")


def lose_late(route: Route) -> None:
    """The same, when all that is not lost is there."""
    time.sleep(1)
    lose(route)


def focused(visit: Visit) -> str:
    """What has the focus, in a few words."""
    script = "() => { const node = document.activeElement; return node.innerText || node.className || node.tagName; }"
    told: str = visit.page.evaluate(script)
    return told


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_header_and_the_tabs_are_whole_at_every_width(studio: StudioProcess, browser: Browser, locale: str) -> None:
    with Visit(browser, studio, locale=locale) as visit:
        for width in (320, 330, 361, 390, 561, 640, 720, 780, 850, 1000, 1101, 1440):
            visit.page.set_viewport_size({"width": width, "height": 800})
            assert visit.page.evaluate(OUTSIDE) == [], width
            assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
            for tab in visit.page.get_by_role("tab").all():
                expect(tab).to_be_visible()
            expect(visit.page.get_by_role("tab")).to_have_count(4)
            lines = visit.page.get_by_role("tab").evaluate_all("tabs => new Set(tabs.map((tab) => tab.offsetTop)).size")
            assert (width, lines) == (width, 1)
            assert visit.page.locator(".top").evaluate("node => node.offsetHeight") < 80, "one line"
            menu = visit.page.locator(".top .more")
            assert menu.is_visible() == (width < 760), width
            if menu.is_visible():
                menu.click()
                assert visit.page.evaluate(OUTSIDE) == [], width
            for tool in (".spending-open", ".bell", ".language", ".theme"):
                expect(visit.page.locator(f".top {tool}")).to_be_visible()
            visit.page.keyboard.press("Escape")
            expect(visit.page.locator(".top h1")).to_have_css("font-size", "17px")  # no rule of Gradio's goes before


def test_no_tab_is_missing_where_tabs_had_no_room_at_first(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, viewport={"width": 320, "height": 640}) as visit:
        visit.leave()
        visit.page.add_init_script(WIDE_TABS)
        visit.page.goto(studio.url)
        visit.ready()
        visit.page.wait_for_timeout(500)  # what measures has measured
        visit.page.evaluate("document.adoptedStyleSheets = []")
        expect(visit.page.get_by_role("tab")).to_have_count(4)
        for tab in visit.page.get_by_role("tab").all():
            expect(tab).to_be_visible()


def test_a_picture_that_falls_beside_its_place_goes_into_the_open_form(
    studio: StudioProcess, browser: Browser, tmp_path: Path
) -> None:
    Image.new("RGB", (640, 640), "orange").save(tmp_path / "frame.png")
    picture = (tmp_path / "frame.png").read_bytes()
    film = make_video(tmp_path / "film.mp4").read_bytes()
    with Visit(browser, studio) as visit:
        anywhere = visit.page.locator("#results")
        visit.open_tab("Reference", "r2v")
        for count in (1, 2):
            give(anywhere, (f"frame {count}.png", picture + bytes(count)))
            expect(visit.files("references")).to_have_count(count)
        visit.open_tab("Text", "t2v")
        give(anywhere, ("other.png", picture))
        expect(visit.page.locator("#i2v-first_frame .media-about")).to_contain_text("other.png")
        give(anywhere, ("film.mp4", film))
        expect(visit.page.locator("#edit-video .media-about")).to_contain_text("film.mp4")
        assert [complaint for complaint in visit.wrong if "422" not in complaint] == []


def test_the_focus_is_never_lost(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        card = visit.submit("Frame by frame")
        expect(card).to_have_attribute("data-state", "succeeded")
        menu = card.get_by_role("button", name="Continue")
        menu.press("Enter")
        visit.page.keyboard.press("Escape")
        expect(menu).to_be_focused()
        expect(menu).to_have_attribute("aria-expanded", "false")
        visit.page.wait_for_timeout(200)  # a press that closes a menu does not open it again
        menu.press("Enter")
        visit.page.get_by_role("menuitem", name="Use last frame as first frame").press("Enter")
        expect(visit.page.locator("#i2v-prompt")).to_be_focused()

        visit.page.locator(".places a", has_text="History").click()
        tile = visit.page.locator(".tile").first
        tile.focus()
        visit.page.keyboard.press("Space")
        tag = visit.page.get_by_role("button", name="Tag", exact=True)
        tag.press("Enter")
        visit.page.keyboard.press("Escape")
        expect(tag).to_be_focused()
        tag.press("Enter")
        visit.page.keyboard.type("beach")
        visit.page.keyboard.press("Enter")
        expect(tile.locator(".tile-tags")).to_have_text("beach")
        expect(tag).to_be_focused()
        tile.focus()
        visit.page.keyboard.press("Delete")
        undo = visit.page.get_by_role("button", name="Undo")
        undo.press("Enter")
        expect(tile).to_be_focused()

        visit.page.keyboard.press("Enter")
        visit.page.get_by_role("button", name="Remove tag beach").press("Enter")
        expect(visit.page.get_by_role("button", name="Remove tag beach")).to_have_count(0)
        assert visit.page.evaluate("Boolean(document.activeElement.closest('.job'))")
        assert visit.wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["nothing", "a page of a proxy"])
def test_without_the_studio_the_page_says_so_and_nothing_of_it_breaks(
    studio: StudioProcess, browser: Browser, answer: str
) -> None:
    def fail(route: Route) -> None:
        if answer == "nothing":
            route.abort()
        else:
            route.fulfill(status=502, content_type="text/html", body="<html>Bad gateway</html>")

    with Visit(browser, studio) as visit:
        broken: list[str] = []
        visit.page.on("pageerror", lambda error: broken.append(str(error)))
        card = visit.submit("Before the net went away")
        expect(card).to_have_attribute("data-state", "succeeded")
        visit.page.locator(".places a", has_text="History").click()
        expect(visit.page.locator(".tile")).to_have_count(1)
        visit.page.locator(".places a", has_text="Create").click()
        expect(card).to_be_visible()
        pass_on = meddle(visit.page, "**/studio/**", fail)
        unreachable = "The studio cannot be reached."
        card.get_by_role("button", name="Continue").click()
        visit.page.get_by_role("menuitem", name="Use last frame as first frame").click()
        expect(card.locator(".complaint")).to_contain_text(unreachable)
        visit.prompt.fill("Sent into nothing")
        visit.button.click()
        expect(visit.findings).to_contain_text(unreachable)
        visit.prompt.fill("")
        expect(visit.findings).to_have_count(0)
        told = visit.page.locator(".notice, :popover-open, dialog[open]").get_by_text(unreachable)
        for opener in (".presets-open", ".spending-open"):
            visit.page.locator(opener).locator("visible=true").first.click()
            expect(told.first).to_be_visible()  # in what opens, or beside it where it was not here yet
            visit.page.keyboard.press("Escape")
            for close in visit.page.locator(".notice .close").all():
                close.click()
            expect(told).to_have_count(0)
        visit.menu(card, "Details").click()
        expect(visit.page.locator(".job .nothing")).to_contain_text(unreachable)
        visit.page.locator(".places a", has_text="History").click()
        expect(visit.page.locator(".tile")).to_be_visible()
        assert broken == []
        pass_on()
        visit.page.locator(".places a", has_text="Create").click()
        visit.form.locator(".presets-open").click()
        menu = visit.form.locator(".presets-menu")
        anew = visit.page.locator(".notice").get_by_role("button", name=TEXTS["en"]["incomplete.do"])
        expect(menu.or_(anew).locator("visible=true")).to_be_visible()
        if anew.is_visible():  # many browsers ask for a lost module only once in the life of a page
            anew.click()
            visit.ready()
            visit.form.locator(".presets-open").click()
        expect(menu).to_be_visible()


@pytest.mark.parametrize("piece", [GRADIOS, OURS, SHEET])
def test_a_page_of_which_a_piece_is_lost_on_its_way_is_whole_all_the_same(
    studio: StudioProcess, browser: Browser, piece: str
) -> None:
    visit = Visit(browser, studio, locale="en-US")
    loads: list[str] = []
    lost: list[str] = []

    def pass_on(route: Route) -> None:
        # However often one load of the page asks for it: ahead, and where it is needed.
        if len(loads) > 1:
            return route.continue_()
        lost.append(route.request.url)
        return route.abort("connectionreset")

    visit.context.on("request", lambda request: loads.append(request.url) if request.is_navigation_request() else None)
    visit.context.route(piece, pass_on)
    with visit:  # waits for the whole form
        assert lost
        assert len(loads) == 2
        expect(visit.page.locator(".incomplete")).to_have_count(0)


def test_a_piece_that_is_lost_before_any_module_could_hear_of_it_is_noticed(
    studio: StudioProcess, browser: Browser
) -> None:
    """A slow network: the studio's own modules are still on their way, and somebody has tapped on the empty page."""
    visit = Visit(browser, studio, locale="en-US")
    tap = "if (document.readyState === 'interactive') dispatchEvent(new Event('pointerdown'))"
    visit.context.add_init_script(f"document.addEventListener('readystatechange', () => {{ {tap} }})")
    loads: list[str] = []
    held: list[Route] = []

    def until_loaded_anew(deed: Callable[[Route], object]) -> Callable[[Route], object]:
        return lambda route: route.continue_() if len(loads) > 1 else deed(route)

    visit.context.on("request", lambda request: loads.append(request.url) if request.is_navigation_request() else None)
    visit.context.route(BASE, until_loaded_anew(lambda route: held.append(route)))
    visit.context.route(GRADIOS, until_loaded_anew(lose))
    with visit:
        assert held
        assert len(loads) == 2
        expect(visit.page.locator(".incomplete")).to_have_count(0)


@pytest.mark.matrix
@pytest.mark.parametrize("piece", [OURS, SHEET, GRADIOS])
def test_a_page_that_stays_incomplete_says_so_and_is_whole_once_it_can(
    studio: StudioProcess, browser: Browser, piece: str
) -> None:
    visit = Visit(browser, studio, locale="zh-CN")
    page = visit.context.new_page()
    pass_on = meddle(visit.context, piece, lose_late)
    page.goto(studio.url)
    bar = page.get_by_role("alert")
    expect(bar).to_contain_text(TEXTS["zh"]["incomplete"])  # after one more try
    page.wait_for_timeout(2000)  # whoever would say it too asks first whether the studio answers
    assert page.locator(".notice p").count() == 0
    pass_on()
    bar.get_by_role("button", name=TEXTS["zh"]["incomplete.do"]).click()
    expect(page.locator("#t2v-submit")).to_be_visible()
    expect(page.locator("#page-styles")).not_to_have_attribute("media", "print")
    expect(bar).to_have_count(0)
    visit.context.close()


@pytest.mark.slow
def test_a_stage_that_hangs_is_told_and_tried_again(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, locale="en-US") as visit:
        pass_on = meddle(visit.context, STRIP, lambda _: None)
        visit.prompt.fill("A horse at dawn")
        visit.button.click()
        expect(visit.page.locator(".videos")).to_have_text(TEXTS["en"]["board.coming"])
        expect(visit.page.locator(".first-screen")).to_be_hidden()
        broken = visit.page.locator(".videos .broken")
        expect(broken).to_contain_text(TEXTS["en"]["incomplete"])
        pass_on()
        again = broken.get_by_role("button", name=TEXTS["en"]["part.try"])
        again.click()
        expect(visit.cards).to_have_count(1)


@pytest.mark.slow
def test_a_press_for_what_hangs_is_told(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, locale="en-US") as visit:
        meddle(visit.context, "**/studio/assets/presets/menu.js*", lambda _: None)
        visit.form.locator(".presets-open").click()
        expect(visit.page.locator(".notice")).to_contain_text(TEXTS["en"]["incomplete"])
        expect(visit.form.locator(".presets-menu")).to_be_hidden()


@pytest.mark.slow
@pytest.mark.parametrize("piece", [GRADIOS, SHEET, BASE])
def test_a_piece_that_comes_late_is_waited_for(studio: StudioProcess, browser: Browser, piece: str) -> None:
    visit = Visit(browser, studio, locale="en-US")
    page = visit.context.new_page()
    held: list[Route] = []
    visit.context.route(piece, lambda route: held.append(route))
    page.goto(studio.url, wait_until="commit")
    bar = page.get_by_role("alert")
    expect(bar).to_contain_text(TEXTS["en"]["incomplete"])
    for route in held:
        route.continue_()
    expect(page.locator("#t2v-submit")).to_be_visible()
    expect(bar).to_have_count(0)
    visit.context.close()


LIBRARY, FILES = "**/studio/assets/history/history.js*", "**/studio/assets/form/files/files.js*"
"""Modules of parts that come when they are looked at."""


def test_a_part_that_was_opened_without_a_network_comes_when_it_is_back(
    studio: StudioProcess, browser: Browser
) -> None:
    with Visit(browser, studio, locale="en-US") as visit:
        visit.context.set_offline(True)
        visit.page.locator(".places a", has_text="History").click()
        broken = visit.page.locator(".broken")
        expect(broken).to_contain_text(TEXTS["en"]["unreachable"])
        expect(broken).not_to_contain_text("import")
        visit.context.set_offline(False)
        # By itself, or, in browsers that ask for a lost module only once, when that is asked for.
        there = visit.page.locator(".history")
        expect(there.or_(broken.filter(has_text=TEXTS["en"]["incomplete"]))).to_be_visible()
        if broken.is_visible():
            broken.get_by_role("button", name=TEXTS["en"]["part.try"]).click()
        expect(there).to_be_visible()
        expect(broken).to_have_count(0)


@pytest.mark.slow
@pytest.mark.parametrize("piece", [LIBRARY, FILES])
def test_a_part_that_was_lost_on_its_way_is_tried_again_where_it_is(
    studio: StudioProcess, browser: Browser, piece: str
) -> None:
    with Visit(browser, studio, locale="en-US") as visit:
        pass_on = meddle(visit.context, piece, lose)
        if piece == LIBRARY:
            visit.page.locator(".places a", has_text="History").click()
        else:
            visit.page.locator("#i2v-tab-button").click()
        again = visit.page.locator(".broken").get_by_role("button", name=TEXTS["en"]["part.try"])
        # Who asks for it in vain while the studio answers has the page loaded anew, and there it is lost once more.
        with visit.page.expect_navigation():
            again.click()
        expect(again).to_be_enabled()
        pass_on()
        again.click()
        expect(visit.page.locator(".history" if piece == LIBRARY else "#i2v-submit")).to_be_visible()
        expect(visit.page.locator(".broken")).to_have_count(0)
