"""What tests of several folders share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from app import without_stubs
from studio.system import ffmpeg as tools
from tests.servers import SandboxServer

with without_stubs():
    import gradio  # noqa: F401 - here, since each process that collects tests imports it

pytest_plugins = ["tests.databases", "tests.lanes"]

# The wheel's ffmpeg starts in 3 ms, a distribution's in 70, and the suite starts thousands. What depends on its version
# the most is tried with the system's: see ``system_ffmpeg``.
WHEEL = str(tools.bundled_folder() or "")
if WHEEL:
    os.environ["PATH"] = os.pathsep.join([WHEEL, os.environ["PATH"]])
tools.ensure()

# The same examples each time. ``--hypothesis-profile=search`` looks for others.
settings.register_profile("same", derandomize=True, deadline=None, max_examples=50)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("same")


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


@pytest.fixture
def system_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ffmpeg that a studio on this machine would take: the system's, where there is one."""
    folders = os.environ["PATH"].split(os.pathsep)
    monkeypatch.setenv("PATH", os.pathsep.join(folder for folder in folders if folder != WHEEL))
    monkeypatch.delenv("GCONV_PATH", raising=False)
    tools.ensure()
