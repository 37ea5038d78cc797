"""A job's files on their way to the provider: policy, upload, ``oss://`` address, through a real sandbox."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update

from studio.catalog.requests import Asset, ImageToVideo, ReferenceToVideo
from studio.database.schema import PUBLISHED
from studio.database.states import State
from studio.errors import NoSuchFile
from studio.jobs.model import Job
from studio.jobs.submit.publishing import AT_ONCE, Publisher
from studio.service import Studio
from studio.system.pace import Pace
from tests.jobs.test_engine import ended, happens, run, settings_for, until
from tests.servers import SandboxServer

COLORS = ("crimson", "gold", "navy", "seagreen", "orchid")


@pytest.fixture
def cloud(instant_sandbox: SandboxServer) -> SandboxServer:
    """For tests that do not look at the video: there is one for all."""
    return instant_sandbox


@pytest.fixture(scope="module")
def running(instant_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio in which nobody waits long before another try."""
    soon = Pace(longest_delay=0.5, first_wait=0.1)
    with Studio(settings_for(instant_server, tmp_path_factory.mktemp("studio")), pace=soon) as studio:
        yield studio


@pytest.fixture
def studio(running: Studio, cloud: SandboxServer) -> Studio:
    """The running studio; each test gives it files of its own."""
    return running


def give(studio: Studio, name: str, *, more: int = 0) -> Asset:
    """A picture in the vault that was never there before; ``more`` are bytes behind its end."""
    path = studio.settings.data_dir / f"{name}.given"
    Image.effect_noise((500, 500), 20).save(path, "PNG")
    with path.open("ab") as file:
        file.write(bytes(more))
    return studio.vault.keep("ada", "image", f"{name}.png", path).asset


def first_frame(asset: Asset, version: str = "1.0") -> ImageToVideo:
    return ImageToVideo(
        provider="dashscope",
        model=f"happyhorse-{version}-i2v",
        prompt="",
        first_frame=asset,
        resolution="720P",
        duration=3,
        seed=7,
    )


def references(*assets: Asset) -> ReferenceToVideo:
    return ReferenceToVideo(
        provider="dashscope",
        model="happyhorse-1.0-r2v",
        prompt="[Image 1]",
        references=assets,
        resolution="720P",
        duration=3,
        seed=7,
    )


def counts(cloud: SandboxServer) -> dict[str, int]:
    """How many requests came in, of those that matter here."""
    told: Mapping[str, int] = cloud.statistics()["requests"]
    return {name: told[name] for name in ("policy", "upload", "create")}


async def made(studio: Studio, request: Any) -> Job:
    job = await ended(studio, await studio.engine.accept("ada", request))
    assert job.state is State.SUCCEEDED, job.fault
    return job


def test_files_go_several_at_a_time(studio: Studio, cloud: SandboxServer) -> None:
    async def story() -> None:
        given = [give(studio, color) for color in COLORS]
        assert len(given) > AT_ONCE > 1
        cloud.faults({"endpoint": "upload", "do": "hang", "times": len(given)})
        job = await studio.engine.accept("ada", references(*given))
        await happens(lambda: counts(cloud)["upload"] >= AT_ONCE)
        await asyncio.sleep(0.3)
        assert counts(cloud)["upload"] == AT_ONCE
        assert (await studio.engine.cancel("ada", job.id)).state is State.CANCELED
        cloud.http.delete("/_control/faults").raise_for_status()
        await made(studio, references(*given))
        assert counts(cloud)["create"] == 1

    run(story())


def test_a_file_is_published_once_for_a_model_while_that_lasts(studio: Studio, cloud: SandboxServer) -> None:
    async def story() -> None:
        asset = give(studio, "gold")
        await made(studio, first_frame(asset))
        await made(studio, first_frame(asset))
        assert counts(cloud)["upload"] == 1
        await made(studio, references(asset, give(studio, "navy"), asset))
        assert counts(cloud)["upload"] == 3
        await made(studio, first_frame(asset, version="1.1"))
        assert counts(cloud)["upload"] == 4

        ours = PUBLISHED.c.sha256 == asset.sha256
        with studio.engine.store.engine.begin() as connection:
            ends = connection.execute(select(PUBLISHED.c.expires_at).where(ours)).scalars().all()
            assert len(ends) == 3
            assert all(end == pytest.approx(time.time() + 48 * 3600, abs=60) for end in ends)
            # Two days later but for half an hour: too little for a task that may wait its turn.
            connection.execute(update(PUBLISHED).where(ours).values(expires_at=time.time() + 1800))
        await made(studio, first_frame(asset))
        assert counts(cloud)["upload"] == 5

    run(story())


