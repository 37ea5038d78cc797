"""A visitor's history, taken out of one studio and into another."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.catalog.requests import ImageToVideo
from studio.database.states import State
from studio.errors import ArchiveUnreadable, ReplyLost
from studio.jobs.model import Job, VideoFile
from studio.jobs.rows.store import Store
from studio.jobs.save.saving import file_stem
from studio.library.history import Filter, Library, visitors
from studio.library.presets import Presets
from studio.library.transfer import export, take_in
from studio.media.vault import Vault
from studio.outputs.locations import Locations
from studio.service import Studio
from tests.databases import make_job
from tests.jobs.test_engine import ended, run, settings_for
from tests.servers import ROOT, SandboxServer


@dataclass
class Place:
    """What a studio has on disk, without one that runs."""

    folder: Path
    store: Store
    vault: Vault

    @property
    def output(self) -> Path:
        return self.folder / "output"

    def export(self, owner: str, name: str = "history.zip") -> Path:
        target = self.folder / name
        export(self.store.engine, self.vault, Locations.folder(self.output), owner, target)
        return target

    def take_in(self, source: Path, owner: str | None = None) -> Any:
        return take_in(self.store.engine, self.vault, Locations.folder(self.output), source, owner)

    def add(self, **changes: Any) -> Job:
        """A job with its video, if it has ended well."""
        job = make_job(**changes)
        if job.state is State.SUCCEEDED and job.video is None:
            path = self.output / job.request.model / "videos" / f"{file_stem(job)}.mp4"
            path.parent.mkdir(parents=True, exist_ok=True)
            content = f"the video of {job.id}".encode() * 50
            path.write_bytes(content)
            path.with_suffix(".jpg").write_bytes(b"a poster")
            path.with_suffix(".json").write_text('{"a": "record"}')
            inside = [one.relative_to(self.output).as_posix() for one in (path, path.with_suffix(".jpg"))]
            digest = hashlib.sha256(content).hexdigest()
            job = replace(job, video=VideoFile(*inside, len(content), digest, 1280, 720, 5.0, 24.0, "h264"))
        self.store.add(job)
        return job


Found = Callable[[str], Place]


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Found]:
    """Makes places by name."""
    places: list[Place] = []

    def make(name: str) -> Place:
        (tmp_path / name).mkdir()
        store = Store(f"sqlite:///{tmp_path / name / 'studio.db'}")
        places.append(Place(tmp_path / name, store, Vault(tmp_path / name / "media", store.engine)))
        return places[-1]

    yield make
    for place in places:
        place.vault.close()
        place.store.close()


def picture(place: Place, owner: str, name: str = "dawn.png") -> Any:
    path = place.folder / "given.png"
    Image.new("RGB", (640, 640), "orange").save(path)
    return place.vault.keep(owner, "image", name, path)


def with_picture(place: Place, owner: str = "ada") -> ImageToVideo:
    held = picture(place, owner)
    return ImageToVideo(
        provider="dashscope", model="happyhorse-1.0-i2v", prompt="The sun rises", first_frame=held.asset, seed=7
    )


def rewritten(archive: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """A copy with each entry's content changed, or left out for None."""
    target = archive.with_name(f"changed-{archive.name}")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.namelist():
            content = change(entry, old.read(entry))
            if content is not None:
                new.writestr(entry, content)
    return target


def with_job(archive: Path, **columns: Any) -> Path:
    """A copy in which the first job has other columns."""

    def change(name: str, content: bytes) -> bytes:
        if name != "jobs.jsonl":
            return content
        first, _, rest = content.partition(b"\n")
        line = json.loads(first)
        line["job"] |= columns
        return json.dumps(line).encode() + b"\n" + rest

    return rewritten(archive, change)


def lying_in(place: Place, job: Job) -> VideoFile | None:
    """The job's video as it is when it has come in there."""
    return None if job.video is None else replace(job.video, location=str(place.output))


