"""The form: what it refuses, how it looks and how it is used without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit

ATTACKS = (
    "<img src=x onerror=alert(1)><script>alert(2)</script>",
    "${alert(document.domain)} {{constructor.constructor('alert(3)')()}}",
    "</textarea><svg/onload=alert(4)> [click](javascript:alert(5)) <b>bold</b>",
)


def test_a_prompt_is_never_read_as_a_page(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        for attack in ATTACKS:
            card = visit.submit(attack)
            expect(card.locator(".prompt")).to_have_text(attack)
            expect(card).to_have_attribute("data-state", "succeeded")
        visit.reload()
        expect(visit.cards).to_have_count(len(ATTACKS))
        assert visit.cards.locator("script, img[onerror], svg, b").count() == 0
        visit.cards.last.get_by_role("button", name="Use these settings").click()
        expect(visit.prompt).to_have_value(ATTACKS[0])
        assert visit.wrong == []


@pytest.mark.parametrize(("character", "units", "most"), [("x", 1, 5000), ("马", 2, 2500)])
def test_a_prompt_that_would_be_cut_is_told_and_refused(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser, character: str, units: int, most: int
) -> None:
    with Visit(browser, studio) as visit:
        meter = visit.page.locator(".meter")
        visit.prompt.fill(character * most)
        expect(meter).to_have_attribute("data-level", "near")
        visit.prompt.fill(character * (most + 3))
        expect(meter).to_have_attribute("data-level", "over")
        expect(meter).to_contain_text(f"Too long by {3 * units}. DashScope would cut the prompt after")
        visit.button.click()
        error = visit.summary.get_by_role("alert")
        expect(error).to_contain_text("Prompt: ")
        expect(error).to_contain_text(f"shorten it by {3 * units}")
        visit.picture(f"too-long-{units}")
        expect(visit.cards).to_have_count(0)
        visit.prompt.fill("Short enough")
        expect(error).to_have_count(0)
        expect(meter).to_have_attribute("data-level", "ok")
        assert cloud.statistics()["requests"]["create"] == 0
        assert visit.wrong == []


@pytest.mark.matrix
@pytest.mark.parametrize("seed", ["2147483648", "-1", "1.5", "seven", "٣"])
def test_a_seed_that_is_none_is_refused(studio: StudioProcess, browser: Browser, seed: str) -> None:
    with Visit(browser, studio) as visit:
        visit.prompt.fill("A horse")
        visit.seed.fill(seed)
        error = visit.summary.get_by_role("alert")
        expect(error).to_have_text(f"Seed: {seed} is given; it must be a whole number from 0 to 2147483647.")
        visit.button.click()
        expect(error).to_be_visible()
        visit.seed.fill("2147483647")
        expect(error).to_have_count(0)
        expect(visit.cards).to_have_count(0)
        assert visit.wrong == []


def test_an_empty_prompt_is_refused(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        expect(visit.summary).to_contain_text("Write a prompt first")
        for prompt in ("", " \n "):
            visit.prompt.fill(prompt)
            visit.prompt.press("Control+Enter")
            expect(visit.summary.get_by_role("alert")).to_have_text("Write a prompt first.")
        expect(visit.cards).to_have_count(0)
        assert visit.wrong == []


def test_it_is_used_by_the_keyboard_alone(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        keyboard = visit.page.keyboard
        expect(visit.prompt).to_be_focused()
        keyboard.type("A horse")
        keyboard.press("Tab")
        expect(visit.page.locator("#t2v-ratio input").first).to_be_focused()
        keyboard.press("ArrowRight")
        expect(visit.page.locator("#t2v-ratio label.selected")).to_have_text("9:16")
        for _ in range(15):
            keyboard.press("Tab")
            if visit.button.evaluate("button => button === document.activeElement"):
                break
        expect(visit.button).to_be_focused()
        keyboard.press("Enter")
        expect(visit.cards).to_have_count(1)
        expect(visit.cards.first).to_have_attribute("data-state", "succeeded")
        visit.cards.first.get_by_role("button", name="Play").focus()
        keyboard.press("Enter")
        expect(visit.cards.first.locator("video")).to_be_focused()
        assert visit.wrong == []


def test_a_held_key_and_a_double_click_buy_one_video_and_a_second_press_another(
    studio: StudioProcess, browser: Browser
) -> None:
    with Visit(browser, studio) as visit:
        page = visit.page
        visit.prompt.fill("Held")
        page.keyboard.down("Control")
        for _ in range(6):
            page.keyboard.down("Enter")  # each but the first is a repetition
            page.wait_for_timeout(150)
        page.keyboard.up("Enter")
        page.keyboard.up("Control")
        expect(visit.cards).to_have_count(1)
        expect(visit.summary.locator(".sent")).to_be_visible()  # until then the button does nothing
        visit.prompt.fill("Twice")
        visit.button.evaluate("button => { for (const after of [100, 200]) setTimeout(() => button.click(), after); }")
        expect(visit.cards).to_have_count(2)
        page.wait_for_timeout(1500)
        visit.button.click()
        expect(visit.cards).to_have_count(3)
        last = ["The last", "", "720P", "16:9", 3, True, 7]
        page.request.post(f"{studio.url}/gradio_api/run/text_to_video", data={"data": last})
        expect(visit.cards).to_have_count(4)
        assert visit.cards.locator(".prompt").all_inner_texts() == ["The last", "Twice", "Twice", "Held"]
        assert visit.wrong == []


def test_what_is_chosen_while_the_model_changes_stays_chosen(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        held: list[Route] = []
        visit.page.route("**/gradio_api/run/predict*", lambda route: held.append(route), times=1)
        with visit.page.expect_request("**/gradio_api/run/predict*"):
            visit.choose_model("happyhorse-1.0-t2v")
        visit.choose("resolution", "720P")
        visit.choose("ratio", "1:1")
        visit.duration.fill("3")
        visit.prompt.fill("A horse")
        held.pop().continue_()
        expect(visit.part("resolution")).not_to_contain_text("480P")
        expect(visit.summary).to_contain_text("3 s ×")
        expect(visit.part("resolution").locator("label.selected")).to_have_text("720P")
        expect(visit.part("ratio").locator("label.selected")).to_have_text("1:1")
        expect(visit.duration).to_have_value("3")
        expect(visit.prompt).to_have_value("A horse")
        assert visit.wrong == []


@pytest.mark.matrix
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_telephone_shows_all_without_scrolling_sideways(studio: StudioProcess, browser: Browser, scheme: str) -> None:
    telephone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "color_scheme": scheme}
    with Visit(browser, studio, **telephone) as visit:
        visit.picture(f"telephone-{scheme}-empty")
        visit.prompt.fill("x" * 5010)
        visit.button.click()
        expect(visit.summary.get_by_role("alert")).to_be_visible()
        card = visit.submit("A_very_long_word_without_a_break_" * 20)
        expect(card).to_have_attribute("data-state", "succeeded")
        failed = visit.submit("sandbox:fail=DataInspectionFailed")
        expect(failed).to_have_attribute("data-state", "failed")
        failed.locator("summary").click()
        visit.picture(f"telephone-{scheme}")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
        small = visit.page.evaluate(
            """() => [...document.querySelectorAll("button, a.button, input, textarea")]
                .filter(node => node.offsetParent && node.offsetHeight && node.getBoundingClientRect().right > 390.5)
                .map(node => node.outerHTML.slice(0, 80))"""
        )
        assert small == []
        assert visit.wrong == []


def test_the_theme_is_the_visitors_choice_and_stays(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, color_scheme="light") as visit:
        body = visit.page.locator("body")
        paper = body.evaluate("body => getComputedStyle(body).backgroundColor")
        visit.page.get_by_role("button", name="Switch between light and dark").click()
        expect(body).to_have_class("dark")
        assert body.evaluate("body => getComputedStyle(body).backgroundColor") != paper
        visit.picture("dark")
        visit.reload()
        visit.page.wait_for_timeout(300)
        expect(body).to_have_class("dark")
        visit.page.get_by_role("button", name="Switch between light and dark").click()
        assert body.evaluate("body => getComputedStyle(body).backgroundColor") == paper
        assert visit.wrong == []


def test_what_is_missing_or_wrong_is_named_marked_and_has_the_focus(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        visit.button.click()
        expect(visit.summary.locator(".error")).to_have_text("Write a prompt first.")
        expect(visit.prompt).to_be_focused()
        expect(visit.prompt).to_have_attribute("aria-invalid", "true")
        described = visit.prompt.get_attribute("aria-describedby")
        expect(visit.page.locator(f"#{described}")).to_contain_text("Write a prompt first.")
        visit.prompt.fill("A horse")
        expect(visit.summary).not_to_contain_text("Write a prompt first")
        expect(visit.prompt).not_to_have_attribute("aria-invalid", "true")
        visit.seed.fill("abc")
        expect(visit.seed).to_have_attribute("aria-invalid", "true")
        expect(visit.seed).to_be_focused()
        visit.button.click()
        expect(visit.summary.locator(".error")).to_contain_text("Seed")
        expect(visit.seed).to_be_focused()
        visit.open_tab("Image", "i2v")
        visit.prompt.fill("It gallops")
        visit.button.click()
        expect(visit.summary.locator(".error")).to_have_text("Add a first frame.")
        expect(visit.part("first_frame").locator(".file-add")).to_be_focused()
        assert visit.wrong == []
