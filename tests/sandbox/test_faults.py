"""Each fault as a client sees it on the wire, and what it leaves behind."""

from __future__ import annotations

import json
import time
from pathlib import Path

import httpx
import pytest

from studio.catalog.models import CATALOG
from studio.providers.clouds import CLIENTS
from studio.sandbox.cloud import Sandbox
from studio.sandbox.faults import ENDPOINTS, InjectedFault
from studio.sandbox.server import CLOUDS, endpoints_of
from studio.sandbox.tasks import TaskPace
from tests.servers import SandboxServer, submission


@pytest.fixture
def quiet(sandbox: SandboxServer) -> SandboxServer:
    """A sandbox whose tasks stay where they are."""
    sandbox.rules(hold="PENDING")
    return sandbox


def result_url(sandbox: SandboxServer, prompt: str = "A horse") -> str:
    url: str = sandbox.finished(sandbox.task(submission(prompt)))["output"]["video_url"]
    return url


def read_until_it_breaks(url: str) -> tuple[int, bytes]:
    """The length that was announced and the bytes that came before the connection broke."""
    received = b""
    with httpx.stream("GET", url, timeout=30) as answer:
        try:
            for chunk in answer.iter_raw():
                received += chunk
        except httpx.TransportError:
            return int(answer.headers["content-length"]), received
    raise AssertionError("the connection did not break")


def test_every_address_of_a_cloud_is_an_endpoint_and_fails_in_the_clouds_own_words(tmp_path: Path) -> None:
    endpoints = endpoints_of(Sandbox(tmp_path, TaskPace()))
    assert {endpoint.route.name for endpoint in endpoints} == set(ENDPOINTS)
    told = [json.dumps(cloud.error_body(InjectedFault("get", "status", message="Later."))) for cloud in CLOUDS]
    assert all("Later." in one for one in told)
    assert len(set(told)) == len(CLOUDS)


def test_the_sandbox_has_an_account_at_each_cloud_whose_protocol_it_speaks_and_at_no_other(
    sandbox_server: SandboxServer,
) -> None:
    spoken = {cloud.PROVIDER for cloud in CLOUDS}
    assert sandbox_server.accounts.keys() == spoken
    assert spoken <= CATALOG.providers.keys() == CLIENTS.keys()


@pytest.mark.parametrize(("fault", "made"), [("status", 0), ("status_after", 1)])
def test_status_answers_instead_of_or_after_handling(quiet: SandboxServer, fault: str, made: int) -> None:
    told = {"status": 503, "code": "ModelUnavailable", "message": "Later.", "retry_after": "7"}
    quiet.faults({"endpoint": "create", "do": fault, **told})
    answer = quiet.create()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "7"
    assert answer.json() == {"code": "ModelUnavailable", "message": "Later.", "request_id": "sandbox-fault"}
    assert quiet.statistics()["creations"] == made


@pytest.mark.parametrize(("fault", "made"), [("reset", 0), ("reset_after", 1)])
def test_reset_breaks_the_connection_before_or_after_handling(quiet: SandboxServer, fault: str, made: int) -> None:
    quiet.faults({"endpoint": "create", "do": fault})
    with pytest.raises(httpx.ReadError):
        quiet.create()
    statistics = quiet.statistics()
    assert (statistics["requests"]["create"], statistics["creations"]) == (1, made)


@pytest.mark.parametrize(("fault", "made"), [("delay", 0), ("delay_after", 1)])
def test_delay_answers_late_and_may_have_handled_the_request_before(
    quiet: SandboxServer, fault: str, made: int
) -> None:
    quiet.faults(*({"endpoint": "create", "do": fault, "seconds": seconds} for seconds in (0.5, 10)))
    begun = time.monotonic()
    assert quiet.create().status_code == 200
    assert time.monotonic() - begun >= 0.5
    with pytest.raises(httpx.ReadTimeout):
        quiet.create(timeout=1)
    assert quiet.statistics()["creations"] == 1 + made


def test_hang_never_answers(quiet: SandboxServer) -> None:
    quiet.faults({"endpoint": "create", "do": "hang"})
    with pytest.raises(httpx.ReadTimeout):
        quiet.create(timeout=1)
    assert quiet.statistics()["creations"] == 0


