"""The stage and the strip, as a person uses them: with the eyes, the pointer and the keyboard alone."""

from __future__ import annotations

import os
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from studio.catalog.pricing import quote
from studio.database.states import State
from studio.jobs.model import Job, VideoFile
from studio.jobs.rows.store import Store
from studio.media.poster import make_poster
from studio.visitors.tokens import Identity
from tests.databases import make_job
from tests.media.videos import make_video
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit, play

SECRET = "stage" * 8
MANY = 60
NODES = 1500


def submit(studio: StudioProcess, visit: Visit, *prompts: str, seed: int = 7) -> list[str]:
    """Finished videos of the visitor's, made by the API; their ids, the oldest first."""
    with studio.visitor() as client:
        client.cookies.clear()
        client.headers["Cookie"] = f"happyhorse={visit.context.cookies()[0]['value']}"
        ids: list[str] = [studio.submit(client, prompt, seed=seed + at)["id"] for at, prompt in enumerate(prompts)]
        for job_id in ids:
            studio.wait(client, job_id)
    for job_id in ids:
        expect(visit.cell(job_id)).to_have_attribute("data-state", "succeeded")
    return ids


def focused(page: Page) -> str:
    """What has the focus, by its role or tag and its name."""
    told: str = page.evaluate(
        """() => {
          const node = document.activeElement;
          return `${node.getAttribute("role") ?? node.tagName} ${node.getAttribute("aria-label") ?? node.textContent}`;
        }"""
    )
    return told


def paused(visit: Visit) -> bool:
    return bool(visit.stage.locator("video").evaluate("video => video.paused"))


