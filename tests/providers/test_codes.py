"""What each documented code means, and what is made of codes that nobody documented."""

from __future__ import annotations

import pytest

from studio.catalog.models import ProviderName
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
from studio.providers.clouds import CLIENTS
from studio.providers.codes import Meaning, explain, failure, refusal
from studio.web.faults import fault_view
from studio.web.text import LANGUAGES, Translation

CODES = {name: client.codes for name, client in CLIENTS.items()}
DASHSCOPE, AIVIDEOAPI = CODES["dashscope"], CODES["aivideoapi"]
OF_AIVIDEOAPI = [
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


@pytest.mark.parametrize(("status", "code", "kind", "cause"), OF_AIVIDEOAPI, ids=[row[1] for row in OF_AIVIDEOAPI])
def test_each_code_of_aivideoapi_has_its_meaning(
    status: int, code: str, kind: type[ProviderError], cause: str | None
) -> None:
    error = refusal(AIVIDEOAPI, code, "Because.", status, request_id="r")
    assert type(error) is kind
    assert (error.cause, error.code, error.request_id, error.message) == (cause, code, "r", "Because.")
    assert error.task_made == ("unknown" if status >= 500 else "no")


def test_the_table_of_aivideoapi_has_nothing_else() -> None:
    assert AIVIDEOAPI.table.keys() == {code for _, code, _, _ in OF_AIVIDEOAPI}


@pytest.mark.parametrize(
    ("code", "message", "kind", "cause"),
    [
        ("AccessDenied", "current user api does not support synchronous calls.", PermissionDenied, "async_header"),
        ("AccessDenied", "Access denied.", PermissionDenied, None),
        ("Throttling.AllocationQuota", "Free allocated quota exceeded.", QuotaExhausted, "free_quota"),
        ("Throttling.AllocationQuota", "Allocated quota exceeded.", QuotaExhausted, "allocation"),
        (
            "AccessDenied",
            "Access denied, please make sure your account is in good standing.",
            QuotaExhausted,
            "arrears",
        ),
        (
            "AccessDenied",
            "Access denied: Either you are not authorized to access this workspace, or the workspace does not exist.",
            PermissionDenied,
            "workspace_refused",
        ),
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
    meaning = explain(DASHSCOPE, code, 400, message)
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
        ("InvalidParameter", "Could not process with this prompt.", "prompt", None),
        (
            None,
            "Green net check failed for text (input): Input data may contain inappropriate content.",
            "prompt",
            None,
        ),
        (
            None,
            "Green net check failed for image (input): Input data may contain inappropriate content.",
            "media",
            None,
        ),
        (None, "Green net check failed for video (output): inappropriate content.", "result", None),
        (None, "Green net check failed for input text", "prompt", None),
        (None, "Green net check failed for input image", "media", None),
        (None, "Green net check failed for output video", "result", None),
        (None, "Green net check failed: Input data may contain inappropriate content.", "input", None),
    ],
)
def test_it_is_told_what_the_provider_objects_to(
    code: str | None, message: str, concerns: Concern | None, medium: int | None
) -> None:
    fault = failure(DASHSCOPE, code, message)
    assert (fault.concerns, fault.medium) == (concerns, medium)


_DOWNLOADING = "the media resource during the data inspection process."


@pytest.mark.parametrize(
    ("code", "message", "kind", "cause"),
    [
        ("InvalidParameter", "Could not process with this prompt.", "request_refused", "prompt_refused"),
        ("DataInspectionFailed", "Green net check failed for text (input)", "content_refused", None),
        ("InvalidParameter", "Green net check failed for output video", "content_refused", None),
        (None, "Green net check failed for input image", "content_refused", None),
        (None, "Output data may contain inappropriate content.", "content_refused", None),
        (None, "Input data is suspected of being involved in IP infringement.", "content_refused", "content_rights"),
        (
            "InvalidParameter.DataInspection",
            "The media format is not supported",
            "request_refused",
            "media_uninspected",
        ),
        (
            "InvalidParameter.DataInspection",
            "Download the media resource timed out during the data inspection process.",
            "request_refused",
            "media_slow",
        ),
        ("InvalidParameter.DataInspection", f"Unable to download {_DOWNLOADING}", "request_refused", "media_unfetched"),
        (None, f"Failed to find {_DOWNLOADING.replace('the', 'the requested', 1)}", "request_refused", "media_missing"),
        (None, f"Don't have authorization to access {_DOWNLOADING}", "request_refused", "media_forbidden"),
        ("InvalidFile.FPS", "Invalid video FPS. The video FPS must be 15 ~ 60.", "request_refused", "media_fps"),
        ("InvalidParameter", "The resolution is not valid xxxxxx", "request_refused", "task_failed"),
        ("InvalidParameter", "The parameter is invalid.", "request_refused", "task_failed"),
        ("Of.A.Later.Version", "Words, as they came.", "request_refused", "task_failed"),
        (None, "Words, as they came.", "request_refused", "task_failed"),
        (None, None, "provider_fault", "task_unexplained"),
        ("InternalError", None, "provider_fault", None),
    ],
)
@pytest.mark.parametrize("provider", ["dashscope", "aivideoapi"])
def test_a_task_that_failed_is_explained_and_never_as_a_refused_request(
    provider: ProviderName, code: str | None, message: str | None, kind: str, cause: str | None
) -> None:
    if provider == "aivideoapi" and code is not None:
        code, message = "upstream_error", f"{code}: {message or 'Oh.'}"
        if "Later" in message:
            kind, cause = "provider_fault", "upstream"
    fault = failure(CODES[provider], code, message)
    assert (fault.kind, fault.cause, fault.charged, fault.status) == (kind, cause, "no", None)
    for language in LANGUAGES:
        told = fault_view(fault, Translation(language))
        assert told["what"] != Translation(language)("fault.request_refused")
        assert told["remedy"]


@pytest.mark.parametrize(
    ("message", "kind", "concerns"),
    [
        ("InvalidParameter: prompt 包含敏感词", "content_refused", "prompt"),
        ("DataInspectionFailed: Input image data may contain inappropriate content.", "content_refused", "media"),
        ("DataInspectionFailed: Output data may contain inappropriate content.", "content_refused", "result"),
        ("InvalidURL.Timeout: downloading timed out", "request_refused", "media"),
        ("Throttling.RateQuota: Requests rate limit exceeded", "rate_limited", None),
        ("Something: of another cloud", "provider_fault", None),
        ("The service is unavailable.", "provider_fault", None),
    ],
)
def test_what_aivideoapi_passes_on_from_the_cloud_behind_it_is_understood(
    message: str, kind: str, concerns: Concern | None
) -> None:
    fault = failure(AIVIDEOAPI, "upstream_error", message, request_id="t", charged="returned")
    assert (fault.kind, fault.concerns, fault.charged) == (kind, concerns, "returned")
    assert (fault.code, fault.message, fault.stage) == ("upstream_error", message, "generate")


@pytest.mark.parametrize("code", ["Arrearage", "InvalidApiKey", "Model.AccessDenied", "Throttling.AllocationQuota"])
def test_the_bill_and_key_of_aivideoapi_itself_are_not_called_those_of_whoever_asks(code: str) -> None:
    words = f"{code}: Access denied, please make sure your account is in good standing."
    fault = failure(AIVIDEOAPI, "upstream_error", words, charged="returned")
    assert (fault.kind, fault.cause, fault.retryable, fault.of_account) == ("provider_fault", "upstream", True, False)
    error = refusal(AIVIDEOAPI, "upstream_error", words, 503)
    assert (type(error), error.cause, error.task_made) == (ProviderFault, "upstream", "no")


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
    assert refusal(AIVIDEOAPI, "upstream_error", message, 503).task_made == task_made


@pytest.mark.parametrize("status", [200, 400, 409, 429, 499, 500, 504])
@pytest.mark.parametrize("code", ["InternalError", "RequestTimeOut", "InternalError.Algo", "ModelServingError"])
def test_a_fault_of_the_providers_own_may_have_made_a_task_whatever_its_status(status: int, code: str) -> None:
    assert refusal(DASHSCOPE, code, "Oh.", status).task_made == "unknown"
    assert refusal(DASHSCOPE, "ModelUnavailable", "Oh.", status).task_made == "no"


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
    error = refusal(DASHSCOPE, code, "Words, as they came.", status, request_id="r-1")
    assert type(error) is kind
    assert error.task_made == task_made
    fault = error.fault("submit")
    assert (fault.code, fault.message, fault.request_id, fault.cause) == (code, "Words, as they came.", "r-1", None)


def test_every_meaning_of_the_tables_is_that_of_its_code() -> None:
    for codes in CODES.values():
        for code, meaning in codes.table.items():
            found = explain(codes, code, 400, "Because.")
            assert found == Meaning(meaning.error, meaning.cause, meaning.concerns, None, meaning.no_task), code