def test_html_is_a_gateways_page(quiet: SandboxServer) -> None:
    quiet.faults({"endpoint": "get", "do": "html", "status": 502})
    answer = quiet.request("GET", "/api/v1/tasks/any")
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert answer.text.startswith("<html>")


def test_shape_is_json_of_another_kind(quiet: SandboxServer) -> None:
    quiet.faults({"endpoint": "list", "do": "shape"})
    answer = quiet.request("GET", "/api/v1/tasks/")
    assert (answer.status_code, answer.json()) == (200, {"hello": "world"})


def test_truncate_makes_the_task_and_breaks_off_the_answer(quiet: SandboxServer) -> None:
    quiet.faults({"endpoint": "create", "do": "truncate"})
    with pytest.raises(httpx.TransportError):
        quiet.create()
    assert quiet.statistics()["creations"] == 1


def test_a_fault_strikes_its_endpoint_as_often_as_it_says(quiet: SandboxServer) -> None:
    quiet.faults({"endpoint": "list", "do": "status", "times": 2}, {"endpoint": "cancel", "do": "status"})
    statuses = [quiet.request("GET", "/api/v1/tasks/").status_code for _ in range(3)]
    assert statuses == [500, 500, 200]
    assert quiet.create().status_code == 200
    assert [fault["endpoint"] for fault in quiet.http.post("/_control/faults", json=[]).json()] == ["cancel"]
    quiet.http.delete("/_control/faults")
    assert quiet.request("POST", "/api/v1/tasks/any/cancel").status_code == 400


def test_a_download_breaks_off_or_comes_short_or_wrong_or_late(instant_sandbox: SandboxServer) -> None:
    url = result_url(instant_sandbox)
    whole = instant_sandbox.http.get(url).content
    faults = ("truncate", "wrong_length", "garbage", "expired")
    instant_sandbox.faults(*({"endpoint": "download", "do": fault} for fault in faults))
    announced, received = read_until_it_breaks(url)
    assert announced == len(whole)
    assert received == whole[: len(whole) // 2]
    short = instant_sandbox.http.get(url)
    assert short.content == whole[: len(whole) // 2]
    assert short.headers["content-length"] == str(len(short.content))
    garbage = instant_sandbox.http.get(url)
    assert (garbage.status_code, garbage.headers["content-type"]) == (200, "video/mp4")
    assert b"ftyp" not in garbage.content
    expired = instant_sandbox.http.get(url)
    assert expired.status_code == 403
    assert "Request has expired" in expired.text
    assert instant_sandbox.http.get(url).content == whole


def test_words_in_the_prompt_spoil_the_download(instant_sandbox: SandboxServer) -> None:
    expired = instant_sandbox.task(submission("sandbox:expired"))
    url = instant_sandbox.finished(expired)["output"]["video_url"]
    assert instant_sandbox.http.get(url).status_code == 403
    assert instant_sandbox.get(expired)["output"]["task_status"] == "UNKNOWN"
    assert instant_sandbox.http.get(url).status_code == 403
    cut = result_url(instant_sandbox, "sandbox:truncate")
    with pytest.raises(httpx.TransportError):
        instant_sandbox.http.get(cut)
    assert instant_sandbox.http.get(cut).status_code == 200


def test_a_result_needs_its_signature_and_no_key(instant_sandbox: SandboxServer) -> None:
    url = result_url(instant_sandbox)
    assert instant_sandbox.key not in url
    part = instant_sandbox.http.get(url, headers={"Range": "bytes=0-11"})
    assert (part.status_code, part.content[4:8]) == (206, b"ftyp")
    assert instant_sandbox.http.get(url.replace("Expires=1", "Expires=2")).status_code == 403
    assert instant_sandbox.http.get(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 403
    assert instant_sandbox.http.get(url.partition("?")[0]).status_code == 403
    instant_sandbox.rules(result_seconds=-60)
    assert instant_sandbox.http.get(result_url(instant_sandbox)).status_code == 403
    instant_sandbox.clear()
    assert instant_sandbox.http.get(url).status_code == 404
