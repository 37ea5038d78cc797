"""The answer no, as each of the two clouds words it."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An error answer: HTTP status, code, message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


# DashScope


def dashscope_error(code: str, message: str, request_id: str) -> dict[str, Any]:
    """The body of an error."""
    return {"code": code, "message": message, "request_id": request_id}


def invalid(message: str) -> Refusal:
    return Refusal(400, "InvalidParameter", message)


def invalid_url() -> Refusal:
    return Refusal(400, "InvalidURL", "The provided URL does not appear to be valid.")


DOCUMENTED = {
    "Arrearage": "Access denied, please make sure your account is in good standing.",
    "DataInspectionFailed": "Input text data may contain inappropriate content.",
    "IPInfringementSuspect": "Input data is suspected of being involved in IP infringement.",
    "InvalidFile.Duration": "Invalid file duration. The file duration must be 3 s ~ 60 s.",
    "InvalidFile.FPS": "Invalid video FPS. The video FPS must be 8 ~ 60.",
    "InvalidFile.Resolution": "Invalid video resolution. The height or width of video must be 360 ~ 4096.",
    "InvalidParameter": "Could not process with this prompt.",
    "InvalidParameter.DataInspection": "Unable to download the media resource during the data inspection process.",
    "Throttling.AllocationQuota": "Allocated quota exceeded, please increase your quota limit.",
    "Throttling.RateQuota": "Requests rate limit exceeded, please try again later.",
    "Workspace.AccessDenied": "Access denied: Either you are not authorized to access this workspace, "
    "or the workspace does not exist.",
}
"""The words with which a code comes (error codes page, and what was met in practice)."""


def reason_of(text: str) -> tuple[str, str]:
    """Code and message of ``text``: ``code: message``, or a code alone, with the words that belong to it."""
    code, _, message = text.partition(": ")
    return code, message or DOCUMENTED.get(code, f"The prompt asks for {code}.")


def unresolved() -> Refusal:
    """An upload's address that leads nowhere, no longer or never did (temporary upload, error codes)."""
    text = "InternalError.Algo.InvalidParameter: The provided URL does not appear to be valid."
    return Refusal(400, "invalid_parameter_error", text)


def uninspectable(message: str) -> Refusal:
    """Media that cannot be had or read."""
    return Refusal(400, "InvalidParameter.DataInspection", message)


# AIVideoAPI

AIVIDEO_ERRORS = {
    "invalid_request": (400, "invalid_request_error"),
    "invalid_api_key": (401, "authentication_error"),
    "insufficient_credits": (402, "billing_error"),
    "ip_not_allowed": (403, "permission_error"),
    "model_not_found": (404, "invalid_request_error"),
    "task_not_found": (404, "invalid_request_error"),
    "rate_limit_exceeded": (429, "rate_limit_error"),
    "spend_limit_exceeded": (429, "billing_error"),
    "internal_error": (500, "api_error"),
    "upstream_error": (503, "upstream_error"),
}
"""HTTP status and type of each code (AIVideoAPI, error codes)."""


def aivideo_error(code: str, message: str) -> dict[str, Any]:
    """The body of an error."""
    _, kind = AIVIDEO_ERRORS[code]
    return {"error": {"code": code, "message": message, "type": kind}}


def refused(code: str, message: str) -> Refusal:
    """The error of this code with the status that it is documented with."""
    status, _ = AIVIDEO_ERRORS[code]
    return Refusal(status, code, message)


def upstream(code: str, message: str) -> tuple[str, str]:
    """Code and message under which AIVideoAPI passes on an error, its own or that of the cloud behind it."""
    return (code, message) if code in AIVIDEO_ERRORS else ("upstream_error", f"{code}: {message}")
