"""The three modes that take files, from the file on a visitor's disk to the video that plays."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

from tests.media.videos import make_video
from tests.sandbox.media_server import MediaServer
from tests.servers import ROOT, SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit, give, play

SAMPLES = ROOT.parent / "shared" / "samples"
"""What people really gave the models; not part of the project."""


@pytest.fixture(scope="module")
def making(sandbox_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """A studio whose cloud makes a video of its own for each job; it may fetch files from this machine."""
    sandbox_server.clear()
    more = {"STUDIO_POLL_SECONDS": "0.2", "STUDIO_ALLOW_PRIVATE_URLS": "1"}
    with StudioProcess(tmp_path_factory.mktemp("making"), sandbox_server, **more) as process:
        yield process


def picture(path: Path, size: tuple[int, int], color: str = "seagreen") -> Path:
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    Image.blend(image, Image.new("RGB", size, color), 0.6).save(path)
    return path


def made(visit: Visit, card: Locator) -> dict[str, Any]:
    """Wait until the video is there, play it, and tell how it is."""
    expect(card).to_have_attribute("data-state", "succeeded", timeout=60_000)
    video = card.locator("video")
    play(video)
    visit.page.wait_for_function("video => video.currentTime > 0.1", arg=video.element_handle(), timeout=30_000)
    told: dict[str, Any] = video.evaluate(
        "video => ({ size: `${video.videoWidth} × ${video.videoHeight}`, seconds: video.duration })"
    )
    return told


def send(visit: Visit) -> Locator:
    """Press the button once a price stands beside it; the job on the stage, also if a video plays there."""
    before = visit.cards.count()
    expect(visit.price).to_have_text(re.compile(r"\d"))
    visit.button.click()
    expect(visit.cards).to_have_count(before + 1)
    return visit.show(visit.cards.first.get_attribute("data-id") or "")


def job_of(visit: Visit, card: Locator) -> dict[str, Any]:
    answer = visit.page.request.get(f"{visit.studio.url}/studio/jobs/{card.get_attribute('data-id')}")
    job: dict[str, Any] = answer.json()
    return job


def names(visit: Visit, field: str = "references") -> list[str]:
    """The files of an input in their order, as the form sends them."""
    labels = visit.files(field).locator(".media-open").evaluate_all("nodes => nodes.map((node) => node.ariaLabel)")
    return [label.split(": ")[0].split(", ", 1)[1] for label in labels]


def test_a_first_frame_is_refused_fixed_and_becomes_a_video_of_its_ratio(
    making: StudioProcess, browser: Browser, tmp_path: Path
) -> None:
    wide = picture(tmp_path / "wide.png", (1500, 500))
    with Visit(browser, making) as visit:
        visit.open_tab("Image", "i2v")
        expect(visit.about).to_have_text("Add a first frame")
        visit.add("first_frame", wide)
        line = visit.line("first_frame")
        expect(line).to_have_attribute("data-verdict", "refused")
        expect(line).to_contain_text("3:1")
        expect(visit.about).to_contain_text("wide.png cannot be used yet")
        visit.picture("image-refused")

        line.get_by_role("button", name="Crop to 2.5:1").click()
        expect(visit.file("first_frame")).to_have_accessible_name("Image, wide.png: Ready")
        expect(visit.part("first_frame").locator(".media-about")).to_contain_text("1250 × 500")
        sheet = visit.look_at("first_frame")
        sheet.get_by_role("button", name="Restore the original").click()
        expect(sheet.locator(".media-rule[data-verdict=refused]")).to_contain_text("3:1")
        visit.picture("image-sheet")
        visit.page.keyboard.press("Escape")
        expect(visit.file("first_frame")).to_be_focused()
        line.get_by_role("button", name="Crop to 2.5:1").click()
        expect(visit.file("first_frame")).to_have_accessible_name("Image, wide.png: Ready")
        visit.choose("resolution", "720P")
        visit.set_duration(3)
        visit.prompt.fill("The clouds drift")
        expect(visit.price).to_have_text("¥2.70")
        size = visit.expect_fact("aspect ratio")

        visit.reload()
        expect(visit.part("first_frame").locator(".media-about")).to_contain_text("1250 × 500")
        expect(visit.chip("duration")).to_have_text("3 s")
        expect(visit.price).to_have_text("¥2.70")

        card = send(visit)
        video = made(visit, card)
        assert video["size"] in size
        assert video["seconds"] == pytest.approx(3, abs=0.1)
        expect(card.locator(".cost")).to_contain_text("¥2.70")
        digest = hashlib.sha256(wide.read_bytes()).hexdigest()
        original = visit.page.request.get(f"{making.url}/studio/files/{digest}/content")
        assert original.body() == wide.read_bytes()
        with making.visitor() as other:
            assert other.get(f"/studio/files/{digest}/content").status_code == 404
        assert visit.wrong == []


def test_references_are_ordered_named_and_sent_in_their_order(
    making: StudioProcess, browser: Browser, tmp_path: Path
) -> None:
    files = [picture(tmp_path / f"{color}.png", (900, 900), color) for color in ("crimson", "gold", "navy", "seagreen")]
    with Visit(browser, making) as visit:
        visit.open_tab("Reference", "r2v")
        visit.add("references", *files[:3])
        assert names(visit) == ["crimson.png", "gold.png", "navy.png"]
        expect(visit.part("references")).to_contain_text("3 of 9")
        tiles, note = visit.files("references"), visit.part("prompt-note")

        visit.prompt.fill("At dusk  walks towards the sea")
        expect(note).to_have_text("The prompt doesn’t mention any image")
        visit.prompt.evaluate("area => area.setSelectionRange(8, 8)")
        tiles.nth(1).get_by_role("button", name="Mention image 2 in the prompt").click()
        expect(visit.prompt).to_have_value("At dusk [Image 2] walks towards the sea")
        expect(note).to_have_text("Images 1, 3 are not mentioned")
        visit.prompt.press("End")
        tiles.nth(2).get_by_role("button", name="Mention image 3 in the prompt").click()
        expect(visit.prompt).to_have_value("At dusk [Image 2] walks towards the sea [Image 3] ")
        visit.picture("reference-ordered")

        visit.file("references", 3).focus()
        visit.page.keyboard.press("Shift+ArrowLeft")
        visit.page.keyboard.press("Shift+ArrowLeft")
        expect(visit.file("references", 1)).to_be_focused()
        assert names(visit) == ["navy.png", "crimson.png", "gold.png"]
        expect(visit.prompt).to_have_value("At dusk [Image 3] walks towards the sea [Image 1] ")
        visit.page.keyboard.press("Shift+ArrowRight")
        assert names(visit) == ["crimson.png", "navy.png", "gold.png"]
        expect(visit.prompt).to_have_value("At dusk [Image 3] walks towards the sea [Image 2] ")
        visit.page.keyboard.press("Shift+ArrowRight")
        assert names(visit) == ["crimson.png", "gold.png", "navy.png"]

        visit.file("references", 1).focus()
        visit.page.keyboard.press("Delete")
        expect(tiles).to_have_count(2)
        expect(visit.prompt).to_have_value("At dusk [Image 1] walks towards the sea [Image 2] ")
        tiles.nth(1).hover()
        tiles.nth(1).get_by_role("button", name="Remove navy.png").click()
        expect(note).to_have_text("There is no image 2")
        visit.add("references", files[3])
        expect(note).not_to_contain_text("There is no")
        assert names(visit) == ["gold.png", "seagreen.png"]

        visit.choose("resolution", "720P")
        visit.choose("ratio", "9:16")
        visit.set_duration(3)
        card = send(visit)
        assert made(visit, card)["size"] == "720 × 1280"
        sent = [asset["name"] for asset in job_of(visit, card)["settings"]["references"]]
        assert sent == ["gold.png", "seagreen.png"]
        assert visit.wrong == []


@pytest.mark.slow
def test_a_long_video_is_trimmed_for_its_price_and_edited(
    making: StudioProcess, browser: Browser, tmp_path: Path
) -> None:
    long = make_video(tmp_path / "long.mp4", size="480x360", rate="10", seconds=40, sound=True)
    sweater = picture(tmp_path / "sweater.png", (400, 400))
    with Visit(browser, making) as visit:
        visit.open_tab("Edit", "edit")
        expect(visit.chip("duration")).to_have_count(0)
        expect(visit.chip("ratio")).to_have_count(0)
        expect(visit.price).to_have_text("—")
        visit.add("video", long)
        expect(visit.price).to_have_text("¥88.00")
        visit.choose("resolution", "720P")
        expect(visit.price).to_have_text("¥49.50")
        visit.expect_fact("Input 40.0 s + output 15.0 s: you pay for 55.0 s")
        sheet = visit.look_at("video")
        trimmer = sheet.locator(".trimmer")
        expect(trimmer).to_contain_text("You pay for the whole video but get at most 15 s")
        end = trimmer.get_by_role("slider", name="End")
        end.press("Home")
        expect(end).to_have_attribute("aria-valuetext", "From 3 s, keeping 3 s, ¥5.40")
        visit.picture("edit-trim")
        trimmer.get_by_role("button", name="Trim to 3 s").click()
        expect(sheet.locator(".media-line.fixing")).to_have_count(0)
        visit.page.keyboard.press("Escape")
        expect(visit.price).to_have_text("¥5.40")
        visit.expect_fact("Input 3.0 s + output 3.0 s: you pay for 6.0 s")

        visit.add("references", sweater)
        visit.choose("audio_setting", "origin")
        visit.prompt.fill("Turn it into a watercolour in the colours of [Image 1]")
        expect(visit.about).to_have_text("(3 s + 3 s) × ¥0.9")
        visit.picture("edit-trimmed")
        card = send(visit)
        video = made(visit, card)
        assert video["seconds"] == pytest.approx(3, abs=0.1)
        expect(card.locator(".cost")).to_contain_text("¥5.40")
        assert job_of(visit, card)["settings"]["audio_setting"] == "origin"
        assert visit.wrong == []


@pytest.mark.slow
def test_a_file_is_taken_from_an_address(making: StudioProcess, browser: Browser, tmp_path: Path) -> None:
    picture(tmp_path / "far away.png", (640, 480))
    (tmp_path / "page.png").write_text("<!doctype html>")
    with MediaServer(tmp_path) as server, Visit(browser, making) as visit:
        visit.open_tab("Image", "i2v")
        visit.part("first_frame").get_by_role("button", name="Add from URL").click()
        address = visit.part("first_frame").get_by_label("https:// address of a file")
        expect(address).to_be_focused()
        error = visit.part("first_frame").get_by_role("alert")
        for wrong, reason in (
            (f"{server.url}/nothing.png", "returned HTTP 404"),
            (f"{server.url}/page.png", "The file is a web page"),
            ("ftp://127.0.0.1/a.png", "must begin with http"),
            ("http://127.0.0.1:1/a.png", "cannot be fetched"),
        ):
            address.fill(wrong)
            address.press("Enter")
            expect(error).to_contain_text(reason)
        address.fill(f"{server.url}/far%20away.png")
        address.press("Enter")
        expect(visit.file("first_frame")).to_have_accessible_name("Image, far away.png: Ready")
        expect(error).to_have_count(0)
        visit.choose("resolution", "720P")
        visit.set_duration(3)
        expect(visit.price).to_have_text("¥2.70")
        card = send(visit)
        made(visit, card)
        assert server.url not in json.dumps(job_of(visit, card))  # the bytes that were checked went out
        assert [told for told in visit.wrong if "422" not in told] == []


def test_files_come_by_drop_and_by_paste(making: StudioProcess, browser: Browser, tmp_path: Path) -> None:
    data = picture(tmp_path / "a.png", (500, 500)).read_bytes()
    with Visit(browser, making) as visit:
        visit.open_tab("Reference", "r2v")
        give(visit.part("references"), ("dropped.png", data))
        expect(visit.files("references")).to_have_count(1)
        give(visit.prompt, ("pasted.png", data), by="paste")
        expect(visit.files("references")).to_have_count(2)
        assert names(visit) == ["dropped.png", "pasted.png"]
        assert visit.wrong == []


def test_what_is_no_picture_is_told_and_takes_no_place(making: StudioProcess, browser: Browser, tmp_path: Path) -> None:
    good = picture(tmp_path / "good.png", (800, 800))
    (tmp_path / "notes.png").write_text("Dear diary")
    (tmp_path / "half.jpg").write_bytes(picture(tmp_path / "whole.jpg", (800, 800)).read_bytes()[:4000])
    with Visit(browser, making) as visit:
        visit.open_tab("Reference", "r2v")
        visit.add("references", good, tmp_path / "notes.png", tmp_path / "half.jpg")
        error = visit.part("references").get_by_role("alert")
        expect(error).to_contain_text("notes.png: This file cannot be used. The image format is not supported.")
        assert names(visit) == ["good.png", "half.jpg"]
        expect(visit.line("references")).to_contain_text("Incomplete file: it ends early")
        expect(visit.about).to_contain_text("half.jpg cannot be used yet")
        visit.add("references", *[good] * 9)
        expect(visit.files("references")).to_have_count(9)
        expect(error).to_contain_text("The limit here is 9. The rest were not added")
        expect(visit.part("references").locator(".media-add")).to_have_count(0)
        assert [told for told in visit.wrong if "422" not in told] == []


@pytest.mark.matrix
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_telephone_shows_files_without_scrolling_sideways(
    making: StudioProcess, browser: Browser, tmp_path: Path, scheme: str
) -> None:
    files = [
        picture(tmp_path / "a-name-without-a-break-that-is-longer-than-any-screen-of-a-telephone.png", (1500, 400)),
        picture(tmp_path / "b.png", (800, 800)),
        picture(tmp_path / "c.png", (300, 300)),
    ]
    clip = make_video(tmp_path / "clip.mkv", size="1000x300", rate="8", seconds=20)
    telephone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with Visit(browser, making, color_scheme=scheme, **telephone) as visit:
        beyond = "all => all.filter(node => node.getBoundingClientRect().right > 390.5).map(node => node.outerHTML)"
        for tab, prefix, field, given in (
            ("Image", "i2v", "first_frame", files[:1]),
            ("Reference", "r2v", "references", files),
            ("Edit", "edit", "video", [clip]),
        ):
            visit.open_tab(tab, prefix)
            visit.add(field, *given)
            visit.picture(f"telephone-{scheme}-{prefix}")
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
            assert visit.part(field).locator("*").evaluate_all(beyond) == []
            sheet = visit.look_at(field)
            visit.picture(f"telephone-{scheme}-{prefix}-sheet")
            assert sheet.locator("*").evaluate_all(beyond) == []
            visit.page.keyboard.press("Escape")
            expect(sheet).to_have_count(0)
        assert visit.wrong == []


@pytest.mark.slow
@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside this repository")
def test_what_people_really_gave_passes_and_is_made(making: StudioProcess, browser: Browser) -> None:
    with Visit(browser, making) as visit:
        visit.open_tab("Image", "i2v")
        visit.add("first_frame", SAMPLES / "i2vcase4image.png")
        visit.choose("resolution", "720P")
        visit.set_duration(3)
        made(visit, send(visit))
        visit.open_tab("Reference", "r2v")
        visit.add("references", *(SAMPLES / f"r2vcase2image{number}.png" for number in range(1, 5)))
        visit.prompt.fill("[Image 1], [Image 2], [Image 3], [Image 4]")
        visit.choose("resolution", "720P")
        visit.set_duration(3)
        made(visit, send(visit))
        visit.open_tab("Edit", "edit")
        visit.add("video", SAMPLES / "videoeditcase1input.mp4")
        visit.add("references", SAMPLES / "videoeditcase1input.jpeg")
        visit.prompt.fill("Put on the clothes of [Image 1]")
        visit.choose("resolution", "720P")
        made(visit, send(visit))
        visit.picture("samples")
        assert visit.wrong == []


PLAYER = """(video) => {
  const [own, stage] = [video, video.closest(".screen")].map((node) => node.getBoundingClientRect());
  const inside = own.top >= stage.top && own.bottom <= stage.bottom + 1 && own.right <= stage.right + 1;
  return video.controls && inside && own.height >= 200 && stage.height <= innerHeight;
}"""
"""Whether the whole player, with its controls at its foot, is to be seen."""


@pytest.mark.slow
@pytest.mark.parametrize("ratio", ["9:16", "1:1"])
def test_an_upright_video_plays_whole_on_the_board_on_its_page_and_on_a_phone(
    making: StudioProcess, browser: Browser, ratio: str
) -> None:
    with Visit(browser, making) as visit:
        visit.choose("resolution", "720P")
        visit.choose("ratio", ratio)
        visit.set_duration(3)
        card = visit.submit("A tower, from its foot to its top")
        made(visit, card)
        video = card.locator("video")
        assert video.evaluate(PLAYER)
        visit.picture(f"upright-{ratio.replace(':', '-')}")
        visit.page.set_viewport_size({"width": 390, "height": 844})
        assert video.evaluate(PLAYER)
        visit.menu(card, "Details").click()
        page = visit.page.locator(".job")
        expect(page.locator("video")).to_be_visible()
        assert page.locator("video").evaluate(PLAYER)
        visit.page.set_viewport_size({"width": 1440, "height": 900})
        assert page.locator("video").evaluate(PLAYER)
        assert visit.wrong == []
