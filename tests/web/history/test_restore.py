"""A video that was made here, or its record, dropped on the page: its settings are back in the form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit, give

PROMPT = '一位老木匠 "planes" wood'


@pytest.fixture(scope="module")
def owner(studio_process: StudioProcess) -> Iterator[httpx.Client]:
    with studio_process.visitor() as client:
        yield client


@pytest.fixture(scope="module")
def done(studio_process: StudioProcess, cloud_server: SandboxServer, owner: httpx.Client) -> dict[str, Any]:
    """A job with its video."""
    cloud_server.clear()  # what the test before has set would hold for this job
    job = studio_process.submit(owner, PROMPT, ratio="9:16", duration=7, seed=99, watermark=False)
    return studio_process.wait(owner, job["id"])


@pytest.fixture(scope="module")
def video(owner: httpx.Client, done: dict[str, Any]) -> bytes:
    return owner.get(done["video"]["url"]).content


def restored(client: httpx.Client, data: bytes) -> Any:
    return client.post("/studio/restore", content=data).raise_for_status().json()


def test_a_video_its_index_and_its_record_give_the_settings_to_anyone(
    studio: StudioProcess, owner: httpx.Client, other: httpx.Client, done: dict[str, Any], video: bytes
) -> None:
    index = video[video.index(b"moov") - 4 :]
    record = owner.get(done["video"]["evidence"]).content
    for data in (video, index, record):
        assert restored(other, data) == {"settings": done["settings"], "note": ""}


def test_files_that_are_not_here_are_told(studio: StudioProcess, visitor: httpx.Client) -> None:
    request = {"mode": "image-to-video", "prompt": "A", "first_frame": {"sha256": "ab" * 32}}
    told = restored(visitor, json.dumps({"request": request}).encode())
    assert told == {"settings": request, "note": "A file is missing: add it again."}


@pytest.mark.parametrize("data", [b"", b"{}", b"\x89PNG", b"\x00\x00\x00\x10moov" + bytes(8)])
def test_other_files_have_none(studio: StudioProcess, visitor: httpx.Client, data: bytes) -> None:
    answer = visitor.post("/studio/restore", content=data)
    assert (answer.status_code, answer.json()["error"]) == (422, "This file has no settings from a studio.")


def test_dropping_a_video_on_the_page_fills_the_form_of_its_mode(
    studio: StudioProcess, browser: Browser, video: bytes, done: dict[str, Any]
) -> None:
    with Visit(browser, studio) as visit:
        visit.page.get_by_role("tab", name="Edit").click()
        with visit.page.expect_request("**/studio/restore") as asked:
            give(visit.page.locator("#results"), ("some name.mp4", video))
        expect(visit.prompt).to_be_visible()
        expect(visit.prompt).to_have_value(PROMPT)
        expect(visit.chip("seed")).to_have_text("Seed 99")
        expect(visit.chip("duration")).to_have_text("7 s")
        expect(visit.chip("ratio")).to_have_text("9:16")
        expect(visit.chip("watermark")).to_have_text("No watermark")
        expect(visit.page.locator(".notice")).to_contain_text("The form now has the settings of some name.mp4.")
        assert int(asked.value.all_headers()["content-length"]) < len(video)  # the index alone is sent
        assert visit.wrong == []


def test_dropping_a_record_fills_the_form_and_another_file_says_so(
    studio: StudioProcess, browser: Browser, owner: httpx.Client, done: dict[str, Any]
) -> None:
    with Visit(browser, studio) as visit:
        give(visit.page.locator("body"), ("notes.txt", b"Nothing of ours"))
        expect(visit.page.locator(".notice")).to_contain_text("This file has no settings from a studio.")
        record = owner.get(done["video"]["evidence"]).content
        give(visit.page.locator("body"), ("record.json", record))
        expect(visit.prompt).to_have_value(PROMPT)
        assert [complaint for complaint in visit.wrong if "422" not in complaint] == []


def test_a_file_dropped_on_an_input_of_files_is_added_as_before(
    studio: StudioProcess, browser: Browser, tmp_path: Path
) -> None:
    Image.new("RGB", (640, 640), "orange").save(tmp_path / "frame.png")
    with Visit(browser, studio) as visit:
        visit.page.get_by_role("tab", name="Image").click()
        place = visit.page.locator("#i2v-first_frame")
        give(place, ("frame.png", (tmp_path / "frame.png").read_bytes()))
        expect(place).to_contain_text("frame.png")
        expect(visit.page.locator(".notice")).to_be_empty()
        assert visit.wrong == []
