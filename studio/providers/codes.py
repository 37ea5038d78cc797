"""What error codes mean. Each cloud has a table of its own beside its client; what they share is here.

A code stands for a class of ``studio.errors``, by which the studio acts; for a cause, the key of its words in the text
table (``fault.<cause>`` says what happened and ``fault.<cause>.do`` the way out; where there is none, the class's
``kind`` is the key); and for the input it is about. Providers do not look codes up themselves::

    raise refusal(CODES, "Arrearage", "Access denied …", 400, request_id="…")     # an answer that is an error
    fault = failure(CODES, "upstream_error", "InvalidParameter: …", charged="returned")     # a task that failed

A code that is not in the table goes by its HTTP status; its words, the code and the request id are kept verbatim.
Sources: the documentation's page of error codes (September 2026) for DashScope, and texts that were met in practice;
the seed's table for AIVideoAPI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

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


KEY = Meaning(AuthenticationFailed)
WORKSPACE = Meaning(PermissionDenied, "workspace_refused")
DENIED = Meaning(PermissionDenied)
UNPURCHASED = Meaning(QuotaExhausted, "not_purchased")
ARREARS = Meaning(QuotaExhausted, "arrears")
QUOTA = Meaning(QuotaExhausted)
ALLOCATION = Meaning(QuotaExhausted, "allocation")
RATE = Meaning(RateLimited)
CONTENT = Meaning(ContentRefused)
RIGHTS = Meaning(ContentRefused, "content_rights", "input")
PARAMETER = Meaning(RequestRefused)
UNFETCHED = Meaning(RequestRefused, "media_unfetched", "media")
UNINSPECTED = Meaning(RequestRefused, "media_uninspected", "media")
FORMAT = Meaning(RequestRefused, "media_format", "media")
RESOLUTION = Meaning(RequestRefused, "media_resolution", "media")
MODEL = Meaning(NotFound)
BROKEN = Meaning(ProviderFault)

GIVEN_UP = Meaning(RequestRefused, "task_failed")
"""A task that failed for a reason which the table does not know: its request was accepted, so that was not refused."""
_ACCOUNT_BEHIND = Meaning(ProviderFault, "upstream", no_task=True)
"""The cloud behind another refuses the account that the other has there, of which nobody here has the key or the
bill."""
UNEXPLAINED = Meaning(ProviderFault, "task_unexplained")
"""A task that failed without code and message."""

_BY_STATUS: Mapping[int, Meaning] = {
    401: KEY,
    402: QUOTA,
    403: DENIED,
    404: MODEL,
    408: BROKEN,
    429: RATE,
}

BY_WORDS: tuple[tuple[str | None, str, Meaning], ...] = (
    ("AccessDenied", "synchronous calls", Meaning(PermissionDenied, "async_header")),
    ("AccessDenied", "access this workspace", WORKSPACE),
    ("AccessDenied", "account is in good standing", ARREARS),
    ("Throttling.AllocationQuota", "free allocated quota", Meaning(QuotaExhausted, "free_quota")),
    ("invalid_parameter_error", "provided url", UNFETCHED),
    # Moderation and the fetching of media come under more than one code, and in a failed task under none.
    (None, "could not process with this prompt", Meaning(RequestRefused, "prompt_refused", "prompt")),
    (None, "green net check failed", CONTENT),
    (None, "inappropriate content", CONTENT),
    (None, "ip infringement", RIGHTS),
    (None, "download the media resource timed out", Meaning(RequestRefused, "media_slow", "media")),
    (None, "unable to download the media resource", UNFETCHED),
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


class Codes:
    """The codes of one cloud."""

    def __init__(self, table: Mapping[str, Meaning], behind: Codes | None = None) -> None:
        """``behind``: the codes of the cloud from which this one has its models, which it passes on in its words."""
        self.table = table
        self.behind = behind
        self._folded = {code.lower(): meaning for code, meaning in table.items()}

    def find(self, code: str, message: str) -> Meaning | None:
        """The meaning of a code however cased, or of one that it contains: ``InternalError.Algo.DataInspectionFailed``;
        of some the ``message`` tells more."""
        code = code.lower()
        for key, words, meaning in BY_WORDS:
            if (key is None or key.lower() == code) and words in message.lower():
                return meaning
        if code in self._folded:
            return self._folded[code]
        parts = code.split(".")
        wider = [parts[-1], *(".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))]
        return next((self._folded[name] for name in wider if name in self._folded), None)

    def passed_on(self, message: str) -> Meaning | None:
        """The meaning of an error that comes from the cloud behind: ``InvalidParameter: prompt …``."""
        if _FORBIDDEN.search(message):
            return CONTENT
        code, colon, words = message.partition(": ")
        known = self.behind.find(code, words) if self.behind is not None and colon else None
        if known is not None and known.error.of_account:
            return _ACCOUNT_BEHIND
        return known


def explain(codes: Codes, code: str | None, status: int, message: str) -> Meaning:
    """What an error means: by its code, by the code that a cloud passes on in its words, or by its HTTP status."""
    meaning = codes.find(code or "", message)
    if meaning is None and _FORBIDDEN.search(message) and code is None:
        meaning = CONTENT
    if meaning is None:
        meaning = _BY_STATUS.get(status) or (BROKEN if status >= 500 else PARAMETER)
    elif meaning.cause == "upstream":
        meaning = codes.passed_on(message) or meaning
    if issubclass(meaning.error, RequestRefused):
        about = meaning.concerns
        if about != "media":  # a code that is about the files stays so, whatever else its words mention
            about = next((concern for concern, words in _CONCERNS if words.search(message)), about)
        position = re.search(r"\bmedia\[(\d+)\]", message)
        meaning = replace(meaning, concerns=about, medium=int(position[1]) if position else None)
    return meaning


def refusal(
    codes: Codes,
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
    meaning = explain(codes, code, status, message)
    known = codes.find(code or "", message) is not None
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
    codes: Codes,
    code: str | None,
    message: str | None,
    *,
    request_id: str | None = None,
    charged: Charged = "no",
) -> Fault:
    """Why a task failed that the provider had accepted. Its answer is an HTTP 200, which says nothing of the task."""
    meaning = explain(codes, code, 200, message or "")
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
