"""How long such a video usually takes, told while one is under way."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from studio.catalog.pricing import quote
from studio.database.states import State
from studio.jobs.rows.store import Store
from studio.jobs.watch.durations import LEAST, TypicalDuration
from studio.web.board.views import view
from studio.web.text import Translation
from tests.databases import make_job
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit


def test_a_view_has_the_range_in_seconds() -> None:
    assert view(make_job(), Translation(), usual=TypicalDuration(70.2, 159.8))["usual"] == {"half": 70.2, "most": 159.8}
    assert view(make_job(), Translation())["usual"] is None


def age(studio: StudioProcess, seconds: float) -> None:
    """Make what is under way so much older."""
    with contextlib.closing(sqlite3.connect(studio.data_dir / "studio.db")) as database, database:
        database.execute("UPDATE jobs SET created_at = created_at - ? WHERE state = 'waiting'", [seconds])


@pytest.mark.slow
def test_the_stage_tells_it_for_the_whole_time_and_admits_when_it_takes_longer(
    lonely: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    store = Store(f"sqlite:///{lonely.data_dir / 'studio.db'}")
    job = make_job(account="dashscope:beijing", state=State.SUCCEEDED, owner="someone else")
    # A model that no other test of this studio's asks for: what is usual is remembered for a minute.
    request = replace(job.request, model="happyhorse-1.0-t2v", resolution="1080P")
    now = time.time()
    for number in range(LEAST):
        made = make_job(
            **{name: getattr(job, name) for name in ("account", "state", "owner")},
            request=request,
            quote=quote(request, "beijing"),
            created_at=now,
            saved_at=now + 60 + 10 * number,
        )
        store.add(made)
    store.close()
    cloud.rules(hold="PENDING")
    with Visit(browser, lonely) as visit:
        visit.choose_model("happyhorse-1.0-t2v")
        expect(visit.price).to_have_text("¥8.00")  # what is pressed before that is refused: it costs more
        card = visit.submit("A horse at dawn")
        expect(card).to_have_attribute("data-state", "waiting")
        expect(card.locator(".usual")).to_have_text("usually 1:45–2:21")
        expect(card.locator(".steps [aria-current]")).to_have_text("Queued")
        cloud.rules(hold="RUNNING")
        expect(card.locator(".steps [aria-current]")).to_have_text("Generating")
        age(lonely, 110)
        visit.reload()
        expect(card.locator(".clock")).to_have_text(re.compile("^1:5"))
        word = visit.cell(card.get_attribute("data-id") or "").locator(".word")
        expect(word).to_have_text("Generating")
        expect(word).to_have_attribute("data-clock", re.compile("^1:5"))
        expect(card.locator(".usual")).to_have_text("usually 1:45–2:21")
        visit.picture("usual")
        age(lonely, 40)
        visit.reload()
        expect(card.locator(".usual")).to_contain_text("This is taking longer than the usual 1:45–2:21.")
        cloud.rules(hold=None)
        expect(card).to_have_attribute("data-state", "succeeded")
        expect(card.locator(".usual")).to_have_count(0)
