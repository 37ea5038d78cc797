"""The whole studio below a path, behind a proxy that takes the path off and behind one that leaves it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.prefix_proxy import PrefixProxy
from tests.servers import ONE_REQUEST, SandboxServer
from tests.studio_process import StudioProcess
from tests.web.conftest import POLL_SECONDS
from tests.web.visit import Visit, play

pytestmark = pytest.mark.slow

ROOT = "/hh/films"


@pytest.fixture(scope="module")
def process(cloud_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    settings = {"GRADIO_ROOT_PATH": ROOT, "STUDIO_POLL_SECONDS": POLL_SECONDS}
    with StudioProcess(tmp_path_factory.mktemp("below"), cloud_server, **settings) as studio:
        yield studio


@pytest.fixture(params=[True, False], ids=["stripped", "left"])
def proxy(request: pytest.FixtureRequest, process: StudioProcess, cloud: SandboxServer) -> Iterator[PrefixProxy]:
    with PrefixProxy(process.url, ROOT, strips=request.param) as between:
        yield between


@pytest.fixture
def below(proxy: PrefixProxy, process: StudioProcess) -> StudioProcess:
    """The studio as its visitors find it."""
    studio = copy.copy(process)
    studio.url = f"{proxy.url}/"
    return studio


def test_from_the_first_word_to_the_file(
    below: StudioProcess, proxy: PrefixProxy, browser: Browser, tmp_path: Path
) -> None:
    with Visit(browser, below, locale="en-US") as visit:
        page = visit.page
        assert page.url == below.url
        card = visit.submit("A horse at dawn")
        expect(card).to_have_attribute("data-state", "succeeded")
        assert (f"{ROOT}/studio/events", 200) in visit.statuses
        poster = visit.tiles.first.locator("img")
        page.wait_for_function("image => image.naturalWidth > 0", arg=poster.element_handle())
        play(card.locator("video"))
        page.wait_for_function("document.querySelector('.stage video').currentTime > 0.2")
        with page.expect_download() as download:
            card.get_by_role("link", name="Download").click()
        download.value.save_as(tmp_path / "video.mp4")
        assert (tmp_path / "video.mp4").read_bytes() == next(
            below.output_dir.rglob(download.value.suggested_filename)
        ).read_bytes()
        assert {cookie["path"] for cookie in visit.context.cookies()} == {ROOT}
        visit.reload()
        expect(visit.cards).to_have_count(1)
        page.get_by_title("切换到中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        expect(visit.cards).to_have_count(1)
        assert {cookie["path"].rstrip("/") for cookie in visit.context.cookies()} == {ROOT}
        assert visit.wrong == []
    assert proxy.outside == []


def test_what_a_script_is_told_leads_to_the_files(below: StudioProcess, proxy: PrefixProxy) -> None:
    with httpx.Client(base_url=proxy.url, timeout=60, limits=ONE_REQUEST) as script:
        script.headers["X-Studio-Visitor"] = below.submit(script, "A horse at noon")["visitor"]
        job = below.submit(script, "A horse at night")
        done = below.wait(script, job["id"])
        assert done["state"] == "succeeded"
        for url in [done["video"][key] for key in ("url", "poster", "download", "evidence")]:
            assert script.get(proxy.origin + url).status_code == 200, url
    assert proxy.outside == []
