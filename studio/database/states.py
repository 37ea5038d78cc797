"""The states of a job, as the rows hold them, and the moves between them.

queued → publishing → submitting → waiting → saving → succeeded
                                                    ↘ failed · canceled · expired · interrupted
                                                                             └──── found ──→ waiting
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    QUEUED = "queued"
    PUBLISHING = "publishing"
    SUBMITTING = "submitting"
    WAITING = "waiting"
    SAVING = "saving"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"
    INTERRUPTED = "interrupted"

    @property
    def ended(self) -> bool:
        """Whether the studio does nothing more by itself."""
        return self in ENDED


ENDED = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELED, State.EXPIRED, State.INTERRUPTED})

MOVES: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.PUBLISHING, State.SUBMITTING, State.CANCELED, State.FAILED}),
    State.PUBLISHING: frozenset({State.QUEUED, State.SUBMITTING, State.CANCELED, State.FAILED}),
    # Back to queued only after a refusal that certainly made no task.
    State.SUBMITTING: frozenset({State.WAITING, State.QUEUED, State.FAILED, State.INTERRUPTED}),
    # Back to interrupted when the task that was found turns out to be another's.
    State.WAITING: frozenset({State.SAVING, State.FAILED, State.CANCELED, State.EXPIRED, State.INTERRUPTED}),
    State.SAVING: frozenset({State.SUCCEEDED, State.FAILED, State.EXPIRED}),
    State.FAILED: frozenset({State.QUEUED, State.SAVING}),
    State.CANCELED: frozenset({State.QUEUED}),
    State.INTERRUPTED: frozenset({State.WAITING}),
    State.EXPIRED: frozenset({State.SAVING, State.WAITING}),
    State.SUCCEEDED: frozenset(),
}
"""The moves there are; the store makes each as one guarded UPDATE, so that two workers cannot both make it."""


ANEW = "anew"
"""What the history of a job says where its visitor had it sent once more: that is as much work as a new one."""
