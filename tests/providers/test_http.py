"""The wire under every kind of trouble: what is repeated, what never is, and what is told of it."""

from __future__ import annotations

import asyncio
import email.utils
import gzip
import time
import tracemalloc
import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from studio.catalog.requests import TextToVideo
from studio.errors import (
    AuthenticationFailed,
    NotFound,
    NotSent,
    PageInstead,
    ProviderError,
    ProviderFault,
    RateLimited,
    ReplyLost,
    RequestRefused,
    StudioError,
    TransportError,
    Unreadable,
)
from studio.providers.budget import Priority
from studio.providers.dashscope import CREATE, DashScope
from studio.providers.http import Counted, asked_to_wait, clean_host
from studio.system.pace import PACE, Pace
from tests.providers.wires import wire_to
from tests.servers import SandboxServer, ScriptedServer, answer

pytestmark = pytest.mark.anyio


class Impatient(httpx.AsyncHTTPTransport):
    """Real connections, on which an answer is waited for 0.3 s only."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["timeout"]["read"] = 0.3
        return await super().handle_async_request(request)


@pytest.mark.parametrize(
    ("fault", "error", "task_made", "creations"),
    [
        ({"do": "reset"}, ReplyLost, "unknown", 0),
        ({"do": "reset_after"}, ReplyLost, "unknown", 1),
        ({"do": "truncate"}, ReplyLost, "unknown", 1),
        ({"do": "hang"}, ReplyLost, "unknown", 0),
        ({"do": "shape"}, Unreadable, "unknown", 0),
        ({"do": "html", "status": 502}, ProviderFault, "unknown", 0),
        ({"do": "html", "status": 200}, PageInstead, "unknown", 0),
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
    transport = Impatient() if fault["do"] == "hang" else None
    client = DashScope(sandbox.url, SecretStr(sandbox.key), transport=transport)
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


@pytest.mark.parametrize("host", ["http://127.0.0.1:9", "http://nowhere.invalid", "http://127.0.0.1:port"])
async def test_what_cannot_leave_is_not_sent(request_of_a_video: TextToVideo, host: str) -> None:
    client = DashScope(host, SecretStr("sk-0123456789"))
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


async def test_a_file_for_the_account_itself_goes_with_the_key_and_whole_on_every_try(tmp_path: Path) -> None:
    (tmp_path / "frame.png").write_bytes(content := b"png " * 100_000)
    told: list[int] = []
    async with ScriptedServer(answer(b"{}", "503 Later", retry_after="0"), answer(b'{"file": "f1"}')) as server:
        wire = wire_to(server.url)
        with Counted(tmp_path / "frame.png", told.append) as file:
            given = {"data": {"model": "m"}, "files": {"file": ("file.png", file, "image/png")}}
            assert await wire.repeat("POST", "/files", Priority.SUBMIT, **given) == {"file": "f1"}
        await wire.aclose()
    assert len(server.requests) == 2
    assert all(
        head.startswith("POST /files ") and "authorization: bearer sk-" in head.lower() for head in server.requests
    )
    assert all(content in body for body in server.bodies)
    assert max(told) == len(content)


async def test_a_look_is_given_up_after_so_many_tries(sandbox: SandboxServer, dashscope: DashScope) -> None:
    sandbox.faults({"endpoint": "get", "do": "status", "times": 9, "status": 503, "retry_after": "0.01"})
    with pytest.raises(ProviderFault):
        await dashscope.get("any")
    assert sandbox.statistics()["requests"]["get"] == PACE.tries


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


HOURS = 10_000.0


@pytest.mark.parametrize(
    ("headers", "first_wait", "least"),
    [
        ({"Retry-After": "1"}, HOURS, 1.0),
        ({"Retry-After": "0.1"}, HOURS, 0.1),
        ({"Retry-After-Ms": "100", "Retry-After": str(HOURS)}, HOURS, 0.1),
        ({}, 0.4, 0.2),
    ],
    ids=["seconds", "fraction", "milliseconds", "nothing"],
)
async def test_the_wait_is_as_long_as_the_provider_asks(
    headers: dict[str, str], first_wait: float, least: float
) -> None:
    """Any other wait would last for hours."""
    pace = Pace(first_wait=first_wait)
    throttled = answer(b'{"code": "Throttling.RateQuota", "message": "later"}', "429 Too Many Requests", **headers)
    async with ScriptedServer(throttled, answer(b'{"fine": true}')) as server:
        wire = wire_to(server.url, pace=pace)
        assert await asyncio.wait_for(wire.get("/"), 30) == {"fine": True}
        await wire.aclose()
        assert server.times[1] - server.times[0] >= least


async def test_the_wait_may_be_given_as_a_date() -> None:
    pace = Pace(first_wait=HOURS)
    then = int(time.time()) + 2
    date = email.utils.formatdate(then, usegmt=True)
    throttled = answer(b'{"code": "Throttling.RateQuota"}', "429 Too Many Requests", Retry_After=date)
    async with ScriptedServer(throttled, answer(b'{"fine": true}')) as server:
        wire = wire_to(server.url, pace=pace)
        assert await asyncio.wait_for(wire.get("/"), 30) == {"fine": True}
        await wire.aclose()
        assert time.time() >= then


async def test_a_wait_beyond_reason_is_left_to_the_caller() -> None:
    throttled = answer(b'{"code": "Throttling"}', "429 Too Many Requests", Retry_After=str(PACE.longest_wait + 1))
    async with ScriptedServer(throttled) as server:
        wire = wire_to(server.url)
        with pytest.raises(RateLimited) as caught:
            await wire.get("/")
        await wire.aclose()
        assert caught.value.retry_after == PACE.longest_wait + 1
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
        ({"retry-after": "Wed, 01 Jan 2020 00:01:40 GMT", "date": "Wed, 01 Jan 2020 00:00:00 GMT"}, 100),
        ({"retry-after": "Wed, 01 Jan 2020 00:01:40 GMT", "date": "Wed, 01 Jan 2020 00:00:00 +99999999999999"}, 0),
        ({"retry-after": "Wed, 01 Jan 2020 00:00:00 +99999999999999"}, None),
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
    assert time.monotonic() - begun >= 1
    assert sandbox.statistics()["creations"] == 6


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


@pytest.mark.parametrize(
    ("pasted", "base"),
    [
        ("https://api.apiyi.com/wan", "https://api.apiyi.com/wan"),
        ("https://api.apiyi.com/wan/api/v1", "https://api.apiyi.com/wan"),
        (f"https://api.apiyi.com/wan{CREATE}", "https://api.apiyi.com/wan"),
        ("https://gate.example/v1/wan/", "https://gate.example/v1/wan"),
        ("https://gate.example/api/v1beta", "https://gate.example/api/v1beta"),
        ("https://gate.example/a//api/v1?key=1#top", "https://gate.example/a"),
        ("https://api.aivideoapi.ai/v1", "https://api.aivideoapi.ai"),
        ("https://api.aivideoapi.ai/v1/videos/generations", "https://api.aivideoapi.ai"),
    ],
)
def test_a_gateways_own_path_stays(pasted: str, base: str) -> None:
    assert clean_host(pasted) == base


def bomb(megabytes: int) -> bytes:
    """Gzip of so many megabytes of JSON, of which nothing but this program's memory would be too small."""
    squeeze = zlib.compressobj(1, wbits=31)
    return b"".join([squeeze.compress(b'{"a": "'), *(squeeze.compress(b"a" * (1 << 20)) for _ in range(megabytes))]) + (
        squeeze.compress(b'"}') + squeeze.flush()
    )


