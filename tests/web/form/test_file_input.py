"""The input of files in a browser: pictures with a verdict, the line that says what is wrong, the sheet, the batch."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

from tests.media.videos import make_video
from tests.studio_process import StudioProcess
from tests.web.visit import Visit, give

REFERENCES = ("reference-to-video", "references", {"kind": "image", "most": 9})
FRAME = ("image-to-video", "first_frame", {"kind": "image", "most": 1})
CLIP = ("video-edit", "video", {"kind": "video", "most": 1})
MOUNT = """
async ([mode, field, takes]) => {
  const [{ createFiles }, { createBatch }, page] = await Promise.all([
    import("#form/files/files"), import("#form/files/batch"),
    import("#shell/main").then((main) => main.page),
    import("#shell/styles").then(({ bringStyles }) => bringStyles("files")),
  ]);
  const box = document.createElement("div");
  box.id = "input";
  box.style.cssText = "position: fixed; inset: 0 auto auto 0; z-index: 500; width: 386px; background: var(--hh-panel)";
  document.querySelector(".gradio-container").append(box);
  const query = () => `mode=${mode}&field=${field}&provider=dashscope`;
  const common = { page, mode, field, query, resolution: () => "720P" };
  const heard = { changes: [], tokens: [], batch: [] };
  const onBatch = (files) => {
    const onChange = (items) => { heard.batch = items.map((one) => one.verdict); };
    const batch = createBatch({ ...common, most: 100, onChange });
    box.replaceChildren(batch.element);
    batch.add(files);
  };
  const input = createFiles({
    ...common, ...takes,
    onChange: (items, moved) => heard.changes.push({ names: items.map((one) => one.name), moved }),
    insertToken: takes.most > 1 ? (number) => heard.tokens.push(number) : undefined,
    onBatch: mode === "image-to-video" ? onBatch : undefined,
  });
  box.append(input.element);
  Object.assign(window, { heard, input });
}
"""


class Input:
    """An input of files that stands alone over the studio's page."""

    def __init__(self, visit: Visit, place: tuple[str, str, dict[str, Any]]) -> None:
        visit.page.evaluate(MOUNT, list(place))
        self.visit, self.page = visit, visit.page
        self.element = visit.page.locator("#input")
        self.tiles = self.element.locator(".media-tile:not(.coming)")
        self.line = self.element.locator(".media-line-box .media-line").first
        self.sheet = visit.page.locator("dialog.media-sheet")

    def add(self, *files: Path, count: int | None = None) -> None:
        self.element.locator("input[type=file]").set_input_files(files)
        expect(self.tiles).to_have_count(len(files) if count is None else count)
        expect(self.element.locator(".coming, .busy")).to_have_count(0)

    def open(self, place: int) -> Locator:
        self.tiles.nth(place).locator(".media-open").click()
        expect(self.sheet).to_be_visible()
        return self.sheet

    @property
    def names(self) -> list[str]:
        names: list[str] = self.page.evaluate("input.items().map((one) => one.name)")
        return names

    @property
    def heard(self) -> dict[str, Any]:
        heard: dict[str, Any] = self.page.evaluate("heard")
        return heard


def drop(target: Locator, file: Path, by: str = "drop") -> None:
    give(target, (file.name, file.read_bytes()), by=by)


@pytest.fixture
def visit(studio: StudioProcess, browser: Browser) -> Iterator[Visit]:
    with Visit(browser, studio) as opened:
        yield opened
        opened.page.reload()  # what is mounted over the page goes


def picture(path: Path, width: int = 800, height: int = 800, colour: str = "teal") -> Path:
    Image.new("RGB", (width, height), colour).save(path)
    return path


def reach(locator: Locator, name: str) -> None:
    expect(locator).to_have_attribute("data-verdict", name)


