"""The answer no."""

from __future__ import annotations


class Refusal(Exception):
    """An error answer: HTTP status, code, message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def invalid(message: str) -> Refusal:
    return Refusal(400, "InvalidParameter", message)


def invalid_url() -> Refusal:
    return Refusal(400, "InvalidURL", "The provided URL does not appear to be valid.")


def uninspectable(message: str) -> Refusal:
    """Media that cannot be had or read."""
    return Refusal(400, "InvalidParameter.DataInspection", message)
