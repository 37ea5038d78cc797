"""What happens is said to who listens, and nothing moves for who asked for that."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.accessibility.audits import moving, untranslated
from tests.web.scenes import FOX
from tests.web.visit import Visit

_LISTEN = """() => {
  window.said = [];
  const regions = "[aria-live], [role=status], [role=alert]";
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const node = target.nodeType === Node.TEXT_NODE ? target.parentElement : target;
      const text = node?.closest(regions)?.textContent;
      if (text) window.said.push(text);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""Keeps what live regions say, as a screen reader hears it."""


def expect_said(visit: Visit, text: str) -> None:
    visit.page.wait_for_function("text => window.said.some((one) => one.includes(text))", arg=text)


@pytest.mark.parametrize(
    ("prompt", "said"), [(FOX, f"Done: {FOX}"), ("sandbox:fail=DataInspectionFailed", "Failed: sandbox:fail")]
)
def test_what_was_sent_and_what_came_of_it_is_said(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser, prompt: str, said: str
) -> None:
    with Visit(browser, studio) as visit:
        visit.page.evaluate(_LISTEN)
        visit.submit(prompt)
        for text in ("Generating 1 video.", f"Generating: {prompt[:30]}", said):
            expect_said(visit, text)


@pytest.mark.parametrize("state", ["waiting", "running"])
def test_nothing_moves_while_a_video_is_made(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser, state: str
) -> None:
    cloud.rules(hold={"waiting": "PENDING", "running": "RUNNING"}[state])
    with Visit(browser, studio) as visit:
        expect(visit.submit(FOX)).to_have_attribute("data-state", state)
        assert moving(visit.page) == []


def test_the_examples_stand_still_until_they_are_asked_to_move(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio) as visit:
        first = visit.page.locator(".example img[src]").first
        expect(first).to_be_visible()
        assert moving(visit.page) == []
        visit.page.locator(".first-play").click()
        assert moving(visit.page) != []


def test_gradios_own_parts_speak_the_language_of_the_page(studio: StudioProcess, browser: Browser) -> None:
    chinese: dict[str, Any] = {"locale": "zh-CN"}
    with Visit(browser, studio, **chinese) as visit:
        assert untranslated(visit.page) == []
