"""The whole studio with its videos in a bucket, against the sandbox and a real store."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio.database.states import State
from studio.jobs.model import VideoFile
from studio.jobs.rows.store import Store as JobStore
from studio.jobs.save import saving
from studio.library.transfer import export, take_in
from studio.outputs.locations import Locations
from studio.service import Studio
from tests.databases import make_job
from tests.jobs.test_engine import REQUEST, ended, run, settings_for
from tests.outputs.store import CuttingGate, Store
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess

POLL = {"STUDIO_POLL_SECONDS": "0.2"}


@pytest.fixture
def sandbox(instant_sandbox: SandboxServer) -> SandboxServer:
    return instant_sandbox


@pytest.fixture(scope="module")
def gate(s3_store: Store) -> Iterator[CuttingGate]:
    with CuttingGate(s3_store.url) as gate:
        yield gate


@pytest.fixture(scope="module")
def bucket(s3_store: Store) -> str:
    return s3_store.bucket()


@pytest.fixture(scope="module")
def process(
    instant_server: SandboxServer,
    s3_store: Store,
    gate: CuttingGate,
    bucket: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[StudioProcess]:
    settings = s3_store.settings(bucket, "studio one", gate.url)
    with StudioProcess(tmp_path_factory.mktemp("bucket"), instant_server, **POLL, **settings) as process:
        yield process


@pytest.fixture
def studio(process: StudioProcess, sandbox: SandboxServer) -> StudioProcess:
    """One studio for all tests, which leave it running and its jobs ended."""
    return process


@pytest.fixture
def visitor(studio: StudioProcess) -> Iterator[httpx.Client]:
    with studio.visitor() as client:
        yield client


@pytest.fixture(scope="module")
def owner(process: StudioProcess) -> Iterator[httpx.Client]:
    with process.visitor() as client:
        yield client


@pytest.fixture(scope="module")
def done(process: StudioProcess, owner: httpx.Client, instant_server: SandboxServer) -> dict[str, Any]:
    """A job whose video is in the bucket."""
    instant_server.clear()
    instant_server.rules(limited=False, pending=0)
    return process.wait(owner, process.submit(owner, "A horse in a bucket")["id"])


def row(studio: StudioProcess, job_id: str) -> dict[str, Any]:
    """The video of a job's row."""
    with contextlib.closing(sqlite3.connect(studio.data_dir / "studio.db")) as database:
        found = database.execute("SELECT video FROM jobs WHERE id = ?", [job_id]).fetchone()
    video: dict[str, Any] = json.loads(found[0])
    return video


def downloads(sandbox: SandboxServer) -> int:
    count: int = sandbox.statistics()["requests"].get("download", 0)
    return count


def waiting_here(studio: StudioProcess, visitor: httpx.Client, job_id: str) -> dict[str, Any]:
    """Wait until the job has not got into the bucket."""
    return studio.wait(visitor, job_id, lambda now: now["state"] == "saving" and now["fault"] is not None)


def outbox(studio: StudioProcess) -> list[str]:
    """What waits in the data folder."""
    return sorted(path.name for path in (studio.data_dir / "outbox").rglob("*") if path.is_file())


def test_a_video_its_poster_and_its_evidence_lie_in_the_bucket_and_nothing_stays_behind(
    studio: StudioProcess, s3_store: Store, bucket: str, done: dict[str, Any]
) -> None:
    assert done["state"] == "succeeded", studio.output
    video = row(studio, done["id"])
    assert video["location"] == f"s3://{bucket}/studio one"
    stem = f"studio one/{video['path'].removesuffix('.mp4')}"
    assert set(s3_store.keys(bucket)) >= {f"{stem}.mp4", f"{stem}.jpg", f"{stem}.json"}
    evidence = json.load(s3_store.client.get_object(Bucket=bucket, Key=f"{stem}.json")["Body"])
    assert evidence["video"]["sha256"] == video["sha256"]
    assert "location" not in evidence["video"]
    head = s3_store.client.head_object(Bucket=bucket, Key=f"{stem}.mp4")
    assert (head["ContentLength"], head["Metadata"]["sha256"]) == (video["bytes"], video["sha256"])
    deadline = time.monotonic() + 10
    while outbox(studio) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert outbox(studio) == []
    assert not studio.output_dir.exists()


