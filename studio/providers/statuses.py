"""What a provider says of a task, also in words that its documents do not know.

A word that nobody documented is never the end of a job by itself: a result is fetched if there is an address, a failure
is told, and everything else is looked at again until the task's day is over, with the word shown.
"""

from __future__ import annotations

from collections.abc import Mapping

from studio.providers.base import TaskStatus

ELSEWHERE: Mapping[str, TaskStatus] = {
    **dict.fromkeys(("success", "succeeded", "successful", "succeed", "completed", "complete"), TaskStatus.SUCCEEDED),
    **dict.fromkeys(("done", "finished", "ok", "ready"), TaskStatus.SUCCEEDED),
    **dict.fromkeys(("failed", "fail", "failure", "error", "errored", "rejected", "aborted"), TaskStatus.FAILED),
    **dict.fromkeys(("timeout", "timed_out", "time_out"), TaskStatus.FAILED),
    **dict.fromkeys(("canceled", "cancelled", "revoked"), TaskStatus.CANCELED),
    **dict.fromkeys(("pending", "queued", "in_queue", "waiting", "submitted", "created"), TaskStatus.PENDING),
    **dict.fromkeys(("running", "processing", "in_progress", "generating", "started"), TaskStatus.RUNNING),
}
"""What other clouds of this field call the same."""


def read_status(
    value: object, documented: Mapping[str, TaskStatus], *, has_result: bool
) -> tuple[TaskStatus, str | None]:
    """A task's status and, where it has not ended and the word is in no document, the word.

    ``documented`` are the provider's own words in lower case. A word for success counts only with a result's address;
    so does one that says nothing, since what was paid for is to be fetched.
    """
    word = value.strip() if isinstance(value, str) else ""
    folded = _folded(word)
    if folded in documented:
        return documented[folded], None
    guess = ELSEWHERE.get(folded, TaskStatus.SUCCEEDED if has_result else TaskStatus.RUNNING)
    if guess is TaskStatus.SUCCEEDED and not has_result:
        guess = TaskStatus.RUNNING
    return guess, None if guess.final else word


def listed_status(value: object, documented: Mapping[str, TaskStatus]) -> TaskStatus:
    """The status of a task in a list, which tells no results; what nobody documented counts as running."""
    folded = _folded(value) if isinstance(value, str) else ""
    return documented.get(folded) or ELSEWHERE.get(folded, TaskStatus.RUNNING)


def _folded(word: str) -> str:
    return "_".join(word.lower().replace("-", " ").replace("_", " ").split())
