"""What a video was made from, and what was made from it."""

from __future__ import annotations

import json
from typing import Any
from zipfile import ZipFile

import httpx
from playwright.sync_api import Browser, expect

from tests.studio_process import StudioProcess
from tests.web.history.test_history import client_of, make
from tests.web.visit import Visit

FRAME = {"mode": "image-to-video", "field": "first_frame"}


def frame_of(client: httpx.Client, job_id: str) -> dict[str, Any]:
    """The last frame of a job's video, enlarged: this cloud's videos are smaller than an input may be."""
    frame = client.post(f"/studio/jobs/{job_id}/frame", json={}).raise_for_status().json()
    file = client.get(f"/studio/files/{frame['sha256']}", params=FRAME).raise_for_status().json()
    told = client.post(f"/studio/files/{frame['sha256']}/fix", params=FRAME, json={"fixes": file["fixes"]})
    fixed: dict[str, Any] = json.loads(told.raise_for_status().text.splitlines()[-1])["file"]
    return fixed


def test_a_strip_shows_what_a_video_was_made_from_and_what_was_made_from_it(
    studio: StudioProcess, browser: Browser
) -> None:
    with Visit(browser, studio, "#history") as visit:
        page = visit.page
        (first,) = make(visit, "The beginning")
        page.goto(f"{studio.url}/#job={first}")
        lineage = page.get_by_role("region", name="Lineage")
        expect(page.locator(".job-prompt")).to_have_text("The beginning")
        expect(lineage).to_be_hidden()
        with client_of(visit) as client:
            frame = frame_of(client, first)
            request = {"prompt": "And then it turns round", "first_frame": {"sha256": frame["sha256"]}}
            child = client.post("/studio/api/image_to_video", json=request).raise_for_status().json()["id"]
            studio.wait(client, child)
        page.goto(f"{studio.url}/#job={child}")
        expect(lineage.get_by_role("listitem")).to_have_count(2)
        expect(lineage.locator("[aria-current]")).to_contain_text("This one")
        expect(lineage.locator(".arrow")).to_contain_text("first frame")
        visit.picture("lineage")
        with page.expect_download() as download:
            lineage.get_by_role("link", name="Download all as ZIP").click()
        with ZipFile(download.value.path()) as archive:
            assert len(archive.namelist()) == 5
            assert "Source: 1. " in archive.read("manifest.txt").decode()
        lineage.get_by_role("link", name="The beginning 1 · Source").click()
        expect(page.locator(".job-prompt")).to_have_text("The beginning")
        expect(lineage.get_by_role("link", name="2 · Made from this one")).to_be_visible()
        assert visit.wrong == []
