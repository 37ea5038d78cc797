"""Visitors take turns where their work waits for few places."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from studio.jobs.durable.fair_queue import Capacity, FairQueue
from studio.service import Studio
from tests.jobs.clouds import spoken_to_by
from tests.jobs.test_engine import run, settings_for, until, with_prompt
from tests.servers import SandboxServer


@dataclass(frozen=True)
class Work:
    owner: str
    number: int
    network: str | None = None


def serve(turns: FairQueue, due: list[Work], count: int) -> str:
    """Whose work is begun, one after another, each ending before the next begins."""
    order = ""
    while len(order) < count:
        job = next(turns.in_turn("submit", due))
        assert turns.enter("submit", f"{job.owner}{job.number}", job)
        turns.leave(f"{job.owner}{job.number}")
        due.remove(job)
        order += job.owner
    return order


def test_one_who_comes_late_with_one_waits_for_one() -> None:
    turns = FairQueue({"submit": Capacity(16, each=4, network=8)})
    due = [Work("a", number) for number in range(30)]
    assert serve(turns, due, 5) == "aaaaa"
    due += [Work("b", 0), Work("c", 0), Work("c", 1)]
    assert sorted(serve(turns, due, 3)) == ["a", "b", "c"] or due[0].owner == "a"
    assert "b" not in [job.owner for job in due]


def test_each_visitors_own_work_is_done_in_its_order() -> None:
    turns = FairQueue({"submit": Capacity(2, each=1, network=2)})
    due = [Work("a", 1), Work("a", 2), Work("b", 3), Work("b", 4)]
    given = []
    while due:
        job = next(turns.in_turn("submit", due))
        assert turns.enter("submit", str(job.number), job)
        turns.leave(str(job.number))
        given.append(job.number)
        due.remove(job)
    assert given == [1, 3, 2, 4]


def test_cookies_give_a_network_no_more_turns() -> None:
    turns = FairQueue({"submit": Capacity(16, each=4, network=8)})
    due = [Work(f"{number}", number, "192.0.2.1/32") for number in range(9)] + [Work("b", number) for number in (0, 1)]
    order = serve(turns, due, 4)
    assert order.count("b") == 2


def test_nobody_fills_all_places() -> None:
    turns = FairQueue({"submit": Capacity(6, each=2, network=4)})

    def fill(owner: str, network: str) -> int:
        jobs = [Work(owner, number, network) for number in range(9)]
        return sum(turns.enter("submit", f"{owner}{job.number}", job) for job in jobs)

    assert [fill("a", "x"), fill("b", "x"), fill("c", "x"), fill("d", "y"), fill("e", "y")] == [2, 2, 0, 2, 0]
    assert list(turns.in_turn("submit", [Work("f", 1, "z")])) == []
    turns.leave("a0")
    assert len(list(turns.in_turn("submit", [Work("f", 1, "z")]))) == 1


def test_what_is_passed_over_in_an_outage_costs_the_event_loop_little() -> None:
    turns = FairQueue({"submit": Capacity(16, each=4, network=8)})
    due = [Work(f"{owner}", number) for number in range(10) for owner in range(500)]
    begun = time.thread_time()
    passed = list(turns.in_turn("submit", due))
    assert time.thread_time() - begun < 1
    assert sorted(passed, key=lambda one: (one.owner, one.number)) == sorted(
        due, key=lambda one: (one.owner, one.number)
    )
    assert [one.number for one in passed if one.owner == "7"] == list(range(10))


def test_who_is_given_a_turn_stands_behind_those_who_are_passed_over() -> None:
    turns = FairQueue({"submit": Capacity(16, each=4, network=8)})
    due = [Work(owner, number) for owner in "ab" for number in range(3)]
    order = []
    for job in turns.in_turn("submit", due):
        order.append(f"{job.owner}{job.number}")
        if job.owner == "a":
            assert turns.enter("submit", order[-1], job)
    assert order == ["a0", "b0", "b1", "b2", "a1", "a2"]


def test_many_jobs_of_one_do_not_hold_up_the_one_of_another(
    instant_sandbox: SandboxServer, tmp_path: Path, either: dict[str, str]
) -> None:
    brisk = spoken_to_by(submissions_per_second=8.0)
    with Studio(settings_for(instant_sandbox, tmp_path, **either), accounts=brisk) as studio:

        async def story() -> int:
            many = [with_prompt(f"Horse {number}") for number in range(30)]
            jobs = await studio.engine.accept_all("ada", many, network="192.0.2.1/32")
            one = await studio.engine.accept("eve", with_prompt("Eve's"), network="192.0.2.1/32")
            sent = await asyncio.to_thread(lambda: len(instant_sandbox.statistics()["tasks"]))
            await asyncio.gather(*(until(studio, job, lambda now: now.task_id is not None) for job in (*jobs, one)))
            return sent

        before = run(story())
    prompts = [task["prompt"] for task in instant_sandbox.statistics()["tasks"]]
    assert len(prompts) == 31
    assert prompts.index("Eve's") < before + 12
