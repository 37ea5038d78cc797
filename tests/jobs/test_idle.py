"""A studio that has nothing to do does next to nothing, and begins at once when there is something."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import psutil
import pytest

from studio.jobs.model import State
from studio.service import Studio
from tests.jobs.test_engine import run, settings_for, until, with_prompt
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess

SECONDS = 3.0


def test_an_idle_studio_leaves_the_processor_alone(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    with StudioProcess(tmp_path, instant_sandbox) as studio:
        time.sleep(2)  # what a start leaves to be done
        process = psutil.Process(studio.process.pid)
        before = process.cpu_times()
        time.sleep(SECONDS)
        after = process.cpu_times()
    share = (after.user + after.system - before.user - before.system) / SECONDS
    assert share < 0.05  # measured: 0.015


def test_an_idle_studio_begins_at_once(
    instant_sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it does seldom while there is nothing to do, no job waits for."""
    monkeypatch.setattr("studio.jobs.workflows.QUEUE_SECONDS", 60.0)
    monkeypatch.setattr("studio.jobs.rounds.IDLE_SECONDS", 60.0)
    instant_sandbox.faults({"endpoint": "create", "do": "reset_after"})
    with Studio(settings_for(instant_sandbox, tmp_path)) as studio:

        async def story() -> None:
            await asyncio.sleep(1)
            job = await studio.engine.accept("ada", with_prompt("A horse at dawn"))
            assert (await until(studio, job, lambda now: now.video is not None)).state is State.SUCCEEDED

        run(story())
