"""Requests so close together that a limit by the second meets them all."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.servers import SandboxServer


def burst(sandbox: SandboxServer, count: int, ask: Callable[[], httpx.Response], **rules: Any) -> list[httpx.Response]:
    """The answers to ``count`` requests within one second, from a sandbox as if just started.

    Where the machine was too slow for that, they are sent anew.
    """
    while True:
        sandbox.clear()
        sandbox.rules(**rules)
        begun = time.monotonic()
        answers = [ask() for _ in range(count)]
        if time.monotonic() - begun < 1:
            return answers
