"""What the providers' error codes mean: one table, for every cloud.

A code stands for a class of ``studio.errors``, by which the studio acts; for a cause, the key of its words in the text
table (``fault.<cause>`` says what happened and ``fault.<cause>.do`` the way out; where there is none, the class's
``kind`` is the key); and for the input it is about. Providers do not look codes up themselves::

    raise refusal("dashscope", "Arrearage", "Access denied …", 400, request_id="…")     # an answer that is an error
    fault = failure("aivideoapi", "upstream_error", "InvalidParameter: …", charged="returned")     # a task that failed

A code that is not in the table goes by its HTTP status; its words, the code and the request id are kept verbatim.
Sources: the documentation's page of error codes (September 2026) for DashScope, and texts that were met in practice;
the seed's table for AIVideoAPI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from studio.catalog.models import ProviderName
from studio.errors import (
    AuthenticationFailed,
    Charged,
    Concern,
    ContentRefused,
    Fault,
    NotFound,
    PermissionDenied,
    ProviderError,
    ProviderFault,
    QuotaExhausted,
    RateLimited,
    RequestRefused,
)


@dataclass(frozen=True)
class Meaning:
    """What an error code says. Whether the job can be sent again unchanged is the class's ``retryable``."""

    error: type[ProviderError]
    cause: str | None = None
    """Key of words that say more than those of the class."""
    concerns: Concern | None = None
    """The input it is about."""
    medium: int | None = None
    """Which of the files, counted from 0 in the order in which they were sent."""
    no_task: bool = False
    """Certainly no task was made, although the HTTP status (5xx) leaves that open."""


_KEY = Meaning(AuthenticationFailed)
_WORKSPACE = Meaning(PermissionDenied, "workspace_refused")
_DENIED = Meaning(PermissionDenied)
_UNPURCHASED = Meaning(QuotaExhausted, "not_purchased")
_ARREARS = Meaning(QuotaExhausted, "arrears")
_QUOTA = Meaning(QuotaExhausted)
_ALLOCATION = Meaning(QuotaExhausted, "allocation")
_RATE = Meaning(RateLimited)
_CONTENT = Meaning(ContentRefused)
_RIGHTS = Meaning(ContentRefused, "content_rights", "input")
_PARAMETER = Meaning(RequestRefused)
_UNFETCHED = Meaning(RequestRefused, "media_unfetched", "media")
_UNINSPECTED = Meaning(RequestRefused, "media_uninspected", "media")
_FORMAT = Meaning(RequestRefused, "media_format", "media")
_RESOLUTION = Meaning(RequestRefused, "media_resolution", "media")
_MODEL = Meaning(NotFound)
_BROKEN = Meaning(ProviderFault)

DASHSCOPE: Mapping[str, Meaning] = {
    # 401
    "InvalidApiKey": _KEY,
    "invalid_api_key": _KEY,
    "invalid access token or token expired": Meaning(AuthenticationFailed, "plan_key"),
    "NOT AUTHORIZED": replace(_WORKSPACE, error=AuthenticationFailed),
    # 403
    "AccessDenied": _DENIED,
    "access_denied": _DENIED,
    "AccessDenied.Unpurchased": _UNPURCHASED,
    "AllocationQuota.FreeTierOnly": Meaning(QuotaExhausted, "free_quota"),
    "Model.AccessDenied": _DENIED,
    "Workspace.AccessDenied": _WORKSPACE,
    # 404
    "ModelNotFound": _MODEL,
    "model_not_found": _MODEL,
    "NotFound": _MODEL,
    "WorkSpaceNotFound": replace(_WORKSPACE, error=NotFound),
    # 429; the last ones do not pass with time
    "Throttling": _RATE,
    "Throttling.RateQuota": _RATE,
    "Throttling.BurstRate": _RATE,
    "LimitRequests": _RATE,
    "limit_requests": _RATE,
    "limit_burst_rate": _RATE,
    "Throttling.AllocationQuota": _ALLOCATION,
    "insufficient_quota": _ALLOCATION,
    "CommodityNotPurchased": _UNPURCHASED,
    "PrepaidBillOverdue": _ARREARS,
    "PostpaidBillOverdue": _ARREARS,
    # 400
    "Arrearage": _ARREARS,
    "DataInspectionFailed": _CONTENT,
    "data_inspection_failed": _CONTENT,
    "CustomRoleBlocked": Meaning(ContentRefused, "content_rule"),
    "IPInfringementSuspect": _RIGHTS,
    "InvalidParameter": _PARAMETER,
    "invalid_parameter_error": _PARAMETER,
    "BadRequest": _PARAMETER,
    "UnsupportedOperation": _PARAMETER,
    "InvalidParameter.DataInspection": _UNINSPECTED,
    "InvalidURL": _UNFETCHED,
    "InvalidURL.ConnectionRefused": _UNFETCHED,
    "InvalidURL.Timeout": _UNFETCHED,
    "BadRequest.InputDownloadFailed": _UNFETCHED,
    "InvalidFile": _UNINSPECTED,
    "InvalidFile.Size": Meaning(RequestRefused, "media_size", "media"),
    "InvalidFile.Duration": Meaning(RequestRefused, "media_duration", "media"),
    "InvalidFile.Resolution": _RESOLUTION,
    "InvalidFile.AspectRatio": _RESOLUTION,
    "InvalidFile.FPS": Meaning(RequestRefused, "media_fps", "media"),
    "InvalidFile.Format": _FORMAT,
    "InvalidImage.FileFormat": _FORMAT,
    "InvalidImageFormat": _FORMAT,
    "InvalidImageResolution": _RESOLUTION,
    # 500, 503
    "InternalError": _BROKEN,
    "internal_error": _BROKEN,
    "InternalError.Algo": _BROKEN,
    "InternalError.Upload": _BROKEN,
    "InternalError.FileUpload": _BROKEN,
    "InternalError.Timeout": Meaning(ProviderFault, "provider_timeout"),
    "SystemError": _BROKEN,
    "RequestTimeOut": _BROKEN,
    "ResponseTimeout": _BROKEN,
    "ModelServiceFailed": _BROKEN,
    "ModelServingError": Meaning(ProviderFault, "provider_busy"),
    "ModelUnavailable": Meaning(ProviderFault, "provider_busy", no_task=True),
}

