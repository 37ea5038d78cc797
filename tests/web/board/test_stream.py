"""The event stream and a network that treats it badly: the board goes on, says so, and tells nothing twice."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from studio.web.text import TEXTS
from tests.hops import Hop
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit

HELD = "Live updates are blocked; checking every few seconds"
EVER = 10**9


@pytest.fixture
def hop(studio: StudioProcess) -> Iterator[Hop]:
    with Hop(studio) as hop:
        yield hop


def count_ends(page: Page) -> None:
    page.evaluate(
        """import("#shell/main").then(({ page }) => page).then((page) => {
          window.ends = [];
          page.jobs.ended.on((job) => window.ends.push(job.id));
        })"""
    )


def ends(page: Page) -> list[str]:
    ids: list[str] = page.evaluate("window.ends || []")
    return ids


def wait_for_streams(page: Page, hop: Hop, number: int) -> None:
    deadline = time.monotonic() + 60
    while hop.streams < number:
        assert time.monotonic() < deadline, hop.streams
        page.wait_for_timeout(200)


@pytest.mark.slow
def test_a_stream_that_is_refused_is_asked_for_again_and_looks_carry_the_board_meanwhile(
    hop: Hop, browser: Browser
) -> None:
    hop.refuse = 1
    with Visit(browser, hop.studio) as visit:
        link = visit.page.locator(".board-head .link")
        count_ends(visit.page)
        wait_for_streams(visit.page, hop, 1)
        first = visit.submit("By the stream")
        expect(link).to_have_text("Live")
        job = first.get_attribute("data-id")
        expect(first).to_have_attribute("data-state", "succeeded")
        hop.refuse = EVER
        hop.cut()
        expect(link).to_have_text(HELD)
        second = visit.submit("By looking")
        expect(second).to_have_attribute("data-state", "succeeded")
        visit.picture("held")
        hop.refuse = 0
        visit.page.evaluate("window.dispatchEvent(new Event('online'))")  # else in up to half a minute
        expect(link).to_have_text("Live")
        expect(visit.cards).to_have_count(2)
        expect(visit.page.locator(".board-head .count")).to_have_text("2")
        told = ends(visit.page)
        assert job in told
        assert len(told) == len(set(told))  # what both began and ended between two looks has no end to tell


@pytest.mark.slow
def test_a_stream_that_is_cut_again_and_again_tells_each_thing_once(
    hop: Hop, cloud: SandboxServer, browser: Browser
) -> None:
    hop.cut_after = 2
    cloud.rules(hold="RUNNING")
    with Visit(browser, hop.studio) as visit:
        count_ends(visit.page)
        card = visit.submit("Through all cuts")
        expect(card).to_have_attribute("data-state", "running")
        before = hop.streams
        wait_for_streams(visit.page, hop, before + 2)
        cloud.rules(hold=None)
        expect(card).to_have_attribute("data-state", "succeeded")
        wait_for_streams(visit.page, hop, before + 4)
        expect(visit.cards).to_have_count(1)
        assert ends(visit.page) == [card.get_attribute("data-id")]


@pytest.mark.slow
def test_a_hop_that_holds_the_stream_back_is_got_round(hop: Hop, cloud: SandboxServer, browser: Browser) -> None:
    hop.hold_back = EVER
    cloud.rules(hold="RUNNING")
    with Visit(browser, hop.studio) as visit:
        link = visit.page.locator(".board-head .link")
        count_ends(visit.page)
        card = visit.submit("Nothing comes through")
        expect(link).to_have_text(HELD)
        expect(card).to_have_attribute("data-state", "running")
        cloud.rules(hold=None)
        expect(card).to_have_attribute("data-state", "succeeded")
        assert ends(visit.page) == [card.get_attribute("data-id")]
        # Some hold only the beginning back, to see what it is: the studio begins with more than that.
        hop.hold_back = 16384
        visit.reload()
        expect(link).to_have_text("Live")
        expect(visit.cards).to_have_count(1)


def test_what_stands_between_is_told_to_neither_keep_nor_change_the_stream(visitor: httpx.Client) -> None:
    with visitor.stream("GET", "/studio/events", headers={"Accept-Encoding": "br, gzip"}) as stream:
        assert "content-encoding" not in stream.headers
        assert stream.headers["cache-control"] == "no-cache, no-transform"
        assert stream.headers["x-accel-buffering"] == "no"


@pytest.mark.slow
def test_a_press_that_finds_no_studio_is_told_in_the_visitors_words_and_made_again_once(
    studio: StudioProcess, browser: Browser
) -> None:
    with Visit(browser, studio, locale="zh-CN") as visit:
        visit.prompt.fill("Pressed on a train, in a tunnel")
        expect(visit.part("prompt-count")).to_contain_text("31 /")
        visit.page.wait_for_function(
            "Object.values(JSON.parse(localStorage.getItem('happyhorse.forms')) || {}).some(form => form.prompt)"
        )
        visit.context.set_offline(True)
        visit.button.click()
        expect(visit.form.get_by_role("alert")).to_have_text(TEXTS["zh"]["unreachable"])
        visit.context.set_offline(False)
        expect(visit.prompt).to_have_value("Pressed on a train, in a tunnel")
        expect(visit.cards).to_have_count(0)
        expect(visit.price).to_have_text("¥6.00")  # what it costs was not known meanwhile
        visit.button.click()
        expect(visit.cards).to_have_count(1)
