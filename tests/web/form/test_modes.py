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
from tests.web.visit import Visit

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
    card.get_by_role("button", name="Play").click()
    visit.page.wait_for_function(
        "card => card.querySelector('video').currentTime > 0.1", arg=card.element_handle(), timeout=30_000
    )
    told: dict[str, Any] = card.locator("video").evaluate(
        "video => ({ size: `${video.videoWidth} × ${video.videoHeight}`, seconds: video.duration })"
    )
    return told


def send(visit: Visit) -> Locator:
    """Press the button; the card that appears."""
    before = visit.cards.count()
    visit.button.click()
    expect(visit.cards).to_have_count(before + 1)
    return visit.card(visit.cards.first.get_attribute("data-id") or "")


def names(visit: Visit) -> list[str]:
    """The reference images in their order."""
    heads = visit.part("references").locator(".report-head b").all_inner_texts()
    return [re.sub(r"^\d+ · ", "", head) for head in heads]


def test_a_first_frame_is_refused_mended_and_becomes_a_video_of_its_ratio(
    making: StudioProcess, browser: Browser, tmp_path: Path
) -> None:
    wide = picture(tmp_path / "wide.png", (1500, 500))
    with Visit(browser, making) as visit:
        visit.open_tab("Image", "i2v")
        expect(visit.summary).to_contain_text("Add a first frame")
        visit.add("first_frame", wide)
        report = visit.report("first_frame")
        expect(report).to_contain_text("Cannot be sent as it is")
        expect(report.locator(".finding.refused")).to_contain_text("Aspect ratio 3:1, limit 1:2.5 – 2.5:1")
        expect(report.locator(".finding.pass")).to_have_count(3)
        expect(visit.summary).to_contain_text("wide.png cannot be sent as it is")
        visit.picture("image-refused")
        visit.button.click()
        expect(visit.summary.get_by_role("alert")).to_contain_text("3:1")
        expect(visit.cards).to_have_count(0)

        report.get_by_role("button", name="Fix", exact=True).click()
        expect(report).to_contain_text("All checks passed")
        expect(report.locator("figcaption")).to_contain_text(["Before · 1500 × 500", "After · 1250 × 500"])
        shown = report.locator("figure img")
        expect(shown).to_have_count(2)
        for place in (0, 1):
            expect(shown.nth(place)).not_to_have_js_property("naturalWidth", 0)
        report.get_by_role("button", name="Back to the original").click()
        report.get_by_label("How it gets its aspect ratio").select_option("Extend, black")
        report.get_by_role("button", name="Fix all").click()
        expect(report.locator("figcaption")).to_contain_text(["Before · 1500 × 500", "After · 1500 × 600"])
        visit.choose("resolution", "720P")
        visit.duration.fill("3")
        visit.duration.press("Tab")
        visit.prompt.fill("The clouds drift")
        expect(visit.button).to_have_text("Generate · ¥2.70")
        visit.picture("image-fixed")

        visit.reload()
        expect(visit.report("first_frame")).to_contain_text("1500 × 600")
        expect(visit.prompt).to_have_value("The clouds drift")
        expect(visit.duration).to_have_value("3")
        expect(visit.summary).to_contain_text("The video takes the input's aspect ratio")

        card = send(visit)
        video = made(visit, card)
        assert video["size"] in visit.summary.inner_text()
        assert video["seconds"] == pytest.approx(3, abs=0.1)
        expect(card.locator(".cost")).to_have_text("¥2.70 billed")
        digest = hashlib.sha256(wide.read_bytes()).hexdigest()
        original = visit.page.request.get(f"{making.url}/studio/files/{digest}/content")
        assert original.body() == wide.read_bytes()
        with making.visitor() as other:
            assert other.get(f"/studio/files/{digest}/content").status_code == 404
        assert visit.wrong == []


