"""Every error the studio raises on purpose, as one tree.

    StudioError
    ├── ConfigError               a setting is wrong: the start stops with this sentence
    ├── ArchiveUnreadable         a ZIP is not a history that a studio exported
    ├── AddressRefused            an address is none that may be fetched: nothing was asked there
    ├── AnswerRefused             what an address answers may not be taken in
    ├── BodyRefused               more came, or slower, than is taken in at that place
    │   ├── BodyMalformed         it has not the form that the place takes
    │   ├── BodyTooLarge          more bytes
    │   └── BodyTooSlow           not in the time that it may take
    ├── InvalidRequest            a field breaks a rule of the model: nothing was sent
    ├── MediaUnreadable           a file is not what its kind asks for, or broke its reader
    ├── ProgramUnavailable        a program that the studio needs is not installed or cannot be started
    ├── Busy                      too much waits already for the same: later is fine
    ├── FixFailed                 the mended copy of a file could not be made; the original is untouched
    ├── PublishFailed             a file cannot be put where the provider can fetch it: nothing was sent
    ├── NoSuchFile                no file of that digest was given by this visitor
    ├── NoSuchJob                 no job of that id belongs to this visitor
    ├── NoSuchPreset              no preset of that id belongs to this visitor
    ├── NameTaken                 the visitor has a preset of that name
    ├── NotAllowed                the job is not in a state that permits the action
    │   ├── AccountMissing        its account is not set up in this studio
    │   └── ModelMissing          its model is not in the catalog, or its request cannot be read
    ├── AccountKept               an account cannot be added or removed in the page now
    ├── KeysNotSaved              the file of the keys that were added in the page cannot be changed: it is as it was
    ├── LimitReached              more than a limit of this studio leaves: nothing was accepted
    │   └── SpendingLimit         the job would cost more than may be spent today
    ├── NoLimits                  a public studio without limits takes no job that costs money
    ├── PriceHigher               it costs more than was shown before it was asked for
    ├── KeyReused                 the idempotency key was used for another request
    ├── OutputGone                a finished video, or what belongs to it, is there no more
    ├── OutputTaken               another file has the name under which one is to be put
    ├── StorageReserved           what is left of the disk is kept for results
    ├── NoSuchTask                the provider does not know a task of that id
    ├── TaskTaken                 the task belongs to another job of this studio
    ├── NotItsTask                the task was made from another prompt than the job's
    ├── StoreError                the database cannot be read or written
    │   ├── DatabaseBusy          locked by someone else for too long
    │   ├── DatabaseTooNew        written by a later version of the studio
    │   └── UpgradeFailed         it could not be brought to today's tables, and is as it was
    ├── ProviderError             the provider answered, and the answer is no
    │   ├── AuthenticationFailed  401: key missing, wrong, or of another region (*)
    │   ├── PermissionDenied      403: the account may not use this model or workspace (*)
    │   ├── RequestRefused        400: a parameter or medium is not accepted
    │   │   └── ContentRefused    the provider's moderation refused prompt, media or result
    │   ├── NotFound              404: no such model, task or workspace (*)
    │   ├── RateLimited           429: too many requests now, later is fine
    │   ├── QuotaExhausted        no balance, no quota, overdue bill: later is not fine (*)
    │   └── ProviderFault         5xx: the provider broke
    ├── TransportError            no usable answer arrived
    │   ├── NotSent               the request never left: certainly no task was made
    │   ├── ReplyLost             it left and no answer came: a task may have been made
    │   └── Unreadable            an answer came that is not of the documented shape
    │       └── PageInstead       it is a page: of a proxy, or of a network that one must log in to
    └── SaveError                 a finished video is not on this disk yet
        ├── StorageFull           no space left: goes on by itself when there is
        ├── StorageUnwritable     the output folder refuses writing
        ├── StorageUnreachable    the store of finished videos does not answer: goes on by itself when it does
        ├── StorageRefused        the store refuses the key, or has no such bucket
        ├── ResultUnchecked       a program that looks at it is missing: goes on by itself when it is there
        ├── ResultUnreachable     the download failed: it is tried again
        ├── ResultExpired         the provider no longer has it
        └── ResultCorrupt         what came is not the video that was announced

(*) is about the account or the model and not about the job: any other would be refused as well.

What a person needs to know travels with the error: what happened, whether it was charged, and what to do. ``Fault``
is the form that is stored with a job and shown on its card; the words come from the text table by ``kind``. An error's
own sentence is English, a ``Message`` where it has values in it, so that the page can tell it in any language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Literal

from studio.message import Message

Charged = Literal["no", "yes", "unknown", "returned"]
Concern = Literal["prompt", "media", "input", "result"]
"""What an error is about; ``input`` where the provider does not say which of prompt and media."""
Costs = Sequence[tuple[Decimal, str]]
"""Amounts, each with its currency."""
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
    cause: str | None = None
    """Key of words that say more than those of ``kind`` (``studio.providers.codes``)."""
    concerns: Concern | None = None
    """The input it is about, where the provider says so."""
    medium: int | None = None
    """Which of the files, counted from 0 in the order in which they were sent."""
    since: float | None = None
    """Since when it holds the job up, in seconds since 1970, UTC; None for what ended the job."""

    @property
    def of_account(self) -> bool:
        """Whether it is about the account or the model, so that other jobs meet with it as well."""
        return self.kind in _OF_ACCOUNT

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"message": Message.to_json(self.message)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Fault:
        return cls(**data | {"message": Message.from_json(data["message"])})


class StudioError(Exception):
    """Base of all errors the studio raises on purpose; ``str(error)`` is a sentence for a person."""

    kind = "studio_error"
    charged: Charged = "no"
    retryable = False

    @property
    def said(self) -> str:
        """The sentence as it was given, maybe a ``Message``."""
        return self.args[0] if self.args else ""

    def fault(self, stage: Stage) -> Fault:
        """This error in the form that is stored with a job."""
        return Fault(self.kind, stage, self.said, charged=self.charged, retryable=self.retryable)


class ConfigError(StudioError):
    """A setting is wrong; names the setting, its value and the way out."""

    kind = "config_error"


class ProgramUnavailable(StudioError):
    """A program that the studio needs is not installed, or cannot be started; names it and the way out."""

    kind = "program_unavailable"
    retryable = True


class Busy(StudioError):
    """Too much waits already for the same; nothing was taken in or begun."""

    kind = "busy"
    retryable = True

    def __init__(self, message: str, retry_after: int = 10) -> None:
        """``retry_after`` is in how many seconds it is worth trying again."""
        super().__init__(message)
        self.retry_after = retry_after


class ArchiveUnreadable(StudioError):
    """A ZIP is not a history that a studio exported, or part of it is damaged; says which."""

    kind = "archive_unreadable"


class AddressRefused(StudioError):
    """An address that somebody named is none of the public web, or none at all; says why. Nothing was asked there."""

    kind = "address_refused"


class AnswerRefused(StudioError):
    """What an address answers comes in a form that is not taken in; says which."""

    kind = "answer_refused"


class BodyRefused(StudioError):
    """What is sent to the studio, or fetched by it, breaks a bound of that place; says which bound."""

    kind = "body_refused"


class BodyMalformed(BodyRefused):
    """It is not of the form that the place takes."""

    kind = "body_malformed"


class BodyTooLarge(BodyRefused):
    kind = "body_too_large"


class BodyTooSlow(BodyRefused):
    kind = "body_too_slow"


@dataclass(frozen=True)
class Problem:
    """One broken rule of a request."""

    field: str
    """Name of the input as in the request class (``seed``)."""
    value: Any
    """What was given."""
    rule: str
    """What is accepted, as a phrase (``a whole number from 0 to 2147483647``); a ``Message`` where it has values."""

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


class PublishFailed(StudioError):
    """A file cannot be put where the provider can fetch it; says why and which settings it hangs on."""

    kind = "publish_failed"


class NoSuchFile(StudioError):
    """No file of that digest was given by this visitor, or it was cleaned up."""

    kind = "no_such_file"


class NoSuchJob(StudioError):
    """No job of that id belongs to this visitor; whether it is another's is not told."""

    kind = "no_such_job"


