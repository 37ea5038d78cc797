"""What may be paid for is not deleted, and the page says why."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.history.test_history import client_of, make, tiles
from tests.web.visit import Visit


def test_an_interrupted_job_stays_while_its_task_is_looked_for(
    lonely: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, lonely, "#history") as visit:
        page = visit.page
        make(visit, "A horse at dawn")
        # The list comes only when the job was not deleted.
        cloud.faults({"endpoint": "create", "do": "reset_after"}, {"endpoint": "list", "do": "shape", "times": 1000})
        with client_of(visit) as client:
            lost = lonely.submit(client, "A horse at dusk")["id"]
        interrupted = page.locator(f'.tile[data-id="{lost}"]')
        expect(interrupted).to_have_attribute("data-state", "interrupted")
        expect(tiles(visit)).to_have_count(2)
        interrupted.focus()
        page.keyboard.press("Control+a")
        notice = page.locator(".notice")
        for told in ("1 video deleted. You can undo for 10 minutes. Videos in progress", "Videos in progress"):
            page.get_by_role("button", name="Delete", exact=True).click()
            expect(notice).to_contain_text(told)
            expect(notice).to_contain_text("while its task is being searched for, since it may have been charged")
            expect(tiles(visit)).to_have_count(1)
            visit.picture("deleted-but-one")
        expect(tiles(visit)).to_contain_text("A horse at dusk")
        cloud.http.delete("/_control/faults").raise_for_status()
        expect(interrupted).to_have_attribute("data-state", "succeeded")
        assert visit.wrong == []
