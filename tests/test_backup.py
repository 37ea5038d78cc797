"""The copy that the handbook tells to take, of a studio at work: it is restored elsewhere, and nothing hangs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.test_commands import BACKUP

JOBS = 6


@pytest.mark.slow
def test_a_copy_of_a_studio_at_work_goes_on_elsewhere(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    with StudioProcess(here, instant_sandbox, STUDIO_POLL_SECONDS="0.3") as studio, studio.visitor() as visitor:
        instant_sandbox.faults({"endpoint": "create", "do": "delay", "seconds": 0.5, "times": JOBS})
        jobs = [studio.submit(visitor, f"Horse {number}")["id"] for number in range(JOBS)]
        studio.wait(visitor, jobs[0], lambda job: job["state"] not in ("queued", "publishing"))
        subprocess.run(BACKUP, shell=True, cwd=here, check=True)
        studio.kill()
    (there / "data").mkdir(parents=True)
    shutil.move(here / "studio.backup.db", there / "data" / "studio.db")
    shutil.copy(here / "data" / "secret", there / "data")
    cookies = visitor.cookies
    with StudioProcess(there, instant_sandbox, STUDIO_POLL_SECONDS="0.3") as studio, studio.visitor() as visitor:
        visitor.cookies = cookies
        for job in jobs:
            # What the copy did not know to be sent is sent again, so its task is one of two: neither is guessed.
            assert studio.wait(visitor, job)["state"] in ("succeeded", "interrupted")
