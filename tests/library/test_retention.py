"""What is deleted by itself, and when."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import delete

from studio.database.schema import HOLDINGS
from studio.database.states import ENDED, State
from studio.jobs.model import VideoFile
from studio.jobs.rows.store import Store
from studio.library.history import Library
from studio.media.vault import Vault
from studio.outputs.locations import Locations
from studio.service import Studio
from studio.system.pace import Pace
from tests.databases import make_job
from tests.jobs.test_engine import settings_for
from tests.servers import SandboxServer

DAY = 86400.0


def at(days_ago: float, **changes: object) -> dict[str, object]:
    """The id and times of a job that was made so long ago."""
    then = time.time() - days_ago * DAY
    return {"id": f"{int(then * 1000):012x}{os.urandom(6).hex()}", "created_at": then} | changes


@pytest.mark.parametrize("state", State)
def test_only_what_has_ended_is_thrown_away(store: Store, state: State) -> None:
    job = make_job(**at(40), state=state)
    store.add(job)
    assert Library(store, Locations.folder(Path("nowhere"))).expire(time.time() - 30 * DAY) == (state in ENDED)
    after = store.get(job.id)
    assert after is not None
    assert (after.deleted_at is not None) == (state in ENDED)


def test_what_is_young_or_a_favourite_or_came_late_stays(store: Store) -> None:
    kept = [
        make_job(**at(29), state=State.SUCCEEDED),
        make_job(**at(40), state=State.SUCCEEDED, favourite_at=1.0),
        make_job(**at(40), state=State.SUCCEEDED, saved_at=time.time() - 29 * DAY),
        make_job(**at(40), state=State.FAILED, submitting_at=time.time() - DAY),
    ]
    for job in kept:
        store.add(job)
    assert Library(store, Locations.folder(Path("nowhere"))).expire(time.time() - 30 * DAY) == 0
    assert store.count("ada") == len(kept)


def test_a_running_studio_deletes_what_is_too_old_with_its_files(
    instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    at_once = Pace(sweep_seconds=0.1, undo_seconds=-60.0, keep_unused_seconds=0.0)
    studio = Studio(settings_for(instant_sandbox, tmp_path, STUDIO_KEEP_DAYS="30"), pace=at_once)
    path = studio.output_dir / "m" / "videos" / "a.mp4"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a video")
    path.with_suffix(".json").write_text("{}")
    video = VideoFile("m/videos/a.mp4", None, 7, "00", 1280, 720, 5.0, 24.0, "h264")
    old = make_job(**at(31), state=State.SUCCEEDED, video=video, task_id="t-1")
    young = make_job(**at(29), state=State.SUCCEEDED)
    unused = tmp_path / "given.png"
    Image.new("RGB", (400, 400)).save(unused)
    held = studio.vault.keep("ada", "image", "given.png", unused)
    given = studio.vault.path(held.sha256)
    for file in (given, studio.vault.thumbnail(held.sha256)):
        os.utime(file, (0, 0))
    for job in (old, young):
        studio.engine.store.add(job)
    with studio:
        deadline = time.monotonic() + 30
        files = (path, path.with_suffix(".json"), given)
        while any(file.exists() for file in files) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not [file for file in files if file.exists()]
        assert [job.id for job in studio.engine.store.page("ada")] == [young.id]


@pytest.mark.process
def test_a_file_that_is_given_again_while_the_sweep_runs_stays(store: Store, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "media", store.engine)
    given = tmp_path / "given.png"

    def give() -> str:
        Image.new("RGB", (400, 400)).save(given)
        return vault.keep("ada", "image", "given.png", given).sha256

    kept = vault.path(give())
    for file in (kept, vault.thumbnail(kept.name)):
        os.utime(file, (0, 0))
    give()  # as between the sweep's look at the table and its look at the folder
    with store.engine.begin() as connection:
        connection.execute(delete(HOLDINGS))
    vault.sweep(time.time())
    assert kept.exists()
    assert vault.thumbnail(kept.name).exists()
    vault.close()


def test_what_is_left_of_uploads_is_deleted_but_not_what_goes_on(store: Store, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "media", store.engine)
    left, going_on = (tmp_path / "media" / name for name in ("left.part", "going_on.part"))
    for part in (left, going_on):
        part.write_bytes(b"half a file")
    os.utime(left, (0, 0))
    Vault(tmp_path / "media", store.engine).close()  # another process of the studio starts
    assert left.exists()
    vault.sweep(time.time())
    assert (left.exists(), going_on.exists()) == (False, True)
    vault.close()
