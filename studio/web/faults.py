"""Errors in words: of a job that ended or is held up, and those raised at the visitor."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TypedDict

from studio.accounts.account import in_sandbox
from studio.catalog.models import CATALOG, ProviderName
from studio.config import KEYS
from studio.database.states import State
from studio.errors import (
    AccountMissing,
    Fault,
    FixFailed,
    InvalidRequest,
    KeyReused,
    LimitReached,
    ModelMissing,
    NoLimits,
    NoSuchJob,
    OutputGone,
    OutputTaken,
    PriceHigher,
    Problem,
    ReplyLost,
    Stage,
    StoreError,
    StudioError,
    TaskTaken,
)
from studio.jobs.model import Job
from studio.providers.clouds import CLIENTS
from studio.web.board.actions import actions_of
from studio.web.money.amounts import money
from studio.web.money.keys import KeyAccess, place_name
from studio.web.money.limits import limit_sentence, utc
from studio.web.text import Translation

_COMPLETE = (FixFailed, KeyReused, NoLimits, NoSuchJob, OutputGone, OutputTaken, StoreError, TaskTaken)
"""Errors whose own sentence says what happened, since a terminal or a log may have no other; the page adds what came of
it."""


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
    fault: Fault,
    words: Translation,
    job: Job | None = None,
    provider: ProviderName | None = None,
    access: KeyAccess | None = None,
) -> FaultView:
    """A fault in words: what happened, to which input, whether it was charged, what to do. ``provider`` is whose it is
    where there is no job; ``access`` how who reads it can change keys, where that is known."""
    about = _about(fault, job)
    keys = _keys(fault, about)
    what = next(key for key in keys if words.has(key))
    return {
        "kind": fault.kind,
        "what": words(what),
        "concerns": _concerns(fault, words, job, None if what.endswith(f".{about}") else about),
        "charged": _charged(fault, words, job),
        "since": words("since", time=utc(fault.since)) if fault.since else "",
        "remedy": _remedy(fault, keys, words, job, job.provider if job else provider, access),
        "message": words.said(fault.message),
        "code": fault.code,
        "request_id": fault.request_id,
        "status": fault.status,
    }


def _keys(fault: Fault, about: str | None) -> list[str]:
    """The keys under which there may be words for it, those that say most first."""
    names = (fault.cause, f"{fault.kind}.{about}", fault.kind, StudioError.kind)
    return [f"fault.{name}" for name in names if name]


def pasted_key_sentence(fault: Fault, words: Translation) -> str:
    """What is wrong with a key that was pasted and that no account has yet."""
    view = fault_view(fault, words)
    return words.join(view["what"], _advice(_keys(fault, None), words) or view["remedy"])


def _advice(keys: list[str], words: Translation) -> str:
    """What to look at in a key that is, or is to be, added in the page."""
    key = next((key for key in keys if words.has(f"{key}.do")), "")
    return words(f"{key}.page") if words.has(f"{key}.page") else ""


def _remedy(
    fault: Fault,
    keys: list[str],
    words: Translation,
    job: Job | None,
    provider: ProviderName | None,
    access: KeyAccess | None,
) -> str:
    if job is not None and job.state is State.QUEUED and not fault.of_account:
        return words("sent_again")
    if fault.stage == "submit" and fault.charged == "unknown":
        keys = [f"fault.{ReplyLost.kind}"]
    added = _added_key_remedy(keys, words, job, provider, access)
    remedy = added or _setting_remedy(keys, words, provider, access)
    if job is None or not fault.of_account:
        return remedy
    if fault.kind == ModelMissing.kind:
        remedy = words.said(fault.message)
    if fault.kind == AccountMissing.kind:
        remedy = _missing_account_remedy(fault, words, job, access)
    if added and job.state is State.QUEUED and access is not None and not access.otherwise:
        return remedy  # it is to be canceled
    if not job.state.ended:
        return words.join(remedy, words("held"))
    return words.join(remedy, words("then_send") if "send-again" in actions_of(job) else "")


def _setting_remedy(
    keys: list[str], words: Translation, provider: ProviderName | None, access: KeyAccess | None
) -> str:
    names = [provider] if provider is not None and provider in KEYS else [*KEYS]
    places = [access.place(name, words) if access else KEYS[name].setting for name in names]
    return next((words(f"{key}.do", key=", ".join(places)) for key in keys if words.has(f"{key}.do")), "")


def _added_key_remedy(
    keys: list[str], words: Translation, job: Job | None, provider: ProviderName | None, access: KeyAccess | None
) -> str:
    """What to do about a key that was added in the page; empty where it was not, or it is about something else."""
    if access is None or provider not in access.settings.added_keys or not (advice := _advice(keys, words)):
        return ""
    if access.otherwise:
        return words.join(advice, access.otherwise)
    if job is None or job.state.ended:
        return words.join(advice, words("key.renew"))
    if job.state is State.QUEUED:
        return words.join(advice, words("key.renew.queued"))
    # The page keeps the account of a task, but a setting goes before its key.
    way_back = CLIENTS[provider].way_back(job.region)
    return words.join(advice, words.said(way_back) if way_back else "")


def _missing_account_remedy(fault: Fault, words: Translation, job: Job, access: KeyAccess | None) -> str:
    """How the account of a job comes back: by the settings that the fault names, or in the page where that can be."""
    cloud = CATALOG.providers.get(job.provider)
    known = cloud is not None and job.region in cloud.regions and cloud.account(job.region) == job.account
    if access is None or not known:
        return words.said(fault.message)
    settings = access.settings
    if access.otherwise:
        return access.otherwise if settings.provider == "sandbox" else words.said(fault.message)
    account = place_name(job.provider, job.region, words)
    if job.provider not in settings.providers:
        return words("fault.account_missing.add", account=account)
    if job.provider in settings.added_keys:
        present = place_name(job.provider, CLIENTS[job.provider].region(settings), words)
        return words("fault.account_missing.replace", account=account, present=present)
    return words.said(fault.message)


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
    if error.said and isinstance(error, _COMPLETE):
        after = f"fault.{error.kind}.after"
        return words.join(words.said(error.said), words(after) if words.has(after) else "")
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
