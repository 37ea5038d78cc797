"""Each way in which a cloud can fail, in each phase of a job: the end it comes to, and what that cost.

All phases go at once, each in a lane of its own; a test waits for the outcome of its case.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from studio.database.states import State
from studio.errors import ReplyLost
from studio.system.pace import Pace
from studio.web.board.views import view
from studio.web.text import Translation
from tests.faults.cloud import PHASES, Fault, Lane, Outcome, lanes

pytestmark = pytest.mark.process

RETRY_AFTER = 0.6
BUSY = {"do": "status", "status": 429, "code": "Throttling.RateQuota"}

FAULTS: dict[str, Fault] = {
    "refused": {},
    "reset": {"do": "reset"},
    "reset, done": {"do": "reset_after"},
    "slow": {"do": "delay", "seconds": 0.4},
    "silent": {"do": "hang"},
    "silent, done": {"do": "hang_after"},
    "429": BUSY,
    "429, wait": {**BUSY, "retry_after": str(RETRY_AFTER)},
    "500": {"do": "status", "status": 500},
    "500, done": {"do": "status_after", "status": 500},
    "503": {"do": "status", "status": 503, "code": "ModelUnavailable"},
    "html 502": {"do": "html", "status": 502},
    "html 200": {"do": "html", "status": 200},
    "wrong shape": {"do": "shape"},
    "200, refusal": {"do": "status", "status": 200, "code": "InvalidParameter"},
    "200, fault": {"do": "status", "status": 200, "code": "InternalError"},
    "truncated": {"do": "truncate"},
    "wrong length": {"do": "wrong_length"},
    "garbage": {"do": "garbage"},
    "403 expired": {"do": "expired"},
}
"""``done``: the far side did what it was asked, and only its answer is lost."""

EXPECTED = """
              | policy    | upload    | create    | get   | list  | cancel                | download
refused       | saved 1   | saved 1   | saved 1   | told  | told  | kept 0 not_sent       | saved 1
reset         | saved 2   | saved 2   | lost      | told  | told  | canceled 2            | saved 2
reset, done   | saved 2   | saved 2   | found     | told  | told  | canceled 2            | saved 2
slow          | saved 1   | saved 1   | saved 1   | told  | told  | canceled 1            | saved 1
silent        | saved 2   | saved 2   | lost      | told  | told  | canceled 2            | saved 2
silent, done  | saved 2   | saved 2   | found     | told  | told  | canceled 2            | saved 2
429           | saved 2   | saved 2   | saved 2   | told  | told  | canceled 2            | saved 2
429, wait     | saved 2   | saved 2   | saved 2   | told  | told  | canceled 2            | saved 2
500           | saved 2   | saved 2   | lost      | told  | told  | canceled 2            | saved 2
500, done     | saved 2   | saved 2   | found     | told  | told  | canceled 2            | saved 2
503           | saved 2   | saved 2   | saved 2   | told  | told  | canceled 2            | saved 2
html 502      | saved 2   | saved 2   | lost      | told  | told  | canceled 2            | saved 2
html 200      | saved 2   | refused 1 | lost      | told  | told  | kept 1 page_instead   | saved 2
wrong shape   | saved 2   | refused 1 | lost      | told  | told  | kept 1 unreadable     | saved 2
200, refusal  | refused 1 | refused 1 | refused 1 | told  | told  | kept 1 not_allowed    | saved 2
200, fault    | saved 2   | refused 1 | lost      | told  | told  | canceled 2            | saved 2
truncated     | saved 2   | saved 1   | found     | told  | told  | canceled 2            | saved 2
wrong length  | saved 2   | saved 1   | found     | told  | told  | canceled 1 page_instead | saved 2
garbage       | saved 2   | refused 1 | lost      | told  | told  | kept 1 page_instead   | saved 2
403 expired   | saved 2   | saved 2   | saved 2   | told  | told  | kept 1 permission_denied | saved 2
"""
"""How a job ends when a fault strikes once in a phase, and how many requests came to the endpoint in question.