def test_nine_references_with_refused_ones_take_little_room(visit: Visit, tmp_path: Path) -> None:
    files = [picture(tmp_path / f"{one}.png", 800, 800 + one) for one in range(7)]
    files += [picture(tmp_path / "tiny.png", 600, 312), picture(tmp_path / "small.png", 500, 500)]
    held = Input(visit, REFERENCES)
    held.add(*files)
    assert held.names == [file.name for file in files]
    reach(held.tiles.nth(0), "pass")
    reach(held.tiles.nth(7), "refused")
    reach(held.tiles.nth(8), "advice")
    expect(held.line).to_contain_text("Image 8: Shorter side 312 px, must be at least 400 px")
    expect(held.tiles.nth(7).locator(".media-open")).to_have_accessible_name(
        "Image 8, tiny.png: Cannot be used. Shorter side 312 px, must be at least 400 px"
    )
    held.line.get_by_role("button", name="1 more").click()
    expect(held.element.locator(".media-all .media-line")).to_contain_text("at least 720 px recommended")
    visit.page.keyboard.press("Escape")
    height = held.element.locator(".media-files").evaluate("(node) => node.getBoundingClientRect().height")
    assert height <= 150
    held.line.get_by_role("button", name="Enlarge to 720 px").click()
    reach(held.tiles.nth(7), "pass")
    assert held.names == [file.name for file in files]
    assert not visit.wrong


def test_the_order_is_changed_by_keys_and_by_dragging_and_the_numbers_are_told(visit: Visit, tmp_path: Path) -> None:
    held = Input(visit, REFERENCES)
    held.add(*(picture(tmp_path / f"{name}.png", 720, 720 + at) for at, name in enumerate("abc")))
    held.tiles.nth(0).locator(".media-open").focus()
    visit.page.keyboard.press("ArrowRight")
    expect(held.tiles.nth(1).locator(".media-open")).to_be_focused()
    visit.page.keyboard.press("Shift+ArrowRight")
    assert held.names == ["a.png", "c.png", "b.png"]
    expect(held.tiles.nth(2).locator(".media-open")).to_be_focused()
    assert held.heard["changes"][-1]["moved"] == {"2": 3, "3": 2}
    held.tiles.nth(2).drag_to(held.tiles.nth(0))
    assert held.names == ["b.png", "a.png", "c.png"]
    assert held.heard["changes"][-1]["moved"] == {"1": 2, "2": 3, "3": 1}
    expect(held.sheet).to_have_count(0)
    visit.page.keyboard.press("Delete")
    assert held.names == ["a.png", "c.png"]
    assert held.heard["changes"][-1]["moved"] == {"1": 3, "2": 1, "3": 2}
    expect(held.tiles.nth(0).locator(".media-open")).to_be_focused()
    assert held.element.locator('.media-open[tabindex="0"]').count() == 1
    held.tiles.nth(1).locator(".media-number").click()
    assert held.heard["tokens"] == [2]


def test_a_file_dropped_on_another_takes_its_place(visit: Visit, tmp_path: Path) -> None:
    held = Input(visit, REFERENCES)
    held.add(*(picture(tmp_path / f"{name}.png", 720, 720 + at) for at, name in enumerate("ab")))
    drop(held.tiles.nth(0), picture(tmp_path / "new.png", 900, 900))
    expect(held.tiles.nth(0).locator(".media-open")).to_have_accessible_name("Image 1, new.png: Ready")
    assert held.names == ["new.png", "b.png"]
    assert held.heard["changes"][-1]["moved"] is None


@pytest.mark.slow
def test_what_is_dropped_or_pasted_anywhere_goes_where_it_belongs(visit: Visit, tmp_path: Path) -> None:
    visit.open_tab("Reference", "r2v")
    body = visit.page.locator("#results")
    drop(body, picture(tmp_path / "a.png"), by="dragover")
    expect(visit.page.locator(".drop-note")).to_have_text("Drop to add: Reference images")
    drop(body, tmp_path / "a.png")
    expect(visit.files("references")).to_have_count(1)
    drop(body, picture(tmp_path / "b.png", 720, 720), by="paste")
    expect(visit.files("references")).to_have_count(2)
    for place, name in ((1, "a.png"), (2, "b.png")):
        expect(visit.file("references", place)).to_have_attribute("aria-label", re.compile(name))
    (tmp_path / "record.json").write_text("{}")
    drop(body, tmp_path / "record.json")
    notice = visit.page.locator(".notice")
    expect(notice).to_contain_text("This file has no settings from a studio.")
    make_video(tmp_path / "clip.mp4", size="720x720", seconds=4)
    drop(body, tmp_path / "clip.mp4")
    expect(visit.page.get_by_role("tab", name="Edit")).to_have_attribute("aria-selected", "true")
    expect(visit.page.locator("#edit-video")).to_contain_text("clip.mp4")