def test_drafts_of_several_forms_come_back_and_none_waits_for_ever(
    studio: StudioProcess, browser: Browser, tmp_path: Path
) -> None:
    """Each is filled in by an event of its own, at the same time, also where its tab was not opened yet."""
    none_waits = "() => Object.keys(studio.remembered()).every(mode => !studio.held(mode).length)"
    with Visit(browser, studio) as visit:
        visit.prompt.fill("A horse at dawn")
        visit.open_tab("Image", "i2v")
        visit.add("first_frame", picture(tmp_path / "frame.png", (1280, 720), "teal"))
        visit.prompt.fill("The clouds drift")
        visit.open_tab("Reference", "r2v")
        colors = ("red", "green", "blue", "white")
        visit.add("references", *(picture(tmp_path / f"{color}.png", (800, 800), color) for color in colors))
        visit.prompt.fill("[Image 1] walks towards [Image 4]")
        for _ in range(4):
            visit.reload()
            visit.page.wait_for_function(none_waits)
            expect(visit.part("references").locator(".file")).to_have_count(4)
        visit.open_tab("Image", "i2v")
        expect(visit.report("first_frame")).to_contain_text("frame.png")
        expect(visit.button).to_have_text("Generate · ¥6.00")
        expect(visit.button).not_to_have_attribute("aria-disabled", "true")

        settings = [{"mode": "image-to-video", "prompt": f"One after another {number}"} for number in range(3)]
        visit.page.evaluate("several => { for (const one of several) studio.use(one); }", settings)
        visit.page.wait_for_function(none_waits)
        expect(visit.prompt).to_have_value("One after another 2")
        assert visit.wrong == []


def test_references_are_ordered_named_and_sent_in_their_order(
    making: StudioProcess, browser: Browser, tmp_path: Path
) -> None:
    files = [picture(tmp_path / f"{color}.png", (900, 900), color) for color in ("crimson", "gold", "navy", "seagreen")]
    with Visit(browser, making) as visit:
        visit.open_tab("Reference", "r2v")
        visit.add("references", *files[:3])
        assert names(visit) == ["crimson.png", "gold.png", "navy.png"]
        expect(visit.part("references").locator(".files-count")).to_have_text("3 / 9")
        tiles = visit.part("references").locator(".file")

        visit.prompt.fill("At dusk  walks towards the sea")
        visit.prompt.evaluate("area => area.setSelectionRange(8, 8)")
        tiles.nth(1).get_by_role("button", name="Name image 2 in the prompt").click()
        expect(visit.prompt).to_have_value("At dusk [Image 2] walks towards the sea")
        expect(visit.summary).to_contain_text("Not named in the prompt: image 1, 3")
        visit.prompt.press("End")
        tiles.nth(2).get_by_role("button", name="Name image 3 in the prompt").click()
        expect(visit.prompt).to_have_value("At dusk [Image 2] walks towards the sea [Image 3]")
        visit.picture("reference-ordered")

        tiles.nth(2).drag_to(tiles.nth(0))
        expect(tiles.nth(0)).to_have_attribute("aria-label", re.compile("1, navy.png"))
        assert names(visit) == ["navy.png", "crimson.png", "gold.png"]
        expect(visit.prompt).to_have_value("At dusk [Image 3] walks towards the sea [Image 1]")
        tiles.nth(0).focus()
        visit.page.keyboard.press("Shift+ArrowRight")
        expect(tiles.nth(1)).to_be_focused()
        assert names(visit) == ["crimson.png", "navy.png", "gold.png"]
        expect(visit.prompt).to_have_value("At dusk [Image 3] walks towards the sea [Image 2]")
        tiles.nth(2).get_by_role("button", name="Move forward").click()
        assert names(visit) == ["crimson.png", "gold.png", "navy.png"]
        expect(visit.prompt).to_have_value("At dusk [Image 2] walks towards the sea [Image 3]")

        tiles.nth(0).focus()
        visit.page.keyboard.press("Delete")
        expect(tiles).to_have_count(2)
        expect(visit.prompt).to_have_value("At dusk [Image 1] walks towards the sea [Image 2]")
        tiles.nth(1).get_by_role("button", name="Remove navy.png").click()
        expect(visit.summary).to_contain_text("The prompt names image 2, which is not there")
        visit.add("references", files[3])
        expect(visit.summary.locator(".warning")).to_have_count(0)
        assert names(visit) == ["gold.png", "seagreen.png"]

        visit.choose("resolution", "720P")
        visit.choose("ratio", "9:16")
        visit.duration.fill("3")
        visit.duration.press("Tab")
        card = send(visit)
        assert made(visit, card)["size"] == "720 × 1280"
        job = visit.page.request.get(f"{making.url}/studio/jobs/{card.get_attribute('data-id')}").json()
        sent = [asset["name"] for asset in job["settings"]["references"]]
        assert sent == ["gold.png", "seagreen.png"]
        assert visit.wrong == []