AIVIDEOAPI: Mapping[str, Meaning] = {
    "invalid_request": _PARAMETER,
    "invalid_api_key": Meaning(AuthenticationFailed, "aivideoapi_key"),
    "insufficient_credits": Meaning(QuotaExhausted, "credits"),
    "ip_not_allowed": Meaning(PermissionDenied, "ip_not_allowed"),
    "model_not_found": _MODEL,
    "task_not_found": _MODEL,
    "rate_limit_exceeded": _RATE,
    "spend_limit_exceeded": Meaning(QuotaExhausted, "spend_limit"),
    "internal_error": _BROKEN,
    "upstream_error": Meaning(ProviderFault, "upstream"),
}

GIVEN_UP = Meaning(RequestRefused, "task_failed")
"""A task that failed for a reason which the table does not know: its request was accepted, so that was not refused."""
_ACCOUNT_BEHIND = Meaning(ProviderFault, "upstream", no_task=True)
"""The cloud behind AIVideoAPI refuses the account that AIVideoAPI has there, of which nobody here has the key or the
bill."""
UNEXPLAINED = Meaning(ProviderFault, "task_unexplained")
"""A task that failed without code and message."""

CODES: Mapping[ProviderName, Mapping[str, Meaning]] = {"dashscope": DASHSCOPE, "aivideoapi": AIVIDEOAPI}
_FOLDED = {name: {code.lower(): meaning for code, meaning in codes.items()} for name, codes in CODES.items()}

_BY_STATUS: Mapping[int, Meaning] = {
    401: _KEY,
    402: _QUOTA,
    403: _DENIED,
    404: _MODEL,
    408: _BROKEN,
    429: _RATE,
}

BY_WORDS: tuple[tuple[str | None, str, Meaning], ...] = (
    ("AccessDenied", "synchronous calls", Meaning(PermissionDenied, "async_header")),
    ("AccessDenied", "access this workspace", _WORKSPACE),
    ("AccessDenied", "account is in good standing", _ARREARS),
    ("Throttling.AllocationQuota", "free allocated quota", Meaning(QuotaExhausted, "free_quota")),
    ("invalid_parameter_error", "provided url", _UNFETCHED),
    # Moderation and the fetching of media come under more than one code, and in a failed task under none.
    (None, "could not process with this prompt", Meaning(RequestRefused, "prompt_refused", "prompt")),
    (None, "green net check failed", _CONTENT),
    (None, "inappropriate content", _CONTENT),
    (None, "ip infringement", _RIGHTS),
    (None, "download the media resource timed out", Meaning(RequestRefused, "media_slow", "media")),
    (None, "unable to download the media resource", _UNFETCHED),
    (None, "failed to find the requested media resource", Meaning(RequestRefused, "media_missing", "media")),
    (None, "authorization to access the media resource", Meaning(RequestRefused, "media_forbidden", "media")),
)
"""Codes of which the message tells more: code (None: whichever it is), words in the message, meaning."""