@pytest.mark.process
def test_a_history_comes_back_whole_in_another_studio(found: Found) -> None:
    old, new = found("old"), found("new")
    done = old.add(request=with_picture(old), state=State.SUCCEEDED, task_id="t-1")
    failed = old.add(state=State.FAILED, favourite_at=5.0)
    Library(old.store, Locations.folder(old.output)).tag("ada", [done.id], "dawn", True)
    old.add(owner="eve", state=State.SUCCEEDED)
    report = new.take_in(old.export("ada"))
    assert (report.jobs, report.present, report.files, report.damaged) == (2, 0, 1, [])
    for job in (done, failed):
        came = new.store.get(job.id)
        assert came is not None
        assert replace(came, updated_at=job.updated_at) == replace(job, video=lying_in(new, job))
        assert [event.what for event in new.store.history(job.id)] == [job.state.value, "imported"]
    assert done.video is not None
    for suffix in (".mp4", ".jpg", ".json"):
        path = Path(done.video.path).with_suffix(suffix)
        assert (new.output / path).read_bytes() == (old.output / path).read_bytes()
    (asset,) = done.request.assets
    assert new.vault.file("ada", asset.sha256).name == "dawn.png"
    library = Library(new.store, Locations.folder(new.output))
    assert [entry.job.id for entry in library.page("ada", Filter(words="sun rises")).entries] == [done.id]
    assert [entry.job.id for entry in library.page("ada", Filter(tag="dawn")).entries] == [done.id]
    assert new.store.count("eve") == 0
    assert list(new.folder.rglob("*.part")) == []


def test_presets_come_along_and_those_that_are_here_stay(found: Found) -> None:
    old, new = found("old"), found("new")
    for name in ("dawn", "dusk"):
        Presets(old.store.engine).save("ada", "text-to-video", name, {"prompt": name, "seed": 7})
    Presets(new.store.engine).save("ada", "text-to-video", "dusk", {"prompt": "another"})
    archive = old.export("ada")
    assert [new.take_in(archive).presets for _ in range(2)] == [1, 0]
    here = {preset.name: preset.settings for preset in Presets(new.store.engine).of("ada", "text-to-video")}
    assert here == {"dawn": {"prompt": "dawn", "seed": 7}, "dusk": {"prompt": "another"}}

    def spoil(name: str, content: bytes) -> bytes | None:
        return content.replace(b'"dusk"', b'{"a": 1}') if name == "presets.jsonl" else content

    report = found("third").take_in(rewritten(archive, spoil))
    assert (report.presets, len(report.damaged)) == (1, 1)
    older = rewritten(archive, lambda name, content: None if name == "presets.jsonl" else content)
    assert found("fourth").take_in(older).damaged == []


@pytest.mark.process
def test_taking_it_in_twice_is_the_same_as_once(found: Found) -> None:
    old, new = found("old"), found("new")
    old.add(request=with_picture(old), state=State.SUCCEEDED, task_id="t-1")
    archive = old.export("ada")
    new.take_in(archive)
    before = {path: path.stat().st_mtime_ns for path in new.output.rglob("*") if path.is_file()}
    report = new.take_in(archive)
    assert (report.jobs, report.present, report.files) == (0, 1, 0)
    assert new.store.count("ada") == 1
    assert {path: path.stat().st_mtime_ns for path in new.output.rglob("*") if path.is_file()} == before


@pytest.mark.process
def test_another_visitor_of_the_same_studio_gets_copies_under_ids_of_their_own(found: Found) -> None:
    place = found("only")
    done = place.add(request=with_picture(place), state=State.SUCCEEDED, task_id="t-1")
    archive = place.export("ada")
    for _ in range(2):
        report = place.take_in(archive, "eve")
        assert report.damaged == []
    (copy,) = place.store.page("eve")
    assert copy.id != done.id
    assert copy.id[:12] == done.id[:12]
    assert copy.task_id is None  # a task belongs to one job
    assert place.store.history(copy.id)[-1].detail["task_id"] == "t-1"
    assert copy.video is not None
    assert done.video is not None
    assert copy.video.path != done.video.path
    assert copy.video.sha256 == done.video.sha256
    assert (place.output / copy.video.path).read_bytes() == (place.output / done.video.path).read_bytes()
    assert place.store.get(done.id) == done


