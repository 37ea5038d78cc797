from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from studio.database.states import STATES, State
from studio.errors import Fault, NotSent, RateLimited, TaskTaken
from studio.jobs.model import Candidate, Job, Trace, VideoFile
from studio.jobs.rows.store import FURTHEST_AHEAD, Store, Worker
from studio.jobs.submit.outages import back_off
from studio.providers.base import TaskStatus, Usage
from studio.system.clock import CLOCK, Clock
from tests.databases import make_job


def test_a_job_comes_back_as_it_was_written(store: Store) -> None:
    job = make_job(
        state=State.SUCCEEDED,
        task_id="t-1",
        task_status=TaskStatus.SUCCEEDED,
        usage=Usage(5, 0, 5, "720P", "16:9"),
        fault=Fault("rate_limited", "submit", "slow down", retryable=True, code="Throttling"),
        video=VideoFile("a/videos/b.mp4", None, 1, "00", 1280, 720, 5.0, 24.0, "h264"),
        trace=Trace.SEVERAL,
        candidates=(Candidate("t-2", TaskStatus.RUNNING, 5.0), Candidate("t-3", TaskStatus.FAILED, None)),
    )
    store.add(job)
    assert store.get(job.id) == job


def test_a_job_is_read_even_when_todays_catalog_would_refuse_it(store: Store) -> None:
    job = make_job()
    object.__setattr__(job.request, "model", "a-model-of-last-year")
    store.add(job)
    read = store.get(job.id)
    assert read is not None
    assert read.request.model == "a-model-of-last-year"


@pytest.mark.parametrize("target", list(State))
@pytest.mark.parametrize("start", list(State))
def test_only_the_moves_of_the_table_are_made(
    tmp_path_factory: pytest.TempPathFactory, start: State, target: State
) -> None:
    store = _shared_store(tmp_path_factory)
    job = make_job(state=start)
    store.add(job)
    moved = store.move(job.id, target)
    assert (moved is not None) == (target in STATES[start].moves)
    after = store.get(job.id)
    assert after is not None
    assert after.state is (target if moved else start)
    assert [event.what for event in store.history(job.id)] == ([start, target] if moved else [start])


def test_what_was_tried_last_is_due_last(store: Store) -> None:
    tried, fresh = make_job(not_before=5.0), make_job()
    for job in (tried, fresh):
        store.add(job)
    assert [job.id for job in store.due(time.time(), ["sandbox"])] == [fresh.id, tried.id]


def test_jobs_that_wait_are_told_why_and_that_it_is_over(store: Store) -> None:
    busy, down = (RateLimited("Slowly.").fault("submit"), NotSent("Nobody there.").fault("submit"))
    waits, told, sent = make_job(), make_job(fault=busy, not_before=9e9), make_job(state=State.SUBMITTING)
    elsewhere = make_job(account="another")
    for job in (waits, told, sent, elsewhere):
        store.add(job)
    changed: list[Job] = []
    store.on_change = changed.append
    store.explain(waits.place, down)
    store.explain(waits.place, down)
    assert [(job.id, job.fault) for job in changed] == [(waits.id, down)]
    store.explain(waits.place, None)
    over = {job.id: (job.fault, job.not_before) for job in changed[1:]}
    assert over == {waits.id: (None, 0.0), told.id: (None, 0.0)}
    assert [store.get(job.id) for job in (sent, elsewhere)] == [sent, elsewhere]


def test_of_many_workers_one_makes_the_move(store: Store) -> None:
    job = make_job()
    store.add(job)
    gate = threading.Barrier(8)

    def try_it(_: int) -> Job | None:
        gate.wait()
        return store.move(job.id, State.SUBMITTING)

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(try_it, range(8)))
    assert sum(outcome is not None for outcome in outcomes) == 1
    assert [event.what for event in store.history(job.id)] == ["queued", "submitting"]


