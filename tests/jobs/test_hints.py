"""What a callback sets off: one look, and nothing at all when it is not about a job of ours."""

from __future__ import annotations

import asyncio
from pathlib import Path

from studio.database.states import State
from studio.providers.base import TaskStatus
from studio.service import Studio
from studio.system.pace import Pace
from tests.jobs.test_aivideo import CREDITS_REQUEST, settings_of_both
from tests.jobs.test_engine import ended, happens, run, until
from tests.servers import SandboxServer


def test_a_hint_is_looked_at_once_and_a_stranger_costs_nothing(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    """With an hour between two looks, only the hint can be why the end is seen."""
    settings = settings_of_both(instant_sandbox, tmp_path, STUDIO_POLL_SECONDS="3600")
    with Studio(settings, pace=Pace(first_look_seconds=0.2)) as studio:

        async def story() -> None:
            instant_sandbox.rules(hold="RUNNING")
            job = await studio.engine.accept("ada", CREDITS_REQUEST)
            seen = await until(studio, job, lambda now: now.task_status is TaskStatus.RUNNING)
            looks = instant_sandbox.statistics()["requests"]["get"]
            for task_id in ["unknown", "", "x" * 5000] * 300:
                studio.engine.hint("aivideoapi", task_id)
            studio.engine.hint("dashscope", seen.task_id)
            await asyncio.sleep(1.5)
            assert instant_sandbox.statistics()["requests"]["get"] == looks
            instant_sandbox.rules(hold=None)
            await happens(lambda: instant_sandbox.statistics()["tasks"][0]["status"] == "SUCCEEDED")
            for _ in range(300):
                studio.engine.hint("aivideoapi", seen.task_id)
            assert (await ended(studio, job)).state is State.SUCCEEDED
            assert instant_sandbox.statistics()["requests"]["get"] == looks + 1

        run(story())
