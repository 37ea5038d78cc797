"""What each documented code means, and what is made of codes that nobody documented."""

from __future__ import annotations

import pytest

from studio.errors import (
    AuthenticationFailed,
    Concern,
    ContentRefused,
    NotFound,
    PermissionDenied,
    ProviderError,
    ProviderFault,
    QuotaExhausted,
    RateLimited,
    RequestRefused,
)
from studio.providers.codes import CODES, Meaning, explain, failure, refusal

AIVIDEOAPI = [
    (400, "invalid_request", RequestRefused, None),
    (401, "invalid_api_key", AuthenticationFailed, "aivideoapi_key"),
    (402, "insufficient_credits", QuotaExhausted, "credits"),
    (403, "ip_not_allowed", PermissionDenied, "ip_not_allowed"),
    (404, "model_not_found", NotFound, None),
    (404, "task_not_found", NotFound, None),
    (429, "rate_limit_exceeded", RateLimited, None),
    (429, "spend_limit_exceeded", QuotaExhausted, "spend_limit"),
    (500, "internal_error", ProviderFault, None),
    (503, "upstream_error", ProviderFault, "upstream"),
]
"""The seed's table, whole."""


@pytest.mark.parametrize(("status", "code", "kind", "cause"), AIVIDEOAPI, ids=[row[1] for row in AIVIDEOAPI])
def test_each_code_of_aivideoapi_has_its_meaning(
    status: int, code: str, kind: type[ProviderError], cause: str | None
) -> None:
    error = refusal("aivideoapi", code, "Because.", status, request_id="r")
    assert type(error) is kind
    assert (error.cause, error.code, error.request_id, error.message) == (cause, code, "r", "Because.")
    assert error.task_made == ("unknown" if status >= 500 else "no")


def test_the_table_of_aivideoapi_has_nothing_else() -> None:
    assert CODES["aivideoapi"].keys() == {code for _, code, _, _ in AIVIDEOAPI}


@pytest.mark.parametrize(
    ("code", "message", "kind", "cause"),
    [
        ("AccessDenied", "current user api does not support synchronous calls.", PermissionDenied, "async_header"),
        ("AccessDenied", "Access denied.", PermissionDenied, None),
        ("Throttling.AllocationQuota", "Free allocated quota exceeded.", QuotaExhausted, "free_quota"),
        ("Throttling.AllocationQuota", "Allocated quota exceeded.", QuotaExhausted, None),
        ("InternalError.Algo.DataInspectionFailed", "Input text data may contain …", ContentRefused, None),
        ("InvalidFile.Openerror", "The file cannot be opened.", RequestRefused, "media_uninspected"),
        ("InvalidParameter.Seed", "seed is too large", RequestRefused, None),
        ("invalid access token or token expired", "…", AuthenticationFailed, "plan_key"),
        ("INVALIDAPIKEY", "Invalid API-key provided.", AuthenticationFailed, None),
        ("throttling.ratequota", "Slower.", RateLimited, None),
        ("invalid_parameter_error", "temperature is out of range", RequestRefused, None),
        (
            "invalid_parameter_error",
            "InternalError.Algo.InvalidParameter: The provided URL does not appear to be valid.",
            RequestRefused,
            "media_unfetched",
        ),
    ],
)
def test_a_code_is_read_together_with_its_words_and_its_family(
    code: str, message: str, kind: type[ProviderError], cause: str | None
) -> None:
    meaning = explain("dashscope", code, 400, message)
    assert (meaning.error, meaning.cause) == (kind, cause)


