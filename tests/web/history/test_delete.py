"""What may be paid for is not deleted, and the page says why."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit


def test_an_interrupted_job_stays_while_its_task_is_looked_for(
    lonely: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, lonely) as visit:
        page = visit.page
        done = visit.submit("A horse at dawn")
        expect(done).to_have_attribute("data-state", "succeeded")
        # The list comes only when the job was not deleted.
        cloud.faults({"endpoint": "create", "do": "reset_after"}, {"endpoint": "list", "do": "shape", "times": 1000})
        lost = visit.submit("A horse at dusk")
        expect(lost).to_have_attribute("data-state", "interrupted")
        page.get_by_role("link", name="History").click()
        tiles = page.locator(".tile:visible")
        expect(tiles).to_have_count(2)
        tiles.first.focus()
        page.keyboard.press("Control+a")
        for told in ("Deleted: 1. The files go in 10 minutes. What is under way", "What is under way"):
            page.get_by_role("button", name="Delete", exact=True).click()
            expect(page.locator(".toast")).to_contain_text(told)
            expect(page.locator(".toast")).to_contain_text("while its task is looked for: it may be paid for")
            expect(tiles).to_have_count(1)
            visit.picture("deleted-but-one")
        expect(tiles).to_contain_text("A horse at dusk")
        cloud.http.delete("/_control/faults").raise_for_status()
        page.get_by_role("link", name="Create").click()
        expect(lost).to_have_attribute("data-state", "succeeded")
        assert visit.wrong == []
