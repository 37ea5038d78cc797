"""A studio that has had nothing to do begins at once when there is something."""

from __future__ import annotations

import asyncio
from pathlib import Path

from studio.database.states import State
from studio.service import Studio
from studio.system.pace import Pace
from tests.jobs.test_engine import run, settings_for, until, with_prompt
from tests.servers import SandboxServer


def test_an_idle_studio_begins_at_once(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    """What it does seldom while there is nothing to do, no job waits for."""
    instant_sandbox.faults({"endpoint": "create", "do": "reset_after"})
    with Studio(settings_for(instant_sandbox, tmp_path), pace=Pace(queue_seconds=60.0, idle_seconds=60.0)) as studio:

        async def story() -> None:
            await asyncio.sleep(1)
            job = await studio.engine.accept("ada", with_prompt("A horse at dawn"))
            assert (await until(studio, job, lambda now: now.video is not None)).state is State.SUCCEEDED

        run(story())
