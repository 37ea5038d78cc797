"""What a saved video says of its making."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.jobs.imprint import imprint, settings_in
from studio.jobs.model import State
from studio.media.inscription import inscription
from studio.service import Studio
from tests.jobs.test_engine import REQUEST, ended, run, settings_for, until
from tests.servers import SandboxServer

CHINESE = replace(REQUEST, prompt='一位老木匠 "planes" wood')


def test_a_saved_video_holds_its_settings_and_the_store_describes_that_file(
    instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    with Studio(settings_for(instant_sandbox, tmp_path)) as studio:

        async def story() -> None:
            job = await ended(studio, await studio.engine.accept("ada-the-visitor", CHINESE))
            assert job.state is State.SUCCEEDED
            assert job.video is not None
            path = studio.output_dir / job.video.path
            data = path.read_bytes()
            assert inscription(data) == imprint(job)
            assert json.loads(imprint(job))["task_id"] == job.task_id
            assert (job.video.bytes, job.video.sha256) == (len(data), hashlib.sha256(data).hexdigest())
            settings = {name: value for name, value in CHINESE.to_json().items() if value is not None}
            assert settings_in(data) == settings
            assert settings_in(path.with_suffix(".json").read_bytes()) == settings
            for private in (b"ada-the-visitor", instant_sandbox.key.encode(), str(tmp_path).encode()):
                assert private not in data
            assert list(path.parent.glob("*.part")) == []

        run(story())


def test_a_host_that_asks_to_wait_is_not_asked_before(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    instant_sandbox.faults({"endpoint": "download", "do": "status", "status": 503, "retry_after": "60", "times": 9})
    with Studio(settings_for(instant_sandbox, tmp_path)) as studio:

        async def story() -> None:
            job = await studio.engine.accept("ada", REQUEST)
            waits = await until(studio, job, lambda now: now.fault is not None)
            assert waits.state is State.SAVING
            assert 55 < waits.not_before - time.time() <= 61

        run(story())
    assert instant_sandbox.statistics()["requests"]["download"] == 1


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root")
    folder = tmp_path / "output"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_where_the_settings_cannot_be_written_the_plain_video_stays(
    disk: Path, instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    with Studio(settings_for(instant_sandbox, tmp_path)) as studio:

        async def story() -> None:
            first = await ended(studio, await studio.engine.accept("ada", REQUEST))
            assert first.video is not None
            used = os.statvfs(disk)
            room = (used.f_blocks - used.f_bfree) * used.f_frsize
            # There is room for one more video and what stands beside it, and not for a copy of it.
            tight = room + first.video.bytes + first.video.bytes // 2
            subprocess.run(["mount", "-o", f"remount,size={tight}", disk], check=True)
            job = await ended(studio, await studio.engine.accept("ada", REQUEST))
            assert job.state is State.SUCCEEDED
            assert job.video is not None
            data = (disk / job.video.path).read_bytes()
            assert inscription(data) is None
            assert (job.video.bytes, job.video.sha256) == (len(data), hashlib.sha256(data).hexdigest())
            assert job.video.bytes < first.video.bytes
            assert list(disk.rglob("*.part")) == []

        run(story())
