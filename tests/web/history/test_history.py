"""The library, the page of one job and the comparison, as a person uses them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit

HORSE, FOX, CARPENTER = "A horse at DAWN, slow motion", "A fox in the snow", "一位老木匠在清晨的工坊里刨木头"
REFUSED = "sandbox:fail=DataInspectionFailed"
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@contextmanager
def client_of(visit: Visit) -> Iterator[httpx.Client]:
    """The visitor of the browser, as a script."""
    cookie = next(one for one in visit.context.cookies() if one["name"] == "happyhorse")
    with httpx.Client(base_url=visit.studio.url, cookies={"happyhorse": cookie["value"]}, timeout=30) as client:
        yield client


def make(visit: Visit, *prompts: str, **settings: Any) -> list[str]:
    """Jobs that have ended, also as the page knows them; their ids."""
    with client_of(visit) as client:
        ids = [visit.studio.submit(client, prompt, **settings)["id"] for prompt in prompts]
        for job_id in ids:
            ended = visit.studio.wait(client, job_id)
            expect(visit.card(job_id)).to_have_attribute("data-state", ended["state"])
    return ids


def tiles(visit: Visit) -> Locator:
    return visit.page.locator(".tile:visible")


def open_history(visit: Visit) -> None:
    visit.page.get_by_role("link", name="History").click()
    expect(tiles(visit).first).to_be_visible()


def videos_asked_for(visit: Visit) -> set[str]:
    return {path for path in visit.asked if path.endswith("/video")}


def test_what_was_made_is_found_seen_moving_and_opened(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        page = visit.page
        ids = make(visit, HORSE, FOX, CARPENTER, REFUSED)
        open_history(visit)
        expect(page.locator("#studio")).to_be_hidden()
        expect(tiles(visit)).to_have_count(4)
        expect(tiles(visit).first).to_contain_text("The provider's content check refused the prompt.")
        expect(tiles(visit).first).not_to_contain_text("¥")  # nothing was charged
        search = page.get_by_label("Search in prompts")
        for words, found in (("horse", [HORSE]), ("motion HORSE", [HORSE]), ("木匠", [CARPENTER]), ("zebra", [])):
            search.fill(words)
            expect(tiles(visit).locator(".tile-prompt")).to_have_text(found)
        expect(page.locator(".library .nothing")).to_have_text("Nothing fits these filters.")
        search.fill("")
        page.get_by_label("Any state").select_option("Failed")
        expect(tiles(visit)).to_have_count(1)
        expect(page).to_have_url(f"{studio.url}/#history?state=failed")
        page.reload()
        expect(page.get_by_label("Any state")).to_have_value("failed")
        expect(tiles(visit)).to_have_count(1)
        page.get_by_label("Any state").select_option("Any state")
        page.get_by_label("Order").select_option("Oldest first")
        expect(tiles(visit).first).to_contain_text(HORSE)

        assert videos_asked_for(visit) == set()
        with page.expect_request("**/video"):
            tiles(visit).first.hover()
            expect(tiles(visit).first.locator("video")).to_have_js_property("muted", True)
        page.mouse.move(0, 0)
        expect(page.locator(".tile video")).to_have_count(0)
        assert videos_asked_for(visit) == {f"/studio/media/{ids[0]}/video"}
        visit.picture("library")

        tiles(visit).first.click()
        expect(page).to_have_url(f"{studio.url}/#job={ids[0]}")
        expect(page.locator(".job .prompt")).to_have_text(HORSE)
        happened = page.locator(".timeline b")
        expect(happened.first).to_have_text("Queued")
        expect(happened.last).to_have_text("Done")
        with client_of(visit) as client:
            job = studio.job(client, ids[0])
        expect(page.locator(".facts-list")).to_contain_text(["Duration", "¥2.70"])
        expect(page.locator(".job-side")).to_contain_text(job["task_id"])
        expect(page.locator(".job-files")).to_contain_text(job["video"]["sha256"])
        visit.picture("job")
        page.reload()
        expect(page.locator(".job .prompt")).to_have_text(HORSE)
        page.get_by_role("link", name="History").click()
        expect(page.get_by_label("Search in prompts")).to_be_visible()
        page.go_back()
        page.get_by_role("button", name="← History").click()
        expect(tiles(visit)).to_have_count(4)
        page.get_by_role("link", name="Create").click()
        expect(visit.prompt).to_be_visible()
        assert visit.wrong == []


def test_the_library_is_worked_with_the_keyboard_alone(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        page = visit.page
        ids = make(visit, "One", "Two", "Three")[::-1]
        open_history(visit)
        focused = page.locator(".tile:focus")
        chosen = page.locator(".tile[aria-selected=true]")
        tiles(visit).first.focus()
        page.keyboard.press("ArrowRight")
        expect(focused).to_have_attribute("data-id", ids[1])
        page.keyboard.press("End")
        expect(focused).to_have_attribute("data-id", ids[2])
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("f")
        expect(tiles(visit).nth(1).locator(".star")).to_have_class(re.compile(r"\bon\b"))
        page.keyboard.press("Space")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Space")
        expect(chosen).to_have_count(2)
        expect(page.locator(".marked-count")).to_have_text("2 selected")
        page.keyboard.press("Delete")
        expect(tiles(visit)).to_have_count(1)
        expect(focused).to_have_attribute("data-id", ids[2])
        with client_of(visit) as client:
            assert [job["id"] for job in client.get("/studio/jobs").json()["jobs"]] == [ids[2]]
            assert client.get(f"/studio/media/{ids[0]}/video").status_code == 404
        page.get_by_role("button", name="Undo").press("Enter")
        expect(tiles(visit)).to_have_count(3)
        tiles(visit).nth(1).focus()
        page.keyboard.press("Escape")
        expect(chosen).to_have_count(0)
        page.keyboard.press("Enter")
        expect(page.locator(".job .prompt")).to_have_text("Two")
        page.keyboard.press("Escape")
        expect(focused).to_have_attribute("data-id", ids[1])
        page.get_by_label("Favourites only").press("Space")
        expect(tiles(visit)).to_have_count(1)
        assert visit.wrong == []


def test_several_videos_are_tagged_fetched_as_one_file_and_compared(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        page = visit.page
        ids = make(visit, HORSE, FOX) + make(visit, HORSE, seed=8) + make(visit, REFUSED)
        open_history(visit)
        for job_id in (ids[0], ids[2], ids[3]):
            page.locator(f'.tile[data-id="{job_id}"] .tick').click()
        bar = page.get_by_role("toolbar")
        bar.get_by_role("button", name="Tag").click()
        page.get_by_label("Add a tag").fill("Beach")
        page.get_by_label("Add a tag").press("Enter")
        expect(page.locator(".tile-tags")).to_have_count(3)
        with page.expect_download() as fetched:
            bar.get_by_role("button", name="Download ZIP").click()
        archive = zipfile.ZipFile(io.BytesIO(fetched.value.path().read_bytes()))
        assert archive.testzip() is None
        names = sorted(archive.namelist())
        assert [name.rpartition(".")[2] for name in names] == ["json", "mp4"] * 2
        assert {name.rpartition(".")[0][-8:] for name in names} == {ids[0][-8:], ids[2][-8:]}

        bar.get_by_role("button", name="Compare").click()
        videos = page.locator(".compare video")
        expect(videos).to_have_count(2)
        expect(page.locator("tr.differs th")).to_contain_text(["Seed"])
        page.get_by_role("button", name="Play").click()
        in_step = "([one, other]) => one > 0.3 && other > 0.3 && Math.abs(one - other) < 0.3"
        times = "[...document.querySelectorAll('.compare video')].map((video) => video.currentTime)"
        page.wait_for_function(f"({in_step})({times})")
        page.get_by_role("button", name="Pause").click()
        page.get_by_label("Position in all videos").fill("0.5")
        for at in (0, 1):
            expect(videos.nth(at)).to_have_js_property("currentTime", 0.5)
        visit.picture("compare")
        page.go_back()
        page.get_by_role("button", name="Clear").click()
        page.reload()
        page.get_by_label("All tags").select_option("Beach")
        expect(tiles(visit)).to_have_count(3)
        assert visit.wrong == []


def test_the_page_of_a_job_follows_it_and_does_what_its_card_does(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    cloud.rules(hold="PENDING")
    cloud.faults({"endpoint": "download", "do": "expired"})
    with Visit(browser, studio) as visit:
        page = visit.page
        card = visit.submit("Follow me")
        expect(card).to_have_attribute("data-state", "waiting")
        card.get_by_role("link", name="Details").click()
        job = page.locator(".job")
        expect(job.locator(".timeline b").last).to_have_text("Submitted")
        expect(job.get_by_role("button", name="Delete")).to_have_count(0)
        cloud.rules(hold=None)
        expect(job.locator(".card")).to_have_attribute("data-state", "saving")
        expect(job.locator(".countdown")).to_contain_text("The provider keeps it for another 23:5")
        expect(job.locator(".timeline b").last).to_have_text("Not saved, tried again")
        expect(job.locator(".card")).to_have_attribute("data-state", "succeeded")
        expect(job.locator(".countdown")).to_have_count(0)
        job.get_by_role("button", name="Play").click()
        job.get_by_role("button", name="Favourite").click()
        expect(job.locator("[aria-pressed=true]")).to_contain_text("★")
        expect(job.locator("video")).to_have_js_property("paused", False)
        job.get_by_role("button", name="Use these settings").click()
        expect(visit.prompt).to_have_value("Follow me")
        page.go_back()
        job.get_by_role("button", name="Delete").click()
        expect(page.locator(".library .nothing")).to_contain_text("Nothing here yet")
        expect(card).to_be_hidden()
        page.get_by_role("button", name="Undo").click()
        expect(tiles(visit)).to_have_count(1)
        assert visit.wrong == []


def test_on_a_phone_a_tap_shows_the_video_and_the_next_opens_it(studio: StudioProcess, browser: Browser) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with Visit(browser, studio, **phone) as visit:
        page = visit.page
        make(visit, HORSE, FOX)
        open_history(visit)
        poster = tiles(visit).first.locator(".tile-picture")
        poster.tap()
        expect(poster.locator("video")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        visit.picture("library-phone")
        poster.tap()
        expect(page.locator(".job .prompt")).to_have_text(FOX)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        visit.picture("job-phone")
        assert visit.wrong == []


def test_what_is_marked_stays_marked_when_something_new_comes(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        page, held = visit.page, list[Route]()
        make(visit, HORSE)
        open_history(visit)
        visit.context.route("**/studio/history?*", lambda route: held.append(route))
        with page.expect_request("**/studio/history?*"):
            make(visit, FOX)
        tiles(visit).locator(".tick").click()
        for route in held:
            route.continue_()
        expect(tiles(visit).locator(".tile-prompt")).to_have_text([FOX, HORSE])
        expect(page.locator(".tile[aria-selected=true]")).to_contain_text(HORSE)
        expect(page.get_by_role("toolbar")).to_contain_text("1")
        assert visit.wrong == []


@pytest.mark.slow
def test_older_jobs_come_by_themselves_as_one_scrolls(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        with client_of(visit) as client:
            ids = [studio.submit(client, f"{REFUSED} {number}")["id"] for number in range(30)]
            for job_id in ids:
                studio.wait(client, job_id)
        open_history(visit)
        expect(tiles(visit)).to_have_count(24)
        visit.page.mouse.wheel(0, 9000)
        expect(tiles(visit)).to_have_count(30)
        expect(visit.page.get_by_role("button", name="Show more")).to_be_hidden()


@pytest.mark.parametrize("action", ["delete", "restore", "favourite", "tag"])
def test_nothing_of_anothers_is_changed(
    studio: StudioProcess, visitor: httpx.Client, other: httpx.Client, action: str
) -> None:
    job = studio.wait(visitor, studio.submit(visitor, "Mine")["id"])
    data = {"ids": [job["id"]], "tag": "theirs"}
    before = visitor.get(f"/studio/history/{job['id']}").json()
    assert other.post(f"/studio/history/change/{action}", json=data).json()["ids"] == []
    after = visitor.get(f"/studio/history/{job['id']}").json()
    assert after | {"now": 0} == before | {"now": 0}
    foreign = {"Origin": "https://elsewhere.example"}
    assert visitor.post(f"/studio/history/change/{action}", json=data, headers=foreign).status_code == 403


def test_what_is_not_there_is_404_and_what_makes_no_sense_is_400(
    studio: StudioProcess, visitor: httpx.Client, other: httpx.Client
) -> None:
    job = studio.wait(visitor, studio.submit(visitor, "Mine")["id"])
    assert other.get(f"/studio/history/{job['id']}").status_code == 404
    assert other.get("/studio/history/zip", params={"ids": job["id"]}).status_code == 404
    assert other.get("/studio/history").json()["jobs"] == []
    assert other.get("/studio/history", params={"words": "mine"}).json()["jobs"] == []
    assert visitor.get("/studio/history/0").status_code == 404
    assert visitor.post("/studio/history/change/burn", json={"ids": ["0"]}).status_code == 404
    for query in (
        {"sort": "best"},
        *({"since": moment} for moment in ("today", "inf", "nan", "1e400", "-1", "1_0", "9" * 5000)),
        {"sort": "longest", "after": "x"},
        {"words": "x" * 2000},
        {"tag": "x" * 2000},
    ):
        assert visitor.get("/studio/history", params=query).status_code == 400, query
    for ids in ([], "all", [1], ["0"] * 201, ["0" * 10_000], {"0": "0"}, None):
        assert visitor.post("/studio/history/change/delete", json={"ids": ids}).status_code == 400
    for wild in ({"on": "yes"}, {"on": None}, {"tag": ["a"]}, {"tag": "a" * 100_000}):
        assert visitor.post("/studio/history/change/tag", json={"ids": ["0"], "tag": "a", **wild}).status_code == 400
    for body in ("[]", "7", "[" * 15_000, '{"ids": NaN}'):
        assert visitor.post("/studio/history/change/delete", content=body).status_code == 400, body[:10]
    assert visitor.post("/studio/history/change/tag", json={"ids": ["0"], "tag": " "}).status_code == 409


def test_what_is_done_in_one_tab_shows_in_another(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        make(visit, HORSE, FOX, CARPENTER)
        open_history(visit)
        here, there = visit.page, visit.context.new_page()
        there.goto(f"{studio.url}#history")
        mine, theirs = (page.locator(".tile:visible").filter(has_text=FOX) for page in (here, there))
        mine.locator(".star").click()
        expect(theirs.locator(".star")).to_have_class("star on")
        mine.focus()
        here.keyboard.press("Space")
        here.get_by_role("button", name="Tag", exact=True).click()
        here.get_by_label("Add a tag").fill("snow")
        here.get_by_label("Add a tag").press("Enter")
        expect(theirs.locator(".tile-tags")).to_have_text("snow")
        expect(there.get_by_label("All tags")).to_contain_text("snow")

        theirs.click()
        mine.locator(".star").click()
        expect(there.get_by_role("button", name="☆ Favourite")).to_be_visible()
        here.get_by_role("button", name="Delete", exact=True).click()
        expect(there.locator(".job .nothing")).to_have_text("This video was deleted.")
        there.get_by_role("link", name="Create").click()
        expect(there.locator("article.card:visible")).to_have_count(2)
        expect(there.locator(".board-head .count")).to_have_text("2")
        here.get_by_role("button", name="Undo").click()
        expect(there.locator("article.card:visible").nth(1)).to_contain_text(FOX)
        expect(there.locator(".board-head .count")).to_have_text("3")

        there.get_by_role("link", name="History").click()
        expect(theirs).to_be_visible()
        there.evaluate(f"({HIDE})(true)")
        mine.focus()
        here.keyboard.press("Delete")
        expect(mine).to_be_hidden()
        expect(theirs).to_be_visible()
        there.evaluate(f"({HIDE})(false)")
        expect(theirs).to_be_hidden()
        assert visit.wrong == []