def test_it_is_played_by_ranges_with_the_cookie_alone(
    studio: StudioProcess, owner: httpx.Client, done: dict[str, Any]
) -> None:
    url = done["video"]["url"]
    whole = owner.get(url)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
    assert whole.headers["accept-ranges"] == "bytes"
    assert len(whole.content) == int(whole.headers["content-length"]) == row(studio, done["id"])["bytes"]
    size = len(whole.content)
    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        (f"bytes={size // 2}-", size // 2, size),
        ("bytes=-7", size - 7, size),
        (f"bytes=5-{size + 100}", 5, size),
    ):
        part = owner.get(url, headers={"Range": asked})
        assert (part.status_code, part.content) == (206, whole.content[start:end])
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    several = owner.get(url, headers={"Range": "bytes=0-1,10-11"})
    assert several.status_code == 206
    assert whole.content[10:12] in several.content
    beyond = owner.get(url, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert owner.get(url, headers={"Range": "bytes=0-9", "If-Range": '"another"'}).status_code == 200
    fresh = owner.get(url, headers={"Range": "bytes=0-9", "If-Range": whole.headers["etag"]})
    assert (fresh.status_code, fresh.content) == (206, whole.content[:10])
    head = owner.head(url)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(size))
    kept = owner.get(url, params={"download": "1"})
    assert kept.headers["content-disposition"].startswith("attachment")
    with studio.visitor() as stranger:
        assert stranger.get(url).status_code == 404


def test_a_frame_a_clip_and_the_details_are_made_from_the_bucket(
    studio: StudioProcess, owner: httpx.Client, done: dict[str, Any]
) -> None:
    frame = owner.post(f"/studio/jobs/{done['id']}/frame").raise_for_status().json()
    assert frame["name"].endswith("-last.png")
    clip = owner.post(f"/studio/jobs/{done['id']}/clip").raise_for_status().json()
    assert clip["sha256"] == row(studio, done["id"])["sha256"]
    detail = owner.get(f"/studio/history/{done['id']}").raise_for_status().json()
    assert [Path(file["name"]).suffix for file in detail["files"]] == [".mp4", ".jpg", ".json"]
    for file in detail["files"]:
        got = owner.get(file["url"])
        assert (got.status_code, len(got.content)) == (200, file["bytes"])
    assert outbox(studio) == []


def test_zips_hold_what_is_in_the_bucket(studio: StudioProcess, owner: httpx.Client, done: dict[str, Any]) -> None:
    for url in (f"/studio/history/zip?ids={done['id']}", f"/studio/jobs/{done['id']}/lineage.zip"):
        archive = zipfile.ZipFile(io.BytesIO(owner.get(url).raise_for_status().content))
        assert archive.testzip() is None
        (video,) = [entry for entry in archive.infolist() if entry.filename.endswith(".mp4")]
        assert video.file_size == row(studio, done["id"])["bytes"]


def test_while_the_store_is_down_the_job_waits_with_its_copy_and_goes_on_by_itself(
    studio: StudioProcess, visitor: httpx.Client, sandbox: SandboxServer, gate: CuttingGate, done: dict[str, Any]
) -> None:
    gate.shut()
    try:
        job = studio.submit(visitor, "A horse that waits")
        waits = waiting_here(studio, visitor, job["id"])
        assert waits["fault"]["kind"] == "storage_unreachable"
        assert waits["fault"]["what"] == "The storage for finished videos cannot be reached."
        assert "automatically" in waits["fault"]["remedy"]
        assert [Path(name).suffix for name in outbox(studio)] == [".jpg", ".json", ".mp4"]
        detail = visitor.get(f"/studio/history/{job['id']}").raise_for_status().json()
        assert detail["expires_at"] is None
        studio.kill()
        studio.start()
        time.sleep(1)
        assert studio.job(visitor, job["id"])["state"] == "saving"
    finally:
        gate.open()
    saved = studio.wait(visitor, job["id"])
    assert (saved["state"], saved["fault"]) == ("succeeded", None)
    assert downloads(sandbox) == 1
    assert sandbox.statistics()["creations"] == 1
    assert visitor.get(saved["video"]["url"]).status_code == 200


@pytest.mark.slow
def test_a_copy_that_was_damaged_meanwhile_is_fetched_again(
    studio: StudioProcess, visitor: httpx.Client, sandbox: SandboxServer, gate: CuttingGate, done: dict[str, Any]
) -> None:
    gate.shut()
    try:
        job = studio.submit(visitor, "A horse on a bad disk")
        waiting_here(studio, visitor, job["id"])
        studio.kill()
        (video,) = (studio.data_dir / "outbox").glob(f"*/videos/*-{job['id'][-8:]}.mp4")
        video.write_bytes(video.read_bytes()[:-1] + b"?")
        studio.start()
    finally:
        gate.open()
    assert studio.wait(visitor, job["id"])["state"] == "succeeded"
    assert downloads(sandbox) == 2
    assert visitor.get(f"/studio/media/{job['id']}/video").status_code == 200


