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
from playwright.sync_api import Browser, Locator, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit, play

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
    """Jobs that have ended; their ids."""
    with client_of(visit) as client:
        ids = [visit.studio.submit(client, prompt, **settings)["id"] for prompt in prompts]
        for job_id in ids:
            visit.studio.wait(client, job_id)
    return ids


def tiles(visit: Visit) -> Locator:
    return visit.page.locator(".tile:visible")


def tile(visit: Visit, job_id: str) -> Locator:
    return visit.page.locator(f'.tile[data-id="{job_id}"]:visible')


def count(visit: Visit) -> Locator:
    return visit.page.locator(".library-head .count")


def open_history(visit: Visit, question: str = "") -> None:
    visit.page.goto(f"{visit.studio.url}/#history{question}")
    expect(tiles(visit).first).to_be_visible()


def videos_asked_for(visit: Visit) -> set[str]:
    return {path for path in visit.asked if path.endswith("/video")}


def test_what_was_made_is_found_counted_seen_moving_and_opened(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, "#history", reduced_motion="no-preference") as visit:
        page = visit.page
        ids = make(visit, HORSE, FOX, CARPENTER, REFUSED)
        open_history(visit)
        expect(page.locator("#studio")).to_be_hidden()
        expect(tiles(visit)).to_have_count(4)
        expect(count(visit)).to_have_text("4 videos")
        expect(page.locator(".day h3")).to_have_text(["Today"])
        expect(tiles(visit).first).to_contain_text("The provider’s content check refused the prompt.")
        expect(tiles(visit).first).not_to_contain_text("¥")  # nothing was charged
        search = page.get_by_label("Search prompts")
        for words, found in (("horse", [HORSE]), ("motion HORSE", [HORSE]), ("木匠", [CARPENTER]), ("zebra", [])):
            search.fill(words)
            expect(tiles(visit).locator(".tile-prompt")).to_have_text(found)
            expect(count(visit)).to_have_text(f"{len(found)} of 4")
        expect(page.locator(".library .nothing")).to_contain_text("No videos match.")
        page.get_by_role("button", name="Clear filters").click()
        expect(search).to_have_value("")
        expect(search).to_be_focused()
        expect(tiles(visit)).to_have_count(4)
        page.get_by_label("All statuses").select_option("Failed")
        expect(tiles(visit)).to_have_count(1)
        expect(page).to_have_url(f"{studio.url}/#history?state=failed")
        page.reload()
        expect(page.get_by_label("All statuses")).to_have_value("failed")
        expect(tiles(visit)).to_have_count(1)
        page.get_by_label("All statuses").select_option("All statuses")
        page.get_by_label("Sort").select_option("Oldest")
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
        expect(page.locator(".job-prompt")).to_have_text(HORSE)
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
        expect(page.locator(".job-prompt")).to_have_text(HORSE)
        page.get_by_role("link", name="History").click()
        expect(search).to_be_visible()
        page.go_back()
        page.get_by_role("button", name="← History").click()
        expect(tiles(visit)).to_have_count(4)
        assert visit.wrong == []


@pytest.mark.slow
def test_the_library_is_worked_with_the_keyboard_alone(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, "#history") as visit:
        page = visit.page
        ids = make(visit, "One", "Two", "Three")[::-1]
        open_history(visit)
        focused = page.locator(".tile:focus")
        chosen = page.locator(".tile[aria-selected=true]")
        expect(page.locator('.tile[tabindex="0"]')).to_have_count(1)  # one stop for all of them
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
        expect(page.get_by_role("status").filter(has_text="2 videos deleted")).to_be_visible()
        with client_of(visit) as client:
            assert [job["id"] for job in client.get("/studio/jobs").json()["jobs"]] == [ids[2]]
            assert client.get(f"/studio/media/{ids[0]}/video").status_code == 404
        page.get_by_role("button", name="Undo").press("Enter")
        expect(tiles(visit)).to_have_count(3)
        expect(chosen).to_have_count(2)
        expect(focused).to_have_count(1)
        tiles(visit).nth(1).focus()
        page.keyboard.press("Escape")
        expect(chosen).to_have_count(0)
        page.keyboard.press("Control+a")
        expect(chosen).to_have_count(3)
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        expect(page.locator(".job-prompt")).to_have_text("Two")
        page.keyboard.press("Escape")
        expect(focused).to_have_attribute("data-id", ids[1])
        page.get_by_label("Favorites").press("Space")
        expect(tiles(visit)).to_have_count(1)
        assert visit.wrong == []


