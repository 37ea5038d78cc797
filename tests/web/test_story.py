"""The way of one video, from the first word to the file, as a person goes it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit, play

PROMPT = "A chestnut horse gallops along a wet beach at sunrise, low tracking shot."


def test_from_the_first_word_to_the_file(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser, tmp_path: Path
) -> None:
    cloud.rules(hold="PENDING")
    with Visit(browser, studio) as visit:
        page = visit.page
        expect(page.locator(".account")).to_contain_text("DashScope · Beijing")
        expect(page.locator(".first-screen")).to_be_visible()

        visit.prompt.press_sequentially(PROMPT[:12])
        expect(visit.part("prompt-count")).to_have_text("12 / 5,000")
        visit.prompt.fill(PROMPT)
        expect(visit.price).to_have_text("¥6.00")
        visit.choose("resolution", "720P")
        expect(visit.price).to_have_text("¥4.50")
        visit.set_duration(3)
        expect(visit.price).to_have_text("¥2.70")
        expect(visit.about).to_have_text("3 s × ¥0.9")
        visit.expect_fact("3 s × ¥0.9 = ¥2.70")
        visit.choose("ratio", "9:16")
        visit.set_seed("42")

        visit.prompt.focus()
        page.keyboard.press("Control+Enter")
        expect(visit.cards).to_have_count(1)
        expect(visit.about).to_contain_text("Generating")
        card = visit.card(visit.cards.first.get_attribute("data-id") or "")
        expect(card.locator("button.prompt")).to_have_text(PROMPT)

        expect(card).to_have_attribute("data-state", "waiting")
        (job,) = page.request.get(f"{studio.url}/studio/jobs").json()["jobs"]
        assert job["settings"]["seed"] == 42
        task_id = job["task_id"]
        assert [task["prompt"] for task in cloud.statistics()["tasks"] if task["id"] == task_id] == [PROMPT]
        visit.picture("waiting")
        cloud.rules(hold="RUNNING")
        expect(card).to_have_attribute("data-state", "running")
        expect(card.locator(".steps [aria-current]")).to_have_text("Generating")
        expect(card.get_by_role("button", name="Cancel")).to_have_count(0)
        visit.picture("running")
        cloud.rules(hold=None)
        expect(card).to_have_attribute("data-state", "succeeded")
        expect(card.locator(".cost")).to_contain_text("¥2.70")
        order = ["queued", "submitting", "waiting", "running", "saving", "succeeded"]
        shown = visit.states(card)
        assert shown == [state for state in order if state in shown]
        assert {"waiting", "running", "succeeded"} <= set(shown)  # the strip itself comes with the first job
        visit.picture("done")

        video = card.locator("video")
        play(video)
        page.wait_for_function("video => video.currentTime > 0.2", arg=video.element_handle())
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
        expect(visit.chip("duration")).to_have_text("3 s")
        expect(visit.chip("seed")).to_have_text("Seed 42")
        expect(visit.chip("ratio")).to_have_text("9:16")
        expect(visit.price).to_have_text("¥2.70")

        with Visit(browser, studio) as other:
            expect(other.page.locator(".first-screen")).to_be_visible()
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
        expect(visit.stage.locator("video")).to_be_visible()
        assert visit.wrong == []


@pytest.mark.slow
def test_the_settings_of_an_earlier_video_come_back(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        visit.expect_fact("1.1 is newer than 1.0: ¥1.2 per second at 1080P")
        visit.choose_model("happyhorse-1.0-t2v")
        expect(visit.opened("resolution").locator("label")).to_have_count(2)
        visit.shut()
        visit.choose("resolution", "720P")
        visit.choose("ratio", "21:9")
        expect(visit.findings).to_contain_text("Only one source lists Aspect ratio 21:9")
        visit.choose("ratio", "3:4")
        visit.set_seed("7")
        card = visit.submit("The first of two")
        job_id = card.get_attribute("data-id") or ""
        expect(card).to_have_attribute("data-state", "succeeded")
        visit.choose_model("happyhorse-1.1-t2v")
        visit.choose("resolution", "480P")
        expect(visit.price).to_have_text("¥2.25")
        visit.expect_fact("Only 1.1 supports 480P.")
        visit.prompt.fill("Something else")
        visit.set_seed("")
        visit.choose("ratio", "16:9")
        visit.menu(visit.card(job_id), "Use these settings").click()
        expect(visit.prompt).to_have_value("The first of two")
        expect(visit.chip("model")).to_have_text("1.0")
        expect(visit.chip("resolution")).to_have_text("720P")
        expect(visit.chip("ratio")).to_have_text("3:4")
        expect(visit.chip("seed")).to_have_text("Seed 7")
        notice = visit.page.locator(".notice")
        expect(notice).to_contain_text("which gives a similar video")
        notice.get_by_role("button", name="Use a random seed").click()
        expect(visit.chip("seed")).to_have_count(0)
        assert visit.wrong == []
