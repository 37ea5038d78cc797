"""Every error the studio raises on purpose, as one tree.

    StudioError
    ├── ConfigError               a setting is wrong: the start stops with this sentence
    ├── InvalidRequest            a field breaks a rule of the model: nothing was sent
    ├── MediaUnreadable           a file is not what its kind asks for, or broke its reader
    ├── FixFailed                 the mended copy of a file could not be made; the original is untouched
    ├── NoSuchFile                no file of that digest was given by this visitor
    ├── NoSuchJob                 no job of that id belongs to this visitor
    ├── NotAllowed                the job is not in a state that permits the action
    ├── StoreError                the database cannot be read or written
    │   ├── DatabaseBusy          locked by someone else for too long
    │   └── DatabaseTooNew        written by a later version of the studio
    ├── ProviderError             the provider answered, and the answer is no
    │   ├── AuthenticationFailed  401: key missing, wrong, or of another region
    │   ├── PermissionDenied      403: the account may not use this model or workspace
    │   ├── RequestRefused        400: a parameter or medium is not accepted
    │   │   └── ContentRefused    the provider's moderation refused prompt, media or result
    │   ├── NotFound              404: no such model, task or workspace
    │   ├── RateLimited           429: too many requests now, later is fine
    │   ├── QuotaExhausted        no balance, no quota, overdue bill: later is not fine
    │   └── ProviderFault         5xx: the provider broke
    ├── TransportError            no usable answer arrived
    │   ├── NotSent               the request never left: certainly no task was made
    │   ├── ReplyLost             it left and no answer came: a task may have been made
    │   └── Unreadable            an answer came that is not of the documented shape
    └── SaveError                 a finished video is not on this disk yet
        ├── StorageFull           no space left: goes on by itself when there is
        ├── StorageUnwritable     the output folder refuses writing
        ├── ResultUnreachable     the download failed: it is tried again
        ├── ResultExpired         the provider no longer has it
        └── ResultCorrupt         what came is not the video that was announced

What a person needs to know travels with the error: what happened, whether it was charged, and what to do. ``Fault``
is the form that is stored with a job and shown on its card; the words come from the text table by ``kind``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Charged = Literal["no", "yes", "unknown"]
Stage = Literal["check", "publish", "submit", "watch", "save", "generate"]


@dataclass(frozen=True)
class Fault:
    """What went wrong with a job, as stored and shown."""

    kind: str
    """Stable name of the error, the key of its words in the text table (``authentication_failed`` …)."""
    stage: Stage
    """What the studio was doing."""
    message: str
    """The provider's or the system's own words, redacted."""
    charged: Charged = "no"
    """Whether the provider bills this job."""
    retryable: bool = False
    """Whether sending the same job again can help without a change by the visitor."""
    code: str | None = None
    """The provider's error code, verbatim."""
    request_id: str | None = None
    """The provider's request id, for its support."""
    status: int | None = None
    """HTTP status of the answer."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Fault:
        return cls(**data)


class StudioError(Exception):
    """Base of all errors the studio raises on purpose; ``str(error)`` is a sentence for a person."""

    kind = "studio_error"
    charged: Charged = "no"
    retryable = False

    def fault(self, stage: Stage) -> Fault:
        """This error in the form that is stored with a job."""
        return Fault(self.kind, stage, str(self), charged=self.charged, retryable=self.retryable)


class ConfigError(StudioError):
    """A setting is wrong; names the setting, its value and the way out."""

    kind = "config_error"


@dataclass(frozen=True)
class Problem:
    """One broken rule of a request."""

    field: str
    """Name of the input as in the request class (``seed``)."""
    value: Any
    """What was given."""
    rule: str
    """What is accepted, as a phrase (``a whole number from 0 to 2147483647``)."""

    def __str__(self) -> str:
        shown = repr(self.value) if isinstance(self.value, str) else str(self.value)
        shown = shown if len(shown) <= 60 else f"{shown[:57]}…"
        return f"{self.field} is {shown}; it must be {self.rule}"


class InvalidRequest(StudioError):
    """One or more fields break the rules of the chosen model; nothing was sent."""

    kind = "invalid_request"

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__(". ".join(map(str, problems)) + ".")


class MediaUnreadable(StudioError):
    """A file cannot be read as an image or a video; says why."""

    kind = "media_unreadable"


class FixFailed(StudioError):
    """A mended copy of a file could not be made, or its making was canceled; says why. The original is untouched."""

    kind = "fix_failed"


class NoSuchFile(StudioError):
    """No file of that digest was given by this visitor, or it was cleaned up."""

    kind = "no_such_file"


class NoSuchJob(StudioError):
    """No job of that id belongs to this visitor; whether it is another's is not told."""

    kind = "no_such_job"


class NotAllowed(StudioError):
    """The job is not in a state that permits the action (cancel after completion, a second submission …)."""

    kind = "not_allowed"


class StoreError(StudioError):
    kind = "store_error"


class DatabaseBusy(StoreError):
    kind = "database_busy"
    retryable = True


class DatabaseTooNew(StoreError):
    kind = "database_too_new"


@dataclass(eq=False)
class ProviderError(StudioError):
    """The provider answered with an error."""

    message: str
    code: str | None = None
    request_id: str | None = None
    status: int | None = None
    retry_after: float | None = None
    """Seconds the provider asks to wait, if it said so."""
    task_made: Literal["no", "unknown"] = field(default="no", kw_only=True)
    """For a task-making POST: whether a paid task may exist in spite of this answer."""

    kind = "provider_error"

    def __post_init__(self) -> None:
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.code else self.message

    def fault(self, stage: Stage) -> Fault:
        return Fault(
            self.kind,
            stage,
            self.message,
            charged="unknown" if self.task_made == "unknown" else self.charged,
            retryable=self.retryable,
            code=self.code,
            request_id=self.request_id,
            status=self.status,
        )


class AuthenticationFailed(ProviderError):
    kind = "authentication_failed"


class PermissionDenied(ProviderError):
    kind = "permission_denied"


class RequestRefused(ProviderError):
    kind = "request_refused"


class ContentRefused(RequestRefused):
    kind = "content_refused"


class NotFound(ProviderError):
    kind = "not_found"


class RateLimited(ProviderError):
    kind = "rate_limited"
    retryable = True


class QuotaExhausted(ProviderError):
    kind = "quota_exhausted"


class ProviderFault(ProviderError):
    kind = "provider_fault"
    retryable = True


class TransportError(StudioError):
    kind = "transport_error"
    retryable = True
    task_made: Literal["no", "unknown"] = "no"


class NotSent(TransportError):
    kind = "not_sent"


class ReplyLost(TransportError):
    kind = "reply_lost"
    charged: Charged = "unknown"
    task_made: Literal["no", "unknown"] = "unknown"


class Unreadable(TransportError):
    kind = "unreadable"
    charged: Charged = "unknown"
    task_made: Literal["no", "unknown"] = "unknown"


class SaveError(StudioError):
    kind = "save_error"
    charged: Charged = "yes"
    retryable = True


class StorageFull(SaveError):
    kind = "storage_full"


class StorageUnwritable(SaveError):
    kind = "storage_unwritable"


class ResultUnreachable(SaveError):
    kind = "result_unreachable"


class ResultExpired(SaveError):
    kind = "result_expired"
    retryable = False


class ResultCorrupt(SaveError):
    kind = "result_corrupt"