@pytest.mark.parametrize(
    ("code", "message", "concerns", "medium"),
    [
        ("DataInspectionFailed", "Input text data may contain inappropriate content.", "prompt", None),
        ("DataInspectionFailed", "Input image data may contain inappropriate content.", "media", None),
        ("DataInspectionFailed", "Input video data may contain inappropriate content.", "media", None),
        ("DataInspectionFailed", "Output data may contain inappropriate content.", "result", None),
        ("DataInspectionFailed", "Input data may contain inappropriate content.", "input", None),
        ("DataInspectionFailed", "Input or output data may contain inappropriate content.", None, None),
        ("IPInfringementSuspect", "Input data is suspected of IP infringement.", "input", None),
        ("InvalidParameter", "input.prompt is required.", "prompt", None),
        ("InvalidParameter", "duration must be an integer between 3 and 15.", None, None),
        ("InvalidURL.Timeout", "input.media[2]: downloading the URL timed out.", "media", 2),
        ("InvalidFile.Size", "Invalid file size.", "media", None),
        ("InternalError", "The prompt service broke.", None, None),
    ],
)
def test_it_is_told_what_the_provider_objects_to(
    code: str, message: str, concerns: Concern | None, medium: int | None
) -> None:
    fault = failure("dashscope", code, message)
    assert (fault.concerns, fault.medium) == (concerns, medium)


@pytest.mark.parametrize(
    ("message", "kind", "concerns"),
    [
        ("InvalidParameter: prompt 包含敏感词", "content_refused", "prompt"),
        ("DataInspectionFailed: Input image data may contain inappropriate content.", "content_refused", "media"),
        ("InvalidURL.Timeout: downloading timed out", "request_refused", "media"),
        ("Throttling.RateQuota: Requests rate limit exceeded", "rate_limited", None),
        ("Something: of another cloud", "provider_fault", None),
        ("The service is unavailable.", "provider_fault", None),
    ],
)
def test_what_aivideoapi_passes_on_from_the_cloud_behind_it_is_understood(
    message: str, kind: str, concerns: Concern | None
) -> None:
    fault = failure("aivideoapi", "upstream_error", message, request_id="t", charged="returned")
    assert (fault.kind, fault.concerns, fault.charged) == (kind, concerns, "returned")
    assert (fault.code, fault.message, fault.stage) == ("upstream_error", message, "generate")


@pytest.mark.parametrize(
    ("message", "task_made"),
    [
        ("InvalidParameter: prompt 包含敏感词", "no"),
        ("Arrearage: Access denied", "no"),
        ("InternalError.Algo: Oh.", "unknown"),
        ("The service is unavailable.", "unknown"),
    ],
)
def test_a_submission_that_was_faulted_for_what_it_holds_made_no_task(message: str, task_made: str) -> None:
    assert refusal("aivideoapi", "upstream_error", message, 503).task_made == task_made


@pytest.mark.parametrize(
    ("status", "kind", "task_made"),
    [
        (200, RequestRefused, "unknown"),
        (400, RequestRefused, "no"),
        (401, AuthenticationFailed, "no"),
        (402, QuotaExhausted, "no"),
        (403, PermissionDenied, "no"),
        (404, NotFound, "no"),
        (408, ProviderFault, "unknown"),
        (418, RequestRefused, "no"),
        (429, RateLimited, "no"),
        (500, ProviderFault, "unknown"),
        (503, ProviderFault, "unknown"),
    ],
)
@pytest.mark.parametrize("code", ["Of.A.Later.Version", None])
def test_an_unknown_code_goes_by_its_status_and_is_kept_verbatim(
    status: int, code: str | None, kind: type[ProviderError], task_made: str
) -> None:
    error = refusal("dashscope", code, "Words, as they came.", status, request_id="r-1")
    assert type(error) is kind
    assert error.task_made == task_made
    fault = error.fault("submit")
    assert (fault.code, fault.message, fault.request_id, fault.cause) == (code, "Words, as they came.", "r-1", None)


def test_every_meaning_of_the_tables_is_that_of_its_code() -> None:
    for provider, codes in CODES.items():
        for code, meaning in codes.items():
            found = explain(provider, code, 400, "Because.")
            assert found == Meaning(meaning.error, meaning.cause, meaning.concerns, None, meaning.no_task), code
