"""The screens and states of the page, for whoever has to look at all of them.

::

    visit = Visit(browser, studio)
    become(visit, make_all(studio, cloud))
    with visit:
        for scene in SCENES.values():
            if scene.made:
                scene.enter(visit)
                visit.page.screenshot()

A scene names parts by their classes and ids, so that it comes about in every language and at every width.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Locator, expect

from studio.catalog.requests import REQUESTS
from studio.database.states import State
from tests.media.videos import make_video
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit

Show = Callable[[Visit], None]
PROMPT = "A chestnut horse gallops along a wet beach at sunrise, low tracking shot."
FOX, HERON, RIDGE, TURN = "A fox in the snow", "A heron over a lake", "Clouds over a ridge", "And then it turns round"
WALK = "[Image 1] walks towards [Image 2] and [Image 4]"
TAG, PRESET, NO_SEED, NO_ADDRESS, DUSK = "beach", "My beach", "seven", "foo", "At dusk @"
WRITTEN = (PROMPT, FOX, HERON, RIDGE, TURN, WALK, TAG, PRESET, NO_SEED, NO_ADDRESS, DUSK)
"""What the visitors of the scenes write themselves, in whatever language the page is."""
RUNS_ON = "sandbox:slow=3600"
"""In a prompt: its video is not done while anybody looks."""


@dataclass(frozen=True)
class Scene:
    """One screen in one state."""

    show: Show
    """Brings a visit there that has just opened ``at``."""
    at: str = ""
    """The place that it begins in, such as ``#history``."""
    made: bool = False
    """Whether it is seen by who has made videos (``make_all``), or by a newcomer."""

    def enter(self, visit: Visit) -> None:
        """Open the page as one comes to it, without a draft of an earlier scene, and show the scene."""
        visit.leave()
        visit.page.goto(f"{visit.studio.url}/{self.at}")
        visit.prefix = "t2v"
        visit.ready()
        self.show(visit)


SCENES: dict[str, Scene] = {}
"""All scenes by their names, those of a newcomer first."""


def _scene(name: str, at: str = "", *, made: bool = False) -> Callable[[Show], Show]:
    def add(show: Show) -> Show:
        SCENES[name] = Scene(show, at, made)
        return show

    return add


# What the scenes are made of


@cache
def files() -> dict[str, Path]:
    """Files for the inputs, by how a form takes them."""
    folder = Path(tempfile.mkdtemp(prefix="scenes-"))
    sizes = {"good": (900, 900), "small": (500, 500), "tiny": (600, 312), "wide": (1500, 500)}
    made = {name: folder / f"{name}.png" for name in sizes}
    for name, size in sizes.items():
        Image.effect_mandelbrot(size, (-2, -1.2, 0.8, 1.2), 40).convert("RGB").save(made[name])
    long = make_video(folder / "long.mp4", size="360x360", rate="10", seconds=20, picture="color")
    disputed = make_video(folder / "disputed.mp4", size="640x340", rate="10", seconds=3, picture="color")
    return made | {"long": long, "disputed": disputed}


def make_all(studio: StudioProcess, cloud: SandboxServer) -> str:
    """Let a new visitor make a video of each kind, of which one runs on; the visitor's token, for ``become``."""
    with studio.visitor() as client:
        done = [_submit(studio, client, PROMPT, seed=seed) for seed in range(1, 5)]
        done += [_submit(studio, client, FOX, ratio="9:16"), _submit(studio, client, "一位老木匠")]
        _submit(studio, client, "sandbox:fail=DataInspectionFailed")
        cloud.faults({"endpoint": "create", "do": "reset"})
        _submit(studio, client, HERON)
        first, *_, last = done
        change = {"ids": [first], "tag": TAG, "on": True}
        client.post("/studio/history/change/tag", json=change).raise_for_status()
        client.post("/studio/history/change/favourite", json={"ids": [first], "on": True}).raise_for_status()
        frame = _frame(client, last)
        request = {"prompt": TURN, "first_frame": {"sha256": frame}}
        child = client.post("/studio/api/image_to_video", json=request).raise_for_status().json()["id"]
        studio.wait(client, child)
        _submit(studio, client, f"{RIDGE} {RUNS_ON}", until="running")
        return client.cookies["happyhorse"]