def test_a_move_can_insist_on_the_attempt(store: Store) -> None:
    job = make_job()
    store.add(job)
    assert store.move(job.id, State.SUBMITTING, attempt=1) is None
    assert store.move(job.id, State.SUBMITTING, attempt=0, next_attempt=True, submitting_at=5.0) is not None
    read = store.get(job.id)
    assert read is not None
    assert (read.attempt, read.submitting_at) == (1, 5.0)


def test_a_task_belongs_to_one_job(store: Store) -> None:
    first, second = make_job(state=State.SUBMITTING), make_job(state=State.SUBMITTING)
    for job in (first, second):
        store.add(job)
    assert store.move(first.id, State.WAITING, task_id="t-1") is not None
    with pytest.raises(TaskTaken):
        store.move(second.id, State.WAITING, task_id="t-1")
    assert store.get(second.id) == second
    assert store.owned("sandbox", ["t-1", "t-2"]) == {"t-1"}


def test_of_many_that_adopt_one_task_one_has_it(store: Store) -> None:
    jobs = [make_job(state=State.INTERRUPTED) for _ in range(6)]
    for job in jobs:
        store.add(job)
    gate = threading.Barrier(6)

    def adopt(job: Job) -> Job | None:
        gate.wait()
        try:
            return store.move(job.id, State.WAITING, task_id="t-1")
        except TaskTaken:
            return None

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(adopt, jobs))
    assert sum(outcome is not None for outcome in outcomes) == 1


def test_claimants_are_the_jobs_that_may_own_a_task_without_an_owner(store: Store) -> None:
    now = time.time()
    claimants = [
        make_job(state=State.SUBMITTING, submitting_at=now),
        make_job(state=State.INTERRUPTED, submitting_at=now, trace=Trace.NONE),
        make_job(state=State.INTERRUPTED, submitting_at=now - 90_000),
        make_job(state=State.INTERRUPTED, submitting_at=now - 90_000, trace=Trace.SEVERAL),
        make_job(state=State.INTERRUPTED, submitting_at=now, deleted_at=now),
    ]
    others = [
        make_job(state=State.INTERRUPTED, submitting_at=now - 90_000, trace=Trace.NONE),
        make_job(state=State.INTERRUPTED, submitting_at=now, account="dashscope:beijing"),
        make_job(state=State.INTERRUPTED, submitting_at=now - 90_000, deleted_at=now),
        make_job(state=State.INTERRUPTED, submitting_at=now, deleted_at=0.0),
        make_job(state=State.WAITING, submitting_at=now, task_id="t"),
    ]
    for job in claimants + others:
        store.add(job)
    found = store.claimants("sandbox", now - 86_400)
    assert {job.id for job in found} == {job.id for job in claimants}


def test_a_job_that_is_not_watched_is_not_looked_at_while_the_provider_keeps_its_task(store: Store) -> None:
    watched = make_job(state=State.WAITING, task_id="t-1", trace=Trace.FOUND)
    stopped = make_job(state=State.WAITING, task_id="t-2", stopped_at=5.0, submitted_at=100.0)
    for job in (watched, stopped):
        store.add(job)
    assert [(job.id, job.found) for job in store.waiting("sandbox", 100.0)] == [(watched.id, True)]
    assert [job.id for job in store.waiting("sandbox", 101.0)] == [watched.id, stopped.id]


def test_an_interrupted_job_is_replaced_once(store: Store) -> None:
    old = make_job(state=State.INTERRUPTED)
    store.add(old)
    first, second = make_job(), make_job()
    assert store.add(first, in_place_of=old.id)
    assert not store.add(second, in_place_of=old.id)
    assert store.get(second.id) is None
    told = store.get(old.id)
    assert told is not None
    assert (told.state, told.sent_again) == (State.INTERRUPTED, first.id)
    assert not store.add(second, in_place_of=first.id)


def test_pages_are_the_owners_and_newest_first(store: Store) -> None:
    jobs = [make_job(id=f"{number:024x}") for number in range(5)]
    for job in jobs:
        store.add(job)
    store.add(make_job(owner="eve"))
    first = store.page("ada", limit=2)
    second = store.page("ada", before=first[-1].id, limit=2)
    assert [job.id for job in first + second] == [job.id for job in reversed(jobs)][:4]
    assert store.count("ada") == 5