``saved``     its video is on disk, paid for once
``told``      failed as the provider says that its task did
``found``     interrupted, until its task is found by itself; then saved, paid for once
``lost``      interrupted: whether a task was made is not known here (none was), and nothing is sent again
``refused``   failed, nothing charged
``canceled``  withdrawn at the provider before it started
``kept``      the visitor was told why it is not canceled (the kind of error); it goes on and is saved

After that, what the visitor was told when the cancel did not answer.
"""


def cases() -> Iterator[tuple[str, str, str]]:
    head, *rows = (row.split("|") for row in EXPECTED.strip("\n").splitlines())
    assert tuple(name.strip() for name in head[1:]) == PHASES
    assert [row[0].strip() for row in rows] == list(FAULTS)
    for fault, *cells in rows:
        for phase, cell in zip(PHASES, cells, strict=True):
            yield phase, fault.strip(), cell.strip()


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, str], Future[Outcome]]]:
    """The outcome of each case that is asked for, by phase and fault, as soon as it is there."""
    asked = [item.callspec.params for item in request.session.items if item.parent is request.node]
    results = {(case["phase"], case["fault"]): Future[Outcome]() for case in asked}

    def run(lane: Lane) -> None:
        if lane.phase == "list":
            lane.wait_behind()
        for (phase, name), result in results.items():
            if phase == lane.phase:
                try:
                    result.set_result(lane.play(name, FAULTS[name]))
                except BaseException as error:
                    result.set_exception(error)

    soon = Pace(first_wait=0.05, longest_delay=0.2, due_seconds=0.1, list_again_seconds=0.2)
    with lanes(tmp_path_factory.mktemp("faults"), soon) as all_lanes, ThreadPoolExecutor(len(PHASES)) as pool:
        for lane in all_lanes.values():
            pool.submit(run, lane)
        yield results


@pytest.mark.matrix(28)
@pytest.mark.parametrize(("phase", "fault", "expected"), [*cases()], ids=lambda value: value.replace(" ", "_"))
def test_a_fault_brings_a_job_to_its_right_end(
    outcomes: dict[tuple[str, str], Future[Outcome]], phase: str, fault: str, expected: str
) -> None:
    outcome = outcomes[phase, fault].result(240)
    end, *rest = expected.split()
    assert (
        outcome.told.kind if outcome.told else None,
        END[end](outcome),
        outcome.requests if rest else None,
    ) == (
        rest[1] if len(rest) > 1 else None,
        True,
        int(rest[0]) if rest else None,
    ), outcome
    assert outcome.submissions <= 2
    assert outcome.creations <= 1
    if phase == "create":
        assert outcome.submissions == outcome.requests
    if fault == "429, wait" and phase != "download":
        assert outcome.seconds >= RETRY_AFTER


def saved(outcome: Outcome) -> bool:
    job = outcome.job
    return job.state is State.SUCCEEDED and job.fault is None and job.video is not None and outcome.creations == 1


def lost(outcome: Outcome) -> bool:
    """Interrupted after one request, and its words send nobody to try again."""
    job = outcome.first
    shown = view(job, Translation())["fault"]
    assert shown is not None
    return (
        job.state is State.INTERRUPTED
        and job.fault is not None
        and job.fault.charged == "unknown"
        and outcome.submissions == 1
        and shown["remedy"] == Translation()(f"fault.{ReplyLost.kind}.do")
    )


def found(outcome: Outcome) -> bool:
    return lost(outcome) and saved(outcome)


def refused(outcome: Outcome) -> bool:
    job = outcome.job
    return (
        job.state is State.FAILED
        and job.fault is not None
        and job.fault.charged == "no"
        and outcome.creations == 0
        and view(job, Translation())["actions"] == ["send-again"]
    )


def told(outcome: Outcome) -> bool:
    job = outcome.job
    return job.state is State.FAILED and outcome.task == "FAILED" and job.fault is not None and bool(job.fault.code)


def canceled(outcome: Outcome) -> bool:
    return outcome.job.state is State.CANCELED and outcome.task == "CANCELED"


END = {
    "saved": saved,
    "found": found,
    "lost": lost,
    "refused": refused,
    "told": told,
    "canceled": canceled,
    "kept": saved,
}
