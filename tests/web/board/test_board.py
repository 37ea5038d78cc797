"""The board: many jobs in the strip, jobs in trouble, and a studio that goes away and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Browser, Route, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit


def test_a_job_is_withdrawn_and_sent_again_from_its_card(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    cloud.faults(
        {"endpoint": "create", "do": "status", "status": 429, "times": 1000, "code": "Throttling", "retry_after": "5"}
    )
    with Visit(browser, studio) as visit:
        card = visit.submit("Wait a minute")
        expect(card).to_contain_text("trying again soon")
        expect(card.locator(".steps [aria-current]")).to_have_text("Queued")
        expect(card).to_contain_text("The provider is receiving too many requests.")
        card.get_by_role("button", name="Cancel").click()
        expect(card).to_have_attribute("data-state", "canceled")
        cloud.http.delete("/_control/faults").raise_for_status()
        card.get_by_role("button", name="Generate again").click()
        expect(card).to_have_attribute("data-state", "succeeded")
        expect(card.locator(".fault")).to_have_count(0)
        assert visit.wrong == []


def test_what_the_provider_refused_is_told_with_its_code(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        card = visit.submit("sandbox:fail=DataInspectionFailed")
        expect(card).to_have_attribute("data-state", "failed")
        expect(card.locator(".fault .what")).to_have_text("The provider’s content check refused the prompt.")
        expect(card.locator(".fault")).to_contain_text("Nothing was charged.")
        card.get_by_text("Provider’s message").click()
        expect(card.locator(".codes")).to_contain_text("Error code DataInspectionFailed")
        expect(card.get_by_role("button", name="Generate again")).to_have_count(0)
        visit.picture("failed")
        assert visit.wrong == []


def test_a_cancel_that_comes_too_late_says_so_on_the_card(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    cloud.rules(hold="PENDING")
    with Visit(browser, studio) as visit:
        card = visit.submit("Too late")
        expect(card).to_have_attribute("data-state", "waiting")
        cloud.faults(
            {"endpoint": "cancel", "do": "status", "status": 400, "code": "UnsupportedOperation", "message": "Started."}
        )
        card.get_by_role("button", name="Cancel").click()
        expect(card.locator(".complaint")).to_contain_text("That did not work: This is no longer possible.")
        cloud.rules(hold=None)
        expect(card).to_have_attribute("data-state", "succeeded")


def test_an_answer_that_comes_after_the_end_was_told_changes_nothing(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    cloud.faults({"endpoint": "create", "do": "status", "status": 400, "code": "InvalidParameter"})
    with Visit(browser, studio) as visit:
        card = visit.submit("Once more")
        expect(card).to_have_attribute("data-state", "failed")
        late: list[tuple[Route, APIResponse]] = []
        visit.page.route("**/send-again", lambda route: late.append((route, route.fetch())))
        card.get_by_role("button", name="Generate again").click()
        expect(card).to_have_attribute("data-state", "succeeded")
        ((route, answer),) = late
        assert answer.json()["state"] == "queued"
        with visit.page.expect_response("**/send-again"):
            route.fulfill(response=answer)
        visit.page.evaluate("fetch('healthz')")  # by then the answer has been read
        expect(card).to_have_attribute("data-state", "succeeded")
        assert visit.wrong == []


@pytest.mark.slow
def test_a_studio_that_went_away_comes_back_with_a_wrong_key_and_then_with_the_right_one(
    lonely: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    cloud.rules(hold="RUNNING")
    with Visit(browser, lonely) as visit:
        link = visit.page.locator(".board-head .link")
        card = visit.submit("Outlives the studio")
        expect(link).to_have_text("Live")
        expect(card).to_have_attribute("data-state", "running")
        job = card.get_attribute("data-id") or ""
        lonely.kill()
        expect(link).to_have_text("Reconnecting…")
        visit.picture("away")

        wrong = "sk-wrong-0123456789abcdef"
        lonely.restart(DASHSCOPE_API_KEY=wrong)
        expect(link).to_have_text("Live")
        expect(visit.cards).to_have_count(1)
        expect(visit.price).to_have_text("¥6.00")  # what it costs was not known while the studio was away
        refused = visit.submit("Sent with the wrong key")
        expect(refused.locator(".what")).to_have_text("The provider does not accept the API key.")
        expect(refused).to_have_attribute("data-state", "queued")
        expect(refused.locator(".fault")).to_contain_text("Check DASHSCOPE_API_KEY")
        expect(refused.locator(".fault")).to_contain_text("continues automatically")
        refused.get_by_text("Provider’s message").click()
        expect(refused.locator(".codes")).to_contain_text("HTTP 401")
        visit.picture("wrong-key")
        assert wrong not in visit.page.content() + lonely.output

        cloud.rules(hold=None)
        lonely.restart(DASHSCOPE_API_KEY=cloud.key)
        expect(link).to_have_text("Live")
        expect(visit.cell(job)).to_have_attribute("data-state", "succeeded")
        expect(refused).to_have_attribute("data-state", "succeeded")
        expect(refused.locator("video")).to_be_visible()
        assert cloud.statistics()["creations"] == 2


def test_the_first_run_needs_no_key_and_says_that_it_is_free(browser: Browser, tmp_path: Path) -> None:
    with StudioProcess(tmp_path) as studio, Visit(browser, studio) as visit:
        expect(visit.page.locator(".account")).to_contain_text("Test mode")
        expect(visit.button).to_contain_text("Test run")
        expect(visit.price).to_have_text("¥6.00")
        visit.expect_fact("5 s × ¥1.2 = ¥6.00 as AI video; free in test mode")
        visit.picture("sandbox-empty")
        assert visit.wrong == []
