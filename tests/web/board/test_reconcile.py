"""The stage of a job whose answer was lost: what it says of its task, what it offers, and what is asked twice."""

from __future__ import annotations

from playwright.sync_api import Browser, Locator, expect

from tests.servers import SandboxServer, submission
from tests.studio_process import StudioProcess
from tests.web.visit import Visit


def press(card: Locator, name: str) -> None:
    card.get_by_role("button", name=name, exact=True).click()


def test_tasks_are_offered_one_is_chosen_and_the_other_found(
    lonely: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    cloud.rules(hold="RUNNING")
    # The list comes only when the answers to both are lost.
    cloud.faults(
        {"endpoint": "create", "do": "reset_after", "times": 2}, {"endpoint": "list", "do": "shape", "times": 1000}
    )
    with Visit(browser, lonely) as visit:
        first = visit.submit("A horse at dawn")
        expect(visit.about).to_contain_text("Generating")  # until then the button does nothing
        one = first.get_attribute("data-id") or ""
        second = visit.submit("A horse at dusk")
        two = second.get_attribute("data-id") or ""
        for job in (one, two):
            expect(visit.cell(job)).to_have_attribute("data-state", "interrupted")
        cloud.http.delete("/_control/faults").raise_for_status()
        for job in (two, one):
            card = visit.show(job)
            expect(card.locator(".choice")).to_have_count(2)
            expect(card.locator(".note")).to_contain_text("One of these tasks may belong to this video.")
        visit.picture("several")
        task = next(task["id"] for task in cloud.statistics()["tasks"] if task["prompt"] == "A horse at dawn")
        first.locator(".choice", has_text=task).click()
        for job in (two, one):
            card = visit.show(job)
            expect(card).to_have_attribute("data-state", "running")
            expect(card.locator(".note")).to_contain_text("the task was found again")
            expect(card.locator(".adoption")).to_have_count(0)
        press(first, "Stop tracking")
        expect(first.locator(".risk")).to_contain_text("The provider may still finish the video and charge for it")
        visit.picture("stop-watching")
        press(first, "Not now")
        expect(first.locator(".risk")).to_have_count(0)
        press(first, "Stop tracking")
        press(first, "Stop tracking")
        expect(first).to_have_attribute("data-state", "stopped")
        cloud.rules(hold=None)
        expect(visit.cell(two)).to_have_attribute("data-state", "succeeded")
        expect(first).to_have_attribute("data-state", "stopped")
        press(first, "Resume tracking")
        expect(first).to_have_attribute("data-state", "succeeded")
        assert visit.wrong == []
    assert cloud.statistics()["creations"] == 2


def test_nothing_is_sent_again_before_the_risk_was_named(
    lonely: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    cloud.faults({"endpoint": "create", "do": "reset"})
    with Visit(browser, lonely) as visit:
        card = visit.submit("A horse at dawn")
        job = card.get_attribute("data-id") or ""
        expect(card).to_have_attribute("data-state", "interrupted")
        expect(card.locator(".note")).to_contain_text("Searching for its task")
        field = card.get_by_label("Task ID")
        field.fill("no-such-task")
        press(card, "Use this task")
        expect(card.locator(".complaint")).to_contain_text("The provider does not know this task.")
        press(card, "Generate again anyway")
        expect(card.locator(".risk")).to_contain_text("This may already have been generated and charged.")
        visit.picture("send-anyway")
        assert cloud.statistics()["requests"]["create"] == 1
        press(card, "Generate again anyway")
        expect(visit.cards).to_have_count(2)
        expect(visit.page.locator(".board-head .count")).to_have_text("2")
        expect(visit.cards.first).to_have_attribute("data-state", "succeeded")
        expect(visit.stage).to_have_attribute("data-id", visit.cards.first.get_attribute("data-id") or "")
        visit.show(job)
        expect(card.locator(".note")).to_contain_text("It was generated again as a new video.")
        expect(card.get_by_role("button", name="Generate again anyway")).to_have_count(0)
        late = cloud.task(submission("A horse at dawn") | {"model": "happyhorse-1.1-t2v"})
        expect(card).to_have_attribute("data-state", "succeeded")
        expect(card.locator(".about")).to_contain_text("the task was found again")
        assert visit.page.request.get(f"{lonely.url}/studio/jobs/{job}").json()["task_id"] == late
        unknown = [path for path, status in visit.statuses if status >= 400]
        assert [path.rpartition("/")[2] for path in unknown] == ["adopt"]
    assert cloud.statistics()["creations"] == 2