def test_with_the_store_down_the_page_says_so_and_nothing_else_breaks(
    studio: StudioProcess, owner: httpx.Client, gate: CuttingGate, done: dict[str, Any]
) -> None:
    gate.shut()
    try:
        time.sleep(0.1)
        deadline = time.monotonic() + 90  # what is known of a file is known for a minute
        while (refused := owner.get(f"/studio/media/{done['id']}/evidence")).status_code == 200:
            assert time.monotonic() < deadline
        assert (refused.status_code, refused.json()["kind"]) == (503, "storage_unreachable")
        detail = owner.get(f"/studio/history/{done['id']}").raise_for_status().json()
        assert detail["files"][0]["sha256"] == row(studio, done["id"])["sha256"]
        assert owner.get("/studio/jobs").status_code == 200
    finally:
        gate.open()
    assert owner.get(f"/studio/media/{done['id']}/evidence").status_code == 200


@pytest.mark.slow
def test_players_are_sent_to_the_store_only_by_the_setting(
    studio: StudioProcess, owner: httpx.Client, gate: CuttingGate, done: dict[str, Any]
) -> None:
    url = done["video"]["url"]
    studio.restart(STUDIO_S3_REDIRECT="true")
    try:
        sent = owner.get(url)
        assert (sent.status_code, sent.headers["cache-control"]) == (307, "no-store")
        assert sent.headers["location"].startswith(f"{gate.url}/")
        there = httpx.get(sent.headers["location"], headers={"Range": "bytes=0-9"})
        assert (there.status_code, len(there.content)) == (206, 10)
        assert owner.get(url, params={"download": "1"}).status_code == 200
        assert owner.head(url).status_code == 200
        assert owner.get(f"/studio/media/{done['id']}/poster").status_code == 200
        policy = owner.get("/").headers["content-security-policy"]
        assert f"media-src 'self' blob: data: {gate.url};" in policy
        with studio.visitor() as stranger:
            assert stranger.get(url).status_code == 404
    finally:
        studio.restart(STUDIO_S3_REDIRECT="")
    assert gate.url not in owner.get("/").headers["content-security-policy"]


@pytest.mark.slow
def test_a_changed_setting_leaves_videos_where_they_are_and_what_waits_goes_to_the_new_place(
    studio: StudioProcess, owner: httpx.Client, sandbox: SandboxServer, gate: CuttingGate, done: dict[str, Any]
) -> None:
    before = studio.environ["OUTPUT_DIR"]
    gate.shut()
    waits = studio.submit(owner, "A horse that changes its mind")
    waiting_here(studio, owner, waits["id"])
    studio.stop()
    gate.open()
    studio.restart(OUTPUT_DIR=str(studio.output_dir))
    try:
        saved = studio.wait(owner, waits["id"])
        assert saved["state"] == "succeeded"
        assert downloads(sandbox) == 1
        assert row(studio, waits["id"])["location"] == str(studio.output_dir)
        assert (studio.output_dir / row(studio, waits["id"])["path"]).is_file()
        for job in (done, saved):
            assert owner.get(job["video"]["url"]).status_code == 200
    finally:
        studio.restart(OUTPUT_DIR=before)
    for job in (done, saved):
        assert owner.get(job["video"]["url"]).status_code == 200


@pytest.mark.slow
def test_a_setting_that_cannot_be_stops_the_start_with_its_name(
    studio: StudioProcess, s3_store: Store, tmp_path: Path
) -> None:
    for settings, said in (
        ({"OUTPUT_DIR": "s3://films"}, "STUDIO_S3_ENDPOINT"),
        ({"OUTPUT_DIR": "gs://films"}, "must be a folder"),
        (s3_store.settings("no-such-bucket-here"), "NoSuchBucket"),
    ):
        refused = StudioProcess(tmp_path / said, **settings)
        with pytest.raises(RuntimeError, match=rf"exit status 2(.|\n)*OUTPUT_DIR is (.|\n)*{said}"):
            refused.start()
        refused.forget()


def test_what_is_deleted_for_good_is_deleted_in_the_bucket(
    sandbox: SandboxServer, s3_store: Store, tmp_path: Path
) -> None:
    bucket = s3_store.bucket()
    with Studio(settings_for(sandbox, tmp_path, **s3_store.settings(bucket))) as studio:

        async def story() -> str:
            job = await ended(studio, await studio.engine.accept("ada", REQUEST))
            return job.id

        job_id = run(story())
        assert len(s3_store.keys(bucket)) == 3
        assert studio.library.delete("ada", [job_id]) == [job_id]
        assert studio.library.restore("ada", [job_id]) == [job_id]
        assert len(s3_store.keys(bucket)) == 3
        studio.library.delete("ada", [job_id])
        assert studio.library.sweep(time.time() + 86400) == 1
        assert s3_store.keys(bucket) == []