@pytest.mark.slow
def test_a_page_of_a_job_leads_to_its_neighbours_in_the_list_as_it_was_filtered(
    studio: StudioProcess, browser: Browser
) -> None:
    with Visit(browser, studio, "#history") as visit:
        page = visit.page
        first, _, third, fourth = make(visit, "A horse", "A fox", "A horse again", "A horse at night")
        open_history(visit, "?words=horse")
        expect(tiles(visit)).to_have_count(3)
        tile(visit, third).click()
        prompt, place = page.locator(".job-prompt"), page.locator(".job-head .count")
        before, after = (page.get_by_role("button", name=name) for name in ("Previous video", "Next video"))
        expect(prompt).to_have_text("A horse again")
        expect(place).to_have_text("2 of 3")
        page.keyboard.press("ArrowRight")
        expect(page).to_have_url(f"{studio.url}/#job={first}")
        expect(prompt).to_have_text("A horse")
        expect(after).to_be_disabled()
        before.click()
        expect(prompt).to_have_text("A horse again")
        page.keyboard.press("ArrowLeft")
        expect(prompt).to_have_text("A horse at night")
        expect(before).to_be_disabled()
        page.keyboard.press("Escape")
        expect(page.locator(".tile:focus")).to_have_attribute("data-id", fourth)
        page.get_by_label("Search prompts").fill("")
        expect(tiles(visit)).to_have_count(4)

        page.goto(f"{studio.url}/#history?words=zebra")
        page.goto(f"{studio.url}/#job={third}")  # of no list: its neighbours are those by time
        after.click()
        expect(prompt).to_have_text("A fox")
        assert visit.wrong == []


def test_a_selection_survives_a_search_and_what_cannot_be_done_says_why(
    studio: StudioProcess, browser: Browser
) -> None:
    with Visit(browser, studio, "#history") as visit:
        page = visit.page
        ids = make(visit, HORSE, FOX, REFUSED)
        open_history(visit)
        bar = page.get_by_role("toolbar", name="Selected videos")
        tile(visit, ids[2]).locator(".tick").click()
        compare, archive = (bar.get_by_role("button", name=name) for name in ("Compare", "Download ZIP"))
        expect(archive).to_have_attribute("aria-disabled", "true")
        expect(archive).to_have_accessible_description(re.compile("None of the selected videos is finished."))
        expect(bar).to_contain_text("To compare, select 2 to 6 finished videos.")
        tile(visit, ids[0]).click()
        page.get_by_label("Search prompts").fill("fox")
        expect(tiles(visit)).to_have_count(1)
        expect(page.locator(".marked-count")).to_have_text("2 selected (2 not shown)")
        compare.click(force=True)
        expect(page.get_by_role("status").filter(has_text="To compare, select")).to_be_visible()
        expect(page).to_have_url(re.compile("#history"))
        tile(visit, ids[1]).click()
        expect(page.locator(".marked-count")).to_have_text("3 selected (2 not shown)")
        expect(compare).not_to_have_attribute("aria-disabled", "true")
        compare.click()
        expect(page.locator(".compare video")).to_have_count(2)
        page.go_back()
        expect(page.locator(".marked-count")).to_have_text("3 selected (2 not shown)")
        bar.get_by_role("button", name="Clear selection").click()
        expect(bar).to_be_hidden()
        assert visit.wrong == []


def test_the_table_sorts_by_its_heads_and_is_selected_with_the_keys(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, "#history") as visit:
        page = visit.page
        _, long = make(visit, "Short", duration=3, seed=7) + make(visit, "Long", duration=9, ratio="9:16")
        open_history(visit)
        page.get_by_role("button", name="Table view").click()
        expect(page).to_have_url(f"{studio.url}/#history?list=1")
        rows = page.get_by_role("row")
        expect(page.get_by_role("columnheader")).to_contain_text(
            ["Prompt", "Mode", "Model", "Duration", "Cost", "Status"]
        )
        expect(rows.nth(2)).to_contain_text("Short")
        expect(rows.nth(2).get_by_role("cell", name="7", exact=True)).to_be_visible()
        head = page.get_by_role("columnheader", name="Cost")
        for way, first in (("descending", "Long"), ("ascending", "Short")):
            head.get_by_role("button").click()
            expect(head).to_have_attribute("aria-sort", way)
            expect(rows.nth(1)).to_contain_text(first)
        expect(page).to_have_url(f"{studio.url}/#history?sort=cheapest&list=1")
        expect(page.get_by_label("Sort")).to_have_value("cheapest")
        page.locator("tr.tile a").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        expect(page.get_by_role("checkbox", name="Select “Short”")).to_be_checked()
        expect(page.locator(".marked-count")).to_have_text("2 selected")
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{studio.url}/#job={long}")
        page.go_back()
        expect(page.locator("tr.tile a:focus")).to_have_text("Long")
        assert visit.wrong == []