@pytest.mark.parametrize(
    ("state", "becomes"),
    [
        (State.QUEUED, State.CANCELED),
        (State.PUBLISHING, State.CANCELED),
        (State.SUBMITTING, State.INTERRUPTED),
        (State.WAITING, State.WAITING),
        (State.SAVING, State.SAVING),
    ],
)
def test_what_was_still_to_be_sent_is_not_sent_and_what_was_sent_is_followed(
    found: Found, state: State, becomes: State
) -> None:
    old, new = found("old"), found("new")
    sent = state in (State.WAITING, State.SAVING)
    job = old.add(state=state, task_id="t-1" if sent else None)
    new.take_in(old.export("ada"))
    came = new.store.get(job.id)
    assert came is not None
    assert came.state is becomes
    assert (came.fault is not None) == (becomes is State.INTERRUPTED)
    if came.fault is not None:
        assert (came.fault.kind, came.fault.charged) == (ReplyLost.kind, "unknown")
    assert [due.state for due in new.store.due(time.time(), ["sandbox"])] == [State.SAVING] * (becomes is State.SAVING)


def test_an_import_sends_nothing_and_brings_home_what_was_paid_for(
    found: Found, instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    old, account = found("old"), "dashscope:beijing"
    paid = old.add(account=account, state=State.WAITING, task_id=instant_sandbox.task(), submitted_at=time.time())
    unsent = [old.add(account=account, state=state) for state in (State.QUEUED, State.PUBLISHING, State.SUBMITTING)]
    studio = Studio(settings_for(instant_sandbox, tmp_path / "new"))
    take_in(studio.engine.store.engine, studio.vault, studio.outputs, old.export("ada"))
    with studio:

        async def story() -> None:
            saved = await ended(studio, paid)
            assert saved.state is State.SUCCEEDED
            assert saved.video is not None
            assert (studio.output_dir / saved.video.path).is_file()
            for job in unsent:
                assert (await studio.engine.job("ada", job.id)).state in (State.CANCELED, State.INTERRUPTED)

        run(story())
    assert instant_sandbox.statistics()["requests"].get("create") == 1  # by the test itself


def test_no_address_that_an_import_names_is_asked(found: Found, instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    """Whoever wrote the ZIP may name any: the provider is asked by the task's id."""
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.setblocking(False)
        named = f"http://127.0.0.1:{trap.getsockname()[1]}/a.mp4"
        old, task_id = found("old"), instant_sandbox.task()
        paid = old.add(account="dashscope:beijing", state=State.SAVING, task_id=task_id, result_url=named)
        studio = Studio(settings_for(instant_sandbox, tmp_path / "new"))
        take_in(studio.engine.store.engine, studio.vault, studio.outputs, old.export("ada"))
        with studio:
            saved = run(ended(studio, paid))
            assert (saved.state, saved.task_id) == (State.SUCCEEDED, task_id)
            assert saved.task is not None
            assert saved.task.result_url != named
        with pytest.raises(BlockingIOError):
            trap.accept()


def test_what_was_deleted_here_comes_back(found: Found) -> None:
    place = found("only")
    done = place.add(state=State.SUCCEEDED, task_id="t-1")
    archive = place.export("ada")
    library = Library(place.store, Locations.folder(place.output))
    library.delete("ada", [done.id])
    library.sweep(time.time() + 86400)
    assert place.store.count("ada") == 0
    assert place.take_in(archive).jobs == 1
    came = place.store.get(done.id)
    assert came is not None
    assert (came.request, came.video) == (done.request, lying_in(place, done))
    assert (came.task_id, came.deleted_at) == ("t-1", None)


def test_what_is_deleted_or_gone_is_not_exported(found: Found) -> None:
    old, new = found("old"), found("new")
    deleted = old.add(state=State.FAILED)
    Library(old.store, Locations.folder(old.output)).delete("ada", [deleted.id])
    lost = old.add(state=State.SUCCEEDED, task_id="t-1")
    assert lost.video is not None
    (old.output / lost.video.path).unlink()
    report = new.take_in(old.export("ada"))
    assert report.jobs == 0
    assert [line.startswith(f"job {lost.id}") for line in report.damaged] == [True]


@pytest.mark.parametrize(
    "columns",
    [
        {"video": {"path": "../../escaped.mp4", "poster": "/etc/passwd"}},
        {"model": "../..", "request": {"mode": "text-to-video", "provider": "dashscope", "model": "../.."}},
        {"request": {"mode": "image-to-video", "model": "m", "first_frame": {"sha256": "../../x", "name": "x"}}},
        {"request": {"mode": "sing"}},
        {"request": "a horse"},
        {"state": "flying"},
        {"created_at": "now"},
        {"account": None},
        {"account": "x" * 65},
        {"attempt": True},
        {"quote": {"seconds": "5", "rate": "-1000", "currency": "CNY", "source": "s"}},
        {"quote": {"seconds": "NaN", "rate": "1", "currency": "CNY", "source": "s"}},
        {"quote": {"seconds": "Infinity", "rate": "1", "currency": "CNY", "source": "s"}},
        {"quote": {"seconds": "1e999999", "rate": "1e999999", "currency": "CNY", "source": "s"}},
        {"usage": {"billed_seconds": -1000.0}},
        {"usage": {"billed_seconds": "NaN"}},
        {"submitting_at": 1e300},
        {"created_at": -5.0},
        {"attempt": 1 << 40},
        {"request": {"mode": "text-to-video", "provider": "dashscope", "model": "m" * 300}},
    ],
)
def test_a_job_that_is_not_one_is_left_out_and_writes_nowhere_else(found: Found, columns: dict[str, Any]) -> None:
    old, new = found("old"), found("new")
    bad = old.add(state=State.SUCCEEDED, task_id="t-1")
    good = old.add(state=State.FAILED)
    report = new.take_in(with_job(old.export("ada"), **columns))
    assert report.jobs == 1
    assert [line.startswith(f"job {bad.id}") for line in report.damaged] == [True]
    assert [job.id for job in new.store.page("ada")] == [good.id]
    assert [path for path in new.folder.rglob("*") if path.is_file() and path.parent != new.folder] == []
    assert not (new.folder.parent / "escaped.mp4").exists()


@pytest.mark.parametrize(
    "beside",
    [
        {"history": [{"at": "nan", "what": "queued", "detail": {}}]},
        {"history": [{"at": 1e300, "what": "queued", "detail": {}}]},
        {"tags": 5},
        {"video": {"width": "wide"}},
        {"video": {"seconds": -1}},
    ],
)
def test_what_stands_beside_a_job_and_is_none_leaves_it_out_and_nothing_behind(
    found: Found, beside: dict[str, Any]
) -> None:
    """Nor does it end the import of the others, as it did where the database refused it."""
    old, new = found("old"), found("new")
    bad, good = old.add(state=State.SUCCEEDED, task_id="t-1"), old.add(state=State.FAILED)

    def change(name: str, content: bytes) -> bytes:
        if name != "jobs.jsonl":
            return content
        lines = [json.loads(line) for line in content.splitlines()]
        for line in lines:
            if line["job"]["id"] == bad.id:
                line["job"]["video"] |= beside.get("video", {})
                line |= {name: value for name, value in beside.items() if name != "video"}
        return b"\n".join(json.dumps(line).encode() for line in lines)

    report = new.take_in(rewritten(old.export("ada"), change))
    assert [line.startswith(f"job {bad.id}") for line in report.damaged] == [True]
    assert [job.id for job in new.store.page("ada")] == [good.id]
    assert [path for path in new.folder.rglob("*") if path.is_file() and path.parent != new.folder] == []


def test_tags_that_are_the_same_when_cut_are_one(found: Found) -> None:
    old, new = found("old"), found("new")
    old.add(state=State.FAILED)

    def change(name: str, content: bytes) -> bytes:
        return content.replace(b'"tags": []', json.dumps({"tags": ["x" * 98, "x" * 99]}).encode()[1:-1])

    assert new.take_in(rewritten(old.export("ada"), change)).jobs == 1
    assert len(Library(new.store, Locations.folder(new.output)).tags("ada")) == 1


def test_a_video_counts_its_own_bytes_whatever_its_row_says(found: Found) -> None:
    old, new = found("old"), found("new")
    job = old.add(state=State.SUCCEEDED, task_id="t-1")
    assert job.video is not None
    new.take_in(with_job(old.export("ada"), video=asdict(job.video) | {"bytes": -(10**12)}))
    (came,) = new.store.page("ada")
    assert came.video == lying_in(new, job)


def test_a_moment_may_be_a_whole_number(found: Found) -> None:
    """JSON has one kind of number, and writers of other languages leave out what stands behind the point."""
    old, new = found("old"), found("new")
    old.add(state=State.FAILED, created_at=1_790_000_000.0)
    assert new.take_in(with_job(old.export("ada"), created_at=1_790_000_000)).damaged == []
    assert [job.created_at for job in new.store.page("ada")] == [1_790_000_000.0]


@pytest.mark.process
def test_a_video_that_was_changed_on_the_way_is_left_out(found: Found) -> None:
    old, new = found("old"), found("new")
    old.add(request=with_picture(old), state=State.SUCCEEDED, task_id="t-1")

    def damage(name: str, content: bytes) -> bytes:
        return content[:-1] if name.startswith(("videos/", "files/")) else content

    report = new.take_in(rewritten(old.export("ada"), damage))
    assert (report.jobs, report.files, len(report.damaged)) == (0, 0, 2)
    assert new.store.count("ada") == 0
    assert list(new.folder.rglob("*.part")) == []


def test_a_file_of_that_name_that_is_there_is_not_overwritten(found: Found) -> None:
    old, new = found("old"), found("new")
    done = old.add(state=State.SUCCEEDED, task_id="t-1")
    assert done.video is not None
    other = new.output / done.video.path
    other.parent.mkdir(parents=True)
    other.write_text("someone else's")
    new.take_in(old.export("ada"))
    came = new.store.get(done.id)
    assert came is not None
    assert came.video is not None
    assert came.video.path == done.video.path.replace(".mp4", "-2.mp4")
    assert other.read_text() == "someone else's"


@pytest.mark.parametrize(
    "content",
    [b"", b"not a zip", None, b'{"format": 2}', b"[]", b"{"],
    ids=["empty", "text", "other", "2", "list", "cut"],
)
def test_what_is_no_exported_history_is_refused(found: Found, content: bytes | None) -> None:
    place, path = found("only"), None
    path = place.folder / "other.zip"
    if content is not None and not content.startswith((b"{", b"[")):
        path.write_bytes(content)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("studio.json" if content else "readme.txt", content or b"hello")
    with pytest.raises(ArchiveUnreadable):
        place.take_in(path)


def command(place: Place, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("STUDIO_", "DASHSCOPE_"))}
    folders = {"STUDIO_DATA_DIR": str(place.folder), "OUTPUT_DIR": str(place.output), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "studio", *arguments],
        cwd=place.folder,
        env=environ | folders | {"HOME": str(place.folder)},
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_both_are_commands(found: Found) -> None:
    old, new = found("old"), found("new")
    old.add(request=with_picture(old), state=State.SUCCEEDED, task_id="t-1")
    who = command(old, "export", "a.zip")
    assert who.returncode == 2
    assert "ada  1 jobs" in who.stderr
    stranger = command(old, "export", "a.zip", "--visitor", "eve")
    assert (stranger.returncode, "Visitor eve has made nothing here" in stranger.stderr) == (2, True)
    nowhere = command(old, "export", "none/a.zip", "--visitor", "ada")
    assert (nowhere.returncode, "there is no folder none" in nowhere.stderr) == (2, True)
    done = command(old, "export", "a.zip", "--visitor", "ada.0123456789")
    assert (done.returncode, done.stderr) == (0, "")
    again = command(old, "export", "a.zip", "--visitor", "ada")
    assert (again.returncode, "there already" in again.stderr) == (2, True)
    shutil.copy(old.folder / "a.zip", new.folder)
    came = command(new, "import", "a.zip", "--visitor", "-grace")  # as one id in 64 begins
    assert (came.returncode, came.stderr) == (0, "")
    assert came.stdout.startswith("1 jobs, 1 files and 0 presets came in")
    assert [one.id for one in visitors(new.store.engine)] == ["-grace"]
    missing = command(new, "import", "nowhere.zip")
    assert (missing.returncode, "nowhere.zip" in missing.stderr) == (2, True)