def test_jobs_that_want_the_same_file_at_the_same_time_wait_for_one_upload(
    studio: Studio, cloud: SandboxServer
) -> None:
    async def story() -> None:
        asset = give(studio, "seagreen")
        cloud.faults({"endpoint": "upload", "do": "delay", "seconds": 0.5})
        await asyncio.gather(*(made(studio, first_frame(asset)) for _ in range(4)))
        assert counts(cloud) == {"policy": 1, "upload": 1, "create": 4}

    run(story())


@pytest.mark.matrix(2)
@pytest.mark.parametrize("endpoint", ["policy", "upload"])
@pytest.mark.parametrize(
    "fault",
    [
        {"do": "status", "status": 429, "code": "Throttling.RateQuota", "retry_after": "0"},
        {"do": "status", "status": 500},
        {"do": "reset"},
        {"do": "reset_after"},
        {"do": "html", "status": 502},
    ],
    ids=["429", "500", "reset", "reply lost", "gateway"],
)
def test_a_fault_on_the_way_is_tried_again_and_the_job_is_sent_once(
    studio: Studio, cloud: SandboxServer, endpoint: str, fault: dict[str, Any]
) -> None:
    async def story() -> None:
        cloud.faults({"endpoint": endpoint, **fault})
        job = await made(studio, first_frame(give(studio, "navy", more=2_000_000)))
        assert counts(cloud)[endpoint] == 2
        assert counts(cloud)["create"] == 1
        assert job.task_id in {task["id"] for task in cloud.statistics()["tasks"]}

    run(story())


@pytest.mark.parametrize(
    ("endpoint", "status", "code", "kind"),
    [
        ("upload", 400, None, "request_refused"),
        ("policy", 400, "InvalidParameter", "request_refused"),
    ],
)
def test_where_publishing_fails_for_good_nothing_is_created_or_charged(
    studio: Studio, cloud: SandboxServer, endpoint: str, status: int, code: str | None, kind: str
) -> None:
    async def story() -> None:
        cloud.faults({"endpoint": endpoint, "do": "status", "status": status, "code": code or "EntityTooLarge"})
        job = await ended(studio, await studio.engine.accept("ada", first_frame(give(studio, "orchid"))))
        assert job.state is State.FAILED
        assert job.fault is not None
        assert (job.fault.kind, job.fault.stage, job.fault.charged) == (kind, "publish", "no")
        assert job.fault.code == code
        assert counts(cloud)["create"] == 0
        again = await ended(studio, await studio.engine.send_again("ada", job.id))
        assert again.state is State.SUCCEEDED
        assert counts(cloud)["create"] == 1

    run(story())


@pytest.mark.parametrize(("status", "code"), [(401, "InvalidApiKey"), (403, "Model.AccessDenied")])
def test_where_the_account_is_refused_an_upload_the_job_waits_for_it(
    studio: Studio, cloud: SandboxServer, status: int, code: str
) -> None:
    async def story() -> None:
        cloud.faults({"endpoint": "policy", "do": "status", "status": status, "code": code})
        job = await studio.engine.accept("ada", first_frame(give(studio, "maroon")))
        held_up = await until(studio, job, lambda now: now.fault is not None)
        assert held_up.fault is not None
        assert (held_up.state, held_up.fault.code, held_up.fault.charged) == (State.QUEUED, code, "no")
        assert (await ended(studio, job)).state is State.SUCCEEDED
        assert counts(cloud)["create"] == 1

    run(story())


def test_of_several_files_only_the_one_that_failed_is_sent_again(studio: Studio, cloud: SandboxServer) -> None:
    async def story() -> None:
        given = [give(studio, color) for color in COLORS[:3]]
        cloud.faults({"endpoint": "upload", "do": "status", "status": 400, "code": "InvalidArgument"})
        job = await ended(studio, await studio.engine.accept("ada", references(*given)))
        assert job.state is State.FAILED
        await ended(studio, await studio.engine.send_again("ada", job.id))
        assert counts(cloud) == {"policy": 4, "upload": 4, "create": 1}

    run(story())


