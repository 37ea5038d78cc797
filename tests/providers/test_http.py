"""The wire under every kind of trouble: what is repeated, what never is, and what is told of it."""

from __future__ import annotations

import asyncio
import email.utils
import logging
import socket
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest
from pydantic import SecretStr

from studio.errors import (
    AuthenticationFailed,
    NotFound,
    NotSent,
    ProviderError,
    ProviderFault,
    RateLimited,
    ReplyLost,
    RequestRefused,
    ResultExpired,
    ResultUnreachable,
    StudioError,
    TransportError,
    Unreadable,
)
from studio.providers.budget import Budget
from studio.providers.dashscope import DashScope, read_error
from studio.providers.http import LONGEST_WAIT, TRIES, Wire, asked_to_wait, clean_host
from studio.requests import TextToVideo
from tests.servers import SandboxServer, ScriptedServer, answer

pytestmark = pytest.mark.anyio


class Impatient(httpx.AsyncHTTPTransport):
    """Real connections that are waited on for 0.3 s only."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), 0.3)
        return await super().handle_async_request(request)


def wire_to(url: str, key: str = "sk-0123456789abcdef") -> Wire:
    return Wire(url, SecretStr(key), read_error, budget=Budget(100))


def refused_port() -> str:
    """Address of a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize(
    ("fault", "error", "task_made", "creations"),
    [
        ({"do": "reset"}, ReplyLost, "unknown", 0),
        ({"do": "reset_after"}, ReplyLost, "unknown", 1),
        ({"do": "truncate"}, ReplyLost, "unknown", 1),
        ({"do": "hang"}, ReplyLost, "unknown", 0),
        ({"do": "shape"}, Unreadable, "unknown", 0),
        ({"do": "html", "status": 502}, ProviderFault, "unknown", 0),
        ({"do": "html", "status": 200}, Unreadable, "unknown", 0),
        ({"do": "status", "status": 500}, ProviderFault, "unknown", 0),
        ({"do": "status_after", "status": 500}, ProviderFault, "unknown", 1),
        ({"do": "status_after", "status": 504, "code": "RequestTimeOut"}, ProviderFault, "unknown", 1),
        ({"do": "status", "status": 503, "code": "ModelUnavailable"}, ProviderFault, "no", 0),
        ({"do": "status", "status": 429, "code": "Throttling.RateQuota", "retry_after": "0"}, RateLimited, "no", 0),
        ({"do": "status", "status": 400, "code": "InvalidParameter"}, RequestRefused, "no", 0),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
async def test_a_submission_leaves_exactly_once(
    sandbox: SandboxServer,
    request_of_a_video: TextToVideo,
    fault: dict[str, object],
    error: type[ProviderError | TransportError],
    task_made: str,
    creations: int,
) -> None:
    sandbox.rules(hold="PENDING")
    client = DashScope(sandbox.url, SecretStr(sandbox.key), "beijing", transport=Impatient())
    # It would strike again if the request were repeated.
    sandbox.faults({"endpoint": "create", "times": 9, **fault})
    with pytest.raises(error) as caught:
        await client.create(request_of_a_video)
    await client.aclose()
    assert type(caught.value) is error
    assert caught.value.task_made == task_made
    assert caught.value.fault("submit").charged == ("unknown" if task_made == "unknown" else "no")
    statistics = sandbox.statistics()
    assert statistics["requests"]["create"] == 1
    assert statistics["creations"] == creations


@pytest.mark.parametrize("host", [refused_port, lambda: "http://nowhere.invalid", lambda: "http://127.0.0.1:port"])
async def test_what_cannot_leave_is_not_sent(request_of_a_video: TextToVideo, host: Callable[[], str]) -> None:
    client = DashScope(host(), SecretStr("sk-0123456789"), "beijing")
    with pytest.raises(NotSent) as caught:
        await client.create(request_of_a_video)
    await client.aclose()
    assert (caught.value.task_made, caught.value.fault("submit").charged) == ("no", "no")


async def test_before_send_runs_once_and_can_still_stop_the_submission(
    sandbox: SandboxServer, dashscope: DashScope, request_of_a_video: TextToVideo
) -> None:
    seen: list[int] = []

    async def note() -> None:
        seen.append(sandbox.statistics()["requests"]["create"])

    async def stop() -> None:
        raise NotFound("gone")

    await dashscope.create(request_of_a_video, before_send=note)
    assert seen == [0]
    with pytest.raises(NotFound, match="gone"):
        await dashscope.create(request_of_a_video, before_send=stop)
    assert sandbox.statistics()["requests"]["create"] == 1


async def test_every_submission_has_a_connection_of_its_own() -> None:
    async with ScriptedServer(answer()) as server:
        wire = wire_to(server.url)
        for _ in range(3):
            await wire.post_once("/", {}, {}, None)
        assert server.connections == 3
        for _ in range(3):
            await wire.get("/")
        assert server.connections == 4
        await wire.aclose()


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "status", "status": 500, "retry_after": "0"},
        {"do": "status", "status": 429, "code": "Throttling.RateQuota", "retry_after": "0"},
        {"do": "reset"},
        {"do": "truncate"},
        {"do": "html", "status": 502},
    ],
    ids=lambda fault: f"{fault['do']}-{fault.get('status', '')}",
)
async def test_a_look_is_repeated(sandbox: SandboxServer, dashscope: DashScope, fault: dict[str, object]) -> None:
    sandbox.faults({"endpoint": "get", **fault})
    assert (await dashscope.get("any")).status == "UNKNOWN"
    assert sandbox.statistics()["requests"]["get"] == 2


