"""The way of one video, from the first word to the file, as a person goes it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
from playwright.sync_api import Browser, expect

from studio.web.text import TEXTS
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit

PROMPT = "A chestnut horse gallops along a wet beach at sunrise, low tracking shot."


def test_from_the_first_word_to_the_file(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser, tmp_path: Path
) -> None:
    cloud.rules(hold="PENDING")
    with Visit(browser, studio) as visit:
        page = visit.page
        expect(page.locator(".account")).to_contain_text("DashScope · Beijing")
        expect(page.locator(".empty")).to_contain_text("Nothing here yet")

        visit.prompt.press_sequentially(PROMPT[:12])
        expect(page.locator(".meter span")).to_have_text("12 / 5,000")
        visit.prompt.fill(PROMPT)
        expect(visit.button).to_have_text("Generate · ¥6.00")
        visit.choose("resolution", "720P")
        expect(visit.button).to_have_text("Generate · ¥4.50")
        visit.duration.fill("3")
        visit.duration.press("Tab")
        expect(visit.button).to_have_text("Generate · ¥2.70")
        expect(visit.summary).to_contain_text("3 s × ¥0.9 = ¥2.70")
        visit.choose("ratio", "9:16")
        visit.seed.fill("42")

        visit.prompt.focus()
        page.keyboard.press("Control+Enter")
        expect(visit.cards).to_have_count(1)
        expect(visit.summary).to_contain_text("Sent to your videos")
        card = visit.cards.first
        expect(card.locator(".prompt")).to_have_text(PROMPT)
        expect(card.locator(".chips")).to_contain_text("seed 42")

        expect(card).to_have_attribute("data-state", "waiting")
        expect(card.locator(".task code")).to_be_visible()
        task_id = card.locator(".task code").inner_text()
        assert [task["prompt"] for task in cloud.statistics()["tasks"] if task["id"] == task_id] == [PROMPT]
        visit.picture("waiting")
        cloud.rules(hold="RUNNING")
        expect(card).to_have_attribute("data-state", "running")
        expect(card.locator(".clock")).to_have_text(re.compile("^0:(0[1-9]|[1-5][0-9])$"))
        expect(card.get_by_role("button", name="Cancel")).to_have_count(0)
        visit.picture("running")
        cloud.rules(hold=None)
        expect(card).to_have_attribute("data-state", "succeeded")
        expect(card.locator(".cost")).to_have_text("¥2.70 billed")
        order = ["queued", "submitting", "waiting", "running", "saving", "succeeded"]
        shown = visit.states(card)
        assert shown == [state for state in order if state in shown]
        assert {"queued", "waiting", "running", "succeeded"} <= set(shown)
        visit.picture("done")

        card.get_by_role("button", name="Play").click()
        video = card.locator("video")
        page.wait_for_function("document.querySelector('.card video').currentTime > 0.2")
        video.evaluate("video => { video.currentTime = video.duration - 0.5; }")
        page.wait_for_function("v => !v.seeking && v.currentTime > v.duration - 0.6", arg=video.element_handle())
        source = video.get_attribute("src") or ""
        assert (source, 206) in visit.statuses
        visit.picture("playing")

        with page.expect_download() as download:
            card.get_by_role("link", name="Download").click()
        saved = tmp_path / download.value.suggested_filename
        download.value.save_as(saved)
        on_disk = next(studio.output_dir.rglob(saved.name))
        assert saved.suffix == ".mp4"
        assert saved.read_bytes() == on_disk.read_bytes()

        visit.reload()
        expect(visit.cards).to_have_count(1)
        expect(visit.prompt).to_have_value(PROMPT)
        expect(visit.duration).to_have_value("3")
        expect(visit.seed).to_have_value("42")
        expect(page.locator("#t2v-ratio label.selected")).to_have_text("9:16")
        expect(visit.button).to_have_text("Generate · ¥2.70")

        with Visit(browser, studio) as other:
            expect(other.page.locator(".empty")).to_be_visible()
            expect(other.cards).to_have_count(0)
            expect(other.prompt).to_have_value("")
            for path in (source, f"{source}?download=1", source.replace("/video", "/evidence")):
                assert other.page.request.get(studio.url + path).status == 404
            assert other.wrong == []
        assert visit.wrong == []
    assert httpx.get(studio.url + source, timeout=30).status_code == 404


def test_a_job_goes_on_while_the_tab_is_closed(studio: StudioProcess, cloud: SandboxServer, browser: Browser) -> None:
    cloud.rules(hold="RUNNING")
    with Visit(browser, studio) as visit:
        visit.choose("resolution", "720P")
        visit.submit("Made while nobody looks")
        expect(visit.cards.first).to_have_attribute("data-state", "running")
        visit.page.close()
        cloud.rules(hold=None)
        visit.open()
        expect(visit.cards.first).to_have_attribute("data-state", "succeeded")
        expect(visit.cards.first.get_by_role("button", name="Play")).to_be_visible()
        assert visit.wrong == []


def test_the_settings_of_an_earlier_video_come_back(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        visit.page.locator(".idea").nth(2).click()
        idea = TEXTS["en"]["idea.3"]
        expect(visit.prompt).to_have_value(idea)
        expect(visit.page.locator(".meter span")).to_contain_text(f"{2 * len(idea)} /")
        expect(visit.summary).to_contain_text("1.1 is newer than 1.0: ¥1.2 a second at 1080P against ¥1.6.")
        visit.choose_model("happyhorse-1.0-t2v")
        # 480P goes, and the others move: what is clicked before may be another when it is pressed.
        expect(visit.part("resolution").locator("label")).to_have_count(2)
        visit.choose("resolution", "720P")
        visit.choose("ratio", "21:9")
        expect(visit.summary.locator(".warning")).to_contain_text("21:9 is listed by one source only")
        visit.choose("ratio", "3:4")
        visit.seed.fill("7")
        card = visit.submit("The first of two")
        visit.choose_model("happyhorse-1.1-t2v")
        visit.choose("resolution", "480P")
        expect(visit.summary).to_contain_text("1.1 is newer than 1.0. Only 1.1 has 480P.")
        visit.prompt.fill("Something else")
        visit.seed.fill("")
        visit.choose("ratio", "16:9")
        card.get_by_role("button", name="Use these settings").click()
        expect(visit.prompt).to_have_value("The first of two")
        expect(visit.page.locator("#t2v-model label.selected")).to_have_text("1.0")
        expect(visit.page.locator("#t2v-resolution label.selected")).to_have_text("720P")
        expect(visit.page.locator("#t2v-ratio label.selected")).to_have_text("3:4")
        expect(visit.seed).to_have_value("7")
        assert visit.wrong == []
