"""Errors in words: of a job that ended or is held up, and those raised at the visitor."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TypedDict

from studio.accounts.account import in_sandbox
from studio.catalog.models import ProviderName
from studio.config import KEYS
from studio.database.states import State
from studio.errors import (
    AccountMissing,
    Fault,
    InvalidRequest,
    LimitReached,
    ModelMissing,
    PriceHigher,
    Problem,
    ReplyLost,
    Stage,
    StudioError,
)
from studio.jobs.model import Job
from studio.web.board.actions import actions_of
from studio.web.money.amounts import money
from studio.web.money.limits import limit_sentence, utc
from studio.web.text import Translation


class FaultView(TypedDict):
    """What is wrong, in words, and the provider's own."""

    kind: str
    what: str
    concerns: str
    charged: str
    since: str
    remedy: str
    message: str
    code: str | None
    request_id: str | None
    status: int | None


def fault_view(
    fault: Fault, words: Translation, job: Job | None = None, provider: ProviderName | None = None
) -> FaultView:
    """A fault in words: what happened, to which input, whether it was charged, what to do. ``provider`` is whose it is
    where there is no job."""
    about = _about(fault, job)
    names = (fault.cause, f"{fault.kind}.{about}", fault.kind, StudioError.kind)
    keys = [f"fault.{name}" for name in names if name]
    what = next(key for key in keys if words.has(key))
    return {
        "kind": fault.kind,
        "what": words(what),
        "concerns": _concerns(fault, words, job, None if what.endswith(f".{about}") else about),
        "charged": _charged(fault, words, job),
        "since": words("since", time=utc(fault.since)) if fault.since else "",
        "remedy": _remedy(fault, keys, words, job, job.provider if job else provider),
        "message": words.said(fault.message),
        "code": fault.code,
        "request_id": fault.request_id,
        "status": fault.status,
    }


def _remedy(fault: Fault, keys: list[str], words: Translation, job: Job | None, provider: ProviderName | None) -> str:
    if job is not None and job.state is State.QUEUED and not fault.of_account:
        return words("sent_again")
    if fault.stage == "submit" and fault.charged == "unknown":
        keys = [f"fault.{ReplyLost.kind}"]
    setting = (
        KEYS[provider].setting if provider and provider in KEYS else ", ".join(one.setting for one in KEYS.values())
    )
    remedy = next((words(f"{key}.do", key=setting) for key in keys if words.has(f"{key}.do")), "")
    if job is None or not fault.of_account:
        return remedy
    if fault.kind in (AccountMissing.kind, ModelMissing.kind):
        remedy = words.said(fault.message)
    if not job.state.ended:
        return words.join(remedy, words("held"))
    return words.join(remedy, words("then_send") if "send-again" in actions_of(job) else "")


def _charged(fault: Fault, words: Translation, job: Job | None) -> str:
    if job is not None and job.state is State.WAITING:
        return ""  # it is under way: the card says what it will cost
    if job is not None and job.quote is not None and (used := reported_of(job)):
        return words("reported.not_billed", price=money(used, job.quote.currency, words))
    return words(f"charged.{fault.charged}")


def reported_of(job: Job) -> Decimal | None:
    return None if in_sandbox(job.account) else job.reported


def _about(fault: Fault, job: Job | None) -> str | None:
    """The kind of input the provider objects to: without media it can only be the prompt."""
    return "prompt" if fault.concerns == "input" and job is not None and not job.request.assets else fault.concerns


def _concerns(fault: Fault, words: Translation, job: Job | None, about: str | None) -> str:
    files = job.request.assets if job is not None else ()
    if fault.medium is not None and fault.medium < len(files):
        return words("concerns.file", name=files[fault.medium].name)
    return words(f"concerns.{about}") if about else ""


def sentence(error: StudioError, words: Translation, stage: Stage = "check", *, at: str | None = None) -> str:
    """An error that was raised at the visitor, in one or two sentences; ``at`` as of ``limit_sentence``."""
    if isinstance(error, InvalidRequest):
        return words.join(*(_problem_sentence(problem, words) for problem in error.problems))
    if isinstance(error, LimitReached):
        return limit_sentence(error, words, at)
    if isinstance(error, PriceHigher):
        values = {"price": money(*error.price, words)}
        if error.shown is None:
            return words("price.untold" if error.of_job else "price.unseen", **values)
        return words("price.risen" if error.of_job else "price.higher", **values, shown=money(*error.shown, words))
    fault = fault_view(error.fault(stage), words)
    return words.join(fault["what"], fault["message"])


def _field_name(field: str, words: Translation) -> str:
    """What the page calls a field; a text with a blank under its key is a sentence about something else."""
    name = words(field) if words.has(field) else field
    return field if "{" in name else name


def _problem_sentence(problem: Problem, words: Translation) -> str:
    field, rule = _field_name(problem.field, words), words.said(problem.rule)
    nothing = problem.value is None or problem.value == 0 or not str(problem.value).strip()
    if nothing and words.has(f"missing.{problem.field}"):
        return words("problem.missing", what=words(f"missing.{problem.field}"))
    if nothing and problem.value != 0:
        return words("problem.empty", field=field, rule=rule)
    value = words.said(problem.value) if isinstance(problem.value, str) else problem.value
    return words("problem", field=field, value=shortened(value), rule=rule)


def shortened(value: object) -> str:
    """A value of anyone's as part of a sentence: a text as it is, all else as JSON has it."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = text if len(text) <= 40 else f"{text[:39]}…"
    return text.encode("utf-8", "replace").decode()  # halves of characters are no text
