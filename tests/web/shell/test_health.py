"""Whether it lives, takes work and how it does: for the machine itself with all of it, for strangers yes or no."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.database.states import State
from studio.service import Studio
from studio.system.pace import Pace
from studio.web.shell.health import health_routes
from tests.databases import make_job
from tests.jobs.clouds import at_rest
from tests.jobs.test_engine import settings_for
from tests.servers import SandboxServer

LOOPBACK = ("127.0.0.1", 50000)


@pytest.fixture(scope="module")
def studio(instant_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Studio(settings_for(instant_server, tmp_path_factory.mktemp("studio"))) as running:
        yield running


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def client(studio: Studio, peer: tuple[str, int] = LOOPBACK) -> TestClient:
    return TestClient(Starlette(routes=health_routes(studio)), "http://127.0.0.1:7860", client=peer)


def test_the_machine_itself_learns_everything(studio: Studio) -> None:
    answer = client(studio).get("/healthz")
    told = answer.json()
    assert (answer.status_code, told["ok"], told["reasons"], told["database"]) == (200, True, [], True)
    assert told["free_bytes"] > 0
    assert told["watchers"]["dashscope:beijing"]["trouble"] is None
    assert client(studio, ("::ffff:127.0.0.1", 1)).get("/healthz").json()["watchers"]
    assert client(studio).get("/livez").json() == {"ok": True}
    paid = {"takes_paid_work": True, "missing_settings": []}
    assert client(studio).get("/readyz").json() == {"ok": True, "reasons": [], **paid}


def test_a_public_studio_without_limits_says_that_it_takes_no_paid_work(
    instant_server: SandboxServer, tmp_path: Path, closing: ExitStack
) -> None:
    """It is ready all the same: its page tells what to set, and what was paid for is there."""
    settings = ["STUDIO_DAILY_LIMIT", "STUDIO_VISITOR_DAILY_LIMIT"]
    studio = closing.enter_context(
        at_rest(settings_for(instant_server, tmp_path, STUDIO_PUBLIC_URL="https://a.example.com"))
    )
    for address in ("/readyz", "/healthz"):
        told = client(studio).get(address)
        assert (told.status_code, told.json()["takes_paid_work"]) == (200, False)
        assert told.json()["missing_settings"] == settings
        assert client(studio, ("192.0.2.7", 1)).get(address).json() == {"ok": True}


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("192.0.2.7", {}),
        ("2001:db8::1", {}),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
        ("::1", {"X-Real-IP": "::1"}),
        ("127.0.0.1", {"Host": "studio.example.com"}),
        ("127.0.0.1", {"Host": "192.0.2.1:7860"}),
        ("unknown", {}),
    ],
)
@pytest.mark.parametrize("path", ["/readyz", "/healthz"])
def test_a_stranger_learns_whether_and_no_more(studio: Studio, path: str, peer: str, headers: dict[str, str]) -> None:
    assert client(studio, (peer, 1)).get(path, headers=headers).json() == {"ok": True}


def test_what_is_in_the_way_is_told_with_503(instant_server: SandboxServer, tmp_path: Path, closing: ExitStack) -> None:
    studio = closing.enter_context(at_rest(settings_for(instant_server, tmp_path, STUDIO_DISK_RESERVE=str(2**60))))
    answer = client(studio).get("/readyz")
    assert (answer.status_code, answer.json()["ok"], answer.json()["reasons"]) == (503, False, ["disk"])
    assert client(studio).get("/healthz").json()["reserve_bytes"] == 2**60
    stranger = client(studio, ("192.0.2.7", 1)).get("/healthz")
    assert (stranger.status_code, stranger.json()) == (503, {"ok": False})
    assert client(studio).get("/livez").status_code == 200


def test_a_database_without_a_connection_to_give_holds_up_no_answer(
    instant_server: SandboxServer, tmp_path: Path, closing: ExitStack
) -> None:
    studio = closing.enter_context(at_rest(settings_for(instant_server, tmp_path), pace=Pace(health_seconds=0.05)))
    engine = studio.engine.store.engine
    taken = [engine.connect() for _ in range(15)]
    try:
        answer = client(studio).get("/readyz")
        assert (answer.status_code, answer.json()["reasons"]) == (503, ["database"])
    finally:
        for connection in taken:
            connection.close()
    assert studio.engine.store.get(make_job(state=State.QUEUED).id) is None