@pytest.mark.slow
def test_a_history_goes_out_of_a_bucket_and_into_another(
    sandbox: SandboxServer, s3_store: Store, tmp_path: Path
) -> None:
    archive = tmp_path / "history.zip"
    first, second = s3_store.bucket(), s3_store.bucket()
    with Studio(settings_for(sandbox, tmp_path / "one", **s3_store.settings(first))) as studio:

        async def story() -> None:
            await ended(studio, await studio.engine.accept("ada", REQUEST))

        run(story())
        assert export(studio.engine.store.engine, studio.vault, studio.outputs, "ada", archive) == 1
    assert first not in zipfile.ZipFile(archive).read("jobs.jsonl").decode()
    other = Studio(settings_for(sandbox, tmp_path / "two", **s3_store.settings(second, "taken in")))
    with other:
        report = take_in(other.engine.store.engine, other.vault, other.outputs, archive, reserve=other.reserve)
        assert (report.jobs, report.damaged) == (1, [])
        again = take_in(other.engine.store.engine, other.vault, other.outputs, archive)
        assert (again.jobs, again.present) == (0, 1)
        (job,) = other.engine.store.page("ada")
        assert job.video is not None
        assert job.video.location == f"s3://{second}/taken in"
        stored = other.outputs.find(job.video.location, job.video.path)
        assert stored is not None
        assert stored.stat.sha256 == job.video.sha256
        assert [path for path in other.outputs.workplace.rglob("*") if path.is_file()] == []
    assert sorted(s3_store.keys(second)) == sorted(f"taken in/{key}" for key in s3_store.keys(first))


def test_the_outbox_is_swept_of_what_nobody_waits_with(tmp_path: Path) -> None:
    outputs = Locations.folder(tmp_path)
    waits = make_job(state=State.SAVING)
    names = [f"{saving.file_stem(waits)}.mp4", "gone.mp4", "gone.json", "begun.mp4", "copy.part"]
    folder = outputs.outbox / "m" / "videos"
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(b"x")
        if name != "begun.mp4":
            os.utime(folder / name, (0, 0))
    saving.sweep(outputs, [waits], time.time())
    assert sorted(path.name for path in folder.iterdir()) == sorted([names[0], "begun.mp4"])


@pytest.mark.slow
def test_an_upgrade_that_changes_the_setting_is_told_how_its_earlier_videos_are_found(
    sandbox: SandboxServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Their rows do not say where they lie, and no list was kept."""
    video = VideoFile("m/videos/a.mp4", None, 7, "00", 1280, 720, 5.0, 24.0, "h264")
    job = make_job(state=State.SUCCEEDED, task_id="t", video=video, saved_at=time.time())
    before = tmp_path / "before"
    (before / video.path).parent.mkdir(parents=True)
    (before / video.path).write_bytes(b"a video")
    store = JobStore(settings_for(sandbox, tmp_path).database())
    store.add(job)
    store.close()

    def started(folder: Path) -> bool:
        """Whether the studio finds the video."""
        caplog.clear()
        with Studio(settings_for(sandbox, tmp_path, OUTPUT_DIR=str(folder))) as studio:
            return studio.outputs.find(None, video.path) is not None

    assert not started(tmp_path / "after")
    assert "m/videos/a.mp4 among them. Start the studio once with OUTPUT_DIR" in caplog.text
    assert started(before)
    assert "not found" not in caplog.text
    assert started(tmp_path / "after")
    assert "not found" not in caplog.text


@pytest.mark.slow
def test_a_store_that_nothing_uses_is_told_at_start(
    sandbox: SandboxServer, s3_store: Store, bucket: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As when the bucket from which files are to be fetched was forgotten."""
    stored = s3_store.settings(bucket, "unused")
    reached = {name: value for name, value in stored.items() if name != "OUTPUT_DIR"}

    def said(**settings: str) -> bool:
        caplog.clear()
        with Studio(settings_for(sandbox, tmp_path, **reached, **settings)):
            return "set STUDIO_S3_BUCKET" in caplog.text

    assert said()
    assert not said(STUDIO_S3_BUCKET=bucket)
    assert not said(OUTPUT_DIR=stored["OUTPUT_DIR"])
    assert not said()  # earlier videos lie in it
