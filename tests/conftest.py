"""What tests of several folders share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.media import tools
from tests.servers import ROOT, SandboxServer

tools.ensure()


TOGETHER = {
    "faults/test_faults.py",
    "media/test_images.py",
    "media/test_limits.py",
    "sandbox/test_aivideo_credits.py",
    "sandbox/test_aivideo_media.py",
    "sandbox/test_aivideo_quickstart.py",
    "sandbox/test_media_checks.py",
    "sandbox/test_media_modes.py",
    "sandbox/test_media_quickstart.py",
    "sandbox/test_quickstart.py",
    "sandbox/test_render.py",
    "web/test_modes.py",
    "web/test_money.py",
    "web/test_public.py",
    "web/test_restore.py",
    "web/test_routes.py",
}
"""Modules whose tests share something that takes long to make: of several workers, one runs them all."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        name = item.path.relative_to(ROOT / "tests").as_posix()
        if name in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    """One sandbox for the whole session; tests take ``sandbox``."""
    with SandboxServer(tmp_path_factory.mktemp("sandbox")) as server:
        yield server


@pytest.fixture
def sandbox(sandbox_server: SandboxServer) -> SandboxServer:
    """The session's sandbox as if just started."""
    sandbox_server.clear()
    return sandbox_server


@pytest.fixture(scope="session")
def instant_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    """A sandbox whose tasks share one small video and end at once; tests take ``instant_sandbox``."""
    with SandboxServer(tmp_path_factory.mktemp("instant"), "--instant", seconds=0) as server:
        yield server


@pytest.fixture
def instant_sandbox(instant_server: SandboxServer) -> SandboxServer:
    """The session's sandbox of ready results as if just started, without its rates."""
    instant_server.clear()
    instant_server.rules(limited=False, pending=0)
    return instant_server
