"""Two accounts on one page: choosing between them, their credits and their keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit


def choose_provider(visit: Visit, name: str) -> None:
    """Its newest model, as the chip of the version lists them."""
    names = {"aivideoapi": "AIVideoAPI", "dashscope": "DashScope"}
    group = visit.opened("model").locator("fieldset", has_text=names[name])
    group.locator("label").first.click()
    visit.shut()


def test_the_accounts_and_their_credits_are_told(both: StudioProcess, cloud: SandboxServer) -> None:
    cloud.post("/_control/credits", {"balance": 9800.5})
    with both.visitor() as visitor:
        told = visitor.get("/studio/accounts?credits").json()
        assert told["live"]
        assert told["accounts"] == [
            {"provider": "dashscope", "name": "DashScope · Beijing", "credits": None, "removable": False},
            {"provider": "aivideoapi", "name": "AIVideoAPI", "credits": "9,800.5 credits", "removable": False},
        ]
        assert visitor.get("/studio/accounts").json() == told, "what was told last comes at once"
        assert (told["adding"]["clouds"], told["adding"]["here"]) == ([], False)


@pytest.mark.parametrize(
    ("provider", "text"),
    [
        ("dashscope", "DashScope · Beijing accepts the API key."),
        ("aivideoapi", "AIVideoAPI accepts the API key. 100,000 credits left."),
    ],
)
def test_a_good_key_is_told_and_nothing_is_spent(
    both: StudioProcess, cloud: SandboxServer, provider: str, text: str
) -> None:
    with both.visitor() as visitor:
        answer = visitor.post(f"/studio/accounts/{provider}/check").json()
        assert answer == {"good": True, "text": text, "said": ""}
        assert visitor.post("/studio/accounts/acme/check").status_code == 404
    assert cloud.statistics()["creations"] == 0


@pytest.mark.slow
def test_a_wrong_key_is_explained(cloud: SandboxServer, tmp_path: Path) -> None:
    keys = {"DASHSCOPE_API_KEY": "sk-of-singapore", "AIVIDEOAPI_KEY": "sk-old", "AIVIDEOAPI_BASE_URL": cloud.url}
    with StudioProcess(tmp_path, cloud, **keys) as studio, studio.visitor() as visitor:
        told: dict[str, Any] = {
            provider: visitor.post(f"/studio/accounts/{provider}/check").json()
            for provider in ("dashscope", "aivideoapi")
        }
        assert visitor.get("/studio/accounts?credits").json()["accounts"][1]["credits"] is None
        log = studio.output
    region = told["dashscope"]["text"]
    assert not told["dashscope"]["good"]
    assert "A key works only in the region where it was created, and this studio uses Beijing" in region
    assert "DASHSCOPE_REGION" in region
    assert "singapore" in region
    assert [one["said"] for one in told.values()] == ["", ""], "the provider would only say the same once more"
    assert told["aivideoapi"]["text"].startswith("AIVideoAPI does not accept the API key. Check AIVIDEOAPI_KEY")
    assert "sk-of-singapore" not in str(told) + log
    assert "sk-old" not in str(told) + log


@pytest.mark.slow
def test_another_provider_keeps_what_is_valid_and_says_what_changed(
    both: StudioProcess, cloud: SandboxServer, browser: Browser, tmp_path: Path
) -> None:
    with Visit(browser, both) as visit:
        expect(visit.page.locator(".account")).to_contain_text("DashScope · Beijing + AIVideoAPI")
        visit.open_tab("Reference", "r2v")
        for name in ("one", "two"):
            Image.effect_noise((900, 900), 50).convert("RGB").save(tmp_path / f"{name}.png")
        files = [tmp_path / "one.png", tmp_path / "two.png"]
        visit.part("references").locator("input[type=file]").set_input_files(files)
        expect(visit.files("references")).to_have_count(2)
        visit.choose("resolution", "480P")
        visit.prompt.fill("character1 dances with character2")
        visit.opened("more")
        visit.watermark.uncheck()
        visit.shut()
        visit.expect_fact("Only 1.1 supports 480P")

        choose_provider(visit, "aivideoapi")
        expect(visit.prompt).to_have_value("character1 dances with character2")
        expect(visit.chip("resolution")).to_have_text("720P")
        expect(visit.chip("model")).to_have_text("1.0")
        expect(visit.chip("watermark")).to_have_count(0)
        expect(visit.files("references")).to_have_count(2)
        expect(visit.part("prompt-count")).to_have_text("31 / 2,500")
        expect(visit.price).to_have_text("137.5 credits")
        notice = visit.part("findings")
        expect(notice).to_contain_text("Resolution changed from 480P to 720P")
        expect(notice).to_contain_text("AIVideoAPI does not support this setting: “Happy Horse” watermark")
        visit.picture("provider-changed")

        visit.button.click()
        expect(notice.locator(".note")).to_have_count(0)
        card = visit.cards.first
        expect(card).to_have_attribute("data-state", "succeeded")
        job = visit.page.request.get(f"{both.url}/studio/jobs/{card.get_attribute('data-id')}").json()
        assert job["model"] == "happyhorse-1.0-reference-to-video"

        choose_provider(visit, "dashscope")
        expect(visit.chip("watermark")).to_have_count(0)  # what a provider without it lost is as it is at first
        expect(visit.part("prompt-count")).to_have_text("31 / 5,000")
        visit.menu(visit.stage, "Use these settings").click()
        expect(visit.part("prompt-count")).to_have_text("31 / 2,500")
        expect(visit.prompt).to_have_value("character1 dances with character2")
        assert visit.wrong == []


@pytest.mark.slow
def test_credits_that_do_not_suffice_are_warned_of_and_refreshed(
    both: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    cloud.post("/_control/credits", {"balance": 200})
    with Visit(browser, both) as visit:
        account = visit.page.locator(".account")
        expect(account).to_contain_text("200 credits")
        choose_provider(visit, "aivideoapi")
        expect(visit.price).to_have_text("242.5 credits")
        expect(visit.form.locator(".finding.warning")).to_have_text(
            "This costs 242.5 credits, but the account has only 200 credits. The provider would refuse it"
        )
        visit.choose("resolution", "720P")
        expect(visit.form.locator(".finding.warning")).to_have_count(0)
        visit.submit("A horse at dawn")
        expect(account).to_contain_text("62.5 credits")
        failed = visit.submit("sandbox:refuse=insufficient_credits")
        expect(failed).to_contain_text("The account has too few credits for this video.")
        failed.get_by_role("button", name="Cancel").click()
        expect(failed).to_have_attribute("data-state", "canceled")
        expect(visit.form.locator(".finding.warning")).to_contain_text("the account has only 62.5 credits")
        expect(visit.about).to_contain_text("Generating")  # until then the button does nothing
        cloud.post("/_control/credits", {"balance": 100_000})
        lost = visit.submit("sandbox:fail=DataInspectionFailed")
        expect(lost).to_have_attribute("data-state", "failed")
        expect(lost).to_contain_text("The credits were returned.")
        expect(account).to_contain_text("100,000 credits")
        assert visit.wrong == []


@pytest.mark.matrix
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_keys_are_checked_from_the_header(both: StudioProcess, browser: Browser, width: int, scheme: str) -> None:
    screen = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with Visit(browser, both, **screen) as visit:
        if width < 760:
            visit.page.get_by_role("button", name="Menu").click()
        visit.page.locator(".spending-open").click()
        rows = visit.page.locator(".account-row")
        expect(rows).to_have_count(2)
        for number in range(2):
            rows.nth(number).get_by_role("button", name="Check API key").click()
            expect(rows.nth(number).get_by_role("status")).to_contain_text("accepts the API key.")
        visit.picture(f"accounts-{width}-{scheme}")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.wrong == []


@pytest.mark.slow
def test_a_file_that_cannot_reach_the_provider_is_told_before_it_is_sent(
    cloud: SandboxServer, browser: Browser, tmp_path: Path
) -> None:
    keys = {"AIVIDEOAPI_KEY": cloud.aivideo_key, "AIVIDEOAPI_BASE_URL": cloud.url, "STUDIO_PROVIDER": "aivideoapi"}
    Image.effect_noise((900, 900), 50).convert("RGB").save(tmp_path / "frame.png")
    with StudioProcess(tmp_path, cloud, **keys) as studio, Visit(browser, studio) as visit:
        visit.open_tab("Image", "i2v")
        expect(visit.chip("watermark")).to_have_count(0)
        visit.part("first_frame").locator("input[type=file]").set_input_files(tmp_path / "frame.png")
        expect(visit.about).to_contain_text("from public addresses")
        visit.prompt.fill("It rains")
        expect(visit.about).to_contain_text("from public addresses")
        expect(visit.button).to_have_attribute("aria-disabled", "true")
        visit.button.press("Enter")
        expect(visit.page.locator("[aria-live=polite]", has_text="public addresses")).to_have_count(1)
        expect(visit.cards).to_have_count(0)
        assert visit.wrong == []
