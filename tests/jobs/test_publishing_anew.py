"""A job's files on their way to the provider, in studios that begin and end with the test."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from studio.database.states import State
from studio.jobs.model import Job
from studio.service import Studio
from studio.system.pace import Pace
from tests.jobs.test_aivideo import animate, settings_of_both
from tests.jobs.test_engine import ended, run, settings_for, until
from tests.jobs.test_publishing import counts, first_frame, give, made, references
from tests.sandbox.media_server import MediaServer
from tests.servers import SandboxServer, ScriptedServer, answer


@pytest.mark.slow
def test_the_provider_gets_the_very_bytes_and_makes_its_video_of_them(sandbox: SandboxServer, tmp_path: Path) -> None:
    """This sandbox fetches what it is given: a wrong address, model or header would fail the task."""

    async def story(studio: Studio) -> None:
        asset = give(studio, "crimson")
        job = await made(studio, first_frame(asset))
        assert job.video is not None
        assert (job.video.width, job.video.height) == (960, 960)
        steps = [event.what for event in await studio.engine.history("ada", job.id) if event.what != "task"]
        assert steps == ["queued", "publishing", "submitting", "waiting", "saving", "succeeded"]
        assert counts(sandbox) == {"policy": 1, "upload": 1, "create": 1}
        stored = [path.read_bytes() for path in (tmp_path / "cloud" / "uploads").glob("*") if not path.suffix]
        assert stored == [studio.vault.path(asset.sha256).read_bytes()]

    with SandboxServer(tmp_path / "cloud") as sandbox, Studio(settings_for(sandbox, tmp_path / "studio")) as studio:
        run(story(studio))


def test_what_was_measured_is_sent_and_not_the_address_that_it_came_from(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    async def story(studio: Studio, url: str) -> None:
        path = tmp_path / "web" / "a.png"
        held = studio.vault.keep("ada", "image", "a.png", Path(f"{path}.copy"), url=url)
        await made(studio, first_frame(held.asset))
        assert counts(sandbox) == {"policy": 1, "upload": 1, "create": 1}

    (tmp_path / "web").mkdir()
    for name in ("a.png", "a.png.copy"):
        Image.new("RGB", (500, 500), "gold").save(tmp_path / "web" / name, "PNG")
    with MediaServer(tmp_path / "web") as web, Studio(settings_for(sandbox, tmp_path)) as studio:
        run(story(studio, f"{web.url}/a.png"))


@pytest.mark.slow
def test_a_studio_that_ends_while_publishing_goes_on_later(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    settings = settings_for(instant_sandbox, tmp_path)

    async def begin(studio: Studio) -> Job:
        job = await studio.engine.accept("ada", references(give(studio, "gold"), give(studio, "navy")))
        await until(studio, job, lambda _: counts(instant_sandbox)["upload"] == 2)
        assert (await studio.engine.job("ada", job.id)).state is State.PUBLISHING
        return job

    async def finish(studio: Studio, job: Job) -> None:
        assert (await ended(studio, job)).state is State.SUCCEEDED
        assert counts(instant_sandbox)["create"] == 1

    instant_sandbox.faults({"endpoint": "upload", "do": "hang", "times": 2})
    with Studio(settings) as studio:
        job = run(begin(studio))
    with Studio(settings) as studio:
        run(finish(studio, job))


def test_a_job_waits_for_a_bucket_that_is_down(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    soon = Pace(longest_delay=0.2, first_wait=0.0)
    picture = tmp_path / "frame.png"
    Image.new("RGB", (640, 480), "teal").save(picture)
    down = [answer(status="503 Down")] * soon.upload_tries

    async def story() -> None:
        async with ScriptedServer(*down, answer(picture.read_bytes())) as store:
            keys = {"STUDIO_S3_BUCKET": "films", "STUDIO_S3_KEY_ID": "AKIA", "STUDIO_S3_SECRET": "hush"}
            settings = settings_of_both(instant_sandbox, tmp_path, STUDIO_S3_ENDPOINT=store.url, **keys)
            with Studio(settings, pace=soon) as studio:
                job = await studio.engine.accept("ada", animate(studio, tmp_path))
                waits = await until(studio, job, lambda now: now.fault is not None)
                assert waits.state is State.QUEUED
                assert waits.fault is not None
                assert (waits.fault.kind, waits.fault.stage, waits.fault.charged) == ("not_sent", "publish", "no")
                assert "STUDIO_S3_BUCKET" in waits.fault.message
                assert (await ended(studio, job)).state is State.SUCCEEDED

    run(story())
    assert instant_sandbox.statistics()["creations"] == 1