def test_a_frame_is_dragged_to_where_the_picture_is_cut(visit: Visit, tmp_path: Path) -> None:
    wide = Image.new("RGB", (1500, 500), "navy")
    wide.paste("red", (0, 0, 250, 500))
    wide.save(tmp_path / "wide.png")
    held = Input(visit, FRAME)
    held.add(tmp_path / "wide.png")
    expect(held.line.get_by_role("button")).to_have_text("Crop to 2.5:1")
    sheet = held.open(0)
    frame = sheet.get_by_role("slider")
    expect(frame).to_have_attribute("aria-valuetext", "8% from the left")
    box = frame.bounding_box()
    assert box is not None
    visit.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visit.page.mouse.down()
    visit.page.mouse.move(box["x"] + box["width"] / 2 - 400, box["y"] + 10, steps=4)
    visit.page.mouse.up()
    expect(frame).to_have_attribute("aria-valuetext", "0% from the left")
    expect(sheet.get_by_role("button", name="Left", exact=True)).to_have_attribute("aria-pressed", "true")
    frame.press("ArrowRight")
    expect(frame).to_have_attribute("aria-valuetext", "1% from the left")
    sheet.get_by_role("button", name="Crop to 2.5:1").click()
    expect(sheet.get_by_role("heading", name="Ready")).to_be_visible()
    sha256 = visit.page.evaluate("input.items()[0].sha256")
    content = visit.context.request.get(f"{visit.studio.url}/studio/files/{sha256}/content").body()
    with Image.open(io.BytesIO(content)) as cropped:
        assert cropped.size == (1250, 500)
        reds = sum(cropped.getpixel((x, 250)) == (255, 0, 0) for x in range(300))
        assert reds == 235  # a hundredth of 1500 pixels was cut off at the left
    sheet.get_by_role("button", name="Before").click()
    expect(sheet.locator(".sheet-compared")).to_contain_text("1500 × 500")
    sheet.get_by_role("button", name="Restore the original").click()
    expect(sheet.get_by_role("heading", name="Cannot be used")).to_be_visible()
    visit.page.keyboard.press("Escape")
    expect(held.tiles.nth(0).locator(".media-open")).to_be_focused()
    assert not visit.wrong


def test_a_video_is_cut_on_its_strip_and_the_price_moves_with_it(visit: Visit, tmp_path: Path) -> None:
    held = Input(visit, CLIP)
    held.add(make_video(tmp_path / "clip.mp4", size="360x360", rate="10", seconds=20, picture="color"))
    expect(held.line).to_contain_text("You pay for all 20 s but get only 15 s")
    expect(held.line.get_by_role("button")).to_have_text("Trim to 15 s")
    expect(held.line.locator(".media-offer small")).to_have_text("then ¥27.00")
    sheet = held.open(0)
    cost = sheet.locator(".trim-cost")
    expect(cost).to_have_text("¥27.00 instead of ¥31.50")
    end = sheet.get_by_role("slider", name="End")
    for _ in range(5):
        end.press("Shift+ArrowLeft")
    expect(end).to_have_attribute("aria-valuetext", "From 10 s, keeping 10 s, ¥18.00")
    expect(cost).to_have_text("¥18.00 instead of ¥31.50")
    sheet.get_by_role("slider", name="Start").press("Shift+ArrowRight")
    sheet.get_by_role("button", name="Trim to 9 s").click()
    expect(sheet.locator(".facts")).to_contain_text("9.0 s")
    expect(sheet.locator(".trimmer")).to_have_count(0)
    assert visit.page.evaluate("input.items()[0].seconds") == 9


