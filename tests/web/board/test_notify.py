"""News of a video that is done, for someone who is not looking."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import DESKTOP, Visit, play

_WATCH = """() => {
  window.told = [];
  const Real = window.Notification;
  window.Notification = class extends Real {
    constructor(title, options) { super(title, options); window.told.push([title, options.body]); }
  };
}"""


def look_away(visit: Visit, away: bool) -> None:
    """Tell the page what a browser tells it when its tab is left or comes back."""
    visit.page.evaluate(
        """away => {
          Object.defineProperty(document, "hidden", { get: () => away, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        away,
    )


def let_time_pass(visit: Visit, until: Locator) -> None:
    """Let the page's clock run, so that it looks again every ten seconds, until the video is done."""
    deadline = time.monotonic() + 60
    while until.get_attribute("data-state") != "succeeded" and time.monotonic() < deadline:
        visit.page.clock.run_for(10_000)
        time.sleep(0.1)


@pytest.mark.slow
def test_it_is_asked_once_a_video_was_seen_and_then_told_in_the_title_and_by_a_notification(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, studio, viewport=DESKTOP) as visit:  # the clock set here stays in its tab
        question, title = visit.page.locator(".notify-ask"), visit.page.title()
        visit.page.evaluate(_WATCH)
        expect(visit.submit("The first horse")).to_have_attribute("data-state", "succeeded")
        expect(question).to_be_hidden()
        play(visit.stage.locator("video"))
        expect(question).to_be_visible()
        visit.stage.locator("video").evaluate("video => video.pause()")
        visit.context.grant_permissions(["notifications"])
        question.get_by_role("button", name="Notify me").click()
        expect(question).to_be_hidden()
        cloud.rules(hold="RUNNING")
        card = visit.submit("A horse at dawn")
        expect(card).to_have_attribute("data-state", "running")
        assert visit.page.title() == f"(1) Generating · {title}"
        icon = visit.page.locator("link[rel~=icon]").first
        expect(icon).to_have_attribute("href", re.compile("^data:image/svg"))
        visit.page.clock.install()
        look_away(visit, True)
        cloud.rules(hold=None)
        let_time_pass(visit, until=card)
        expect(card).to_have_attribute("data-state", "succeeded")
        assert visit.page.title() == f"Done · {title}"
        assert visit.page.evaluate("window.told") == [["Done", "A horse at dawn"]]
        look_away(visit, False)
        assert visit.page.title() == title
        expect(icon).to_have_attribute("href", re.compile("favicon"))
        assert visit.wrong == []


@pytest.mark.slow
def test_who_looks_is_not_told_and_who_declined_is_not_asked_again(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, viewport={"width": 390, "height": 844}) as visit:
        title = visit.page.title()
        expect(visit.submit("A horse at dawn")).to_have_attribute("data-state", "succeeded")
        expect(visit.page).to_have_title(title)
        question = visit.page.locator(".notify-ask")
        expect(question).to_be_visible()  # it was looked at for a while
        moved = question.evaluate("""(question) => {
          const tops = () => [...document.querySelectorAll(".stage, .strip")].map((one) => one.offsetTop).join();
          const asked = tops();
          question.hidden = true;
          const before = tops();
          question.hidden = false;
          return asked !== before;
        }""")
        assert not moved, "on a phone nothing makes room for the question"
        question.get_by_role("button", name="No thanks").click()
        expect(question).to_be_hidden()
        visit.reload()
        play(visit.stage.locator("video"))
        visit.page.wait_for_function("document.querySelector('.board video').currentTime > 0.1")
        expect(question).to_be_hidden()
