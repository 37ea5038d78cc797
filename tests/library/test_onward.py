from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from studio.catalog.requests import ImageToVideo, VideoEdit
from studio.database.states import State
from studio.errors import MediaUnreadable, NotAllowed
from studio.jobs.model import Job, VideoFile
from studio.jobs.rows.store import Store
from studio.library.onward import Onward
from studio.media.facts import VideoFacts
from studio.media.frame import cut_frame
from studio.media.vault import Vault
from studio.outputs.locations import Locations
from tests.databases import make_job
from tests.media.videos import make_video, run


@pytest.fixture
def vault(store: Store, tmp_path: Path) -> Iterator[Vault]:
    vault = Vault(tmp_path / "media", store.engine)
    yield vault
    vault.close()


@pytest.fixture
def onward(store: Store, vault: Vault, tmp_path: Path) -> Onward:
    return Onward(store, vault, Locations.folder(tmp_path))


@pytest.fixture
def done(store: Store, tmp_path: Path) -> Job:
    """A job whose video is white in its first second and red in its second."""
    path = tmp_path / "done.mp4"
    halves = ["-f", "lavfi", "-i", "color=white:640x360:r=24:d=1", "-f", "lavfi", "-i", "color=red:640x360:r=24:d=1"]
    run("-y", *halves, "-filter_complex", "concat=n=2", "-pix_fmt", "yuv420p", str(path))
    video = VideoFile(path.name, None, path.stat().st_size, "0" * 64, 640, 360, 2.0, 24.0, "h264")
    job = make_job(state=State.SUCCEEDED, video=video)
    store.add(job)
    return job


def colour(path: Path) -> str:
    with Image.open(path) as image:
        red, green, _ = image.convert("RGB").getpixel((320, 180))  # type: ignore[misc]
    return "white" if green > 200 else "red" if red > 200 else f"{red} {green}"


@pytest.mark.process
@pytest.mark.parametrize(("at", "expected"), [(0.0, "white"), (0.9, "white"), (1.1, "red"), (None, "red")])
def test_a_frame_is_taken_where_it_is_shown(
    onward: Onward, vault: Vault, done: Job, at: float | None, expected: str
) -> None:
    held = onward.frame(done, at)
    assert (held.kind, held.facts.width, held.facts.height, held.origin) == ("image", 640, 360, done.id)
    assert colour(vault.path(held.sha256)) == expected
    assert vault.file(done.owner, held.sha256).origin == done.id


@pytest.mark.process
def test_there_is_no_frame_after_the_end(tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable, match="no frame at 9 s"):
        cut_frame(make_video(tmp_path / "clip.mp4"), tmp_path / "frame.png", 9)


@pytest.mark.process
def test_the_video_itself_goes_on_unchanged(onward: Onward, vault: Vault, done: Job, tmp_path: Path) -> None:
    held = onward.video(done)
    assert isinstance(held.facts, VideoFacts)
    assert vault.path(held.sha256).read_bytes() == (tmp_path / "done.mp4").read_bytes()


@pytest.mark.process
def test_without_a_video_nothing_goes_on(onward: Onward, done: Job, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="no video"):
        onward.frame(make_job(), None)
    (tmp_path / "done.mp4").unlink()
    with pytest.raises(NotAllowed, match="no video"):
        onward.video(done)


@pytest.mark.process
def test_jobs_know_what_they_came_from_and_what_came_of_them(
    onward: Onward, vault: Vault, store: Store, done: Job
) -> None:
    frame = onward.frame(done, None)
    mended = vault.mended(done.owner, frame, lambda original, target: target.write_bytes(original.read_bytes() + b" "))
    settings = {"provider": "dashscope", "model": "happyhorse-1.0-i2v"}
    child = make_job(request=ImageToVideo(**settings, prompt="", first_frame=mended.asset), video=done.video)
    store.add(replace(child, owner=done.owner))
    child = store.get(child.id) or child
    clip = onward.video(child)
    settings["model"] = "happyhorse-1.0-video-edit"
    grandchild = make_job(request=VideoEdit(**settings, prompt="At night", video=clip.asset))
    store.add(grandchild)
    stranger = make_job(owner="someone else", request=grandchild.request)
    store.add(stranger)

    def ids(jobs: list[Job]) -> list[str]:
        return [job.id for job in jobs]

    lineage = onward.lineage(child)
    assert (ids(lineage.ancestors), ids(lineage.descendants)) == ([done.id], [grandchild.id])
    assert ids(onward.lineage(done).descendants) == [child.id, grandchild.id]
    assert ids(onward.lineage(grandchild).ancestors) == [done.id, child.id]
    assert onward.lineage(stranger).ancestors == []
