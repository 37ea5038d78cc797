"""Clients of the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from studio.catalog.requests import TextToVideo
from studio.providers.dashscope import DashScope
from tests.servers import SandboxServer


@pytest.fixture
def request_of_a_video() -> TextToVideo:
    return TextToVideo(
        provider="dashscope", model="happyhorse-1.0-t2v", prompt="A horse", resolution="720P", duration=3, seed=7
    )


@pytest.fixture
async def dashscope(sandbox: SandboxServer) -> AsyncIterator[DashScope]:
    """A client with budgets of its own; tasks stay PENDING unless the test says otherwise."""
    sandbox.rules(hold="PENDING")
    client = DashScope(sandbox.url, SecretStr(sandbox.key))
    yield client
    await client.aclose()
