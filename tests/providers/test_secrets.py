"""No key leaves in an error, a log or a representation."""

from __future__ import annotations

import logging

import pytest
from pydantic import SecretStr

from studio.catalog.requests import TextToVideo
from studio.errors import AuthenticationFailed, StudioError
from studio.providers.dashscope import DashScope
from tests.providers.wires import told_by, wire_to
from tests.servers import SandboxServer

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "status", "status": 401, "code": "InvalidApiKey"},
        {"do": "status", "status": 400, "code": "InvalidParameter"},
        {"do": "reset"},
        {"do": "shape"},
        {"do": "html", "status": 502},
    ],
    ids=lambda fault: f"{fault['do']}-{fault.get('status', '')}",
)
async def test_the_key_is_never_told(
    sandbox: SandboxServer,
    dashscope: DashScope,
    request_of_a_video: TextToVideo,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, object],
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"Incorrect API key provided: {sandbox.key}, sent as Bearer {sandbox.key}"
    sandbox.faults({"endpoint": "create", "message": echo, **fault})
    with pytest.raises(StudioError) as caught:
        await dashscope.create(request_of_a_video)
    shown = told_by(caught.value) + repr(dashscope) + repr(dashscope.__dict__) + str(caught.value.fault("submit"))
    assert sandbox.key not in shown
    assert sandbox.key not in caplog.text
    assert "POST /api/v1/services/aigc/video-generation/video-synthesis" in caplog.text or fault["do"] == "reset"


@pytest.mark.parametrize("key", ["sk-01234\n56789", "“sk-0123456789”", "sk-01234 56789", "sk-中文0123456789", ""])
async def test_a_key_that_no_header_can_carry_is_refused_before_sending(
    sandbox: SandboxServer, request_of_a_video: TextToVideo, key: str
) -> None:
    client = DashScope(sandbox.url, SecretStr(key))
    with pytest.raises(AuthenticationFailed) as caught:
        await client.create(request_of_a_video)
    assert caught.value.task_made == "no"
    assert "56789" not in told_by(caught.value)
    with pytest.raises(AuthenticationFailed):
        await client.list()
    await client.aclose()
    assert sandbox.statistics()["requests"]["create"] == 0


async def test_blanks_around_a_pasted_key_do_no_harm(sandbox: SandboxServer) -> None:
    client = DashScope(sandbox.url, SecretStr(f"  {sandbox.key}\n"))
    assert (await client.list()).tasks == ()
    await client.aclose()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("key sk-0123456789abcdef!", "key [key]!"),
        ("another sk-ffffeeee", "another [hidden]"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [hidden]"),
        ("?Expires=1&Signature=aGVs%3D&x=1", "?Expires=1&Signature=[hidden]&x=1"),
        ("OSSAccessKeyId=LTAI123 said no", "OSSAccessKeyId=[hidden] said no"),
        ("the task-runner asked", "the task-runner asked"),
    ],
)
def test_redaction_hides_what_looks_like_a_secret(text: str, left: str) -> None:
    assert wire_to("http://127.0.0.1").redact(text) == left