class NoSuchPreset(StudioError):
    """No preset of that id belongs to this visitor."""

    kind = "no_such_preset"


class NameTaken(StudioError):
    """The visitor has a preset of that name for that mode."""

    kind = "name_taken"


class NotAllowed(StudioError):
    """The job is not in a state that permits the action (cancel after completion, a second submission …)."""

    kind = "not_allowed"


class AccountKept(StudioError):
    """An account cannot be added or removed in the page now; says why."""

    kind = "account_kept"


class KeysNotSaved(StudioError):
    """A key that is added or removed in the page cannot be written down; says why. All keys are as they were."""

    kind = "keys_not_saved"


class AccountMissing(NotAllowed):
    """The job's account is not set up in this studio; says which settings bring it back."""

    kind = "account_missing"


class ModelMissing(NotAllowed):
    """The job's model is not in the catalog, or its request cannot be read, so it cannot be checked and priced."""

    kind = "model_missing"


@dataclass(frozen=True)
class Use:
    """How much of a limit is taken."""

    limit: str
    """Its field in ``studio.config.Settings``, and the key of its words."""
    setting: str
    """The name by which the owner sets it."""
    most: Decimal
    used: Decimal
    """By what was accepted before, the request at hand left aside."""
    unit: str
    """A currency, else ``jobs``, ``bytes`` or ``streams``."""
    again_at: float | None = None
    """When it begins anew, in seconds since 1970, UTC; None where there is room as soon as something ends or goes."""


class LimitReached(StudioError):
    """More was asked for than a limit leaves; nothing was sent."""

    kind = "limit_reached"

    def __init__(self, message: str, use: Use | None = None, wanted: Decimal = Decimal(0), costs: Costs = ()) -> None:
        """``use`` is None where no price is known; ``wanted`` is in its unit."""
        self.use = use
        self.wanted = wanted
        self.costs = costs
        """What all of it would have cost, by currency."""
        super().__init__(message)


class SpendingLimit(LimitReached):
    """The job would cost more than the studio may spend today, or nobody can say what it costs; nothing was sent."""

    kind = "spending_limit"