def test_a_long_video_is_trimmed_for_its_price_and_edited(
    making: StudioProcess, browser: Browser, tmp_path: Path
) -> None:
    long = make_video(tmp_path / "long.mp4", size="480x360", rate="10", seconds=40, sound=True)
    sweater = picture(tmp_path / "sweater.png", (400, 400))
    with Visit(browser, making) as visit:
        visit.open_tab("Edit", "edit")
        expect(visit.part("duration")).to_have_count(0)
        expect(visit.part("ratio")).to_have_count(0)
        visit.add("video", long)
        expect(visit.summary).to_contain_text("Input 40.0 s → output 15.0 s, billed 55.0 s")
        visit.choose("resolution", "720P")
        expect(visit.button).to_have_text("Generate · ¥49.50")
        trim = visit.report("video").locator(".trim")
        expect(trim).to_contain_text("Billed 55.0 s as it is, 30.0 s when trimmed.")
        trim.get_by_label("From second").fill("20")
        trim.get_by_label("Seconds to keep").fill("4")
        expect(trim).to_contain_text("Billed 55.0 s as it is, 8.0 s when trimmed.")
        visit.picture("edit-trim")
        trim.get_by_role("button", name="Trim").click()
        expect(visit.summary).to_contain_text("Input 4.0 s → output 4.0 s, billed 8.0 s")
        expect(visit.button).to_have_text("Generate · ¥7.20")
        expect(visit.report("video").locator(".trim")).to_have_count(0)
        visit.report("video").get_by_role("button", name="Back to the original").click()
        expect(visit.button).to_have_text("Generate · ¥49.50")
        visit.report("video").get_by_label("Seconds to keep").fill("3")
        visit.report("video").get_by_role("button", name="Trim").click()
        expect(visit.button).to_have_text("Generate · ¥5.40")

        visit.add("references", sweater)
        visit.choose("audio_setting", "origin")
        visit.prompt.fill("Turn it into a watercolour in the colours of [Image 1]")
        visit.picture("edit-trimmed")
        card = send(visit)
        video = made(visit, card)
        assert video["seconds"] == pytest.approx(3, abs=0.1)
        assert video["size"] in visit.summary.inner_text()
        expect(card.locator(".cost")).to_have_text("¥5.40 billed")
        assert visit.wrong == []


def test_a_file_is_taken_from_an_address(making: StudioProcess, browser: Browser, tmp_path: Path) -> None:
    picture(tmp_path / "far away.png", (640, 480))
    (tmp_path / "page.png").write_text("<!doctype html>")
    with MediaServer(tmp_path) as server, Visit(browser, making) as visit:
        visit.open_tab("Image", "i2v")
        address = visit.part("first_frame").get_by_label("https:// address of a file")
        error = visit.part("first_frame").get_by_role("alert")
        for wrong, reason in (
            (f"{server.url}/nothing.png", "answers HTTP 404"),
            (f"{server.url}/page.png", "The file is a web page"),
            ("ftp://127.0.0.1/a.png", "must begin with http"),
            ("http://127.0.0.1:1/a.png", "cannot be fetched"),
        ):
            address.fill(wrong)
            address.press("Enter")
            expect(error).to_contain_text(reason)
        address.fill(f"{server.url}/far%20away.png")
        address.press("Enter")
        expect(visit.report("first_frame")).to_contain_text("far away.png")
        expect(error).to_have_count(0)
        visit.choose("resolution", "720P")
        visit.duration.fill("3")
        visit.duration.press("Tab")
        expect(visit.button).to_have_text("Generate · ¥2.70")
        card = send(visit)
        made(visit, card)
        evidence = visit.page.request.get(f"{making.url}/studio/jobs/{card.get_attribute('data-id')}").json()
        assert server.url not in json.dumps(evidence)  # the bytes that were checked went out, not the address
        assert [told for told in visit.wrong if "422" not in told] == []


def test_files_come_by_drop_and_by_paste(making: StudioProcess, browser: Browser, tmp_path: Path) -> None:
    data = list(picture(tmp_path / "a.png", (500, 500)).read_bytes())
    give = """(node, [kind, name, data]) => {
        const given = new DataTransfer();
        given.items.add(new File([new Uint8Array(data)], name, { type: "image/png" }));
        const options = { bubbles: true, cancelable: true, dataTransfer: given, clipboardData: given };
        node.dispatchEvent(kind === "drop" ? new DragEvent(kind, options) : new ClipboardEvent(kind, options));
    }"""
    with Visit(browser, making) as visit:
        visit.open_tab("Reference", "r2v")
        files = visit.part("references").locator(".files")
        files.evaluate(give, ["drop", "dropped.png", data])
        expect(visit.report("references", 1)).to_contain_text("dropped.png")
        visit.prompt.evaluate(give, ["paste", "pasted.png", data])
        expect(visit.report("references", 2)).to_contain_text("pasted.png")
        assert visit.wrong == []