@pytest.mark.slow
def test_several_videos_are_tagged_fetched_as_one_file_and_compared(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, "#history") as visit:
        page = visit.page
        ids = make(visit, HORSE, FOX) + make(visit, HORSE, seed=8) + make(visit, REFUSED)
        open_history(visit)
        for job_id in (ids[0], ids[2], ids[3]):
            page.locator(f'.tile[data-id="{job_id}"] .tick').click()
        bar = page.get_by_role("toolbar")
        bar.get_by_role("button", name="Tag", exact=True).click()
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
        page.get_by_role("button", name="Clear selection").click()
        page.reload()
        page.get_by_label("All tags").select_option("Beach")
        expect(tiles(visit)).to_have_count(3)
        assert visit.wrong == []


@pytest.mark.slow
def test_two_videos_are_compared_one_over_the_other_and_one_wins(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, "#history") as visit:
        page = visit.page
        ids = make(visit, HORSE, FOX)
        page.goto(f"{studio.url}/#compare={','.join(ids)}")
        videos = page.locator(".compare video")
        expect(videos).to_have_count(2)
        expect(videos.first).to_have_js_property("readyState", 4)
        wipe = page.get_by_label("Where A ends and B begins")
        expect(wipe).to_be_hidden()
        page.get_by_role("button", name="Wipe from A to B").click()
        boxes = [videos.nth(at).bounding_box() for at in (0, 1)]
        assert boxes[0] == boxes[1]
        wipe.focus()
        page.keyboard.press("Home")
        expect(wipe).to_have_attribute("aria-valuetext", "0% A")
        page.keyboard.press("ArrowRight")
        cut = "getComputedStyle(document.querySelector('.compare figure:last-child .film')).clipPath"
        assert page.evaluate(cut) == "inset(0px 0px 0px 0.5%)"
        page.get_by_role("button", name="½ speed").click()
        expect(videos.last).to_have_js_property("playbackRate", 0.5)
        page.get_by_role("button", name="Loop").click()
        page.get_by_role("button", name="Next frame").click()
        page.keyboard.press(".")
        moved = "[...document.querySelectorAll('.compare video')].every((video) => video.currentTime > 0.07)"
        page.wait_for_function(moved)
        page.keyboard.press(",")
        winner = page.get_by_role("button", name="Winner B")
        winner.click()
        expect(winner).to_have_attribute("aria-pressed", "true")
        with client_of(visit) as client:
            favourites = client.get("/studio/history", params={"favourite": "1"}).json()["jobs"]
        assert [job["id"] for job in favourites] == [ids[1]]
        sounds = [page.get_by_role("button", name=f"Sound {letter}") for letter in "AB"]
        for sound in sounds:
            sound.click()
        expect(sounds[0]).to_have_attribute("aria-pressed", "false")
        expect(videos.first).to_have_js_property("muted", True)
        expect(videos.last).to_have_js_property("muted", False)
        page.keyboard.press("Escape")
        expect(tiles(visit)).to_have_count(2)
        assert visit.wrong == []