TOO_MUCH = {
    "plain": answer(b'{"a": "' + b"a" * (9 << 20) + b'"}'),
    "gzip": answer(bomb(200), Content_Encoding="gzip"),
    "brotli": answer(b"\x0b\x02\x80{}\x03", Content_Encoding="br"),
    "gzip of gzip": answer(gzip.compress(bomb(1)), Content_Encoding="gzip, gzip"),
    "endless": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + (b"100000\r\n" + b"a" * (1 << 20) + b"\r\n") * 9,
}


@pytest.mark.parametrize("given", TOO_MUCH.values(), ids=TOO_MUCH)
async def test_an_answer_that_is_too_large_or_encoded_is_not_taken(given: bytes) -> None:
    """Neither where nothing is paid, nor where it may be unknown now whether a task was made."""
    tracemalloc.start()
    try:
        async with ScriptedServer(given) as server:
            wire = wire_to(server.url)
            for asking in (wire.get("/"), wire.cancel("/"), wire.post_once("/", {}, {}, None)):
                with pytest.raises(Unreadable, match=r"larger than the limit of 8 MB|an encoding") as caught:
                    await asking
                assert caught.value.task_made == "unknown"
            await wire.aclose()
        assert len(server.requests) == 3
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()
    assert all("accept-encoding: identity" in head.lower() for head in server.requests)


async def test_gzip_that_nobody_asked_for_is_taken() -> None:
    async with ScriptedServer(answer(gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")) as server:
        wire = wire_to(server.url)
        assert await wire.get("/") == {"a": 1}
        assert await wire.post_once("/", {}, {}, None) == {"a": 1}
        await wire.aclose()


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a": ' + b"1" * 5000 + b"}", b'{"a": "\xff"}', b"1"])
async def test_json_that_python_does_not_read_is_a_page(body: bytes) -> None:
    async with ScriptedServer(answer(body)) as server:
        wire = wire_to(server.url)
        with pytest.raises(PageInstead):
            await wire.get("/")
        await wire.aclose()