class NoLimits(StudioError):
    """Anyone may come to this studio and nothing bounds what they spend: it takes no new job that costs money."""

    kind = "no_limits"

    def __init__(self, missing: Sequence[str]) -> None:
        """``missing`` are the names of the settings."""
        self.missing = tuple(missing)
        super().__init__(
            Message(
                "This studio is open to everyone and has no limits, so it accepts no paid videos. Its owner "
                "can set {settings}, or STUDIO_WITHOUT_LIMITS=true to allow it without limits. Nothing was "
                "generated or charged.",
                settings=", ".join(missing),
            )
        )


class PriceHigher(StudioError):
    """It costs more than the price that was shown before it was asked for, or in another currency; nothing was sent."""

    kind = "price_higher"

    def __init__(
        self,
        message: str,
        price: tuple[Decimal, str] = (Decimal(0), ""),
        shown: tuple[Decimal, str] | None = None,
        *,
        of_job: bool = False,
    ) -> None:
        """Amounts and currencies; ``shown`` is None where no price was, and ``of_job`` where a job shows it, whose
        price does not follow."""
        self.price = price
        self.shown = shown
        self.of_job = of_job
        super().__init__(message)


class KeyReused(StudioError):
    """The visitor sent this idempotency key before, with another request; nothing was sent."""

    kind = "key_reused"


class OutputGone(StudioError):
    kind = "output_gone"


class OutputTaken(StudioError):
    kind = "output_taken"


class StorageReserved(StudioError):
    """The file was not taken in: what is left of the disk is kept for results."""

    kind = "storage_reserved"


class NoSuchTask(StudioError):
    """The provider does not know a task of that id, or no longer."""

    kind = "no_such_task"


class TaskTaken(StudioError):
    """The task belongs to another job of this studio; whose, is not told."""

    kind = "task_taken"


class NotItsTask(StudioError):
    """The task was made from another prompt than the job's, so it is another's."""

    kind = "not_its_task"
    charged: Charged = "unknown"


class StoreError(StudioError):
    kind = "store_error"


class DatabaseBusy(StoreError):
    kind = "database_busy"
    retryable = True


class DatabaseTooNew(StoreError):
    kind = "database_too_new"


class UpgradeFailed(StoreError):
    """Says why, and how to go back."""

    kind = "upgrade_failed"


@dataclass(eq=False)
class ProviderError(StudioError):
    """The provider answered with an error."""

    message: str
    code: str | None = None
    request_id: str | None = None
    status: int | None = None
    retry_after: float | None = None
    """Seconds the provider asks to wait, if it said so."""
    cause: str | None = field(default=None, kw_only=True)
    """As in ``Fault``; so are the next two."""
    concerns: Concern | None = field(default=None, kw_only=True)
    medium: int | None = field(default=None, kw_only=True)
    task_made: Literal["no", "unknown"] = field(default="no", kw_only=True)
    """For a task-making POST: whether a paid task may exist in spite of this answer."""

    kind = "provider_error"
    of_account = False
    """Whether it is about the account or the model and not about this request."""

    def __post_init__(self) -> None:
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.said

    @property
    def said(self) -> str:
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
            cause=self.cause,
            concerns=self.concerns,
            medium=self.medium,
        )


class AuthenticationFailed(ProviderError):
    kind = "authentication_failed"
    of_account = True


class PermissionDenied(ProviderError):
    kind = "permission_denied"
    of_account = True


class RequestRefused(ProviderError):
    kind = "request_refused"


class ContentRefused(RequestRefused):
    kind = "content_refused"


class NotFound(ProviderError):
    kind = "not_found"
    of_account = True


class RateLimited(ProviderError):
    kind = "rate_limited"
    retryable = True


class QuotaExhausted(ProviderError):
    kind = "quota_exhausted"
    of_account = True


class ProviderFault(ProviderError):
    kind = "provider_fault"
    retryable = True


class TransportError(StudioError):
    kind = "transport_error"
    retryable = True
    retry_after: float | None = None
    """Seconds that the far side asks to wait, if it said so."""
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


class PageInstead(Unreadable):
    kind = "page_instead"


_OF_ACCOUNT = frozenset(
    {AccountMissing.kind, ModelMissing.kind, *(one.kind for one in ProviderError.__subclasses__() if one.of_account)}
)


class SaveError(StudioError):
    kind = "save_error"
    charged: Charged = "yes"
    retryable = True


class StorageFull(SaveError):
    kind = "storage_full"


class StorageUnwritable(SaveError):
    kind = "storage_unwritable"


class StorageUnreachable(SaveError):
    kind = "storage_unreachable"


class StorageRefused(SaveError):
    kind = "storage_refused"


class ResultUnchecked(SaveError):
    kind = "result_unchecked"


class ResultUnreachable(SaveError):
    kind = "result_unreachable"
    retry_after: float | None = None
    """Seconds that the video's host asks to wait, if it said so."""


class ResultExpired(SaveError):
    kind = "result_expired"
    retryable = False


class ResultCorrupt(SaveError):
    kind = "result_corrupt"
