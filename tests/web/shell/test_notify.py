"""The bell: what the browser allows and the visitor wants, and news of a video that is done."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.studio_process import StudioProcess
from tests.web.visit import DESKTOP, Visit

_WATCH = """() => {
  window.told = [];
  const Real = window.Notification;
  window.Notification = class extends Real {
    constructor(title, options) { super(title, options); window.told.push([title, options.body, options.tag]); }
  };
}"""
_NOTIFY = """async (job) => (await (await import("#shell/main")).page).notifications.notify(job)"""
_STATE = """async () => {
  const { notifications } = await (await import("#shell/main")).page;
  return [notifications.state(), notifications.asked()];
}"""
PROMPT = "A horse at dawn " * 20
JOB = {"id": "j1", "label": "Done", "prompt": PROMPT, "video": None}


def test_it_is_switched_on_and_off_remembered_and_tells_of_a_video(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, viewport=DESKTOP, permissions=["notifications"]) as visit:
        bell = visit.page.get_by_role("button", name="Notifications")
        expect(bell).to_have_attribute("aria-pressed", "false")
        assert visit.page.evaluate(_STATE) == ["off", False]
        visit.page.evaluate(_WATCH)
        visit.page.evaluate(_NOTIFY, JOB)
        assert visit.page.evaluate("window.told") == []
        bell.click()
        expect(bell).to_have_attribute("aria-pressed", "true")
        expect(visit.page.locator(".notice")).to_contain_text("You will be notified when videos are done")
        visit.page.evaluate(_NOTIFY, JOB)
        assert visit.page.evaluate("window.told") == [["Done", PROMPT[:120], "j1"]]
        visit.reload()
        expect(bell).to_have_attribute("aria-pressed", "true")
        bell.click()
        expect(bell).to_have_attribute("aria-pressed", "false")
        assert visit.page.evaluate(_STATE) == ["off", True]
        assert visit.wrong == []


def test_where_the_browser_blocks_them_a_press_says_so(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, viewport=DESKTOP) as visit:
        visit.context.grant_permissions([])  # and so none
        bell = visit.page.get_by_role("button", name="Notifications")
        expect(bell).to_have_attribute("data-state", "blocked")  # the page hears of it at once
        bell.click()
        expect(bell).to_have_attribute("aria-pressed", "false")
        expect(visit.page.locator(".notice")).to_contain_text("Your browser blocks notifications")