def become(visit: Visit, token: str) -> None:
    """Let a browser that has not been at the studio yet be this visitor's."""
    visit.context.add_cookies([{"name": "happyhorse", "value": token, "url": visit.studio.url}])


def _submit(studio: StudioProcess, client: httpx.Client, prompt: str, until: str = "", **settings: Any) -> str:
    """A job that has ended, or is as far as ``until`` says; its id."""
    job_id: str = studio.submit(client, prompt, **settings)["id"]
    if until:
        studio.wait(client, job_id, lambda job: job["state"] == until)
    else:
        studio.wait(client, job_id)
    return job_id


def _frame(client: httpx.Client, job_id: str) -> str:
    """The last frame of a video as a first frame may be; its digest."""
    place = {"mode": "image-to-video", "field": "first_frame"}
    frame = client.post(f"/studio/jobs/{job_id}/frame", json={}).raise_for_status().json()["sha256"]
    file = client.get(f"/studio/files/{frame}", params=place).raise_for_status().json()
    if not file["fixes"]:
        return str(frame)
    told = client.post(f"/studio/files/{frame}/fix", params=place, json={"fixes": file["fixes"]})
    return str(json.loads(told.raise_for_status().text.splitlines()[-1])["file"]["sha256"])


def _open_form(visit: Visit, mode: str) -> None:
    """Go to a form, in whatever language its tab is named."""
    modes = list(REQUESTS)
    visit.page.locator("#tabs button[role=tab]:visible").nth(modes.index(mode)).click()
    visit.prefix = REQUESTS[mode].short
    expect(visit.prompt).to_be_visible()


def _show_state(visit: Visit, state: State | str) -> Locator:
    """Choose the newest job of a state that has its tile for itself; the stage."""
    alone = visit.page.locator(f'.strip-tile:not(:has(.strip-cell ~ .strip-cell)) .strip-cell[data-state="{state}"]')
    alone.first.click()
    expect(visit.stage).to_have_attribute("data-state", state)
    return visit.stage


def _details(visit: Visit, state: State | str) -> None:
    job_id = visit.page.locator(f'.tile[data-state="{state}"]').first.get_attribute("data-id")
    visit.page.goto(f"{visit.studio.url}/#job={job_id}")
    expect(visit.page.locator(".job-columns")).to_be_visible()


def _finished(visit: Visit) -> Sequence[str]:
    tiles = visit.page.locator('.tile[data-state="succeeded"]')
    expect(tiles.nth(1)).to_be_visible()
    ids: list[str] = tiles.evaluate_all("tiles => tiles.map((tile) => tile.dataset.id)")
    return ids


def _header(visit: Visit) -> Locator:
    """The tools of the header, which a narrow window folds into a menu."""
    more = visit.page.locator(".top .more")
    if more.is_visible():
        more.click()
    return visit.page.locator(".top .tools")


# The form


@_scene("text")
def text(visit: Visit) -> None:
    expect(visit.page.locator(".first-screen .example").first).to_be_visible()


@_scene("image")
def image(visit: Visit) -> None:
    _open_form(visit, "image-to-video")


@_scene("reference")
def reference(visit: Visit) -> None:
    _open_form(visit, "reference-to-video")


@_scene("edit")
def edit(visit: Visit) -> None:
    _open_form(visit, "video-edit")


@_scene("prompt")
def prompt(visit: Visit) -> None:
    visit.prompt.fill(PROMPT)
    expect(visit.button).to_have_attribute("aria-disabled", "false")


@_scene("prompt too long")
def prompt_too_long(visit: Visit) -> None:
    visit.prompt.fill("马" * 2600)
    expect(visit.part("prompt-count")).to_have_attribute("data-level", "over")


@_scene("prompt missing")
def prompt_missing(visit: Visit) -> None:
    visit.press()
    expect(visit.prompt).to_have_attribute("aria-invalid", "true")


@_scene("prompt helper")
def prompt_helper(visit: Visit) -> None:
    visit.prompt.fill(PROMPT)
    visit.form.locator(".prompt-help").click()


@_scene("several prompts")
def several_prompts(visit: Visit) -> None:
    visit.prompt.fill(f"{PROMPT}\n---\n{FOX}\n---\n{HERON}")


