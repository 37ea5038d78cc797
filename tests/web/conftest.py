"""One live studio with its cloud, and one browser, for all tests of the page."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests import browser as chromium
from tests.servers import SandboxServer
from tests.studio_process import ENDED, StudioProcess

POLL_SECONDS = "0.2"


@pytest.fixture(scope="session")
def cloud_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    """What the live studio takes for DashScope; tests take ``cloud``."""
    with SandboxServer(tmp_path_factory.mktemp("cloud"), "--instant", seconds=0) as server:
        yield server


@pytest.fixture
def cloud(cloud_server: SandboxServer) -> SandboxServer:
    """The cloud without tasks, faults and rates; its tasks end at once, with one small video for all."""
    cloud_server.clear()
    cloud_server.rules(limited=False, pending=0, running_per_model=100)
    return cloud_server


@pytest.fixture(scope="session")
def studio_process(cloud_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    folder = tmp_path_factory.mktemp("studio")
    with StudioProcess(folder, cloud_server, STUDIO_POLL_SECONDS=POLL_SECONDS) as process:
        yield process


@pytest.fixture
def studio(studio_process: StudioProcess, cloud: SandboxServer) -> Iterator[StudioProcess]:
    """The real studio, shared by the tests, with its cloud in order."""
    yield studio_process
    settle(studio_process, cloud)


def settle(studio: StudioProcess, cloud: SandboxServer) -> None:
    """Let the jobs that a test has left come to their ends, so that none meets with what the next one has in mind."""
    cloud.http.delete("/_control/faults").raise_for_status()
    cloud.rules(hold=None)
    going = f"""
        SELECT state, task_id, fault, request FROM jobs
        WHERE state NOT IN {ENDED} AND stopped_at IS NULL AND task_status IS NOT 'UNKNOWN'
    """
    deadline = time.monotonic() + 120
    with contextlib.closing(sqlite3.connect(studio.data_dir / "studio.db")) as database:
        while left := database.execute(going).fetchall():
            assert time.monotonic() < deadline, left
            time.sleep(0.05)


@pytest.fixture(scope="session")
def lonely_process(cloud_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    with StudioProcess(tmp_path_factory.mktemp("lonely"), cloud_server, STUDIO_POLL_SECONDS=POLL_SECONDS) as process:
        yield process


@pytest.fixture
def lonely(lonely_process: StudioProcess, cloud: SandboxServer) -> Iterator[StudioProcess]:
    """A real studio that has few jobs, all ended, so that a test knows all that it has seen; it may be killed."""
    if lonely_process.process.poll() is not None:
        lonely_process.restart(DASHSCOPE_API_KEY=cloud.key)
    yield lonely_process
    settle(lonely_process, cloud)


@pytest.fixture(scope="session")
def both_process(cloud_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    settings = {
        "AIVIDEOAPI_KEY": cloud_server.aivideo_key,
        "AIVIDEOAPI_BASE_URL": cloud_server.url,
        "STUDIO_POLL_SECONDS": POLL_SECONDS,
    }
    process = StudioProcess(tmp_path_factory.mktemp("both"), cloud_server, **settings)
    process.environ |= {"STUDIO_PUBLIC_URL": process.url, "STUDIO_WITHOUT_LIMITS": "true"}
    with process:
        yield process


@pytest.fixture
def both(both_process: StudioProcess, cloud: SandboxServer) -> Iterator[StudioProcess]:
    """A real studio with an account at either cloud, which its clouds reach."""
    yield both_process
    settle(both_process, cloud)


@pytest.fixture
def visitor(studio: StudioProcess) -> Iterator[httpx.Client]:
    """Someone who has never been here before."""
    with studio.visitor() as client:
        yield client


@pytest.fixture
def other(studio: StudioProcess) -> Iterator[httpx.Client]:
    """Someone else."""
    with studio.visitor() as client:
        yield client


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real browser, told to do nothing on the network by itself.

    It ends with the tests of the page: while Playwright runs, no other test could run an event loop.
    """
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium.find(), headless=True, args=arguments)
        yield opened
        opened.close()
