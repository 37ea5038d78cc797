"""A disk that is full while a video is saved, on a real small disk."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.database.states import State
from studio.service import Studio
from studio.system.pace import Pace
from tests.disks import disk_at
from tests.jobs.test_engine import REQUEST, ended, not_saved, run, settings_for, until
from tests.servers import SandboxServer


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB, which is less than any video."""
    with disk_at(tmp_path / "output", "64k") as folder:
        yield folder


def test_a_full_disk_keeps_the_job_savable_and_goes_on_when_there_is_space(
    small_disk: Path, sandbox: SandboxServer, tmp_path: Path
) -> None:
    with Studio(settings_for(sandbox, tmp_path), pace=Pace(storage_seconds=0.1)) as studio:

        async def story() -> None:
            job = await studio.engine.accept("ada", REQUEST)
            full = await not_saved(studio, job, "storage_full")
            waits = await until(studio, job, lambda _: sandbox.statistics()["requests"]["download"] > 3)
            assert (waits.state, waits.attempt) == (State.SAVING, full.attempt)
            told = [event.what for event in await studio.engine.history("ada", job.id)]
            assert told.count("not saved") == 1
            subprocess.run(["mount", "-o", "remount,size=16m", small_disk], check=True)
            saved = await ended(studio, job)
            assert saved.state is State.SUCCEEDED
            assert saved.fault is None
            assert saved.video is not None
            assert (small_disk / saved.video.path).stat().st_size == saved.video.bytes
            assert list(small_disk.rglob("*.part")) == []

        run(story())
    assert sandbox.statistics()["creations"] == 1