def test_what_is_no_picture_is_told_and_takes_no_place(making: StudioProcess, browser: Browser, tmp_path: Path) -> None:
    good = picture(tmp_path / "good.png", (800, 800))
    (tmp_path / "notes.png").write_text("Dear diary")
    (tmp_path / "half.jpg").write_bytes(picture(tmp_path / "whole.jpg", (800, 800)).read_bytes()[:4000])
    with Visit(browser, making) as visit:
        visit.open_tab("Reference", "r2v")
        visit.add("references", good, tmp_path / "notes.png", tmp_path / "half.jpg")
        error = visit.part("references").get_by_role("alert")
        expect(error).to_have_text("notes.png: This file cannot be used. The file is not an image of a known format.")
        assert names(visit) == ["good.png", "half.jpg"]
        expect(visit.report("references", 2)).to_contain_text("The file is not whole: it ends early")
        expect(visit.summary).to_contain_text("half.jpg cannot be sent as it is")
        visit.add("references", *[good] * 9)
        expect(visit.part("references").locator(".file")).to_have_count(9)
        expect(error).to_contain_text("No more than 9; the rest was left out")
        expect(visit.part("references").locator(".file-add")).to_have_count(0)
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
    telephone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "color_scheme": scheme}
    with Visit(browser, making, **telephone) as visit:
        for tab, prefix, field, given in (
            ("Image", "i2v", "first_frame", files[:1]),
            ("Reference", "r2v", "references", files),
            ("Edit", "edit", "video", [clip]),
        ):
            visit.open_tab(tab, prefix)
            visit.add(field, *given)
            visit.picture(f"telephone-{scheme}-{prefix}")
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
            beyond = (
                """all => all.filter(node => node.getBoundingClientRect().right > 390).map(node => node.outerHTML)"""
            )
            assert visit.part(field).locator("*").evaluate_all(beyond) == []
        assert visit.wrong == []


@pytest.mark.slow
@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside this repository")
def test_what_people_really_gave_passes_and_is_made(making: StudioProcess, browser: Browser) -> None:
    with Visit(browser, making) as visit:
        visit.open_tab("Image", "i2v")
        visit.add("first_frame", SAMPLES / "i2vcase4image.png")
        visit.choose("resolution", "720P")
        visit.duration.fill("3")
        visit.duration.press("Tab")
        first = send(visit)
        visit.open_tab("Reference", "r2v")
        visit.add("references", *(SAMPLES / f"r2vcase2image{number}.png" for number in range(1, 5)))
        visit.prompt.fill("[Image 1], [Image 2], [Image 3], [Image 4]")
        visit.choose("resolution", "720P")
        visit.duration.fill("3")
        visit.duration.press("Tab")
        second = send(visit)
        visit.open_tab("Edit", "edit")
        visit.add("video", SAMPLES / "videoeditcase1input.mp4")
        visit.add("references", SAMPLES / "videoeditcase1input.jpeg")
        visit.prompt.fill("Put on the clothes of [Image 1]")
        visit.choose("resolution", "720P")
        third = send(visit)
        for card in (first, second, third):
            made(visit, card)
        visit.picture("samples")
        assert visit.wrong == []


PLAYER = """(video) => {
  const [own, stage] = [video, video.closest(".stage")].map((node) => node.getBoundingClientRect());
  const inside = own.top >= stage.top && own.bottom <= stage.bottom + 1 && own.right <= stage.right + 1;
  return video.controls && inside && own.height >= 200 && stage.height <= innerHeight;
}"""
"""Whether the whole player, with its controls at its foot, is to be seen."""


@pytest.mark.matrix
@pytest.mark.parametrize("ratio", ["9:16", "1:1"])
def test_an_upright_video_plays_whole_on_the_board_on_its_page_and_on_a_phone(
    making: StudioProcess, browser: Browser, ratio: str
) -> None:
    with Visit(browser, making) as visit:
        visit.choose("resolution", "720P")
        visit.choose("ratio", ratio)
        visit.duration.fill("3")
        card = visit.submit("A tower, from its foot to its top")
        made(visit, card)
        video = card.locator("video")
        assert video.evaluate(PLAYER)
        visit.picture(f"upright-{ratio.replace(':', '-')}")
        visit.page.set_viewport_size({"width": 390, "height": 844})
        assert video.evaluate(PLAYER)
        card.get_by_role("link", name="Details").click()
        page = visit.page.locator(".job")
        page.get_by_role("button", name="Play").click()
        expect(page.locator("video")).to_be_visible()
        assert page.locator("video").evaluate(PLAYER)
        visit.page.set_viewport_size({"width": 1440, "height": 900})
        assert page.locator("video").evaluate(PLAYER)
        assert visit.wrong == []