@_scene("seed refused")
def seed_refused(visit: Visit) -> None:
    visit.prompt.fill(PROMPT)
    visit.seed.fill(NO_SEED)
    expect(visit.opened("more").locator(".wrong")).to_be_visible()


for _setting in ("model", "resolution", "ratio", "duration", "variants", "more"):

    @_scene(f"chooser of {_setting}")
    def chooser(visit: Visit, setting: str = _setting) -> None:
        visit.opened(setting)


@_scene("price")
def price(visit: Visit) -> None:
    visit.prompt.fill(PROMPT)
    visit.about.click()
    expect(visit.form.locator("> .popover")).to_be_visible()


@_scene("presets")
def presets(visit: Visit) -> None:
    visit.form.locator(".presets-open").click()
    expect(visit.form.locator(".presets-menu .starter").first).to_be_visible()
    visit.form.locator(".presets-save .text-field").fill(PRESET)
    visit.form.locator(".presets-save button").click()
    expect(visit.form.locator(".presets-said span")).to_be_visible()


@_scene("files")
def references(visit: Visit) -> None:
    """A file that is refused, one that might be better, and one that is good."""
    _open_form(visit, "reference-to-video")
    visit.add("references", *(files()[name] for name in ("good", "small", "tiny")))
    visit.prompt.fill(WALK)


@_scene("disputed file")
def disputed(visit: Visit) -> None:
    _open_form(visit, "video-edit")
    visit.add("video", files()["disputed"])
    expect(visit.file("video")).to_be_visible()


@_scene("batch")
def batch(visit: Visit) -> None:
    _open_form(visit, "image-to-video")
    inputs = visit.part("first_frame").locator("input[type=file]")
    inputs.set_input_files([files()[name] for name in ("good", "small", "wide")])
    expect(visit.form.locator(".media-batch .media-open").nth(2)).to_be_visible()


@_scene("file from an address")
def address(visit: Visit) -> None:
    _open_form(visit, "image-to-video")
    visit.part("first_frame").locator(".media-more button").first.click()
    field = visit.part("first_frame").locator(".media-address input")
    field.fill(NO_ADDRESS)
    field.press("Enter")
    expect(visit.part("first_frame").locator("[role=alert]")).to_be_visible()


@_scene("file cropped")
def crop(visit: Visit) -> None:
    _open_form(visit, "image-to-video")
    visit.add("first_frame", files()["wide"])
    expect(visit.look_at("first_frame").locator("[role=slider]")).to_be_visible()


@_scene("file trimmed")
def trim(visit: Visit) -> None:
    _open_form(visit, "video-edit")
    visit.add("video", files()["long"])
    expect(visit.look_at("video").locator(".trimmer")).to_be_visible()


@_scene("picker")
def picker(visit: Visit) -> None:
    _open_form(visit, "reference-to-video")
    visit.add("references", files()["good"], files()["small"])
    visit.prompt.press_sequentially(DUSK)
    expect(visit.form.locator(".prompt-picker")).to_be_visible()


# The header


@_scene("menu of the header")
def header_menu(visit: Visit) -> None:
    expect(_header(visit).locator(".language")).to_be_visible()


@_scene("bell")
def bell(visit: Visit) -> None:
    _header(visit).locator(".bell").click()
    expect(visit.page.locator(".notice p")).to_be_visible()


@_scene("key")
def key(visit: Visit) -> None:
    _header(visit).locator(".spending-open").click()
    visit.page.locator(".accounts-box > .button:visible").click()
    expect(visit.page.locator(".key-form input[type=password]")).to_be_visible()


@_scene("skip link")
def skip_link(visit: Visit) -> None:
    visit.page.keyboard.press("Tab")
    expect(visit.page.locator(".skip")).to_be_focused()


# The board


for _state in ("running", "failed", "interrupted", "succeeded"):

    @_scene(f"{_state} on the stage", made=True)
    def on_stage(visit: Visit, state: str = _state) -> None:
        _show_state(visit, state)


@_scene("upright on the stage", made=True)
def upright(visit: Visit) -> None:
    visit.page.locator(f'.strip-tile[aria-label*="{FOX}"]').first.click()
    expect(visit.stage.locator("video")).to_be_visible()