def test_the_page_of_a_job_follows_it_and_does_what_its_stage_does(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    cloud.rules(hold="PENDING")
    cloud.faults({"endpoint": "download", "do": "expired"})
    with Visit(browser, studio, "#history") as visit:
        page = visit.page
        with client_of(visit) as client:
            job_id = studio.submit(client, "Follow me")["id"]
        page.goto(f"{studio.url}/#job={job_id}")
        job = page.locator(".job")
        expect(job).to_have_attribute("data-state", "waiting")
        expect(job.get_by_role("button", name="Delete")).to_have_count(0)
        cloud.rules(hold=None)
        expect(job).to_have_attribute("data-state", "saving")
        expect(job.locator(".countdown")).to_contain_text("The provider keeps it for another 23:5")
        expect(job.locator(".timeline b").last).to_have_text("Not saved; trying again")
        expect(job).to_have_attribute("data-state", "succeeded")
        expect(job.locator(".countdown")).to_have_count(0)
        play(job.locator("video"))
        job.get_by_role("button", name="Favorite").click()
        expect(job.locator("[aria-pressed=true]")).to_contain_text("★")
        job.get_by_label("Add a tag").fill("beach")
        job.get_by_label("Add a tag").press("Enter")
        expect(job.locator(".tag")).to_contain_text("beach")
        expect(job.get_by_label("Add a tag")).to_be_focused()
        expect(job.locator("video")).to_have_js_property("paused", False)
        job.get_by_role("button", name="Delete").click()
        expect(page.locator(".library .nothing")).to_contain_text("Nothing here yet")
        page.get_by_role("button", name="Undo").click()
        expect(tiles(visit)).to_have_count(1)
        assert visit.wrong == []


@pytest.mark.slow
def test_on_a_phone_a_tap_shows_the_video_and_the_next_opens_it(studio: StudioProcess, browser: Browser) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with Visit(browser, studio, "#history", **phone) as visit:
        page = visit.page
        make(visit, HORSE, FOX)
        open_history(visit)
        expect(page.get_by_label("All modes")).to_be_hidden()
        page.get_by_role("button", name="Filters").tap()
        page.get_by_label("All modes").select_option("Text")
        expect(page.get_by_role("button", name="Filters 1")).to_be_visible()
        expect(count(visit)).to_have_text("2 of 2")
        poster = tiles(visit).first.locator(".tile-picture")
        poster.tap()
        expect(poster.locator("video")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        visit.picture("library-phone")
        poster.tap()
        expect(page.locator(".job-prompt")).to_have_text(FOX)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        visit.picture("job-phone")
        assert visit.wrong == []


def test_what_is_new_comes_to_the_list_and_takes_neither_selection_nor_focus(
    studio: StudioProcess, browser: Browser
) -> None:
    with Visit(browser, studio, "#history") as visit:
        page = visit.page
        (horse,) = make(visit, HORSE)
        open_history(visit)
        tile(visit, horse).focus()
        page.keyboard.press("Space")
        make(visit, FOX)
        expect(tiles(visit).locator(".tile-prompt")).to_have_text([FOX, HORSE])
        expect(tiles(visit).first).to_have_attribute("data-state", "succeeded")
        expect(page.locator(".tile[aria-selected=true]")).to_have_attribute("data-id", horse)
        expect(page.locator(".tile:focus")).to_have_attribute("data-id", horse)
        expect(count(visit)).to_have_text("2 videos")
        assert visit.wrong == []


@pytest.mark.slow
def test_older_jobs_come_by_themselves_as_one_scrolls_and_as_one_goes_through_them(
    studio: StudioProcess, browser: Browser
) -> None:
    with Visit(browser, studio) as visit:
        page = visit.page
        ids = make(visit, *(f"{REFUSED} {number}" for number in range(30)))[::-1]
        page.set_viewport_size({"width": 1000, "height": 500})  # what fits the screen comes at once
        open_history(visit)
        expect(tiles(visit)).to_have_count(24)
        tile(visit, ids[23]).click()
        expect(page.locator(".job-head .count")).to_have_text("24 of 30")
        page.get_by_role("button", name="Next video").click()
        expect(page).to_have_url(f"{studio.url}/#job={ids[24]}")
        page.get_by_role("button", name="← History").click()
        page.mouse.wheel(0, 9000)
        expect(tiles(visit)).to_have_count(30)
        expect(page.get_by_role("button", name="Show more")).to_be_hidden()
        assert visit.wrong == []


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
    with Visit(browser, studio, "#history") as visit:
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
        expect(there.get_by_role("button", name="☆ Favorite")).to_be_visible()
        here.get_by_role("button", name="Delete", exact=True).click()
        expect(there.locator(".job .nothing")).to_have_text("This video was deleted.")
        there.get_by_role("button", name="← History").click()
        expect(there.locator(".library-head .count")).to_have_text("2 videos")
        expect(theirs).to_have_count(0)
        here.get_by_role("button", name="Undo").click()
        expect(theirs).to_be_visible()
        expect(there.locator(".library-head .count")).to_have_text("3 videos")

        there.evaluate(f"({HIDE})(true)")
        mine.focus()
        here.keyboard.press("Delete")
        expect(mine).to_be_hidden()
        expect(theirs).to_be_visible()
        there.evaluate(f"({HIDE})(false)")
        expect(theirs).to_be_hidden()
        assert visit.wrong == []