async def test_a_list_and_a_cancel_are_repeated_too(
    sandbox: SandboxServer, dashscope: DashScope, request_of_a_video: TextToVideo
) -> None:
    task = await dashscope.create(request_of_a_video)
    sandbox.faults(*({"endpoint": name, "do": "status", "retry_after": "0"} for name in ("list", "cancel")))
    assert (await dashscope.list()).total == 1
    await dashscope.cancel(task.id)
    assert sandbox.get(task.id)["output"]["task_status"] == "CANCELED"


async def test_a_look_is_given_up_after_so_many_tries(sandbox: SandboxServer, dashscope: DashScope) -> None:
    sandbox.faults({"endpoint": "get", "do": "status", "times": 9, "status": 503, "retry_after": "0.01"})
    with pytest.raises(ProviderFault):
        await dashscope.get("any")
    assert sandbox.statistics()["requests"]["get"] == TRIES


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"do": "status", "status": 400, "code": "InvalidParameter"}, RequestRefused),
        ({"do": "status", "status": 401, "code": "InvalidApiKey"}, AuthenticationFailed),
        ({"do": "shape"}, Unreadable),
    ],
)
async def test_a_clear_answer_is_not_asked_for_again(
    sandbox: SandboxServer, dashscope: DashScope, fault: dict[str, object], error: type[StudioError]
) -> None:
    sandbox.faults({"endpoint": "list", "times": 9, **fault})
    with pytest.raises(error):
        await dashscope.list()
    assert sandbox.statistics()["requests"]["list"] == 1


def _in_two_seconds() -> dict[str, str]:
    return {"Retry-After": email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)}


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        (lambda: {"Retry-After": "1"}, 1.0, 1.3),
        (lambda: {"Retry-After": "0.3"}, 0.3, 0.6),
        (lambda: {"Retry-After-Ms": "300", "Retry-After": "9"}, 0.3, 0.6),
        (_in_two_seconds, 0.9, 2.3),
        (dict, 0.5, 1.3),
    ],
    ids=["seconds", "fraction", "milliseconds", "date", "nothing"],
)
async def test_the_wait_is_as_long_as_the_provider_asks(
    headers: Callable[[], dict[str, str]], least: float, most: float
) -> None:
    throttled = answer(b'{"code": "Throttling.RateQuota", "message": "later"}', "429 Too Many Requests", **headers())
    async with ScriptedServer(throttled, answer(b'{"fine": true}')) as server:
        wire = wire_to(server.url)
        assert await wire.get("/") == {"fine": True}
        await wire.aclose()
        assert least <= server.times[1] - server.times[0] < most


async def test_a_wait_beyond_reason_is_left_to_the_caller() -> None:
    throttled = answer(b'{"code": "Throttling"}', "429 Too Many Requests", Retry_After=str(LONGEST_WAIT + 1))
    async with ScriptedServer(throttled) as server:
        wire = wire_to(server.url)
        with pytest.raises(RateLimited) as caught:
            await wire.get("/")
        await wire.aclose()
        assert caught.value.retry_after == LONGEST_WAIT + 1
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "-1"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "3"}, 3),
        ({"retry-after": "Wed, 01 Jan 2020 00:00:00 GMT"}, 0),
        ({"retry-after": "Wed, 01 Jan 2020 00:00:00 -0000"}, 0),
        ({"retry-after": "Wed, 01 Jan 2020 00:00:00"}, 0),
    ],
)
def test_retry_after_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_to_wait(httpx.Response(429, headers=headers)) == seconds


def test_a_date_of_another_zone_is_the_same_moment() -> None:
    soon = datetime.now(timezone(timedelta(hours=8))) + timedelta(seconds=100)
    told = httpx.Response(429, headers={"retry-after": email.utils.format_datetime(soon)})
    assert asked_to_wait(told) == pytest.approx(100, abs=2)