def test_arrows_step_space_plays_and_enter_opens(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        first, second, third = submit(studio, visit, "One horse", "Two horses", "Three horses")
        expect(visit.stage).to_have_attribute("data-id", third)
        options = visit.page.get_by_role("option")
        assert [options.nth(at).get_attribute("tabindex") for at in range(3)] == ["0", "-1", "-1"]
        options.first.focus()
        visit.page.keyboard.press("ArrowRight")
        expect(visit.stage).to_have_attribute("data-id", second)
        assert focused(visit.page) == "option Done, 3 s, Two horses"
        visit.page.keyboard.press("End")
        expect(visit.stage).to_have_attribute("data-id", first)
        visit.page.keyboard.press("ArrowRight")  # there is none: nothing happens
        expect(options.nth(2)).to_be_focused()
        expect(visit.stage.locator(".prompt")).to_have_text("One horse")
        assert paused(visit)
        visit.page.keyboard.press("Space")
        visit.page.wait_for_function("document.querySelector('.board video').currentTime > 0.2")
        expect(options.nth(2)).to_be_focused()
        visit.page.keyboard.press("Space")
        assert paused(visit)
        visit.page.keyboard.press("Home")
        expect(visit.stage).to_have_attribute("data-id", third)
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_url(f"**/#job={third}")
        assert visit.wrong == []


def test_the_tab_key_stops_once_in_the_strip_and_never_at_the_body(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        submit(studio, visit, "One horse", "Two horses")
        visit.stage.locator(".prompt").focus()
        stops = []
        for _ in range(7):
            visit.page.keyboard.press("Tab")
            stops.append(focused(visit.page))
        assert [stop.split(" · ")[0] for stop in stops[:6]] == [
            "A Download",
            "BUTTON Variation",
            "BUTTON Continue",
            "BUTTON Compare",
            "BUTTON More",
            "option Done, 3 s, Two horses",
        ]
        assert not stops[6].startswith("option")
        assert visit.wrong == []


def test_a_menu_is_walked_with_the_arrows_and_gives_the_focus_back(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        submit(studio, visit, "One horse")
        opener = visit.stage.get_by_role("button", name="Continue")
        opener.press("Enter")
        expect(opener).to_have_attribute("aria-expanded", "true")
        entries = visit.page.get_by_role("menuitem")
        expect(entries.first).to_be_focused()
        visit.page.keyboard.press("ArrowUp")
        expect(entries.last).to_be_focused()
        visit.page.keyboard.press("Home")
        expect(entries.first).to_be_focused()
        visit.page.keyboard.press("Escape")
        expect(opener).to_be_focused()
        expect(opener).to_have_attribute("aria-expanded", "false")
        assert visit.wrong == []


def test_variants_are_one_tile_play_in_step_and_one_is_picked(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, reduced_motion="no-preference") as visit:
        ids = submit(studio, visit, *["A horse at dusk"] * 4)
        expect(visit.tiles).to_have_count(1)
        expect(visit.tiles).to_have_attribute("aria-label", "4 variants, 3 s, A horse at dusk")
        visit.tiles.click()
        expect(visit.stage).to_have_attribute("data-view", "variations")
        expect(visit.stage.locator("video")).to_have_count(4)
        visit.page.wait_for_function(
            """() => {
              const videos = [...document.querySelectorAll(".stage video")];
              const times = videos.map((video) => video.currentTime);
              return Math.min(...times) > 0.3 && Math.max(...times) - Math.min(...times) < 0.3
                && videos.every((video) => video.muted);
            }"""
        )
        visit.stage.get_by_role("button", name="Pause").click()
        assert visit.stage.locator("video").evaluate_all("all => all.every((video) => video.paused)")
        visit.picture("variants")
        visit.stage.get_by_role("button", name="Pick variant 2").click()
        expect(visit.stage).to_have_attribute("data-id", ids[1])
        expect(visit.cell(ids[1])).to_contain_class("picked")
        jobs = visit.page.request.get(f"{studio.url}/studio/history?favourite=1").json()["jobs"]
        assert [job["id"] for job in jobs] == [ids[1]]
        visit.page.get_by_role("button", name="Undo").click()
        expect(visit.cell(ids[1])).not_to_contain_class("picked")
        visit.stage.get_by_role("button", name="All 4").click()
        expect(visit.stage).to_have_attribute("data-view", "variations")
        assert visit.wrong == []


def test_a_variation_says_its_price_and_begins_at_once(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, studio) as visit:
        (first,) = submit(studio, visit, "A horse at dusk")
        cloud.rules(hold="RUNNING")
        visit.stage.get_by_role("button", name="Variation · ¥2.70").click()
        expect(visit.cards).to_have_count(2)
        expect(visit.stage).to_have_attribute("data-view", "waiting")
        expect(visit.stage).not_to_have_attribute("data-id", first)
        expect(visit.tiles).to_have_count(1)  # it is a variant of the other
        cloud.rules(hold=None)
        expect(visit.stage).to_have_attribute("data-view", "player")
        made = visit.page.request.get(f"{studio.url}/studio/jobs/{visit.stage.get_attribute('data-id')}").json()
        assert made["settings"]["seed"] != 7
        assert made["settings"]["prompt"] == "A horse at dusk"
        assert visit.wrong == []


def test_a_video_that_plays_is_left_alone_and_who_does_nothing_sees_the_newest(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, studio) as visit:
        submit(studio, visit, "Watch me")
        video = visit.stage.locator("video")
        play(video)
        handle = video.element_handle()
        visit.prompt.fill("Another, meanwhile")
        visit.prompt.press("Control+Enter")
        expect(visit.cards).to_have_count(2)
        expect(visit.cards.first).to_have_attribute("data-state", "succeeded")
        expect(visit.stage.locator(".prompt")).to_have_text("Watch me")
        assert visit.page.evaluate("video => video.isConnected && !video.paused", handle)
        expect(visit.page.locator("[aria-live=polite]", has_text="Done: Another, meanwhile")).to_have_count(1)
        video.evaluate("video => video.pause()")
        card = visit.submit("The newest of all")
        expect(card).to_have_attribute("data-state", "succeeded")
        assert visit.wrong == []


def test_a_frame_becomes_the_first_of_the_next_and_lies_behind_it_while_it_is_made(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, studio) as visit:
        submit(studio, visit, "Frame by frame")
        visit.stage.get_by_role("button", name="Continue").click()
        visit.page.get_by_role("menuitem", name="Use last frame as first frame").click()
        visit.prefix = "i2v"
        frame = visit.part("first_frame")
        expect(frame.locator(".media-tile img")).to_be_visible()
        frame.get_by_role(
            "button", name=re.compile("^Enlarge to")
        ).first.click()  # the clouds of these tests make small videos
        expect(visit.button).not_to_have_attribute("aria-disabled", "true")
        cloud.rules(hold="RUNNING")
        card = visit.submit("It goes on")
        expect(card).to_have_attribute("data-view", "waiting")
        visit.page.wait_for_function("document.querySelector('.waiting .behind')?.naturalWidth > 0")
        visit.picture("behind")
        assert visit.wrong == []


def test_a_video_is_deleted_from_the_stage_and_brought_back(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        first, second = submit(studio, visit, "One horse", "Two horses")
        expect(visit.stage).to_have_attribute("data-id", second)
        visit.menu(visit.stage, "Delete").click()
        expect(visit.cell(second)).to_have_count(0)
        expect(visit.stage).to_have_attribute("data-id", first)
        notice = visit.page.locator(".notice")
        expect(notice).to_contain_text("1 video deleted.")
        notice.get_by_role("button", name="Undo").click()
        expect(visit.cell(second)).to_be_visible()
        expect(notice).to_contain_text("Restored.")
        # Its player may just have asked for more of it.
        assert [told for told in visit.wrong if f"{second}/video" not in told] == []


def test_variants_that_are_made_wait_alike_and_are_ended_together(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    cloud.rules(hold="RUNNING")
    with Visit(browser, studio) as visit, studio.visitor() as client:
        client.cookies.clear()
        client.headers["Cookie"] = f"happyhorse={visit.context.cookies()[0]['value']}"
        ids = [studio.submit(client, "A horse upright", ratio="9:16", seed=seed)["id"] for seed in range(4)]
        for job_id in ids:
            expect(visit.cell(job_id)).to_have_attribute("data-state", "running")
            word = visit.cell(job_id).locator(".word")
            expect(word).to_have_attribute("data-clock", re.compile(":"))
            assert word.evaluate("word => word.scrollWidth <= word.parentElement.clientWidth")
        expect(visit.stage).to_have_attribute("data-view", "variations")
        expect(visit.stage.locator(".variation .ring")).to_have_count(4)
        visit.stage.get_by_role("button", name="Stop tracking all").click()
        expect(visit.stage.locator(".risk")).to_contain_text("may still finish the video and charge for it")
        visit.stage.locator(".risk").get_by_role("button", name="Stop tracking all").click()
        for job_id in ids:
            expect(visit.cell(job_id)).to_have_attribute("data-state", "stopped")
        cloud.rules(hold=None)
        assert visit.wrong == []


def test_what_continues_a_video_is_the_frame_that_its_entry_names(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        submit(studio, visit, "From the beginning or the end")
        page, entries = visit.page, visit.page.get_by_role("menuitem")
        menu = visit.stage.get_by_role("button", name="Continue")
        menu.click()
        expect(entries.filter(has_text="frame")).to_have_text(
            ["Use last frame as first frame", "Use last frame as reference image"]
        )
        page.keyboard.press("Escape")
        visit.stage.locator("video").evaluate(
            "video => new Promise(done => { video.onseeked = done; video.currentTime = 1 })"
        )
        visit.stage.locator("video").evaluate(
            "video => new Promise(done => { video.onseeked = done; video.currentTime = 0 })"
        )
        asked: list[Route] = []
        page.route("**/frame?at=0.000", lambda route: asked.append(route))
        menu.click()
        entries.get_by_text("Use this frame as first frame").click()
        expect(menu).to_have_attribute("aria-busy", "true")
        expect(page.locator(".notice")).to_contain_text("Opening it in Image…")
        with page.expect_response("**/frame?at=0.000") as answer:
            asked[0].continue_()
        assert answer.value.json()["name"].endswith("-0.00s.png")
        expect(page.locator("#i2v-prompt")).to_be_focused()
        expect(menu).not_to_have_attribute("aria-busy", "true")
        assert visit.wrong == []


def test_a_video_that_follows_its_input_waits_in_the_shape_of_it(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser, tmp_path: Path
) -> None:
    upright = tmp_path / "upright.png"
    Image.effect_mandelbrot((600, 900), (-2, -1.2, 0.8, 1.2), 40).convert("RGB").save(upright)
    cloud.rules(hold="RUNNING")
    with Visit(browser, studio) as visit:
        visit.open_tab("Image", "i2v")
        visit.add("first_frame", upright)
        expect(visit.button).not_to_have_attribute("aria-disabled", "true")
        card = visit.submit("It goes on")
        expect(card).to_have_attribute("data-view", "waiting")
        expect(visit.tiles).to_have_attribute("style", re.compile(r"--ratio: 0\.666"))
        expect(card).to_have_attribute("style", re.compile(r"--ratio: 0\.666"))
        cloud.rules(hold=None)
        assert visit.wrong == []


def test_two_videos_are_chosen_to_be_compared(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        first, second = submit(studio, visit, "One horse", "Two horses")
        compare = visit.stage.get_by_role("button", name="Compare")
        compare.click()
        expect(visit.page.locator(".compare-hint")).to_have_text(
            "Choose a second video. Press “Compare” again to cancel."
        )
        visit.page.keyboard.press("Escape")
        expect(visit.page.locator(".compare-hint")).to_be_empty()
        compare.click()
        visit.cell(first).click()
        visit.page.wait_for_url(f"**/#compare={second},{first}&from=create")
        expect(visit.page.locator(".places [aria-current]")).to_have_text("Create")
        visit.page.get_by_role("button", name="← Create").click()
        expect(visit.stage).to_be_visible()
        expect(visit.prompt).to_be_visible()
        assert visit.wrong == []


def test_all_that_can_be_done_is_in_one_row_or_behind_it(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        (job,) = submit(studio, visit, "A long story. " * 30)
        prompt = visit.stage.locator(".prompt")
        expect(prompt).to_have_attribute("aria-expanded", "false")
        assert prompt.bounding_box()["height"] < 48  # type: ignore[index]
        prompt.click()
        expect(visit.stage.locator(".prompt-whole .text")).to_have_text(("A long story. " * 30).strip())
        visit.menu(visit.stage, "Use these settings").click()
        expect(visit.seed).to_have_value("7")
        notice = visit.page.locator(".notice")
        expect(notice).to_contain_text("with seed 7, which gives a similar video")
        notice.get_by_role("button", name="Use a random seed").click()
        expect(visit.seed).to_have_value("")
        visit.menu(visit.stage, "Details").click()
        visit.page.wait_for_url(f"**/#job={job}")
        assert visit.wrong == []


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a studio whose one visitor has sixty videos, tall, wide and square."""
    folder = tmp_path_factory.mktemp("full")
    output = folder / "output"
    output.mkdir()
    sizes = [(640, 360), (360, 640), (480, 480)]
    for width, height in sizes:
        clip = make_video(folder / f"{width}.mp4", size=f"{width}x{height}", seconds=1)
        make_poster(clip, folder / f"{width}.jpg")
    now = time.time()
    jobs: list[Job] = []
    for number in range(MANY):
        width, height = sizes[number % 3]
        for suffix in (".mp4", ".jpg"):
            os.link(folder / f"{width}{suffix}", output / f"{number}{suffix}")
        at = now - 60 * (MANY - number)
        job = make_job(owner="someone", state=State.SUCCEEDED, created_at=at)
        request = replace(job.request, prompt=f"Horse number {number}")
        video = VideoFile(f"{number}.mp4", f"{number}.jpg", 1000, "0" * 64, width, height, 1.0, 24, "h264")
        named = f"{int(at * 1000):012x}{number:012x}"
        jobs.append(replace(job, id=named, request=request, quote=quote(request, "beijing"), video=video))
    (folder / "data").mkdir()
    store = Store(f"sqlite:///{folder / 'data' / 'studio.db'}")
    store.add_all(jobs)
    store.close()
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "profile",
    [
        {"viewport": {"width": 1440, "height": 900}},
        {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
        {"viewport": {"width": 320, "height": 640}},
    ],
    ids=["desktop", "phone", "narrow"],
)
def test_sixty_videos_take_one_screen_and_few_nodes(full: Path, browser: Browser, profile: dict[str, object]) -> None:
    with StudioProcess(full, STUDIO_SECRET=SECRET) as studio:
        visit = Visit(browser, studio, **profile)
        token = Identity(SECRET.encode()).token("someone")
        visit.context.add_cookies([{"name": "happyhorse", "value": token, "url": studio.url}])
        with visit:
            expect(visit.page.locator(".board-head .count")).to_have_text(str(MANY))
            expect(visit.cards.first).to_be_visible()
            visit.tiles.first.focus()
            while visit.cards.count() < MANY:
                before = visit.cards.count()
                visit.page.keyboard.press("End")
                visit.page.wait_for_function(
                    "count => document.querySelectorAll('.strip-cell').length > count", arg=before
                )
            assert visit.page.locator(".board *").count() < NODES
            board = visit.page.locator(".board").bounding_box()
            assert board is not None
            assert board["height"] <= profile["viewport"]["height"]  # type: ignore[index]
            assert board["width"] <= profile["viewport"]["width"]  # type: ignore[index]
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= profile["viewport"]["width"]  # type: ignore[index]
            heights = visit.tiles.evaluate_all("all => all.map((tile) => Math.round(tile.offsetHeight))")
            assert len(set(heights)) == 1
            visit.picture(f"sixty-{profile['viewport']['width']}")  # type: ignore[index]
            assert visit.wrong == []
