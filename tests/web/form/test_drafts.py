"""What stands in the forms is there again: after a reload, on the way back, and whatever is on its way meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Route, expect

from tests.studio_process import StudioProcess
from tests.web.visit import Visit, meddle

NONE_WAITS = "[...document.querySelectorAll('.bar .about')].every((about) => about.dataset.kind !== 'hold')"
SETTLE = "**/studio/forms/*/settle"


def picture(path: Path, size: tuple[int, int], color: str) -> Path:
    Image.new("RGB", size, color).save(path)
    return path


def is_open(visit: Visit) -> None:
    expect(visit.page.locator(f"#{visit.prefix}-tab-button")).to_have_attribute("aria-selected", "true")
    expect(visit.prompt).to_be_visible()


def test_all_forms_come_back_with_their_files_and_the_one_that_was_open(
    studio: StudioProcess, browser: Browser, tmp_path: Path
) -> None:
    with Visit(browser, studio) as visit:
        visit.prompt.fill("A horse at dawn")
        visit.choose("ratio", "9:16")
        visit.set_seed("42")
        visit.open_tab("Image", "i2v")
        visit.add("first_frame", picture(tmp_path / "frame.png", (1280, 720), "teal"))
        visit.prompt.fill("The clouds drift")
        visit.open_tab("Reference", "r2v")
        colors = ("red", "green", "blue", "white")
        visit.add("references", *(picture(tmp_path / f"{color}.png", (800, 800), color) for color in colors))
        visit.prompt.fill("[Image 1] walks towards [Image 4]")
        for _ in range(4):
            visit.reload()
            is_open(visit)
            visit.page.wait_for_function(NONE_WAITS)
            expect(visit.files("references")).to_have_count(4)
        expect(visit.file("references", 3)).to_have_accessible_name("Image 3, blue.png: Ready")
        visit.open_tab("Image", "i2v")
        expect(visit.file("first_frame")).to_have_accessible_name("Image, frame.png: Ready")
        expect(visit.prompt).to_have_value("The clouds drift")
        expect(visit.price).to_have_text("¥6.00")
        expect(visit.button).to_have_attribute("aria-disabled", "false")
        visit.open_tab("Text", "t2v")
        expect(visit.chip("ratio")).to_have_text("9:16")
        expect(visit.chip("seed")).to_have_text("Seed 42")
        assert visit.wrong == []


@pytest.mark.parametrize("stored", ['"x"', "1", "[]", '{"text-to-video": 1}', '{"text-to-video": {"prompt": {}}}'])
def test_what_is_typed_is_kept_whatever_was_stored_before(studio: StudioProcess, browser: Browser, stored: str) -> None:
    with Visit(browser, studio) as visit:
        visit.page.evaluate("stored => localStorage.setItem('happyhorse.forms', stored)", stored)
        visit.page.reload()
        visit.ready()
        expect(visit.prompt).to_have_value("")
        visit.prompt.fill("A horse at dawn")
        visit.reload()
        assert visit.wrong == []


def test_a_reload_before_the_files_are_back_loses_none(studio: StudioProcess, browser: Browser, tmp_path: Path) -> None:
    with Visit(browser, studio) as visit:
        visit.open_tab("Image", "i2v")
        visit.add("first_frame", picture(tmp_path / "frame.png", (1280, 720), "teal"))
        visit.prompt.fill("The clouds drift")
        held: list[Route] = []
        meddle(visit.page, SETTLE, held.append, times=1)
        visit.reload()
        expect(visit.about).to_have_text("Filling in the form…")
        expect(visit.button).to_have_attribute("aria-disabled", "true")
        visit.page.wait_for_timeout(400)  # by then what stands in the form is kept
        visit.reload()
        expect(visit.file("first_frame")).to_be_visible()
        expect(visit.button).to_have_attribute("aria-disabled", "false")
        assert visit.wrong == []


def test_what_is_typed_while_the_files_come_back_stays(studio: StudioProcess, browser: Browser, tmp_path: Path) -> None:
    with Visit(browser, studio) as visit:
        visit.open_tab("Image", "i2v")
        visit.add("first_frame", picture(tmp_path / "frame.png", (1280, 720), "teal"))
        visit.prompt.fill("The clouds drift")
        held: list[Route] = []
        meddle(visit.page, SETTLE, held.append, times=1)
        visit.reload()
        expect(visit.about).to_have_text("Filling in the form…")
        visit.prompt.press("End")
        visit.prompt.press_sequentially(" to the east")
        held.pop().continue_()
        expect(visit.file("first_frame")).to_be_visible()
        expect(visit.prompt).to_have_value("The clouds drift to the east")
        assert visit.wrong == []


def test_back_and_forward_keep_the_mode_and_the_text(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        visit.prompt.fill("A horse at dawn")
        visit.open_tab("Reference", "r2v")
        visit.prompt.fill("[Image 1] walks")
        visit.page.get_by_role("link", name="History").click()
        expect(visit.prompt).to_be_hidden()
        visit.page.go_back()
        is_open(visit)
        expect(visit.prompt).to_have_value("[Image 1] walks")
        visit.page.wait_for_function("(localStorage.getItem('happyhorse.forms') || '').includes('walks')")
        visit.page.goto(f"{studio.url}/livez")
        visit.page.go_back()
        visit.ready()
        is_open(visit)
        expect(visit.prompt).to_have_value("[Image 1] walks")
        visit.open_tab("Text", "t2v")
        expect(visit.prompt).to_have_value("A horse at dawn")
        visit.page.go_back()
        visit.prefix = "r2v"
        is_open(visit)
        expect(visit.prompt).to_have_value("[Image 1] walks")
        visit.page.go_back()
        visit.prefix = "t2v"
        is_open(visit)
        expect(visit.prompt).to_have_value("A horse at dawn")
        visit.page.go_forward()
        visit.page.go_forward()
        visit.open_tab("Image", "i2v")
        expect(visit.page).to_have_url(f"{studio.url}/#create=image-to-video")
        visit.page.evaluate("history.go(-2)")
        visit.prefix = "r2v"
        is_open(visit)
        places = visit.page.evaluate("history.length")
        for _ in range(2):  # faster than a tab opens
            visit.page.evaluate("history.forward()")
        expect(visit.page).to_have_url(f"{studio.url}/#create=image-to-video")
        visit.prefix = "i2v"
        is_open(visit)
        assert visit.page.evaluate("history.length") == places, "Back and Forward make no places"
        visit.page.evaluate("history.go(-1)")
        visit.prefix = "t2v"
        is_open(visit)
        expect(visit.page).to_have_url(f"{studio.url}/#create=text-to-video")
        assert visit.wrong == []


def test_the_address_of_a_form_opens_it(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        visit.page.goto(f"{studio.url}/#create=video-edit")
        visit.prefix = "edit"
        is_open(visit)
        visit.page.goto(f"{studio.url}/#create=reference-to-video")
        visit.prefix = "r2v"
        is_open(visit)
        visit.page.go_back()
        visit.prefix = "edit"
        is_open(visit)
        assert visit.wrong == []


@pytest.mark.slow
def test_of_several_settings_one_after_another_the_last_stand_in_the_form(
    studio: StudioProcess, browser: Browser, tmp_path: Path
) -> None:
    with Visit(browser, studio) as visit:
        visit.open_tab("Image", "i2v")
        visit.choose("resolution", "480P")
        ids = []
        for color, prompt in (("teal", "The first"), ("gold", "The second")):
            visit.prompt.fill(prompt)
            visit.part("first_frame").locator("> input[type=file]").set_input_files(
                picture(tmp_path / f"{color}.png", (1280, 720), color)
            )
            expect(visit.file("first_frame")).to_have_accessible_name(f"Image, {color}.png: Ready")
            card = visit.submit(prompt)
            expect(card).to_have_attribute("data-state", "succeeded")
            ids.append(card.get_attribute("data-id") or "")
            visit.page.wait_for_timeout(1100)
        held: list[Route] = []
        meddle(visit.page, SETTLE, held.append, times=1)
        visit.menu(visit.show(ids[0]), "Use these settings").click()
        expect(visit.prompt).to_have_value("The first")
        visit.menu(visit.show(ids[1]), "Use these settings").click()
        expect(visit.file("first_frame")).to_have_accessible_name("Image, gold.png: Ready")
        with visit.page.expect_response(SETTLE):
            held.pop().continue_()
        visit.page.wait_for_function(NONE_WAITS)
        expect(visit.prompt).to_have_value("The second")
        expect(visit.file("first_frame")).to_have_accessible_name("Image, gold.png: Ready")
        assert visit.wrong == []
