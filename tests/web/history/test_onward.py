"""Going on from a video: once more, and as the beginning of the next."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Route, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit, meddle


def go_on(card: Locator, step: str) -> None:
    card.get_by_role("button", name="Continue").click()
    card.page.get_by_role("menuitem", name=step).click()


def test_a_video_is_made_again_with_the_same_and_with_a_new_seed(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, studio) as visit:
        visit.seed.fill("7")
        first = visit.submit("Once more")
        expect(first).to_have_attribute("data-state", "succeeded")
        first_id = first.get_attribute("data-id") or ""
        go_on(first, "Generate again · ¥6.00")
        expect(visit.cards).to_have_count(2)
        again = visit.stage
        expect(again).not_to_have_attribute("data-id", first_id)
        expect(again).to_have_attribute("data-state", "succeeded")
        again.get_by_role("button", name="Variation · ¥6.00").click()
        expect(visit.cards).to_have_count(3)
        expect(visit.page.locator(".strip-cell[data-state=succeeded]")).to_have_count(3)
        ids = visit.cards.evaluate_all("all => all.map((one) => one.dataset.id)")
        seeds = [visit.page.request.get(f"{studio.url}/studio/jobs/{one}").json()["settings"]["seed"] for one in ids]
        assert seeds[1:] == [7, 7]
        assert seeds[0] != 7
        assert [task["prompt"] for task in cloud.statistics()["tasks"]] == ["Once more"] * 3
        assert visit.wrong == []


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("step", "prefix"), [("as first frame", "i2v"), ("as reference image", "r2v"), ("Edit this video", "edit")]
)
def test_a_video_is_the_beginning_of_the_next(studio: StudioProcess, browser: Browser, step: str, prefix: str) -> None:
    with Visit(browser, studio) as visit:
        first = visit.submit("The beginning")
        parent = first.get_attribute("data-id")
        expect(first).to_have_attribute("data-state", "succeeded")
        go_on(first, step)
        form = visit.page.locator(f"#{prefix}-tab")
        # This cloud's videos are smaller than an input may be.
        form.get_by_role("button", name=re.compile("^(Enlarge to|Fix all)")).first.click()
        expect(form.locator(".media-tile .verdict-dot:is([data-verdict=pass], [data-verdict=advice])")).to_have_count(1)
        form.locator(f"#{prefix}-prompt").fill("And then [Image 1] turns round")
        visit.picture(f"onward-{prefix}")
        form.locator(f"#{prefix}-submit").click()
        expect(visit.cards).to_have_count(2)
        expect(visit.cards.first).to_have_attribute("data-state", "succeeded")
        found = visit.page.request.get(f"{studio.url}/studio/jobs/{parent}/lineage").json()
        child = visit.cards.first.get_attribute("data-id")
        assert [job["id"] for job in found["descendants"]] == [child]
        visit.page.goto(f"{studio.url}/#job={child}")
        expect(visit.page.get_by_text("1 · Source")).to_be_visible()
        visit.picture(f"lineage-{prefix}")
        with visit.page.expect_download() as download:
            visit.page.get_by_role("link", name="Download all as ZIP").click()
        with ZipFile(download.value.path()) as archive:
            assert len(archive.namelist()) == 5
            manifest = archive.read("manifest.txt").decode()
        assert "Source: 1. " in manifest
        assert visit.wrong == []


def test_nothing_is_sent_while_a_file_is_on_its_way_to_the_form(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser, tmp_path: Path
) -> None:
    old = tmp_path / "old.png"
    Image.effect_noise((640, 480), 30).convert("RGB").save(old)
    with Visit(browser, studio) as visit:
        first = visit.submit("The beginning")
        expect(first).to_have_attribute("data-state", "succeeded")
        visit.open_tab("Image", "i2v")
        waits = visit.page.locator("#i2v-form .bar .about[data-kind=hold]")
        uploads: list[Route] = []
        visit.page.route("**/studio/files?*", lambda route: uploads.append(route))
        with visit.page.expect_request("**/studio/files?*"):
            visit.part("first_frame").locator("input[type=file]").set_input_files(old)
        expect(waits).to_contain_text("Uploading old.png")
        visit.button.click(force=True)
        uploads.pop().continue_()
        expect(visit.part("first_frame")).to_contain_text("old.png")
        expect(waits).to_have_count(0)

        frames: list[Route] = []
        visit.page.route("**/studio/jobs/*/frame*", lambda route: frames.append(route))
        with visit.page.expect_request("**/studio/jobs/*/frame*"):
            go_on(first, "as first frame")
        expect(waits).to_contain_text("Loading a file")
        expect(visit.part("first_frame").locator(".media-tile.coming")).to_be_visible()
        expect(visit.button).to_be_disabled()
        visit.button.click(force=True)
        visit.prompt.press("Control+Enter")
        fills: list[Route] = []
        pass_on = meddle(visit.page, "**/studio/forms/*/settle", fills.append)
        with visit.page.expect_request("**/studio/forms/*/settle"):
            frames.pop().continue_()
        expect(waits).to_contain_text("Filling in the form")
        visit.button.click(force=True)
        visit.prompt.press("Control+Enter")
        pass_on()
        for fill in fills:
            fill.continue_()
        expect(waits).to_have_count(0)
        expect(visit.part("first_frame")).to_contain_text("-last.png")
        expect(visit.part("first_frame")).not_to_contain_text("old.png")
        expect(visit.cards).to_have_count(1)
        assert cloud.statistics()["requests"]["create"] == 1

        with visit.page.expect_request("**/studio/jobs/*/frame*"):
            go_on(first, "as first frame")
        visit.form.get_by_role("button", name="Don’t wait").click()
        expect(waits).to_have_count(0)
        frames.pop().continue_()
        assert visit.wrong == []