@_scene("prompt of the stage", made=True)
def stage_prompt(visit: Visit) -> None:
    _show_state(visit, "succeeded").locator("button.prompt").click()
    expect(visit.stage.locator(".prompt-whole")).to_be_visible()


@_scene("variants", made=True)
def variants(visit: Visit) -> None:
    visit.page.locator(".strip-tile:has(.strip-cell ~ .strip-cell)").click()
    expect(visit.stage).to_have_attribute("data-view", "variations")


@_scene("menu of the stage", made=True)
def stage_menu(visit: Visit) -> None:
    _show_state(visit, "succeeded").locator(".actions .menu > button").last.click()
    expect(visit.page.locator("[role=menuitem]").first).to_be_visible()


@_scene("continue", made=True)
def continue_menu(visit: Visit) -> None:
    _show_state(visit, "succeeded").locator(".actions .menu > button").first.click()
    expect(visit.page.locator("[role=menuitem]").first).to_be_visible()


@_scene("comparison begun", made=True)
def comparison_begun(visit: Visit) -> None:
    _show_state(visit, "succeeded").locator('.actions [data-key="compare"]').click()
    expect(visit.page.locator(".compare-hint")).not_to_be_empty()


@_scene("sent anyway", made=True)
def sent_anyway(visit: Visit) -> None:
    """What is asked before a job is sent again that may have been charged."""
    _show_state(visit, "interrupted").locator('[data-action="send-anyway"]').click()
    expect(visit.stage.locator(".risk")).to_be_visible()


@_scene("sheet of the form", made=True)
def form_sheet(visit: Visit) -> None:
    """The form of who looks at videos: on a phone it stands below them."""
    visit.prompt.fill(PROMPT)
    visit.prompt.scroll_into_view_if_needed()


# The library


@_scene("history", "#history", made=True)
def history(visit: Visit) -> None:
    _finished(visit)


@_scene("list", "#history?list=1", made=True)
def listed(visit: Visit) -> None:
    expect(visit.page.locator("tr.tile").first).to_be_visible()


@_scene("filters", "#history", made=True)
def filters(visit: Visit) -> None:
    opener = visit.page.locator(".filters-open")
    if opener.is_visible():
        opener.click()
    visit.page.locator(".filters select[name=state]").select_option("succeeded")
    expect(visit.page.locator('.tile[data-state="failed"]')).to_have_count(0)


@_scene("no hit", "#history?words=zebra", made=True)
def no_hit(visit: Visit) -> None:
    expect(visit.page.locator(".library .nothing")).to_be_visible()


@_scene("selection", "#history", made=True)
def selection(visit: Visit) -> None:
    _finished(visit)
    for state in ("succeeded", "failed"):
        visit.page.locator(f'.tile[data-state="{state}"]').first.focus()
        visit.page.keyboard.press("Space")
    expect(visit.page.locator(".marked")).to_be_visible()


@_scene("tag", "#history", made=True)
def tag(visit: Visit) -> None:
    selection(visit)
    visit.page.locator('.marked [aria-haspopup], .marked [aria-expanded="false"]').first.click()
    expect(visit.page.locator(".tag-form")).to_be_visible()


for _state in ("running", "failed", "interrupted"):

    @_scene(f"details of {_state}", "#history", made=True)
    def details(visit: Visit, state: str = _state) -> None:
        _details(visit, state)


@_scene("details and lineage", "#history", made=True)
def lineage(visit: Visit) -> None:
    _details(visit, "succeeded")
    expect(visit.page.locator(".lineage")).to_be_visible()


@_scene("comparison", "#history", made=True)
def comparison(visit: Visit) -> None:
    visit.page.goto(f"{visit.studio.url}/#compare={','.join(_finished(visit)[:3])}")
    expect(visit.page.locator(".compare video")).to_have_count(3)


@_scene("wipe", "#history", made=True)
def wipe(visit: Visit) -> None:
    visit.page.goto(f"{visit.studio.url}/#compare={','.join(_finished(visit)[:2])}")
    expect(visit.page.locator(".compare video")).to_have_count(2)
    visit.page.locator(".ways button").first.click()
    expect(visit.page.locator("input.wipe")).to_be_visible()


@_scene("spending", made=True)
def spending(visit: Visit) -> None:
    _header(visit).locator(".spending-open").click()
    expect(visit.page.locator(".money-table")).to_be_visible()
