"""What a visitor can do after a fault: the second try is not spoilt by the first."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from studio.catalog.requests import ImageToVideo
from studio.database.states import State
from studio.service import Studio
from tests.jobs.test_engine import ended, run, settings_for
from tests.servers import SandboxServer


def test_a_file_that_the_provider_could_not_read_is_uploaded_anew(
    instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    """The upload was answered as if it had succeeded, and the file is not there."""
    instant_sandbox.faults({"endpoint": "upload", "do": "html", "status": 200})
    picture = tmp_path / "frame.png"
    Image.effect_noise((320, 320), 90).save(picture)
    with Studio(settings_for(instant_sandbox, tmp_path)) as studio:
        frame = studio.vault.keep("ada", "image", "frame.png", picture).asset
        request = ImageToVideo(provider="dashscope", model="happyhorse-1.0-i2v", first_frame=frame, duration=3)

        async def story() -> None:
            job = await ended(studio, await studio.engine.accept("ada", request))
            assert job.state is State.FAILED
            assert job.fault is not None
            assert (job.fault.cause, job.fault.charged) == ("media_unfetched", "no")
            again = await ended(studio, await studio.engine.send_again("ada", job.id))
            assert again.state is State.SUCCEEDED
            once_more = await ended(studio, await studio.engine.accept("ada", request))
            assert once_more.state is State.SUCCEEDED

        run(story())
    seen = instant_sandbox.statistics()
    assert (seen["requests"]["upload"], seen["creations"]) == (2, 2)


def test_a_file_of_which_a_task_could_make_nothing_is_uploaded_anew(
    instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    picture = tmp_path / "frame.png"
    Image.effect_noise((320, 320), 90).save(picture)
    with Studio(settings_for(instant_sandbox, tmp_path)) as studio:
        frame = studio.vault.keep("ada", "image", "frame.png", picture).asset

        async def uploads_after(code: str) -> int:
            request = ImageToVideo(
                provider="dashscope",
                model="happyhorse-1.0-i2v",
                prompt=f"sandbox:fail={code}",
                first_frame=frame,
                duration=3,
            )
            job = await ended(studio, await studio.engine.accept("ada", request))
            assert (job.state, job.fault and job.fault.code) == (State.FAILED, code)
            uploads: int = instant_sandbox.statistics()["requests"]["upload"]
            return uploads

        async def story() -> None:
            assert await uploads_after("InternalError.Algo") == 1
            assert await uploads_after("InvalidURL.Timeout") == 1
            assert await uploads_after("InternalError.Algo") == 2

        run(story())
