"""The form: what it refuses, what it keeps, how it looks and how it is used without a mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

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
            expect(card.locator("button.prompt")).to_have_text(attack)
            expect(card).to_have_attribute("data-state", "succeeded")
        visit.reload()
        expect(visit.cards).to_have_count(len(ATTACKS))
        assert visit.page.locator(":is(.board, .desk) :is(script, img[onerror], b.bold, svg[onload])").count() == 0
        first = visit.show(visit.cards.last.get_attribute("data-id") or "")
        visit.menu(first, "Use these settings").click()
        expect(visit.prompt).to_have_value(ATTACKS[0])
        assert visit.wrong == []


@pytest.mark.parametrize(("character", "units", "most"), [("x", 1, 5000), ("马", 2, 2500)])
def test_a_prompt_that_would_be_cut_is_told_and_refused(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser, character: str, units: int, most: int
) -> None:
    with Visit(browser, studio) as visit:
        count = visit.part("prompt-count")
        visit.prompt.fill(character * most)
        expect(count).to_have_text("5,000 / 5,000")
        expect(count).to_have_attribute("data-level", "near")
        visit.prompt.fill(character * (most + 3))
        expect(count).to_have_attribute("data-level", "over")
        note = visit.part("prompt-note")
        expect(note).to_have_text(f"{3 * units} too long: DashScope stops reading after “…{character * 12}”")
        expect(visit.about).to_have_text("Shorten the prompt")
        visit.press()
        expect(visit.prompt).to_be_focused()
        expect(visit.prompt).to_have_attribute("aria-invalid", "true")
        visit.picture(f"too-long-{units}")
        assert [path for path in visit.asked if path.endswith("/send")] == []
        visit.prompt.fill("Short enough")
        expect(count).to_have_attribute("data-level", "ok")
        expect(visit.button).to_have_attribute("aria-disabled", "false")
        expect(visit.cards).to_have_count(0)
        assert cloud.statistics()["requests"]["create"] == 0
        assert visit.wrong == []


@pytest.mark.matrix
@pytest.mark.parametrize("seed", ["2147483648", "-1", "1.5", "seven", "٣"])
def test_a_seed_that_is_none_is_refused(studio: StudioProcess, browser: Browser, seed: str) -> None:
    with Visit(browser, studio) as visit:
        visit.prompt.fill("A horse")
        visit.seed.fill(seed)
        expect(visit.seed).to_have_attribute("aria-invalid", "true")
        expect(visit.opened("more").locator(".wrong")).to_have_text("A seed is a whole number from 0 to 2,147,483,647.")
        visit.shut()
        error = visit.findings.filter(has_text="Seed")
        expect(error).to_have_text(f"Seed is “{seed}”; it must be a whole number from 0 to 2147483647.")
        visit.button.click()
        expect(visit.page.locator(":popover-open").get_by_label("Seed")).to_be_focused()
        expect(error.first).to_be_visible()
        visit.set_seed("2147483647")
        expect(error).to_have_count(0)
        expect(visit.chip("seed")).to_contain_text("2147483647")
        expect(visit.cards).to_have_count(0)
        assert [told for told in visit.wrong if "400" not in told] == []


def test_an_empty_prompt_is_refused_without_a_request(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        expect(visit.about).to_have_text("Write a prompt first")
        for prompt in ("", " \n "):
            visit.prompt.fill(prompt)
            visit.prompt.press("Control+Enter")
            expect(visit.about).to_have_text("Write a prompt first")
            expect(visit.page.locator("[aria-live=polite]").get_by_text("Write a prompt first")).to_be_attached()
        assert [path for path in visit.asked if path.endswith("/send")] == []
        expect(visit.cards).to_have_count(0)
        assert visit.wrong == []


def test_it_is_used_by_the_keyboard_alone(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        keyboard = visit.page.keyboard

        def tab_to(locator_name: str) -> None:
            for _ in range(40):
                keyboard.press("Tab")
                if visit.page.evaluate("name => document.activeElement?.matches(name)", locator_name):
                    return
            raise AssertionError(f"{locator_name} is not reached by Tab")

        tab_to("#t2v-prompt")
        keyboard.type("A horse")
        tab_to('[data-name="ratio"] > button')
        keyboard.press("Enter")
        expect(visit.page.locator(":popover-open input:checked")).to_be_focused()
        keyboard.press("ArrowRight")
        expect(visit.page.locator(":popover-open input:checked")).to_have_value("9:16")
        keyboard.press("Escape")
        expect(visit.chip("ratio")).to_be_focused()
        expect(visit.chip("ratio")).to_have_accessible_name("Aspect ratio: 9:16")
        tab_to("#t2v-submit")
        keyboard.press("Enter")
        expect(visit.cards).to_have_count(1)
        expect(visit.cards.first).to_have_attribute("data-state", "succeeded")
        tab_to(".strip-tile")
        keyboard.press(" ")
        visit.page.wait_for_function("document.querySelector('.stage video').currentTime > 0")
        assert visit.wrong == []


def test_what_a_chip_opens_stays_at_it_while_the_page_is_scrolled(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, viewport={"width": 390, "height": 700}) as visit:
        visit.chip("ratio").click()
        panel = visit.page.locator(":popover-open")
        expect(panel).to_be_visible()
        gap = """panel => Math.round(panel.previousElementSibling.getBoundingClientRect().top
            - panel.getBoundingClientRect().bottom)"""
        before = panel.evaluate(gap)
        moved = visit.page.evaluate("() => { const at = scrollY; scrollBy(0, at ? -60 : 60); return scrollY - at; }")
        assert moved != 0
        visit.page.wait_for_function(f"([panel, gap]) => ({gap})(panel) === gap", arg=[panel.element_handle(), before])
        assert visit.wrong == []


def test_what_is_missing_is_named_marked_and_has_the_focus(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        expect(visit.button).to_have_attribute("aria-disabled", "true")
        expect(visit.button).to_have_accessible_description("¥6.00 Write a prompt first")
        visit.press()
        expect(visit.prompt).to_be_focused()
        expect(visit.prompt).to_have_attribute("aria-invalid", "true")
        visit.prompt.fill("A horse")
        expect(visit.about).to_have_text("5 s × ¥1.2")
        expect(visit.prompt).not_to_have_attribute("aria-invalid", "true")
        expect(visit.button).to_have_attribute("aria-disabled", "false")
        visit.open_tab("Image", "i2v")
        visit.prompt.fill("It gallops")
        expect(visit.about).to_have_text("Add a first frame")
        visit.press()
        expect(visit.part("first_frame").locator(".media-add")).to_be_focused()
        assert visit.wrong == []


def test_what_a_model_does_not_have_is_told_and_the_rest_stays(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        visit.prompt.fill("A horse")
        visit.choose("ratio", "1:1")
        visit.choose("resolution", "480P")
        visit.set_duration(3)
        visit.choose_model("happyhorse-1.0-t2v")
        note = visit.findings.filter(has_text="480P")
        expect(note).to_have_text("Resolution changed from 480P to 1080P: 1.0 does not support 480P")
        expect(visit.chip("ratio")).to_have_text("1:1")
        expect(visit.chip("duration")).to_have_text("3 s")
        expect(visit.chip("model")).to_have_text("1.0")
        expect(visit.price).to_have_text("¥4.80")
        expect(visit.prompt).to_have_value("A horse")
        visit.choose("resolution", "720P")
        expect(note).to_have_count(0)
        assert visit.wrong == []


def test_settings_of_another_time_are_had_as_far_as_they_can_and_the_rest_is_told(
    studio: StudioProcess, browser: Browser
) -> None:
    left = {"mode": "text-to-video", "prompt": "A horse", "duration": 99, "ratio": "9:16", "title": "x", "seed": -1}
    with Visit(browser, studio) as visit:
        visit.page.evaluate(
            """left => {
            const keep = () => localStorage.setItem("happyhorse.forms", JSON.stringify({ "text-to-video": left }));
            window.addEventListener("pagehide", keep);
        }""",
            left,
        )
        visit.page.reload()
        expect(visit.prompt).to_have_value("A horse")
        expect(visit.chip("ratio")).to_have_text("9:16")
        expect(visit.findings.filter(has_text="title")).to_have_text(
            "happyhorse-1.1-t2v does not support this setting: title"
        )
        gone = visit.findings.filter(has_text="Duration")
        expect(gone).to_have_text("Duration: 99 s is no longer available; 5 s is selected instead")
        expect(visit.chip("duration")).to_have_text("5 s")
        expect(visit.chip("seed")).to_have_count(0)
        assert visit.wrong == []


@pytest.mark.matrix
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_telephone_shows_all_without_scrolling_sideways(studio: StudioProcess, browser: Browser, scheme: str) -> None:
    telephone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "color_scheme": scheme}
    with Visit(browser, studio, **telephone) as visit:
        visit.picture(f"telephone-{scheme}-empty")
        visit.prompt.fill("x" * 5010)
        expect(visit.about).to_have_text("Shorten the prompt")
        card = visit.submit("A_very_long_word_without_a_break_" * 20)
        expect(card).to_have_attribute("data-state", "succeeded")
        failed = visit.submit("sandbox:fail=DataInspectionFailed")
        expect(failed).to_have_attribute("data-state", "failed")
        failed.get_by_text("Provider’s message").click()
        visit.picture(f"telephone-{scheme}")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
        beyond = visit.page.evaluate(
            """() => [...document.querySelectorAll("button, a.button, input, textarea")]
                .filter(node => node.checkVisibility() && node.offsetHeight && !node.closest(".strip-scroll"))
                .filter(node => node.getBoundingClientRect().right > 390.5)
                .map(node => node.outerHTML.slice(0, 80))"""
        )
        assert beyond == []
        tabs = visit.page.get_by_role("tab").last.bounding_box()
        presets = visit.page.locator(".presets-open:visible").bounding_box()
        assert tabs is not None
        assert presets is not None
        assert presets["y"] >= tabs["y"] + tabs["height"] or presets["x"] >= tabs["x"] + tabs["width"]
        small = visit.page.evaluate(
            """() => [...document.querySelectorAll(".desk :is(button, input)")]
                .filter(node => node.checkVisibility() && node.offsetHeight)
                .filter(node => Math.min(node.offsetWidth, node.offsetHeight) < 24)
                .map(node => `${node.className} ${node.offsetWidth} × ${node.offsetHeight}`)"""
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


WITHIN = """desk => {
  const bar = desk.querySelector(".bar");
  const outside = [desk, bar, ...bar.querySelectorAll("b, button:not([hidden])")].filter((node) => {
    const at = node.getBoundingClientRect();
    return at.top < 0 || at.bottom > innerHeight || at.left < 0 || at.right > innerWidth;
  });
  const inner = [...desk.querySelectorAll("*")].filter((node) => node.checkVisibility() && !node.closest("[popover]"))
    .filter((node) => node.scrollHeight > node.clientHeight + 1 && getComputedStyle(node).overflowY === "auto")
    .map((node) => node.className);
  const covered = [...desk.children].filter((node) => node.checkVisibility() && !node.matches(".presets-box, .popover"))
    .map((node) => node.getBoundingClientRect())
    .some((at, index, all) => index > 0 && at.top < all[index - 1].bottom - 0.5);
  const page = document.scrollingElement.scrollHeight;
  return { outside: outside.map((node) => node.className), page, inner, covered };
}"""
"""What of a form stands outside the window, how high the page is, what scrolls inside, and whether parts overlap."""


@pytest.mark.matrix
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_form_fits_one_screen_however_much_is_in_it(
    studio: StudioProcess, browser: Browser, tmp_path: Path, scheme: str
) -> None:
    colors = ("red", "green", "blue", "white", "black", "gold", "navy", "teal")
    for color in colors:
        Image.new("RGB", (800, 800), color).save(tmp_path / f"{color}.png")
    Image.new("RGB", (1500, 400), "brown").save(tmp_path / "wide.png")
    Image.new("RGB", (120, 100), "brown").save(tmp_path / "small.png")
    references = [tmp_path / f"{color}.png" for color in colors]
    prompt = "\n".join(["[Image 1] walks along the beach towards [Image 2] while the sun goes down."] * 60)
    view = {"viewport": {"width": 1440, "height": 900}, "color_scheme": scheme}
    with Visit(browser, studio, **view) as visit:
        for tab, prefix, field, files in (
            ("Text", "t2v", "", []),
            ("Image", "i2v", "first_frame", [tmp_path / "wide.png"]),
            ("Reference", "r2v", "references", [*references, tmp_path / "small.png"]),
            ("Edit", "edit", "references", references[:5]),
        ):
            visit.open_tab(tab, prefix)
            if field:
                visit.add(field, *files)
            if prefix in ("i2v", "r2v"):
                expect(visit.line(field)).to_have_attribute("data-verdict", "refused")
                expect(visit.about).to_contain_text("cannot be used yet")
            visit.prompt.fill(prompt)
            if prefix != "edit":
                visit.choose("ratio" if prefix != "i2v" else "resolution", "9:16" if prefix != "i2v" else "720P")
            visit.set_seed("2147483647")
            expect(visit.chip("seed")).to_be_visible()
            visit.picture(f"full-{prefix}-{scheme}")
            told = visit.form.evaluate(WITHIN)
            assert (told["outside"], told["covered"], told["page"]) == ([], False, 900), (prefix, told)
            assert [name for name in told["inner"] if name not in ("prompt-scroll", "findings")] == [], prefix
        assert visit.wrong == []