def test_a_file_that_went_out_of_date_while_the_job_waited_is_published_again(
    studio: Studio, cloud: SandboxServer
) -> None:
    async def story() -> None:
        busy = {"do": "status", "status": 429, "code": "Throttling.RateQuota"}
        cloud.faults({"endpoint": "create", "times": 1000, **busy})
        job = await studio.engine.accept("ada", first_frame(give(studio, "gold")))
        await until(studio, job, lambda now: now.state is State.QUEUED and now.attempt > 0)
        with studio.engine.store.engine.begin() as connection:
            connection.execute(update(PUBLISHED).values(expires_at=time.time() - 1))
        cloud.http.delete("/_control/faults").raise_for_status()
        job = await ended(studio, job)
        assert job.state is State.SUCCEEDED
        seen = counts(cloud)
        assert (seen["policy"], seen["upload"]) == (2, 2)
        assert seen["create"] > 1

    run(story())


def test_what_is_out_of_date_is_not_remembered_for_ever(studio: Studio) -> None:
    async def story() -> None:
        old = give(studio, "navy")
        await made(studio, first_frame(old))
        with studio.engine.store.engine.begin() as connection:
            connection.execute(update(PUBLISHED).values(expires_at=time.time() - 1))
        await made(studio, first_frame(give(studio, "orchid")))
        with studio.engine.store.engine.connect() as connection:
            query = select(PUBLISHED.c.sha256).where(PUBLISHED.c.sha256 == old.sha256)
            assert connection.execute(query).one_or_none() is None

    run(story())


def test_a_file_that_is_gone_is_told_before_anything_is_sent(studio: Studio, cloud: SandboxServer) -> None:
    async def story() -> None:
        asset = give(studio, "gold")
        busy = {"do": "status", "status": 429, "code": "Throttling.RateQuota"}
        cloud.faults({"endpoint": "policy", "times": 1000, **busy})
        job = await studio.engine.accept("ada", first_frame(asset))
        await until(studio, job, lambda now: now.state is State.QUEUED and now.attempt > 0)
        studio.vault.path(asset.sha256).unlink()
        cloud.http.delete("/_control/faults").raise_for_status()
        job = await ended(studio, job)
        assert job.fault is not None
        assert (job.fault.kind, job.fault.charged) == ("media_unreadable", "no")
        assert "gold.png is no longer in the studio" in job.fault.message
        with pytest.raises(NoSuchFile):
            await studio.engine.send_again("ada", job.id)
        assert (await studio.engine.job("ada", job.id)).state is State.FAILED
        seen = counts(cloud)
        assert (seen["upload"], seen["create"]) == (0, 0)

    run(story())


@pytest.mark.parametrize("name", ["photo", "photo.pdf"])
def test_an_upload_is_named_for_what_it_is(studio: Studio, name: str) -> None:
    path = studio.settings.data_dir / "photo.given"
    Image.effect_noise((500, 500), 20).save(path, "PNG")
    asset = studio.vault.keep("ada", "image", name, path).asset
    run(made(studio, first_frame(asset)))
    with studio.engine.store.engine.connect() as connection:
        url = connection.execute(select(PUBLISHED.c.url).where(PUBLISHED.c.sha256 == asset.sha256)).scalar_one()
    assert url.endswith(".png")


def test_the_progress_of_each_file_is_told_and_never_falls(studio: Studio) -> None:
    given = [give(studio, color, more=3_000_000) for color in COLORS[:3]]
    account = studio.engine.accounts["dashscope:beijing"]
    told: list[Mapping[str, float]] = []
    publisher = Publisher(studio.vault, studio.engine.store.engine)

    async def story() -> None:
        urls = await publisher.publish(references(*given), account, told.append)
        assert urls.keys() == {asset.sha256 for asset in given}
        assert all(url.startswith("oss://") for url in urls.values())

    asyncio.run_coroutine_threadsafe(story(), studio.engine._loop).result(30)
    assert all(parts.keys() == {asset.sha256 for asset in given} for parts in told)
    assert all(before[file] <= after[file] for before, after in pairwise(told) for file in after)
    assert any(0 < part < 1 for parts in told for part in parts.values())
    assert set(told[-1].values()) == {1.0}