_CONCERNS: tuple[tuple[Concern, re.Pattern[str]], ...] = (
    (
        "media",
        re.compile(
            r"\binput (image|video|audio|media)\b|\b(image|video|audio) \(input\)|\bmedia\[\d"
            r"|\b(image|video)_urls\b|输入(图|视频)",
            re.I,
        ),
    ),
    ("prompt", re.compile(r"\binput text\b|\btext \(input\)|\bprompt\b|提示词|输入文本", re.I)),
    ("result", re.compile(r"(^|: )output\b|\boutput (image|video|audio)\b|\(output\)|输出", re.I)),
    ("input", re.compile(r"(^|: )input data\b", re.I)),
)
_FORBIDDEN = re.compile(r"敏感|违规|inappropriate|sensitive|moderation", re.I)


def explain(provider: ProviderName, code: str | None, status: int, message: str) -> Meaning:
    """What an error means: by its code, by the code that AIVideoAPI passes on in its words, or by its HTTP status."""
    meaning = _known(provider, code or "", message)
    if meaning is None and _FORBIDDEN.search(message) and code is None:
        meaning = _CONTENT
    if meaning is None:
        meaning = _BY_STATUS.get(status) or (_BROKEN if status >= 500 else _PARAMETER)
    elif meaning.cause == "upstream":
        meaning = _passed_on(message) or meaning
    if issubclass(meaning.error, RequestRefused):
        about = meaning.concerns
        if about != "media":  # a code that is about the files stays so, whatever else its words mention
            about = next((concern for concern, words in _CONCERNS if words.search(message)), about)
        position = re.search(r"\bmedia\[(\d+)\]", message)
        meaning = replace(meaning, concerns=about, medium=int(position[1]) if position else None)
    return meaning


def refusal(
    provider: ProviderName,
    code: str | None,
    message: str,
    status: int,
    *,
    request_id: str | None = None,
    retry_after: float | None = None,
) -> ProviderError:
    """The error to raise for an answer that is one; ``status`` is its HTTP status.

    Its ``task_made`` is for submissions: after 5xx, 408 and an HTTP 200 a task may exist all the same, unless the code
    says what was wrong with the submission; and after a code of the provider's own faults, whatever the status.
    """
    meaning = explain(provider, code, status, message)
    known = _known(provider, code or "", message) is not None
    open_status = not 400 <= status < 500 or status == 408
    unclear = meaning.error is ProviderFault or (open_status and not known)
    return meaning.error(
        message,
        code,
        request_id,
        status,
        retry_after,
        cause=meaning.cause,
        concerns=meaning.concerns,
        medium=meaning.medium,
        task_made="unknown" if unclear and not meaning.no_task else "no",
    )


def failure(
    provider: ProviderName,
    code: str | None,
    message: str | None,
    *,
    request_id: str | None = None,
    charged: Charged = "no",
) -> Fault:
    """Why a task failed that the provider had accepted. Its answer is an HTTP 200, which says nothing of the task."""
    meaning = explain(provider, code, 200, message or "")
    if meaning.cause is None and meaning.error is RequestRefused:
        meaning = replace(meaning, cause=GIVEN_UP.cause) if code or message else UNEXPLAINED
    return Fault(
        meaning.error.kind,
        "generate",
        message or "The provider gives no reason.",
        charged=charged,
        retryable=meaning.error.retryable,
        code=code,
        request_id=request_id,
        cause=meaning.cause,
        concerns=meaning.concerns,
        medium=meaning.medium,
    )


def _known(provider: ProviderName, code: str, message: str) -> Meaning | None:
    """The meaning of a code however cased, or of one that it contains: ``InternalError.Algo.DataInspectionFailed``."""
    codes, code = _FOLDED[provider], code.lower()
    for told, words, meaning in BY_WORDS:
        if (told is None or told.lower() == code) and words in message.lower():
            return meaning
    if code in codes:
        return codes[code]
    parts = code.split(".")
    wider = [parts[-1], *(".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))]
    return next((codes[name] for name in wider if name in codes), None)


def _passed_on(message: str) -> Meaning | None:
    """The meaning of an error that AIVideoAPI has from the cloud behind it: ``InvalidParameter: prompt …``."""
    if _FORBIDDEN.search(message):
        return _CONTENT
    code, colon, words = message.partition(": ")
    known = _known("dashscope", code, words) if colon else None
    if known is not None and known.error.of_account:
        return _ACCOUNT_BEHIND
    return known