async def test_the_accounts_rate_is_kept_over_the_wire(sandbox: SandboxServer, dashscope: DashScope) -> None:
    await asyncio.gather(*(dashscope.get(f"any-{n}") for n in range(45)))
    statistics = sandbox.statistics()
    assert statistics["requests"]["get"] == 45, "a throttled look would have been repeated"
    assert statistics["busiest_second"] <= 20


async def test_five_submissions_of_a_model_leave_in_a_second(
    sandbox: SandboxServer, dashscope: DashScope, request_of_a_video: TextToVideo
) -> None:
    begun = time.monotonic()
    await asyncio.gather(*(dashscope.create(request_of_a_video) for _ in range(6)))
    assert 1 <= time.monotonic() - begun < 2
    assert sandbox.statistics()["creations"] == 6


def told_by(error: BaseException) -> str:
    """All that printing an error or anything in its chain can show."""
    shown = "".join(traceback.format_exception(error))
    chain: BaseException | None = error
    while chain is not None:
        shown += f"{chain!r} {chain} {chain.args}"
        chain = chain.__cause__ or chain.__context__
    return shown


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
    client = DashScope(sandbox.url, SecretStr(key), "beijing")
    with pytest.raises(AuthenticationFailed) as caught:
        await client.create(request_of_a_video)
    assert caught.value.task_made == "no"
    assert "56789" not in told_by(caught.value)
    with pytest.raises(AuthenticationFailed):
        await client.list()
    await client.aclose()
    assert sandbox.statistics()["requests"]["create"] == 0


async def test_blanks_around_a_pasted_key_do_no_harm(sandbox: SandboxServer) -> None:
    client = DashScope(sandbox.url, SecretStr(f"  {sandbox.key}\n"), "beijing")
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


@pytest.mark.parametrize(
    "pasted",
    [
        "https://dashscope.aliyuncs.com",
        " https://dashscope.aliyuncs.com/ ",
        "https://dashscope.aliyuncs.com/api/v1",
        "https://dashscope.aliyuncs.com/api/v1/",
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
        "https://dashscope.aliyuncs.com/api/v1/tasks/",
    ],
)
def test_a_pasted_address_loses_its_path(pasted: str) -> None:
    assert clean_host(pasted) == "https://dashscope.aliyuncs.com"


async def download(client: DashScope, url: str) -> tuple[int | None, bytes]:
    async with client.download(url) as result:
        return result.length, b"".join([chunk async for chunk in result.chunks])


async def test_a_download_tells_its_length_and_gives_all_bytes(instant_sandbox: SandboxServer) -> None:
    url = instant_sandbox.finished(instant_sandbox.task())["output"]["video_url"]
    client = DashScope(instant_sandbox.url, SecretStr(instant_sandbox.key), "beijing")
    length, whole = await download(client, url)
    assert length == len(whole) > 10_000
    assert whole[4:8] == b"ftyp"

    for fault, error in (
        ({"do": "expired"}, ResultExpired),
        ({"do": "truncate"}, ResultUnreachable),
        ({"do": "reset"}, ResultUnreachable),
        ({"do": "status", "status": 500}, ResultUnreachable),
        ({"do": "status", "status": 404}, ResultExpired),
    ):
        instant_sandbox.faults({"endpoint": "download", **fault})
        with pytest.raises(error) as caught:
            await download(client, url)
        assert "Signature=" not in told_by(caught.value)

    # These two are not visible on the wire: whoever keeps the file has to look into it.
    instant_sandbox.faults({"endpoint": "download", "do": "wrong_length"}, {"endpoint": "download", "do": "garbage"})
    length, short = await download(client, url)
    assert (length, short) == (len(whole) // 2, whole[: len(whole) // 2])
    length, garbage = await download(client, url)
    assert length == len(garbage)
    assert b"ftyp" not in garbage
    await client.aclose()


@pytest.mark.parametrize("url", ["http://127.0.0.1:port/a.mp4", "nonsense", "ftp://127.0.0.1/a.mp4", ""])
async def test_an_address_that_cannot_be_opened_is_unreachable(url: str) -> None:
    wire = wire_to("http://127.0.0.1")
    with pytest.raises(ResultUnreachable):
        async with wire.download(url):
            pass
    await wire.aclose()


async def test_a_download_carries_no_key_and_follows_redirects() -> None:
    async with ScriptedServer(answer(b"video")) as bucket:
        async with ScriptedServer(answer(b"", "302 Found", Location=f"{bucket.url}/b.mp4")) as front:
            wire = wire_to(front.url)
            async with wire.download(f"{front.url}/a.mp4") as result:
                assert b"".join([chunk async for chunk in result.chunks]) == b"video"
            await wire.aclose()
        heads = front.requests + bucket.requests
    assert len(heads) == 2
    assert not any("authorization" in head.lower() for head in heads)
