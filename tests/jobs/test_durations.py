from __future__ import annotations

from typing import Any

import pytest

from studio.catalog.pricing import quote
from studio.catalog.requests import TextToVideo
from studio.database.states import State
from studio.jobs.model import Job
from studio.jobs.rows.store import Store
from studio.jobs.watch.durations import LEAST, Durations, TypicalDuration
from studio.system.clock import Clock
from studio.system.pace import PACE
from tests.databases import make_job


def made(took: float, at: float = 1000.0, duration: int = 5, resolution: str = "1080P", **changes: Any) -> Job:
    request = TextToVideo(
        provider="dashscope", model="happyhorse-1.0-t2v", prompt="A", duration=duration, resolution=resolution
    )
    values = {"request": request, "quote": quote(request, "beijing"), "state": State.SUCCEEDED}
    return make_job(**values | {"created_at": at, "saved_at": at + took} | changes)


def test_of_a_few_videos_nothing_is_said(store: Store) -> None:
    for _ in range(LEAST - 1):
        store.add(made(60))
    assert Durations(store.engine).usual(made(0)) is None


def test_the_usual_range_is_that_of_the_middle_and_the_ninth_of_ten(store: Store) -> None:
    for took in range(101):
        store.add(made(float(took + 1)))
    assert Durations(store.engine).usual(made(0)) == TypicalDuration(51.0, 91.0)


@pytest.mark.parametrize(
    "other",
    [
        {"duration": 6},
        {"resolution": "720P"},
        {"account": "dashscope:beijing"},
        {"state": State.FAILED},
        {"saved_at": None},
        {"quote": None},
    ],
)
def test_only_videos_of_the_same_kind_count(store: Store, other: dict[str, Any]) -> None:
    for _ in range(LEAST):
        store.add(made(60, **other))
    assert Durations(store.engine).usual(made(0)) is None


def test_the_last_videos_count(store: Store) -> None:
    for number in range(20):
        store.add(made(600, at=1000.0 + number))
    for number in range(20):
        store.add(made(60, at=50_000.0 + number))
    assert Durations(store.engine, latest=20).usual(made(0)) == TypicalDuration(60, 60)


def test_what_was_found_is_remembered_for_a_while(store: Store) -> None:
    now = [1000.0]
    known = Durations(store.engine, Clock(monotonic=lambda: now[0]))
    assert known.usual(made(0)) is None
    for _ in range(LEAST):
        store.add(made(60))
    assert known.usual(made(0)) is None
    now[0] += PACE.durations_seconds + 1
    assert known.usual(made(0)) == TypicalDuration(60, 60)
