"""The states of a job, as the rows hold them, and the moves between them.

queued → publishing → submitting → waiting → saving → succeeded
                                                    ↘ failed · canceled · expired · interrupted
                                                                             └──── found ──→ waiting

``queued``       accepted and on disk; nothing has left this machine
``publishing``   its media are being made reachable for the provider
``submitting``   the intent to pay is on disk; the POST may be on its way
``waiting``      the provider has it: its task id is on disk
``saving``       the provider is done; the result is being brought home
``interrupted``  the studio died or lost the answer between intent and task id: never sent again by itself; it is
                 ``waiting`` again when its task is found
``expired``      the provider no longer keeps the task or its result: 24 hours have passed
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class State(StrEnum):
    """What the column holds. What holds of a job in each, ``STATES`` says."""

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


Tone = Literal["under-way", "done", "bad", "unclear", "over"]
"""How pages show a state: it goes on, has come to its end or to a bad one, is not certain, or was given up."""


@dataclass(frozen=True)
class Traits:
    """What holds of a job in a state."""

    moves: frozenset[State]
    """The states it may come to next. Each move is one guarded UPDATE, so that two workers cannot both make it."""
    tone: Tone = "under-way"
    ended: bool = False
    """Whether the studio does nothing more by itself."""
    unsent: bool = False
    """Whether nothing has left this machine: it may be taken back, and its price is promised, not spent."""
    worked_on: bool = False
    """Whether a durable piece of work is what brings it on."""
    adopts: bool = False
    """Whether it may go on with a task that is found or named."""
    elsewhere: State | None = None
    """What it is in a studio that imports it, since nothing may be sent twice; None: the same."""


STATES: Mapping[State, Traits] = {
    State.QUEUED: Traits(
        frozenset({State.PUBLISHING, State.SUBMITTING, State.CANCELED, State.FAILED}),
        unsent=True,
        worked_on=True,
        elsewhere=State.CANCELED,
    ),
    State.PUBLISHING: Traits(
        frozenset({State.QUEUED, State.SUBMITTING, State.CANCELED, State.FAILED}),
        unsent=True,
        worked_on=True,
        elsewhere=State.CANCELED,
    ),
    State.SUBMITTING: Traits(
        # Back to queued only after a refusal that certainly made no task.
        frozenset({State.WAITING, State.QUEUED, State.FAILED, State.INTERRUPTED}),
        worked_on=True,
        elsewhere=State.INTERRUPTED,
    ),
    State.WAITING: Traits(
        # Back to interrupted when the task that was found turns out to be another's.
        frozenset({State.SAVING, State.FAILED, State.CANCELED, State.EXPIRED, State.INTERRUPTED})
    ),
    State.SAVING: Traits(frozenset({State.SUCCEEDED, State.FAILED, State.EXPIRED}), worked_on=True),
    State.SUCCEEDED: Traits(frozenset(), "done", ended=True),
    State.FAILED: Traits(frozenset({State.QUEUED, State.SAVING}), "bad", ended=True),
    State.CANCELED: Traits(frozenset({State.QUEUED}), "over", ended=True),
    State.EXPIRED: Traits(frozenset({State.SAVING, State.WAITING}), "unclear", ended=True, adopts=True),
    State.INTERRUPTED: Traits(frozenset({State.WAITING}), "unclear", ended=True, adopts=True),
}

ENDED = frozenset(state for state, traits in STATES.items() if traits.ended)
UNSENT = frozenset(state for state, traits in STATES.items() if traits.unsent)
WORKED_ON = frozenset(state for state, traits in STATES.items() if traits.worked_on)
ADOPTS = frozenset(state for state, traits in STATES.items() if traits.adopts)

ANEW = "anew"
"""What the history of a job says where its visitor had it sent once more: that is as much work as a new one."""