def test_due_are_the_jobs_of_our_accounts_whose_time_has_come(store: Store) -> None:
    now = time.time()
    due = [make_job(), make_job(state=State.SAVING, attempt=3)]
    others = [
        make_job(not_before=now + 60),
        make_job(account="dashscope:beijing"),
        make_job(state=State.WAITING, task_id="x"),
        make_job(state=State.SUBMITTING),
    ]
    for job in due + others:
        store.add(job)
    assert store.due(now, ["sandbox"]) == [
        (job.id, job.state, job.attempt, job.place, "ada", None) for job in sorted(due, key=lambda job: job.id)
    ]


def test_changes_are_told_after_they_are_on_disk(store: Store) -> None:
    told: list[Job] = []
    job = make_job()

    def listen(changed: Job) -> None:
        read = store.get(changed.id)
        assert read == changed
        told.append(changed)

    store.on_change = listen
    store.add(job)
    store.move(job.id, State.CANCELED)
    store.move(job.id, State.WAITING)
    assert [change.state for change in told] == [State.QUEUED, State.CANCELED]
    assert [change.id for change in store.changed(told[-1].updated_at)] == [job.id]


def test_a_lease_has_one_holder_until_it_runs_out(store_url: str) -> None:
    clock = [1000.0]
    store = Store(store_url, clock=Clock(*[lambda: clock[0]] * 3))
    assert store.hold("watch", "a", 10)
    clock[0] += 9
    assert not store.hold("watch", "b", 10)
    assert store.hold("watch", "a", 10)
    clock[0] += 9
    assert not store.hold("watch", "b", 10)
    clock[0] += 2
    assert store.hold("watch", "b", 60)
    store.release("b")
    assert store.hold("watch", "a", 60)
    store.close()


def test_what_stands_in_the_rows_is_due_and_free_when_a_clock_is_put_back(tmp_path: Path) -> None:
    now = time.time()
    store = Store(f"sqlite:///{tmp_path / 'studio.db'}", clock=Clock(wall=lambda: now))
    later = Store(f"sqlite:///{tmp_path / 'studio.db'}", clock=Clock(wall=lambda: now - 3600))
    job = make_job(not_before=now + 300)
    store.add(job)
    assert store.hold("watch", "dead", 10)
    assert store.hold("watch:gone", "dead", 10)
    assert (store.watched(), later.watched()) == ({"gone"}, set())
    assert store.due(now, ["sandbox"]) == []
    assert [due.id for due in later.due(later.clock.wall(), ["sandbox"])] == [job.id]
    assert later.hold("watch", "a", 10)
    for opened in (store, later):
        opened.close()


def test_nothing_is_put_off_for_longer_than_what_counts_as_due() -> None:
    assert max(back_off(attempt, asked) for attempt in range(20) for asked in (None, 1e6)) < FURTHEST_AHEAD


def test_processes_on_one_server_agree_on_the_time_whatever_their_own_clocks_show(postgresql: str) -> None:
    url = postgresql.format(name="postgres")
    stores = [Store(url, clock=clock) for clock in (CLOCK, Clock(wall=lambda: time.time() - 3600))]
    times = [store.clock.wall() for store in stores]
    assert abs(times[0] - times[1]) < 60
    for store in stores:
        store.close()


def test_a_dead_worker_is_buried_once_and_a_live_one_not_at_all(store: Store) -> None:
    worker = Worker("w", "host", 1, 100.0)
    store.beat(worker)
    store.beat(replace(worker, beat_at=200.0))
    assert not store.bury(worker)
    assert [store.bury(replace(worker, beat_at=200.0)) for _ in range(2)] == [True, False]


_STORES: list[Store] = []


def _shared_store(factory: pytest.TempPathFactory) -> Store:
    if not _STORES:
        _STORES.append(Store(f"sqlite:///{factory.mktemp('moves') / 'studio.db'}"))
    return _STORES[0]
