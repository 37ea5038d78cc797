"""What a visitor can do with a job now."""

from __future__ import annotations

from studio.database.states import UNSENT, State
from studio.errors import AccountMissing, PriceHigher
from studio.jobs.model import Job

_WITHOUT_ACCOUNT = {State.QUEUED: ["cancel"], State.WAITING: ["stop"], State.INTERRUPTED: list[str]()}
"""What can be done to a job whose account is not set up here."""


def actions_of(job: Job) -> list[str]:
    """What the visitor can do now, by the names of the routes."""
    if job.state is State.WAITING and job.stopped_at is not None:
        return ["watch"]
    if job.fault is not None and job.fault.kind == AccountMissing.kind and job.state in _WITHOUT_ACCOUNT:
        return _WITHOUT_ACCOUNT[job.state]
    if job.state is State.QUEUED and job.fault is not None and job.fault.of_account:
        return ["cancel", "send-again"]
    if job.state in UNSENT or job.cancelable:
        return ["cancel"]
    if job.state is State.WAITING:
        return ["stop"]
    if job.state is State.INTERRUPTED:
        return ["adopt"] if job.sent_again else ["adopt", "send-anyway"]
    fault = job.fault
    if fault is not None and fault.kind == PriceHigher.kind:
        return []  # only the form shows the new price before it sends
    if job.task is None and (
        job.state is State.CANCELED or (job.state is State.FAILED and fault is not None and fault.charged == "no")
    ):
        return ["send-again"]
    if job.state in (State.FAILED, State.EXPIRED) and job.task and fault is not None and fault.stage == "save":
        return ["save-again"]
    return ["adopt"] if job.state is State.EXPIRED else []
