"""Jobs whose answer was lost find their tasks at a real sandbox, and never one that may be another's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from studio.catalog.requests import lost_request
from studio.database.rows import EventRow
from studio.database.schema import EVENTS
from studio.database.states import State
from studio.errors import NoSuchTask, NotAllowed, NotItsTask, ReplyLost, TaskTaken
from studio.jobs.model import AHEAD, Job, Trace
from studio.jobs.watch.reconcile import made_from
from studio.providers.base import TaskPage, TaskStatus
from studio.providers.dashscope import DashScope
from studio.service import Studio
from studio.system.pace import Pace
from tests.databases import make_job
from tests.jobs.clouds import spoken_to_by
from tests.jobs.test_engine import ended, happens, run, settings_for, settled, until, with_prompt
from tests.servers import SandboxServer, submission

ACCOUNT = "dashscope:beijing"
LOST = ReplyLost("The answer was lost.").fault("submit")


@pytest.fixture
def sandbox(instant_sandbox: SandboxServer) -> SandboxServer:
    return instant_sandbox


class Behind(DashScope):
    """Its list stays as it was at the moment at which it was ``frozen``."""

    frozen: TaskPage | None = None

    async def list(self, **asked: Any) -> TaskPage:  # type: ignore[override]
        return self.frozen or await super().list(**asked)


class Unlisted(DashScope):
    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.lists = False


@pytest.fixture
def pace() -> Pace:
    return Pace(first_wait=0.1)


@pytest.fixture
def client() -> type[DashScope]:
    return Behind


@pytest.fixture
def studio(sandbox: SandboxServer, tmp_path: Path, pace: Pace, client: type[DashScope]) -> Iterator[Studio]:
    """A studio without other jobs that could claim a task."""
    with Studio(settings_for(sandbox, tmp_path), pace=pace, accounts=spoken_to_by(client)) as running:
        yield running


def lost(prompt: str = "A horse at dawn", **changes: Any) -> Job:
    """A job whose request left just now and whose answer was lost."""
    values = {"state": State.INTERRUPTED, "account": ACCOUNT, "submitting_at": time.time(), "fault": LOST} | changes
    return make_job(request=with_prompt(prompt), **values)


def interrupted(studio: Studio, prompt: str = "A horse at dawn", **changes: Any) -> Job:
    """The same, and the studio has it; the clocks were known when the request left.

    Its past comes first: at no moment is it work without a workflow, which a studio that starts would mend.
    """
    job, store = lost(prompt, **changes), studio.engine.store
    left = EventRow(job_id=job.id, at=job.submitting_at or job.updated_at, what=State.SUBMITTING, detail={AHEAD: 0.0})
    with store.engine.begin() as connection:
        connection.execute(insert(EVENTS).values(**left))
    store.add(job)
    return job


async def traced(studio: Studio, job: Job, trace: Trace) -> Job:
    return await until(studio, job, lambda now: now.trace is trace)


async def now(studio: Studio, job: Job) -> Job:
    return await studio.engine.job(job.owner, job.id)


async def is_done(studio: Studio, job: Job) -> Job:
    return await until(studio, job, lambda now: now.state is State.SUCCEEDED)


@pytest.mark.parametrize(
    "fault",
    [{"do": "reset_after"}, {"do": "status_after", "status": 500, "code": "InternalError"}, {"do": "truncate"}],
    ids=["reset", "500", "truncated"],
)
def test_a_job_whose_answer_was_lost_finds_its_task_and_goes_on(
    studio: Studio, sandbox: SandboxServer, fault: dict[str, Any]
) -> None:
    sandbox.faults({"endpoint": "create", **fault})

    async def story() -> None:
        job = await studio.engine.accept("ada", with_prompt("A horse at dawn"))
        job = await is_done(studio, job)
        assert (job.trace, job.candidates, job.fault) == (Trace.FOUND, (), None)
        states = [event.what for event in await studio.engine.history("ada", job.id)]
        assert states[1:4] == ["submitting", "interrupted", "waiting"]

    run(story())
    seen = sandbox.statistics()
    assert (seen["creations"], seen["requests"]["create"]) == (1, 1)


@pytest.mark.parametrize("pace", [Pace(first_wait=0.1, appeared_after=2.0)], ids=["soon"])
def test_when_no_task_shows_in_time_the_job_stays_interrupted_and_says_so(
    studio: Studio, sandbox: SandboxServer
) -> None:
    sandbox.task({**submission(), "model": "happyhorse-1.1-t2v"})

    async def story() -> None:
        job = await traced(studio, interrupted(studio), Trace.NONE)
        assert (job.state, job.fault) == (State.INTERRUPTED, LOST)
        (said,) = [event.at for event in await studio.engine.history("ada", job.id) if event.what == "searched"]
        assert said - job.submitting_at > 2.0 - 1  # a Date has whole seconds
        looks = sandbox.statistics()["requests"]["list"]
        await asyncio.sleep(1)
        assert sandbox.statistics()["requests"]["list"] == looks

    run(story())
    assert sandbox.statistics()["requests"]["create"] == 1


@pytest.mark.parametrize("pace", [Pace(first_wait=0.1, appeared_after=3.0)], ids=["soon"])
def test_a_list_that_fails_for_a_while_or_lags_ends_no_search(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.faults(
        {"endpoint": "list", "do": "status", "status": 503, "times": 4},
        {"endpoint": "list", "do": "shape"},
        {"endpoint": "list", "do": "status", "status": 429, "code": "Throttling.RateQuota", "retry_after": "60"},
    )

    async def story() -> None:
        job = interrupted(studio)
        sandbox.task()
        assert (await is_done(studio, job)).trace is Trace.FOUND

    run(story())


@pytest.mark.parametrize("pace", [Pace(first_wait=0.1, appeared_after=0.5)], ids=["soon"])
def test_a_list_that_is_refused_is_told(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.faults({"endpoint": "list", "do": "status", "status": 403, "code": "AccessDenied", "times": 1000})
    run(traced(studio, interrupted(studio), Trace.UNLISTED))


@pytest.mark.parametrize("client", [Unlisted])
def test_where_there_is_no_list_the_visitor_brings_the_task(studio: Studio, sandbox: SandboxServer) -> None:
    async def story() -> None:
        job = await traced(studio, interrupted(studio), Trace.UNLISTED)
        adopted = await studio.engine.adopt("ada", job.id, sandbox.task())
        assert (adopted.state, adopted.trace, adopted.fault) == (State.WAITING, Trace.FOUND, None)
        await is_done(studio, job)

    run(story())
    assert sandbox.statistics()["requests"]["list"] == 0


def test_several_are_offered_until_their_prompts_tell_them_apart(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.rules(hold="RUNNING")

    async def story() -> None:
        prompts = ("A horse at dawn", "A horse at dusk")
        tasks = [sandbox.task(submission(prompt)) for prompt in prompts]
        jobs = [interrupted(studio, prompt) for prompt in prompts]
        for job in jobs:
            offered = await traced(studio, job, Trace.SEVERAL)
            assert {candidate.task_id for candidate in offered.candidates} == set(tasks)
        sandbox.rules(hold=None)
        for job, task in zip(jobs, tasks, strict=True):
            assert (await is_done(studio, job)).task_id == task

    run(story())


def test_a_task_that_has_failed_is_offered_since_nothing_tells_whose_it_is(
    studio: Studio, sandbox: SandboxServer
) -> None:
    async def story() -> None:
        failed = sandbox.task(submission("Somebody else's sandbox:fail=DataInspectionFailed"))
        await asyncio.to_thread(sandbox.finished, failed)
        job, other = interrupted(studio), interrupted(studio, submitting_at=time.time() - 7200)
        offered = await traced(studio, job, Trace.SEVERAL)
        assert [(one.task_id, one.status) for one in offered.candidates] == [(failed, TaskStatus.FAILED)]
        own = sandbox.task()
        assert (await is_done(studio, job)).task_id == own
        await studio.engine.adopt("ada", other.id, failed)
        assert (await until(studio, other, lambda now: now.state is State.FAILED)).task_id == failed

    run(story())


def test_between_equals_nothing_is_guessed_and_the_choice_of_one_decides_the_other(
    studio: Studio, sandbox: SandboxServer
) -> None:
    async def story() -> None:
        tasks = [sandbox.task(), sandbox.task()]
        first, second = interrupted(studio), interrupted(studio)
        for task in tasks:
            await asyncio.to_thread(sandbox.finished, task)
        done = {(task, TaskStatus.SUCCEEDED) for task in tasks}
        for job in (first, second):
            offered = await until(
                studio, job, lambda now: {(one.task_id, one.status) for one in now.candidates} == done
            )
            assert (offered.state, offered.trace) == (State.INTERRUPTED, Trace.SEVERAL)
        await studio.engine.adopt("ada", first.id, tasks[1])
        assert (await is_done(studio, first)).task_id == tasks[1]
        assert (await is_done(studio, second)).task_id == tasks[0]

    run(story())


def test_the_task_of_a_job_that_is_being_sent_is_nobody_elses(studio: Studio, sandbox: SandboxServer) -> None:
    async def story() -> None:
        await settled(studio)
        sending = interrupted(studio, state=State.SUBMITTING, fault=None)
        job = interrupted(studio)
        sandbox.task()
        await asyncio.sleep(1.5)
        job = await now(studio, job)
        assert (job.state, job.trace, job.candidates) == (State.INTERRUPTED, None, ())
        studio.engine.store.move(sending.id, State.FAILED)
        await is_done(studio, job)

    run(story())


def test_a_job_that_is_sent_while_the_list_is_read_keeps_its_task(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.faults({"endpoint": "list", "do": "delay", "seconds": 1.0})

    async def story() -> None:
        await settled(studio)
        job = interrupted(studio)
        await happens(lambda: sandbox.statistics()["requests"]["list"] > 0)
        interrupted(studio, state=State.SUBMITTING, fault=None)
        sandbox.task()
        await asyncio.sleep(1.5)
        job = await now(studio, job)
        assert (job.state, job.trace, job.candidates) == (State.INTERRUPTED, None, ())

    run(story())


@pytest.mark.parametrize("pace", [Pace(first_wait=0.1, appeared_after=0.5)], ids=["soon"])
def test_a_task_of_anothers_is_given_up_when_its_prompt_shows(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.rules(hold="RUNNING")

    async def story() -> None:
        task = sandbox.task(submission("Somebody else's horse"))
        job = interrupted(studio)
        adopted = await traced(studio, job, Trace.FOUND)
        assert (adopted.state, adopted.task_id) == (State.WAITING, task)
        sandbox.rules(hold=None)
        job = await traced(studio, job, Trace.NONE)
        assert (job.state, job.task_id, job.video) == (State.INTERRUPTED, None, None)
        assert job.fault is not None
        assert (job.fault.kind, job.fault.charged) == ("not_its_task", "unknown")

    run(story())
    assert sandbox.statistics()["requests"]["download"] == 0


def test_a_found_task_that_fails_and_tells_no_prompt_may_be_anothers(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.rules(hold="PENDING")
    provider = studio.engine.accounts[ACCOUNT].provider
    assert isinstance(provider, Behind)

    async def story() -> None:
        job = interrupted(studio)
        strange = sandbox.task(submission("Somebody else's sandbox:fail=DataInspectionFailed"))
        assert (await traced(studio, job, Trace.FOUND)).task_id == strange
        provider.frozen = await studio.engine._on_loop(provider.list(since=time.time() - 60))
        sandbox.rules(hold=None)
        job = await traced(studio, job, Trace.SEVERAL)
        assert (job.state, job.task_id, job.finished_at) == (State.INTERRUPTED, None, None)
        assert [one.task_id for one in job.candidates] == [strange]
        assert job.fault is not None
        assert (job.fault.kind, job.fault.charged) == ("reply_lost", "unknown")
        # The list shows it as it was: it is offered again, and not taken again.
        await until(studio, job, lambda now: [one.status for one in now.candidates] == [TaskStatus.PENDING])
        provider.frozen = None
        own = sandbox.task()
        assert (await is_done(studio, job)).task_id == own

    run(story())


def test_a_task_may_be_that_of_a_job_that_was_deleted(studio: Studio, sandbox: SandboxServer) -> None:
    sandbox.rules(hold="RUNNING")

    async def story() -> None:
        interrupted(studio, "A horse at dusk", owner="eve", trace=Trace.NONE, deleted_at=time.time())
        job = interrupted(studio)
        task = sandbox.task()
        offered = await traced(studio, job, Trace.SEVERAL)
        assert [one.task_id for one in offered.candidates] == [task]
        sandbox.rules(hold=None)
        assert (await is_done(studio, job)).task_id == task

    run(story())


def test_a_pasted_task_must_exist_be_free_and_be_of_this_prompt(studio: Studio, sandbox: SandboxServer) -> None:
    async def story() -> None:
        other = await ended(studio, await studio.engine.accept("eve", with_prompt("Eve's horse")))
        strange = sandbox.task(submission("Somebody else's horse"))
        await asyncio.to_thread(sandbox.finished, strange)
        job = interrupted(studio, submitting_at=time.time() - 3600)
        for task_id, error in (("no-such-task", NoSuchTask), (other.task_id, TaskTaken), (strange, NotItsTask)):
            with pytest.raises(error):
                await studio.engine.adopt("ada", job.id, task_id or "")
            assert (await now(studio, job)).task_id is None
        with pytest.raises(NotAllowed):
            await studio.engine.adopt("eve", other.id, strange)
        await studio.engine.adopt("ada", job.id, sandbox.task())
        await is_done(studio, job)

    run(story())


def test_an_expired_job_goes_on_with_a_task_that_is_brought(studio: Studio, sandbox: SandboxServer) -> None:
    async def story() -> None:
        job = interrupted(studio, state=State.EXPIRED, task_id="forgotten", submitted_at=time.time() - 90_000)
        task = sandbox.task()
        await studio.engine.adopt("ada", job.id, task)
        job = await is_done(studio, job)
        assert (job.task_id, job.fault) == (task, None)

    run(story())


def test_only_the_visitor_sends_again_and_the_old_job_still_takes_its_task(
    studio: Studio, sandbox: SandboxServer
) -> None:
    async def story() -> None:
        old = interrupted(studio)
        with pytest.raises(NotAllowed):
            await studio.engine.send_again("ada", old.id)
        new = await studio.engine.send_anyway("ada", old.id)
        assert (new.state, new.request, new.task_id) == (State.QUEUED, old.request, None)
        with pytest.raises(NotAllowed):
            await studio.engine.send_anyway("ada", old.id)
        await is_done(studio, new)
        with pytest.raises(NotAllowed):
            await studio.engine.send_anyway("ada", new.id)
        assert (await now(studio, old)).sent_again == new.id
        late = sandbox.task()
        assert (await is_done(studio, old)).task_id == late

    run(story())
    assert sandbox.statistics()["requests"]["create"] == 2


@pytest.mark.parametrize("pace", [Pace(search_patience=0.01)], ids=["the second look is hours away"])
def test_many_searches_cost_one_list_where_their_times_meet(studio: Studio, sandbox: SandboxServer) -> None:
    minute_ago = time.time() - 60
    jobs = [lost(f"Horse {number}", submitting_at=minute_ago) for number in range(20)]
    studio.engine.store.add_all([*jobs, lost("Long ago", submitting_at=time.time() - 7200)])

    async def story() -> None:
        await happens(lambda: sandbox.statistics()["requests"]["list"] > 2)
        await asyncio.sleep(0.5)

    run(story())
    assert sandbox.statistics()["requests"]["list"] == 3, "one told the provider's clock"


def test_what_is_older_than_the_provider_keeps_is_not_looked_for(studio: Studio, sandbox: SandboxServer) -> None:
    run(traced(studio, interrupted(studio, submitting_at=time.time() - 25 * 3600), Trace.UNLISTED))
    assert sandbox.statistics()["requests"]["list"] <= 1, "the clock is asked for"


@pytest.mark.parametrize(
    ("sent", "told", "same"),
    [
        ("A horse", "A horse", True),
        ("A  horse\nat dawn ", "A horse at dawn", True),
        ("A horse " * 900, ("A horse " * 900)[:5000], True),
        ("马" * 2600, "马" * 2500, True),
        ("A horse " * 900, ("A horse " * 900)[:4000], False),
        ("A horse at dawn, gallops over a wide beach", "A horse at dawn", False),
        ("A horse at dawn", "A horse at", False),
        ("A horse", "A horse at dawn", False),
        ("", "A horse", False),
        ("A horse", "", False),
        ("", "", True),
    ],
)
def test_a_prompt_is_told_again_whole_but_for_its_spaces_or_cut_at_the_providers_limit(
    sent: str, told: str, same: bool
) -> None:
    assert made_from(lost_request("text-to-video", "dashscope", "happyhorse-1.0-t2v", sent), told) is same


def test_only_a_provider_that_cuts_prompts_tells_a_beginning() -> None:
    prompt = "A horse " * 900
    request = lost_request("text-to-video", "aivideoapi", "happyhorse-1.0-text-to-video", prompt)
    assert made_from(request, prompt)
    assert not made_from(request, prompt[:2500])


def test_a_task_whose_prompt_is_only_the_beginning_of_ours_is_anothers(studio: Studio, sandbox: SandboxServer) -> None:
    async def story() -> None:
        strange = sandbox.task(submission("A horse at dawn"))
        await asyncio.to_thread(sandbox.finished, strange)
        job = interrupted(studio, "A horse at dawn, gallops over a wide beach")
        with pytest.raises(NotItsTask):
            await studio.engine.adopt("ada", job.id, strange)
        own = sandbox.task(submission(job.request.prompt))
        assert (await is_done(studio, job)).task_id == own

    run(story())
