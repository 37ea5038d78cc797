"""What tests of several folders share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.media import tools
from tests.servers import SandboxServer

tools.ensure()


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
