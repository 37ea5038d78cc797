"""How long such a video usually runs, said on the card of one that does."""

from __future__ import annotations

import time
from dataclasses import replace

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


def test_a_range_is_told_in_minutes_and_seconds() -> None:
    for usual, told in (
        (TypicalDuration(70.2, 159.8), "usually 1:10–2:40"),
        (TypicalDuration(3.2, 3.4), "usually 0:03"),
        (None, ""),
    ):
        assert view(make_job(), Translation(), usual=usual)["usual"] == told


def test_a_running_card_says_it_when_enough_have_been_seen(
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
            started_at=now,
            finished_at=now + 60 + 10 * number,
        )
        store.add(made)
    store.close()
    cloud.rules(hold="RUNNING")
    with Visit(browser, lonely) as visit:
        visit.choose_model("happyhorse-1.0-t2v")
        expect(visit.button).to_contain_text("8.00")  # what is pressed before that is refused: it costs more
        card = visit.submit("A horse at dawn")
        expect(card).to_have_attribute("data-state", "running")
        expect(card.locator(".usual")).to_have_text("usually 1:45–2:21")
        cloud.rules(hold=None)
        expect(card).to_have_attribute("data-state", "succeeded")
        expect(card.locator(".usual")).to_have_count(0)