def test_what_no_fix_helps_offers_none(visit: Visit, tmp_path: Path) -> None:
    """It is too small as well, but enlarged it would still be too short."""
    held = Input(visit, CLIP)
    held.add(make_video(tmp_path / "clip.mp4", size="300x300", rate="10", seconds=2, picture="color"))
    expect(held.line).to_contain_text("Choose a longer video.".lower(), ignore_case=True)
    expect(held.line.get_by_role("button", name="Enlarge")).to_have_count(0)
    sheet = held.open(0)
    expect(sheet.locator(".media-rule button, .sheet-all")).to_have_count(0)


def test_several_problems_have_one_button_for_all(visit: Visit, tmp_path: Path) -> None:
    held = Input(visit, FRAME)
    held.add(picture(tmp_path / "strip.png", 900, 200))
    button = held.line.get_by_role("button", name="Fix all")
    expect(button).to_have_attribute("title", "Crop to 2.5:1 · Enlarge to 300 px")
    button.click()
    reach(held.tiles.nth(0), "pass")


def test_a_disputed_limit_says_whose_each_number_is(visit: Visit, tmp_path: Path) -> None:
    held = Input(visit, CLIP)
    held.add(make_video(tmp_path / "clip.mp4", size="640x340", rate="10", seconds=3, picture="color"))
    reach(held.tiles.nth(0), "disputed")
    rule = held.open(0).locator(".media-rule[data-verdict=disputed]")
    expect(rule).to_contain_text("Shorter side 340 px; sources disagree: at least 320 px (")
    expect(rule).to_contain_text("; at least 360 px (")


def test_an_address_is_asked_for_behind_a_link_and_its_error_goes_with_the_next_attempt(
    visit: Visit, tmp_path: Path
) -> None:
    held = Input(visit, FRAME)
    field = held.element.get_by_role("textbox")
    expect(field).to_be_hidden()
    held.element.get_by_role("button", name="Add from URL").click()
    expect(field).to_be_focused()
    field.fill("foo")
    field.press("Enter")
    expect(held.element.get_by_role("alert")).to_contain_text("is not a web address")
    held.add(picture(tmp_path / "a.png"))
    expect(held.element.get_by_role("alert")).to_have_count(0)


def test_many_pictures_for_one_frame_are_a_batch(visit: Visit, tmp_path: Path) -> None:
    good = [picture(tmp_path / f"{one}.png", 640, 360 + one) for one in range(6)]
    held = Input(visit, FRAME)
    held.add(*good[:3], picture(tmp_path / "tiny.png", 200, 200), *good[3:])
    expect(held.element).to_contain_text("7 images, one video each")
    expect(held.element).to_contain_text("1 image cannot be used")
    expect(held.tiles.first.locator(".media-open")).to_have_accessible_name(
        "Image 4, tiny.png: Cannot be used. Shorter side 200 px, must be at least 300 px"
    )
    assert sorted(held.heard["batch"]) == ["pass"] * 6 + ["refused"]
    held.element.get_by_role("button", name="Remove these").click()
    expect(held.tiles).to_have_count(6)
    assert held.heard["batch"] == ["pass"] * 6
    held.element.get_by_role("button", name="Clear batch").click()
    expect(held.tiles).to_have_count(0)
    assert held.heard["batch"] == []


def test_another_model_judges_anew(visit: Visit, tmp_path: Path) -> None:
    held = Input(visit, REFERENCES)
    held.add(picture(tmp_path / "a.png"))
    before = visit.asked.count(f"/studio/files/{visit.page.evaluate('input.items()[0].sha256')}")
    visit.page.evaluate("input.refresh()")
    assert visit.asked.count(f"/studio/files/{visit.page.evaluate('input.items()[0].sha256')}") == before + 1
    reach(held.tiles.nth(0), "pass")
    visit.page.evaluate("input.set([{ ...input.items()[0], sha256: '0'.repeat(64) }])")
    visit.page.evaluate("input.refresh()")
    reach(held.tiles.nth(0), "refused")
    expect(held.line).to_contain_text("add it again")
