"""The sandbox as a client of AIVideoAPI sees it."""

from __future__ import annotations

import time
from typing import Any

import httpx

from tests.servers import SandboxServer

CREATE = "/v1/videos/generations"
TASKS = "/v1/tasks/"
CREDITS = "/v1/credits"


class Account:
    """Raw requests with AIVideoAPI's key."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.sandbox.aivideo_key}", **options.pop("headers", {})}
        return self.sandbox.request(method, path, headers=headers, **options)

    def create(self, body: Any = None) -> httpx.Response:
        """A submission of ``body``, by default a small and valid one."""
        return self.request("POST", CREATE, json=t2v() if body is None else body)

    def task(self, body: Any = None) -> str:
        """Make a task; its id."""
        task_id: str = self.create(body).raise_for_status().json()["data"]["taskId"]
        return task_id

    def get(self, task_id: str) -> dict[str, Any]:
        told: dict[str, Any] = self.request("GET", TASKS + task_id).raise_for_status().json()
        return told

    def finished(self, task_id: str, *, seconds: float = 30) -> dict[str, Any]:
        """Wait until the task is neither pending nor processing; the answer that says so."""
        deadline = time.monotonic() + seconds
        while (told := self.get(task_id))["status"] in ("pending", "processing"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"after {seconds} s the task is still {told['status']}")
            time.sleep(0.1)  # half of the rate that the sandbox allows
        return told

    def credits(self) -> dict[str, Any]:
        told = self.request("GET", CREDITS).raise_for_status().json()
        assert (told["code"], told["msg"]) == (200, "success")
        data: dict[str, Any] = told["data"]
        return data

    def balance(self) -> float:
        left: float = self.credits()["balance"]
        return left


def asked(mode: str, prompt: str = "A horse", *, callback_url: str | None = None, **fields: Any) -> dict[str, Any]:
    """A submission of ``mode`` as its model's name ends."""
    body = {"model": f"happyhorse-1.0-{mode}", "input": {"prompt": prompt, **fields}}
    return body if callback_url is None else {**body, "callback_url": callback_url}


def t2v(prompt: str = "A horse", *, callback_url: str | None = None, **fields: Any) -> dict[str, Any]:
    """The smallest text-to-video submission, unless ``fields`` say otherwise."""
    return asked("text-to-video", prompt, callback_url=callback_url, **{"duration": 3, **fields})


def i2v(url: str, **fields: Any) -> dict[str, Any]:
    return asked("image-to-video", **{"image_urls": [url], "duration": 3, **fields})


def r2v(*urls: str, **fields: Any) -> dict[str, Any]:
    return asked("reference-to-video", image_urls=list(urls), **{"duration": 3, **fields})


def edit(url: str, *references: str, **fields: Any) -> dict[str, Any]:
    return asked("video-edit", **{"video_urls": [url], "image_urls": list(references), **fields})


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of an error of the documented shape."""
    body = answer.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message", "type"}
    assert body["error"]["type"] == TYPES[body["error"]["code"]]
    return answer.status_code, body["error"]["code"], body["error"]["message"]


STATUSES = {
    "invalid_request": 400,
    "invalid_api_key": 401,
    "insufficient_credits": 402,
    "ip_not_allowed": 403,
    "model_not_found": 404,
    "task_not_found": 404,
    "rate_limit_exceeded": 429,
    "spend_limit_exceeded": 429,
    "internal_error": 500,
    "upstream_error": 503,
}
TYPES = {
    "invalid_request": "invalid_request_error",
    "invalid_api_key": "authentication_error",
    "insufficient_credits": "billing_error",
    "ip_not_allowed": "permission_error",
    "model_not_found": "invalid_request_error",
    "task_not_found": "invalid_request_error",
    "rate_limit_exceeded": "rate_limit_error",
    "spend_limit_exceeded": "billing_error",
    "internal_error": "api_error",
    "upstream_error": "upstream_error",
}
"""The table of the document, read here a second time."""
