"""From a form to its videos: what is asked while one types, what a press sends, and that nothing is bought twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Request, Route, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit, meddle

TYPED = "A horse on a beach, at dawn."
SEND, ESTIMATE = "**/studio/forms/*/send", "**/studio/forms/*/estimate"


def sends(visit: Visit) -> int:
    return sum(path.endswith("/send") for path in visit.asked)


def test_typing_asks_nothing_but_once_when_the_price_can_have_changed(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        asked: list[str] = []

        def note(request: Request) -> None:
            # A module that comes when it is needed is asked for once, and is nobody's question.
            if not request.url.endswith("/studio/events") and "/studio/assets/" not in request.url:
                asked.append(request.url)

        visit.page.on("request", note)
        visit.prompt.press_sequentially(TYPED)
        assert len(TYPED) == 28
        expect(visit.about).to_have_text("5 s × ¥1.2")
        visit.page.wait_for_timeout(400)
        assert len(asked) <= 1, asked
        asked.clear()
        visit.prompt.press("End")
        visit.prompt.press_sequentially(" The camera follows it.")
        visit.page.wait_for_timeout(400)
        assert asked == []
        visit.prompt.press("Enter")
        visit.prompt.press_sequentially("---\nAt dusk")
        expect(visit.price).to_have_text("¥12.00")
        assert len(asked) == 1
        assert visit.wrong == []


def test_a_price_whose_answer_was_lost_is_unknown_until_it_is_asked_for_again(
    studio: StudioProcess, browser: Browser
) -> None:
    with Visit(browser, studio) as visit:
        visit.prompt.fill("A horse")
        expect(visit.price).to_have_text("¥6.00")
        meddle(visit.page, ESTIMATE, lambda route: route.abort("connectionreset"), times=2)
        visit.set_duration(3)
        expect(visit.price).to_have_text("—")
        expect(visit.about).to_have_text("Price unknown")
        expect(visit.price).to_have_text("¥3.60")  # by itself


def test_the_last_answer_counts_whatever_comes_after_it(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        held: list[Route] = []
        meddle(visit.page, ESTIMATE, held.append, times=1)
        visit.prompt.fill("A horse")
        with visit.page.expect_request(ESTIMATE):
            visit.choose("resolution", "720P")
        visit.set_duration(3)
        expect(visit.price).to_have_text("¥2.70")
        with visit.page.expect_response(ESTIMATE):
            held.pop().continue_()
        visit.page.evaluate("fetch('livez')")
        expect(visit.price).to_have_text("¥2.70")
        assert visit.wrong == []


def test_a_price_that_is_higher_than_the_one_shown_is_refused_and_shown(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, studio) as visit:
        with visit.page.expect_response(ESTIMATE):
            visit.prompt.fill("At dawn")
        expect(visit.about).to_have_text("5 s × ¥1.2")
        held: list[Route] = []
        holding = [True]
        visit.page.route(ESTIMATE, lambda route: held.append(route) if holding else route.continue_())
        visit.choose("variants", "2")
        with visit.page.expect_response(SEND) as refused:
            visit.button.click()  # before the new price came
        assert refused.value.status == 409
        holding.clear()
        for route in held:
            route.continue_()
        said = "This costs ¥12.00, but ¥6.00 was shown. Nothing was generated or charged. "
        said += "Press again to generate for ¥12.00."
        expect(visit.findings.and_(visit.page.get_by_role("alert"))).to_have_text(said)
        expect(visit.price).to_have_text("¥12.00")
        expect(visit.button).to_contain_text("Generate 2")
        expect(visit.cards).to_have_count(0)
        assert cloud.statistics()["requests"]["create"] == 0
        visit.button.click()
        expect(visit.cards).to_have_count(2)
        expect(visit.findings).to_have_count(0)
        assert [told for told in visit.wrong if "409" not in told] == []


def test_ctrl_enter_sends_from_anywhere_on_the_page(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        visit.prompt.fill("A horse")
        visit.prompt.blur()
        visit.page.keyboard.press("Control+Enter")
        expect(visit.cards).to_have_count(1)
        expect(visit.prompt).to_have_value("A horse")
        visit.opened("ratio")
        visit.page.keyboard.press("Control+Enter")  # what is open above the form keeps its keys
        visit.page.wait_for_timeout(300)
        assert sends(visit) == 1
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
        expect(visit.about).to_have_attribute("data-kind", "sent")  # until then the button does nothing
        visit.prompt.fill("Twice")
        visit.button.dblclick()
        expect(visit.cards).to_have_count(2)
        visit.button.evaluate("button => { for (const after of [100, 200]) setTimeout(() => button.click(), after); }")
        page.wait_for_timeout(1500)
        assert sends(visit) == 2
        visit.button.click()
        expect(visit.cards).to_have_count(3)
        prompts = page.evaluate("fetch('studio/jobs').then(answer => answer.json())")["jobs"]
        assert [job["prompt"] for job in prompts] == ["Twice", "Twice", "Held"]
        assert visit.wrong == []


FILL = """() => {
    for (let size = 1 << 22; size >= 1; size >>= 1) {
        try {
            sessionStorage.setItem("other", (sessionStorage.getItem("other") ?? "") + "x".repeat(size));
        } catch {}
    }
}"""
"""Leaves no room in what the tab stores."""


@pytest.mark.matrix
@pytest.mark.parametrize("meanwhile", ["nothing", "a reload", "a full storage"])
def test_a_press_whose_answer_was_lost_is_the_same_press_when_it_is_made_again(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser, meanwhile: str
) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    with Visit(browser, studio) as visit:
        meddle(visit.context, SEND, lose, times=1)
        if meanwhile == "a full storage":
            visit.page.evaluate(FILL)
        visit.prompt.fill("Pressed on a train")
        expect(visit.about).to_have_text("5 s × ¥1.2")
        visit.button.click()
        expect(visit.findings.and_(visit.page.get_by_role("alert"))).to_contain_text("The studio cannot be reached.")
        expect(visit.cards).to_have_count(1)
        if meanwhile == "a reload":
            visit.reload()
            expect(visit.cards).to_have_count(1)
        visit.button.click()
        expect(visit.about).to_have_attribute("data-kind", "sent")
        expect(visit.findings).to_have_count(0)
        assert sends(visit) == 2
        expect(visit.cards).to_have_count(1)
        expect(visit.cards.first).to_have_attribute("data-state", "succeeded")
        assert cloud.statistics()["creations"] == 1
        visit.page.wait_for_timeout(1100)
        visit.button.click()  # that one was answered: another
        expect(visit.cards).to_have_count(2)
        assert [told for told in visit.wrong if "ERR_CONNECTION_RESET" not in told] == []


def test_a_refused_file_keeps_the_form_from_being_sent_and_says_so(
    studio: StudioProcess, browser: Browser, tmp_path: Path
) -> None:
    Image.new("RGB", (1500, 400), "brown").save(tmp_path / "wide.png")
    with Visit(browser, studio) as visit:
        visit.open_tab("Image", "i2v")
        visit.prompt.fill("It rains")
        visit.add("first_frame", tmp_path / "wide.png")
        line = visit.line("first_frame")
        expect(line).to_have_attribute("data-verdict", "refused")
        expect(visit.about).to_have_text("wide.png cannot be used yet: fix or replace it")
        expect(visit.button).to_have_attribute("aria-disabled", "true")
        visit.press()
        expect(visit.file("first_frame")).to_be_focused()
        assert sends(visit) == 0
        line.get_by_role("button").first.click()
        expect(visit.button).to_have_attribute("aria-disabled", "false")
        visit.button.click()
        expect(visit.cards).to_have_count(1)
        assert visit.wrong == []


def test_of_several_pictures_each_becomes_a_video_at_the_price_of_all(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser, tmp_path: Path
) -> None:
    for color in ("red", "green", "blue"):
        Image.new("RGB", (800, 800), color).save(tmp_path / f"{color}.png")
    Image.new("RGB", (1500, 400), "brown").save(tmp_path / "wide.png")
    pictures = [tmp_path / f"{name}.png" for name in ("red", "green", "blue", "wide")]
    with Visit(browser, studio) as visit:
        visit.open_tab("Image", "i2v")
        visit.choose("resolution", "720P")
        visit.part("first_frame").locator("input[type=file]").set_input_files(pictures)
        batch = visit.form.locator(".media-batch")
        expect(batch).to_contain_text("4 images, one video each")
        expect(batch).to_contain_text("1 image cannot be used")
        expect(visit.part("first_frame")).to_be_hidden()
        expect(visit.button).to_contain_text("Generate 4")
        expect(visit.price).to_have_text("¥18.00")
        expect(visit.about).to_have_text("wide.png cannot be used yet: fix or replace it")
        visit.press()
        visit.picture("batch-refused")
        assert sends(visit) == 0
        batch.get_by_role("button", name="Remove these").click()
        expect(visit.price).to_have_text("¥13.50")
        expect(visit.about).to_have_text("3 × 5 s × ¥0.9")
        visit.button.click()
        expect(visit.cards).to_have_count(3)
        expect(batch).to_be_hidden()
        expect(visit.part("first_frame")).to_be_visible()
        jobs = visit.page.evaluate("fetch('studio/jobs').then(answer => answer.json())")["jobs"]
        assert sorted(job["settings"]["first_frame"]["name"] for job in jobs) == ["blue.png", "green.png", "red.png"]
        expect(visit.page.locator(".strip-cell[data-state=succeeded]")).to_have_count(3)
        assert cloud.statistics()["creations"] == 3
        assert visit.wrong == []


def test_each_prompt_between_lines_of_dashes_becomes_a_video_or_none(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, studio) as visit:
        visit.prompt.fill("At dawn\n---\n" + "x" * 5001)
        visit.set_seed("7")
        visit.choose("variants", "2")
        expect(visit.price).to_have_text("¥24.00")
        expect(visit.about).to_have_text("Shorten the prompt")
        expect(visit.part("prompt-note")).to_contain_text("1 too long")
        visit.press()
        assert sends(visit) == 0
        visit.prompt.fill("At dawn\n---\nAt dusk")
        expect(visit.about).to_have_text("4 × 5 s × ¥1.2")
        expect(visit.button).to_contain_text("Generate 4")
        visit.button.click()
        expect(visit.cards).to_have_count(4)
        expect(visit.about).to_contain_text("Generating 4 videos.")
        expect(visit.page.locator(".strip-cell[data-state=succeeded]")).to_have_count(4)
        jobs = visit.page.evaluate("fetch('studio/jobs').then(answer => answer.json())")["jobs"]
        made = [(job["prompt"], job["settings"]["seed"]) for job in jobs]
        assert made == [("At dusk", 8), ("At dusk", 7), ("At dawn", 8), ("At dawn", 7)]
        assert visit.wrong == []
