"""Presets and starting points: what a visitor keeps under a name, and what we give for a start."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect

from studio.catalog.models import CATALOG, ProviderName
from studio.catalog.references import lint
from studio.catalog.requests import REQUESTS, Asset
from studio.media.drawings import DRAWINGS
from studio.web.presets.starters import STARTERS, Starter
from studio.web.text import LANGUAGES, Translation
from tests.studio_process import StudioProcess
from tests.web.visit import Visit

MODE = "text-to-video"
PROMPT = "A chestnut horse in the snow"


def save(client: httpx.Client, name: str, **more: Any) -> httpx.Response:
    body = {"mode": MODE, "name": name, "settings": {"prompt": PROMPT, "ratio": "9:16"}}
    return client.post("/studio/presets", json=body | more)


def names(client: httpx.Client) -> list[str]:
    shown = client.get("/studio/presets", params={"mode": MODE}).raise_for_status().json()
    return [preset["name"] for preset in shown["presets"]]


class Menu:
    """The presets of a form, as a visitor uses them."""

    def __init__(self, visit: Visit, mode: str = MODE) -> None:
        self.visit = visit
        self.mode = mode
        self.button = visit.form.locator(".presets-open")
        self.box = visit.form.locator(".presets-menu")
        self.said = visit.form.locator(".presets-said")
        self.notice = visit.page.locator(".notice")
        self.name = self.box.locator(".presets-save").get_by_label("Name")
        self.own = self.box.locator(".preset-use:not(.starter)")

    def known(self, setting: str, value: Any) -> None:
        """Wait until the form has its settings back from the server, by the one that was changed last."""
        told = """async ([mode, setting, value]) => {
            const page = await (await import("#shell/main")).page;
            return page.forms.current(mode)[setting] === value;
        }"""
        self.visit.page.wait_for_function(told, arg=[self.mode, setting, value])

    def open(self) -> None:
        self.button.click()
        expect(self.box.locator(".starter").first).to_be_visible()

    def save(self, name: str) -> None:
        self.name.fill(name)
        self.name.press("Enter")

    def row(self, name: str) -> Locator:
        return self.box.locator(".preset-use", has=self.visit.page.get_by_text(name, exact=True))

    def undo(self) -> None:
        self.said.get_by_role("button", name="Undo").click()


# Addresses


def test_presets_are_their_owners_alone(visitor: httpx.Client, other: httpx.Client) -> None:
    saved = save(visitor, "Snow").raise_for_status().json()
    assert saved["settings"] == {"prompt": PROMPT, "ratio": "9:16"}
    assert (names(visitor), names(other)) == (["Snow"], [])
    for answer in (
        other.post(f"/studio/presets/{saved['id']}", json={"name": "Mine"}),
        other.delete(f"/studio/presets/{saved['id']}"),
    ):
        assert (answer.status_code, answer.json()["kind"]) == (404, "no_such_preset")
    visitor.post(f"/studio/presets/{saved['id']}", json={"name": "Ice"}).raise_for_status()
    assert names(visitor) == ["Ice"]
    visitor.delete(f"/studio/presets/{saved['id']}").raise_for_status()
    assert names(visitor) == []


def test_a_name_that_is_taken_is_told(visitor: httpx.Client) -> None:
    save(visitor, "Snow").raise_for_status()
    answer = save(visitor, "Snow")
    assert (answer.status_code, answer.json()["kind"]) == (409, "name_taken")
    assert answer.json()["error"] == "You already have a preset with this name."
    save(visitor, "Snow", replace=True).raise_for_status()
    assert names(visitor) == ["Snow"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"mode": "text-to-video", "name": "Snow"}', b'{"mode": "none", "name": "x", "settings": {}}']
)
def test_what_is_no_preset_is_refused(visitor: httpx.Client, body: bytes) -> None:
    assert visitor.post("/studio/presets", content=body).status_code == 400
    assert names(visitor) == []


# Starting points


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("starter", STARTERS.values(), ids=STARTERS)
def test_a_starting_point_is_well_formed_everywhere(starter: Starter, language: str) -> None:
    prompt = starter.prompt(Translation(language))
    provider: ProviderName
    for provider in CATALOG.providers:
        model = CATALOG.models(provider, starter.mode)[0]
        fields: dict[str, Any] = {"provider": provider, "model": model.id, "prompt": prompt, **starter.settings}
        for name, pictures in starter.files.items():
            assets = tuple(Asset("0" * 64, picture) for picture in pictures)
            fields[name] = assets if not model.inputs[name].single else assets[0]
        REQUESTS[starter.mode](**fields)
        if (ratio := model.options("ratio")) is not None:
            assert ratio.disputed(starter.settings["ratio"]) is None
    assert lint(prompt, len(starter.files.get("references", ()))) == []


@pytest.mark.slow
def test_its_files_pass_all_checks(visitor: httpx.Client, other: httpx.Client) -> None:
    seen: dict[str, int] = {}
    for starter in STARTERS.values():
        if seen.keys() >= set(starter.pictures):
            continue
        settings = visitor.post(f"/studio/starters/{starter.id}").raise_for_status().json()
        for field, pictures in starter.files.items():
            for picture, file in zip(pictures, settings[field], strict=True):
                place = {"mode": starter.mode, "field": field}
                look = visitor.get(f"/studio/files/{file['sha256']}", params=place).raise_for_status().json()
                assert [finding for finding in look["findings"] if finding["verdict"] != "pass"] == []
                content = f"/studio/files/{file['sha256']}/content"
                seen[picture] = len(visitor.get(content).raise_for_status().content)
                assert other.get(content).status_code == 404
    assert seen.keys() == set(DRAWINGS)
    assert sum(seen.values()) < 600_000


def test_its_pictures_are_shown_to_all(visitor: httpx.Client) -> None:
    shown = visitor.get("/studio/presets", params={"mode": "reference-to-video"}).json()["starters"]
    picture = visitor.get("/" + shown[0]["inputs"][0]["picture"]).raise_for_status()
    assert picture.headers["content-type"] == "image/jpeg"
    assert len(picture.content) < 20_000
    assert visitor.get("/studio/starters/nothing.jpg").status_code == 404
    assert visitor.post("/studio/starters/nothing").status_code == 404


# In the browser


def test_settings_are_kept_under_a_name_and_come_back(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        menu = Menu(visit)
        visit.prompt.fill(PROMPT)
        visit.choose("ratio", "3:4")
        visit.set_seed("7")
        menu.known("seed", 7)
        menu.open()
        menu.save("Snow")
        expect(menu.said).to_have_text("“Snow” saved")
        expect(menu.row("Snow")).to_contain_text("1080P · 3:4 · 5 s · Seed 7")
        visit.picture("presets")

        visit.reload()
        visit.prompt.fill("Something else")
        visit.choose("ratio", "1:1")
        visit.set_seed("")
        expect(visit.chip("ratio")).to_have_text("1:1")
        menu.known("seed", None)
        menu.open()
        menu.row("Snow").click()
        expect(menu.box).to_be_hidden()
        expect(visit.prompt).to_have_value(PROMPT)
        expect(visit.chip("seed")).to_have_text("Seed 7")
        expect(visit.chip("ratio")).to_have_text("3:4")
        expect(menu.notice).to_contain_text("Filled in “Snow”, with seed 7.")
        menu.notice.get_by_role("button", name="Undo").click()
        expect(visit.prompt).to_have_value("Something else")
        expect(visit.chip("seed")).to_have_count(0)
        expect(visit.chip("ratio")).to_have_text("1:1")
        expect(menu.notice).to_be_empty()

        with Visit(browser, studio) as other:
            untouched = Menu(other)
            untouched.open()
            expect(untouched.own).to_have_count(0)
            untouched.save("As it was")
            expect(untouched.row("As it was")).to_contain_text("1080P · 16:9 · 5 s")
            assert other.wrong == []
        assert visit.wrong == []


def test_a_seed_is_kept_with_a_preset_only_if_the_visitor_wants_it(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        menu = Menu(visit)
        visit.set_seed("42")
        menu.known("seed", 42)
        menu.open()
        menu.box.get_by_label("With seed 42").uncheck()
        menu.save("Any seed")
        expect(menu.row("Any seed")).not_to_contain_text("Seed 42")
        menu.row("Any seed").click()
        expect(menu.notice).to_contain_text("Filled in “Any seed”.")
        expect(visit.chip("seed")).to_have_text("Seed 42")
        assert visit.wrong == []


def test_it_is_replaced_renamed_deleted_and_brought_back(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        menu = Menu(visit)
        visit.prompt.fill(PROMPT)
        menu.known("prompt", PROMPT)
        menu.open()
        menu.save("Snow")
        expect(menu.own).to_have_count(1)
        menu.box.get_by_label("With prompt").uncheck()
        menu.save("Snow")
        expect(menu.said).to_contain_text("You already have a preset with this name.")
        expect(menu.row("Snow")).to_contain_text(PROMPT)
        menu.said.get_by_role("button", name="Replace").click()
        expect(menu.said).to_have_text("“Snow” saved")
        expect(menu.row("Snow")).not_to_contain_text(PROMPT)

        rename = menu.box.get_by_role("button", name="Rename Snow")
        rename.click()
        visit.page.keyboard.press("Escape")
        expect(menu.row("Snow")).to_be_focused()
        rename.click()
        visit.page.keyboard.type("Ice")
        visit.page.keyboard.press("Enter")
        expect(menu.row("Ice")).to_be_focused()
        visit.page.keyboard.press("Delete")
        expect(menu.said).to_contain_text("“Ice” deleted")
        expect(menu.own).to_have_count(0)
        menu.undo()
        expect(menu.row("Ice")).to_contain_text("1080P · 16:9 · 5 s")
        # A browser notes every 409 for itself.
        assert [one for one in visit.wrong if "409" not in one] == []


def test_a_preset_leaves_files_and_prompt_alone_and_a_starting_point_brings_its_own(
    studio: StudioProcess, browser: Browser
) -> None:
    with Visit(browser, studio) as visit:
        visit.open_tab("Image", "i2v")
        menu = Menu(visit, "image-to-video")
        menu.open()
        menu.row("Lighthouse").click()
        expect(visit.part("first_frame")).to_contain_text("lighthouse.jpg")
        expect(visit.chip("duration")).to_have_text("8 s")
        visit.expect_fact("about 1920 × 1080")
        menu.known("duration", 8)
        menu.open()
        menu.box.get_by_label("With prompt").uncheck()
        menu.save("Eight seconds")
        expect(menu.own).to_have_count(1)
        visit.page.keyboard.press("Escape")
        visit.set_duration(3)
        visit.prompt.fill("The light goes out")
        menu.known("prompt", "The light goes out")
        menu.open()
        menu.row("Eight seconds").click()
        expect(visit.chip("duration")).to_have_text("8 s")
        expect(visit.prompt).to_have_value("The light goes out")
        expect(visit.part("first_frame")).to_contain_text("lighthouse.jpg")
        assert visit.wrong == []


def test_of_a_preset_whose_model_or_values_are_gone_the_form_says_what_it_could_not_have(
    studio: StudioProcess, browser: Browser
) -> None:
    settings = {
        "provider": "dashscope",
        "model": "happyhorse-0.9-t2v",
        "resolution": "4K",
        "ratio": "9:16",
        "duration": 7,
    }
    with Visit(browser, studio) as visit:
        body = {"mode": "text-to-video", "name": "Of another time", "settings": settings}
        assert visit.page.request.post(f"{studio.url}/studio/presets", data=body).ok
        menu = Menu(visit)
        menu.open()
        menu.row("Of another time").click()
        expect(visit.chip("duration")).to_have_text("7 s")
        notice = visit.part("findings")
        expect(notice).to_contain_text(
            "happyhorse-0.9-t2v is not available here; happyhorse-1.1-t2v is selected instead"
        )
        expect(notice).to_contain_text("Resolution: 4K is no longer available; 1080P is selected instead")
        expect(visit.chip("ratio")).to_have_text("9:16")
        assert visit.wrong == []


@pytest.mark.slow
def test_a_starting_point_with_files_becomes_a_video(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        visit.open_tab("Edit", "edit")
        menu = Menu(visit)
        menu.open()
        menu.row("Swap the boat").click()
        expect(visit.part("video")).to_contain_text("crossing.mp4")
        expect(visit.file("references")).to_have_attribute("aria-label", re.compile("balloon.jpg"))
        visit.expect_fact("you pay for 8.0 s")
        visit.button.click()
        expect(visit.cards.first).to_have_attribute("data-state", "succeeded", timeout=60_000)
        assert visit.wrong == []


@pytest.mark.matrix
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_telephone_and_the_keyboard_alone_do(studio: StudioProcess, browser: Browser, scheme: str) -> None:
    telephone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "color_scheme": scheme}
    with Visit(browser, studio, **telephone) as visit:
        menu, keyboard = Menu(visit), visit.page.keyboard
        menu.button.focus()
        keyboard.press("Enter")
        expect(menu.box.locator(".starter").first).to_be_visible()
        expect(menu.button).to_be_focused()
        visit.page.wait_for_function(
            "box => { const { left, right, bottom } = box.getBoundingClientRect();"
            " return left >= 0 && right <= innerWidth && bottom <= innerHeight; }",
            arg=menu.box.element_handle(),
        )
        visit.picture(f"presets-telephone-{scheme}")
        menu.name.focus()
        keyboard.press("Control+Enter")
        keyboard.press("ArrowDown")
        keyboard.press("ArrowDown")
        expect(menu.row("Tram in the rain")).to_be_focused()
        keyboard.press("Enter")
        expect(visit.prompt).to_be_focused()
        expect(visit.prompt).to_have_value(STARTERS["tram"].prompt(Translation()))
        expect(visit.chip("duration")).to_have_text("8 s")
        expect(visit.cards).to_have_count(0)
        expect(menu.notice).to_have_text(re.compile("Filled in “Tram in the rain”"))
        menu.button.focus()
        keyboard.press("Enter")
        expect(menu.box).to_be_visible()
        keyboard.press("Escape")
        expect(menu.box).to_be_hidden()
        expect(menu.button).to_be_focused()
        assert visit.wrong == []
